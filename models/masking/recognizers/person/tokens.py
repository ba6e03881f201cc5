"""Tokens that Sudachi reads as 人名, joined into names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.person.evidence import CLOSING
from models.masking.recognizers.person.shape import (
    KANJI,
    MIXED_GIVEN,
    is_landmark,
    is_mixed_given,
    name_words,
    office_end,
)
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_JOINTS = (" ", "・", "=", "＝")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_KATAKANA_GIVEN = re.compile(r"(?<![ァ-ヶー])[ァ-ヶー]{1,3}$")
_HIRAGANA = re.compile(r"[ぁ-ん]+")
_ONE_KANJI = re.compile(rf"[{KANJI}]")
_SHORT_KANJI = re.compile(rf"[{KANJI}]{{1,3}}")
_NOT_TITLE_KANJI = re.compile(f"(?![様殿氏君])[{KANJI}]")
_PLACE_AFTER = re.compile(
    r"(?:橋|通り|大通り|線|駅|公園|川|町|村|市|区|郡|山|島|池|港|城|寺|神社|街道|トンネル|ダム|団地|交差点)(?![一-龠]?(?:長|さん|様|氏)|[一-龠])|病(?!院|棟|室|欠|気|状)|症候群|型(?:認知症|糖尿|肝炎)|反応(?!を|が|は)|方式|の定理|の法則|反射"
)
_LAND_LOT = re.compile(r" ?(?:第?[0-9]|[一二三四五六七八九十]+番)")
_KANJI_END = re.compile(rf"(?<![{KANJI}])[{KANJI}]+$")
_NOT_SURNAME = re.compile(
    r"[一二三四五六七八九十百千万同各両故現元前新旧全毎第]|^[市県町村区]|[男女児氏様名役員者]$"
)
_RARE = 0.75
_NOMINAL = WordClass.PLACE | WordClass.PROPER | WordClass.NOUN
_BEFORE_GIVEN = WordClass.GIVEN | WordClass.SPACE


class TokenNameRecognizer(OfficeRecognizer):
    """Tokens that Sudachi reads as 人名, joined into names."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield runs of name tokens."""
        tokens, text = page.tokens_of, page.text
        index, count = 0, len(tokens)
        while index < count:
            word_class = tokens.classes[index]
            if not word_class & NAME_CLASSES and not (
                word_class & _NOMINAL and _is_place_surname(page, index)
            ):
                index += 1
                continue
            last, score = _extend(page, index)
            start, end = _with_rare_surname(page, index, last), tokens.ends[last]
            is_mayor = text[end - 1] in "市町村区" and text.startswith("長", end)
            if is_mayor and end - start > 2 and last > index:
                end -= 1
            end = _before_title(text, start, end)
            if start < tokens.begins[index]:
                score = _RARE
            elif is_no_name(text[start:end]):
                score = 0.0
            else:
                score = _vote(page, index, last, score)
            if score > 0:
                yield start, _with_kanji_ending(text, start, end), EntityType.PERSON, score
            index = last + 1


def _extend(page: OfficeArtifacts, index: int) -> tuple[int, float]:
    """The last token of the name that begins at a token, and how sure it is."""
    tokens = page.tokens_of
    last = index
    first_class = tokens.classes[index]
    has_surname = bool(first_class & WordClass.SURNAME) or not first_class & NAME_CLASSES
    has_given = bool(first_class & (WordClass.GIVEN | WordClass.PERSON))
    while last + 1 < len(tokens):
        following = last + 1
        is_spaced = tokens.surfaces[following] in _JOINTS and following + 1 < len(tokens)
        is_dotted = is_spaced and tokens.surfaces[following] != " "
        if is_dotted and not _KATAKANA.fullmatch(tokens.surfaces[last]):
            break
        if tokens.begins[following] != tokens.ends[last]:
            break
        following += is_spaced
        classes = tokens.classes[following]
        is_pair = tokens.surfaces[following - 1] in _JOINTS[1:] and bool(
            _KATAKANA.fullmatch(tokens.surfaces[following])
        )
        if classes & NAME_CLASSES or is_pair:
            if is_spaced and has_given and classes & WordClass.SURNAME and not is_pair:
                break
        elif has_surname and has_given and not is_spaced and _is_second_half(page, last, following):
            pass
        elif not (has_surname and not has_given and last == index) or not _is_unlisted_given(
            page, following, is_spaced=is_spaced
        ):
            break
        has_given = has_given or not classes & WordClass.SURNAME
        last = following
    if last == index and has_surname:
        last = _with_mixed_given(page, index)
    return last, 0.95 if last > index else 0.8


def _with_rare_surname(page: OfficeArtifacts, index: int, last: int) -> int:
    """Where a name begins whose surname Sudachi cut to pieces before the given name: 万|俵|鉄平."""
    tokens, text = page.tokens_of, page.text
    start = tokens.begins[index]
    given = text[start : tokens.ends[last]]
    if last > index or len(given) < 2 or tokens.classes[index] != WordClass.GIVEN:
        return start
    if page.morphology.word_classes(given) & ~NAME_CLASSES or not _ONE_KANJI.match(given):
        return start
    run = _KANJI_END.search(text, max(0, start - 5), start)
    if run is None or not 2 <= len(run.group()) <= 3:
        return start
    first = page.token_index(run.start())
    pieces = range(first, index)
    is_cut = tokens.begins[first] == run.start() and all(
        len(tokens.surfaces[i]) == 1 or tokens.classes[i] & (WordClass.OOV | NAME_CLASSES) for i in pieces
    )
    surname = run.group()
    is_common = page.morphology.word_classes(surname) & ~NAME_CLASSES or office_end().search(surname)
    if not is_cut or is_common or is_no_name(surname) or _NOT_SURNAME.search(surname):
        return start
    return run.start()


