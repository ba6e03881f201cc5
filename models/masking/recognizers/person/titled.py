"""Names before titles: 山田様, 関係長, ジョン・スミス氏, さくらちゃん."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.person.courtesy import before_courtesy
from models.masking.recognizers.person.evidence import (
    has_common_token,
    has_rare_token,
    is_patchwork,
    is_token_start,
)
from models.masking.recognizers.person.shape import KANJI, name_words, split_name
from models.masking.recognizers.person.titles import is_ambiguous, is_honorific, is_no_name, title_pattern

_BEFORE_CHARS = 34
_NAME_BEFORE = re.compile(
    rf"(?:[{KANJI}]{{1,5}}[ ]?(?:[{KANJI}]{{1,4}}|[ぁ-ん]{{2,4}}|[ァ-ヶー]{{2,5}})?|[ァ-ヶー]{{2,14}}(?:[・=＝ ][ァ-ヶー]{{1,14}}){{0,4}}|[ぁ-ん]{{2,8}}(?: [ぁ-ん]{{2,6}})?|[A-Z][A-Za-z'.\-]{{1,20}}(?: [A-Z][A-Za-z'.\-]{{0,20}}){{0,4}})$"  # noqa: E501
)
_KANJI_END = re.compile(rf"[{KANJI}]+$")
_KANJI_OR_KATAKANA = re.compile(rf"[{KANJI}ァ-ヶ]")
_ANY_KANJI = re.compile(rf"[{KANJI}]")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_OF_DEPARTMENT = ("課長", "部長", "係長", "局長", "室長", "次長")
_NO_LATIN_NAME = frozenset(("it", "dv", "pc"))
_OTHER_WORD = frozenset("名族子様神子堂下針向法面")
"""What makes another word of an ambiguous title: 氏名, 家族, 君子."""


@dataclass(frozen=True, slots=True)
class _Title:
    """A title and where the name before it ends."""

    word: str
    end: int
    is_honorific: bool
    has_gap: bool


class TitledNameRecognizer(OfficeRecognizer):
    """Names before titles: 山田様, 関係長, ジョン・スミス氏, さくらちゃん."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names before titles."""
        text = page.text
        boundaries = frozenset(page.tokens_of.begins)
        for match in title_pattern().finditer(text):
            word, start = match.group(), match.start()
            if start == 0 or not _stands_alone(page, start, match.end(), boundaries):
                continue
            if is_ambiguous(word) and text[match.end() : match.end() + 1] in _OTHER_WORD:
                continue
            gap = 1 if text[start - 1] == " " and start > 1 else 0
            end = start - gap
            before = text[max(page.line_of(start)[0], start - _BEFORE_CHARS) : end]
            name = _read_back(page, before, _Title(word, end, is_honorific(word), bool(gap)))
            if name is not None:
                yield name[0], end, EntityType.PERSON, name[1]
            elif word.startswith(_OF_DEPARTMENT):
                yield from _before_department(page, start)
        for begin, end, score in before_courtesy(page):
            yield begin, end, EntityType.PERSON, score


def _before_department(page: OfficeArtifacts, end: int) -> Iterator[tuple[int, int, str, float]]:
    """A surname and the department that its bearer heads: 五味|産業|課長."""
    run = _KANJI_END.search(page.text, max(0, end - 12), end)
    if run is None:
        return
    tokens, start = page.tokens_of, run.start()
    index = page.token_index(start)
    surname = tokens.surfaces[index]
    following = tokens.classes[index + 1 : page.token_index(end - 1) + 1]
    if len(surname) < 2 or tokens.begins[index] != start or not following:
        return
    is_department = all(word_class & WordClass.NOUN for word_class in following)
    if is_department and page.morphology.is_surname(surname) and surname not in name_words("directions"):
        yield start, start + len(surname), EntityType.PERSON, 0.8


def _stands_alone(page: OfficeArtifacts, start: int, end: int, boundaries: frozenset[int]) -> bool:
    """Whether the title begins at a token, or with a surname makes up a whole run (関|係長)."""
    if start in boundaries:
        return True
    if end - start < 2:
        return False
    if "ァ" <= page.text[start - 1] <= "ー":
        return "ぁ" <= page.text[start] <= "ん"
    run = _KANJI_END.search(page.text, max(0, start - 5), start)
    if run is None or not page.morphology.is_surname(run.group()):
        return False
    return not _KANJI_OR_KATAKANA.match(page.text[run.start() - 1 : run.start()] or " ")


def _read_back(page: OfficeArtifacts, before: str, title: _Title) -> tuple[int, float] | None:
    """Start and score of the name that ends where the title begins; None when there is none."""
    match = _NAME_BEFORE.search(before)
    if match is None:
        return None
    run = match.group()
    if not _KATAKANA.fullmatch(run[-3:]) and any(
        title_pattern().fullmatch(run, position) for position in range(max(1, len(run) - 5), len(run))
    ):
        return None
    has_kanji = bool(_ANY_KANJI.search(run))
    is_courtesy = title.is_honorific or (title.word == "先生" and not has_kanji)
    if run[0].isascii():
        return (title.end - len(run), 0.85) if is_courtesy and run.lower() not in _NO_LATIN_NAME else None
    if "ァ" <= run[-1] <= "ー" and not has_kanji and not re.search(r"[ぁ-ん]", run):
        return _katakana(page, run, title, is_courtesy=is_courtesy)
    if "ぁ" <= run[-1] <= "ん" and not has_kanji:
        return _hiragana(page, run, title.end) if is_courtesy else None
    return _kanji(page, run, title)


