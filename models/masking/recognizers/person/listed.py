"""Names that only their place betrays: in lists, at the head of a line, in a signature, in an introduction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.person.evidence import PERSON_KINDS
from models.masking.recognizers.person.grammar import read_name
from models.masking.recognizers.person.introductions import bearers, introduced, members, named
from models.masking.recognizers.person.shape import KANJI, name_words
from models.masking.recognizers.person.signatures import marks, speakers
from models.masking.recognizers.person.titles import is_no_name

_LISTED = re.compile(
    rf"[ ]?[・、,／/と][ ]?([{KANJI}]{{1,4}})(?=[・、,。)(」\n／/はがをにでとものへ]|から|より|さん|氏|様|両|の[^0-9])"
)
_LISTED_KANA = re.compile(
    r"[ ]?[・、,／/][ ]?([ァ-ヶー]{2,8}|[ぁ-ん]{2,5})(?=さん|くん|ちゃん|[・、,。)(」\n0-9 ]|の[0-9]人|$)"
)
_AGE = re.compile(r"[0-9]{1,2}(?:歳|才)?[、,)]")
_LISTED_ONE = re.compile(rf"[ ]?[・、,／/][ ]?([{KANJI}])(?=[。)\n]|$)")
_LISTED_BEFORE = re.compile(rf"(?:^|[\s、。:(「・])([{KANJI}]{{1,4}})[・、]$")
_SEPARATOR = re.compile(r"(?:さん|様|氏|君)?(?:\([^()\n]{1,20}\))?[ ]?[・、,／/と][ ]?")
_BULLET = re.compile(r"(?:^|\n)[ ]{0,4}(?:[・●○◯■□◆◇*\-▪•※]|[0-9]{1,3}[.．、) ,\t]|[①-⑳]|[0-9]{1,3}番) ?")
_DATA_AFTER = re.compile(
    r"(?:様|さん|氏)?[ 　]?(?:[(（\t,]|[ 　]{1,4}(?:0[0-9]|[0-9]{1,3}歳|[男女]|[一-龠]{1,6}[都道府県市区町村]))"
)


class ListedNameRecognizer(OfficeRecognizer):
    """Surnames that only their place betrays: 税務課の岸が, 辻・内田で, 鵜飼です."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield surnames after a department, in lists of names and in introductions."""
        for start, end, score in _places(page):
            yield start, end, EntityType.PERSON, score


def _places(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    yield from named(page)
    for start, end, score in (*marks(page), *bearers(page)):
        page.name_ends.add(end)
        page.name_starts.add(start)
        yield start, end, score
    yield from introduced(page)
    yield from speakers(page)
    yield from members(page)
    yield from _bullets(page)
    yield from _following(page)
    yield from _preceding(page)


def _bullets(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Items of a list that are a full name: ・東琉生(…)."""
    for match in _BULLET.finditer(page.text):
        start = match.end()
        shape = read_name(page.text, start, page.line_of(start)[1], page.morphology, is_certain=False)
        if shape is None or not shape.split or shape.end - start < 3:
            continue
        is_before_data = bool(_DATA_AFTER.match(page.text, shape.end))
        if shape.score >= 0.9 or (shape.score >= 0.7 and is_before_data):
            yield start, shape.end, 0.8


def _following(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Names after names: in 辻さん、内田さん and 東琉生・江夏七海 each betrays the next."""
    ends = sorted(page.name_ends)
    while ends:
        found: list[int] = []
        for end in ends:
            name = _full_name_after(page, end) or _surname_after(page, end) or _short_name_after(page, end)
            if name is not None:
                page.name_ends.add(name[1])
                found.append(name[1])
                yield name
        ends = found


def _full_name_after(page: OfficeArtifacts, end: int) -> tuple[int, int, float] | None:
    separator = _SEPARATOR.match(page.text, end)
    if separator is None:
        return None
    start = separator.end()
    shape = read_name(page.text, start, page.line_of(start)[1], page.morphology, is_certain=False)
    if shape is None or not shape.split or shape.score < 0.8 or shape.end in page.name_ends:
        return None
    if any(hit.kinds & PERSON_KINDS for hit in page.labels_between(start, start + 1)):
        return None
    return start, shape.end, min(shape.score, 0.85)


def _surname_after(page: OfficeArtifacts, end: int) -> tuple[int, int, float] | None:
    match = _LISTED.match(page.text, end)
    if match is None or match.end(1) in page.name_ends:
        return None
    word = match.group(1)
    return (*match.span(1), 0.72) if page.morphology.is_surname(word) and not is_no_name(word) else None


def _short_name_after(page: OfficeArtifacts, end: int) -> tuple[int, int, float] | None:
    """A name in kana or of one kanji that no dictionary lists: in 宇都宮、ラム and 早乙女・湯."""
    match = _LISTED_KANA.match(page.text, end)
    if match is not None and match.end(1) not in page.name_ends:
        word, words = match.group(1), page.morphology
        has_age = _AGE.match(page.text, match.end(1)) and word not in name_words("kana_words")
        is_word = words.word_classes(word) and not words.is_name(word) and not has_age
        is_word = is_word or word.endswith(("さん", "ちゃん", "くん", "さま"))
        return None if is_word or is_no_name(word) else (*match.span(1), 0.7)
    match = _LISTED_ONE.match(page.text, end)
    if match is None or match.end(1) in page.name_ends or match.group(1) in name_words("no_chain"):
        return None
    return *match.span(1), 0.65


def _preceding(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """A surname before a name: 辻・内田七海."""
    for start in sorted(page.name_starts):
        match = _LISTED_BEFORE.search(page.text, max(0, start - 7), start)
        if match and page.morphology.is_surname(match.group(1)) and not is_no_name(match.group(1)):
            yield *match.span(1), 0.72