def _is_unlisted_given(page: OfficeArtifacts, index: int, *, is_spaced: bool) -> bool:
    """Whether a token after a surname is a given name that Sudachi read as something else."""
    tokens, words = page.tokens_of, page.morphology
    word = tokens.surfaces[index]
    is_given = words.is_given(word)
    is_rare = bool(tokens.classes[index] & WordClass.OOV) and bool(_SHORT_KANJI.fullmatch(word))
    if not (is_given or is_rare) or title_pattern().fullmatch(word) or is_no_name(word):
        return False
    return not is_spaced or not tokens.classes[index] & WordClass.NOUN or is_given


def _with_mixed_given(page: OfficeArtifacts, index: int) -> int:
    """The last token of a given name of kana and one kanji after a surname: 山田|ゆう子."""
    tokens, end = page.tokens_of, page.tokens_of.ends[index]
    mixed = MIXED_GIVEN.match(page.text, end + (page.text[end : end + 1] == " "))
    if mixed and is_mixed_given(mixed.group(), page.morphology):
        closing = page.token_index(mixed.end() - 1)
        if closing < len(tokens) and tokens.ends[closing] == mixed.end():
            return closing
    return index


def _is_place_surname(page: OfficeArtifacts, index: int) -> bool:
    """A surname that Sudachi reads as a place or a noun, before a given name: 福島|瑛太, 目黒 琴音."""
    tokens, words = page.tokens_of, page.morphology
    following = index + 1
    if following >= len(tokens) or tokens.begins[following] != tokens.ends[index]:
        return False
    if not tokens.classes[following] & _BEFORE_GIVEN or not words.is_surname(tokens.surfaces[index]):
        return False
    is_spaced = tokens.surfaces[following] == " "
    following += is_spaced
    if following >= len(tokens):
        return False
    word, classes = tokens.surfaces[following], tokens.classes[following]
    if title_pattern().fullmatch(word):
        return False
    if classes & WordClass.GIVEN:
        return len(tokens.surfaces[index]) > 1 or is_spaced
    after = page.text[tokens.ends[following] : tokens.ends[following] + 1]
    return is_spaced and words.is_given(word) and (not after or after in CLOSING)


def _is_second_half(page: OfficeArtifacts, last: int, following: int) -> bool:
    """Whether two single characters make one given name (心|春) before a boundary."""
    tokens = page.tokens_of
    word, end = tokens.surfaces[following], tokens.ends[following]
    if len(tokens.surfaces[last]) != 1 or len(word) != 1:
        return False
    if title_pattern().fullmatch(word) or not _ONE_KANJI.fullmatch(word):
        return False
    after = page.text[end : end + 1]
    return not after or not _ONE_KANJI.match(after) or bool(title_pattern().match(page.text, end))


def _vote(page: OfficeArtifacts, index: int, last: int, score: float) -> float:
    """How sure a run of name tokens is a name; a single token needs more."""
    if last > index:
        name = page.text[page.tokens_of.begins[index] : page.tokens_of.ends[last]]
        return 0.0 if last == index + 1 and is_landmark(name, page.morphology) else score
    tokens, text = page.tokens_of, page.text
    start, end = tokens.begins[index], tokens.ends[last]
    word, classes = text[start:end], tokens.classes[index]
    if word in name_words("old_months") or (_LAND_LOT.match(text, end) and text[start - 1 : start] == "字"):
        return 0.0
    if _HIRAGANA.fullmatch(word) and _HIRAGANA.match(text[start - 1 : start]):
        return 0.45
    if title_pattern().match(text, end):
        return 0.9
    if _PLACE_AFTER.match(text, end) or _leads_compound(page, last):
        return 0.0
    if len(word) == 1:
        return 0.5 if classes & WordClass.SURNAME and _is_free(text, start, end) else 0.0
    known = page.morphology.word_classes(word)
    if known & (WordClass.PLACE | WordClass.NOUN | WordClass.PROPER) and classes & WordClass.GIVEN:
        return 0.5 if not known & WordClass.NOUN else 0.0
    if _HIRAGANA.fullmatch(word):
        return 0.45 if not known & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER) else 0.0
    return 0.75 if classes & WordClass.SURNAME else 0.7


def _leads_compound(page: OfficeArtifacts, last: int) -> bool:
    """Whether a katakana noun is glued to the name: 中山|ニュータウン, 信玄|ミュージアム."""
    tokens = page.tokens_of
    following = last + 1
    if following >= len(tokens) or tokens.begins[following] != tokens.ends[last]:
        return False
    word = tokens.surfaces[following]
    known = page.morphology.word_classes(word)
    return bool(_KATAKANA.fullmatch(word)) and bool(known & WordClass.NOUN) and not known & NAME_CLASSES


def _is_free(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else "\n"
    after = text[end] if end < len(text) else "\n"
    return before in "\n、。:(・ 「" and after in "、。)・ \n」がはもと"


def _before_title(text: str, start: int, end: int) -> int:
    """Where a name ends whose tokens run into a title: 森副|町長, 新|実保健師."""
    for position in range(start + 1, end):
        title = title_pattern().match(text, position)
        if title and len(title.group()) >= 2 and title.end() >= end:
            return position
    return end


def _with_kanji_ending(text: str, start: int, end: int) -> int:
    """The end of a given name in katakana that a kanji closes, as older women's do: ツル子, ヨシ江."""
    closing = text[end : end + 1]
    if not closing or closing not in "子江代枝美乃女" or not _KATAKANA_GIVEN.search(text, start, end):
        return end
    return end if _NOT_TITLE_KANJI.match(text[end + 1 : end + 2]) else end + 1