def _katakana(
    page: OfficeArtifacts, run: str, title: _Title, *, is_courtesy: bool
) -> tuple[int, float] | None:
    known = page.morphology.word_classes(run)
    is_short = title.word == "様" and len(run) <= 5
    if is_no_name(run) or (known & WordClass.NOUN and not known & NAME_CLASSES and not is_short):
        return None
    if is_courtesy or known & NAME_CLASSES or "・" in run or (not known and 3 <= len(run) <= 7):
        return title.end - len(run), 0.9 if is_courtesy else 0.8
    return None


def _hiragana(page: OfficeArtifacts, run: str, end: int) -> tuple[int, float] | None:
    compact = run.split(" ")[-1]
    for size in range(min(len(compact), 6), 1, -1):
        word = compact[-size:]
        if is_no_name(word):
            return None
        if page.morphology.is_name(word):
            is_whole = " " in run and size == len(compact)
            is_noun = page.morphology.word_classes(word) & WordClass.NOUN
            return end - (len(run) if is_whole else size), 0.7 if is_noun else 0.8
    return None


def _kanji(page: OfficeArtifacts, run: str, title: _Title) -> tuple[int, float] | None:
    words = page.morphology
    if " " in run:
        first, run = run.split(" ", 1)
        start = _divided(page, first, run, title)
        if start is not None:
            return start, 0.95
    if is_no_name(run):
        return None
    begin = title.end - len(run)
    is_unknown = not words.word_classes(run)
    is_common_title = title.word in ("さん", "様", "ちゃん", "くん", "氏", "君")
    if is_common_title and is_unknown and 2 <= len(run) <= 4 and is_patchwork(page, begin, title.end):
        return begin, 0.8
    for size in range(min(len(run), 8), 0, -1):
        if size < len(run) and not is_token_start(page, title.end - size):
            continue
        if is_no_name(run[-size:]) and size == len(run):
            return None
        score = _ending_score(page, run, size, title)
        if score is None:
            return None
        if score:
            return title.end - size, score
    is_polite = title.word in ("様", "さん", "氏", "殿", "さま") and not title.has_gap
    if is_polite and 2 <= len(run) <= 5 and is_unknown and has_rare_token(page, begin, title.end):
        return begin, 0.65
    return None


def _divided(page: OfficeArtifacts, first: str, second: str, title: _Title) -> int | None:
    """Where a name that a space divides begins: 山田 太郎様."""
    known = page.morphology.word_classes(second)
    end = title.end - len(second) - 1
    size = _surname_tail(page, first, end) if not is_no_name(first) else 0
    is_given = (
        known & (WordClass.GIVEN | WordClass.PERSON)
        or not known
        or (title.is_honorific and len(second) <= 3 and not is_no_name(second))
    )
    return end - size if size and is_given else None


def _surname_tail(page: OfficeArtifacts, first: str, end: int) -> int:
    for size in range(min(5, len(first)), 0, -1):
        is_edge = size == len(first) or (size > 1 and is_token_start(page, end - size))
        if is_edge and page.morphology.is_surname(first[-size:]):
            return size
    return 0


def _ending_score(page: OfficeArtifacts, run: str, size: int, title: _Title) -> float | None:
    """How sure the last `size` characters of a run are the name; 0 to try fewer, None to give up."""
    words = page.morphology
    word, begin = run[-size:], title.end - size
    is_whole = size == len(run)
    known = words.word_classes(word)
    if title.is_honorific and 2 <= size <= 3 and known == WordClass.PLACE and is_whole:
        return 0.75
    if known & WordClass.SURNAME and (
        size > 1 or is_whole or title.is_honorific or _is_after_role(page, begin)
    ):
        is_doubtful = known & (WordClass.NOUN | WordClass.PLACE) and not title.is_honorific
        if is_doubtful and size == 1 and title.has_gap:
            return 0.0
        return 0.93 if size > 1 else 0.85
    if known and not known & NAME_CLASSES and size > 1:
        return None
    split, score = split_name(word, words) if size >= 2 else (0, 0.0)
    is_guess = score < 0.85 and has_common_token(page, begin, title.end)
    if split and score >= 0.5 and not is_guess and (title.is_honorific or score >= 0.68):
        return max(score, 0.8)
    return 0.85 if known & (WordClass.GIVEN | WordClass.PERSON) and (title.is_honorific or size > 1) else 0.0


def _is_after_role(page: OfficeArtifacts, begin: int) -> bool:
    return any(
        hit.end == begin and hit.kinds & {"role", "relation"}
        for hit in page.labels_between(max(0, begin - 8), begin)
    )
