"""Reading a name at a place where one is expected: after a label, in a cell, behind a role."""

from __future__ import annotations

import re

from models.masking.recognizers.morphology import NAME_CLASSES, Morphology, WordClass
from models.masking.recognizers.person.kanji_grammar import KANJI_RUN, read_kanji
from models.masking.recognizers.person.shape import (
    KANJI,
    MIXED_GIVEN,
    NameShape,
    is_mixed_given,
    name_words,
)
from models.masking.recognizers.person.titles import is_no_name, title_pattern
from models.masking.recognizers.person.two_parts import TWO_PARTS, read_two_parts

_KATAKANA_NAME = re.compile(r"[ァ-ヶー]{1,14}(?:[・=＝ ][ァ-ヶー]{1,14}){0,5}")
_KATAKANA_JOINTS = re.compile(r"[・=＝ ]")
_HIRAGANA_NAME = re.compile(r"[ぁ-んー]{2,8}(?: [ぁ-んー]{2,8})?")
_ONE_KANJI = re.compile(rf"[{KANJI}]")
_AFTER_KANJI = re.compile(r"[^\x00-\x7f] {0,2}$")
_SEPARATED = re.compile(r"[:=>|\t\n\"',(　][ ]{0,4}$|^$")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]{0,20}(?:(?:, ?| |_|\.)[A-Za-z][A-Za-z'’.\-]{0,20}){0,5}")


def read_name(text: str, start: int, limit: int, words: Morphology, *, is_certain: bool) -> NameShape | None:
    """Read a name at a position where one is expected (after a label, in a cell).

    Args:
        text: Folded text.
        start: Where the value begins.
        limit: Where it must end.
        words: The dictionary.
        is_certain: Whether the place says so clearly (label 氏名) or only hints (a role).

    Returns:
        The name without title, or None.
    """
    limit = min(limit, start + 60)
    two = TWO_PARTS.match(text, start, limit)
    kata = _KATAKANA_NAME.match(text, start, limit)
    if kata and (two is None or kata.end() >= two.end()):
        return _read_katakana(text, kata, words, is_certain=is_certain)
    if two and not is_no_name(two.group(1)):
        shape = read_two_parts(text, start, two, words, is_certain=is_certain)
        if shape is not None:
            return shape
    kanji = KANJI_RUN.match(text, start, limit)
    if kanji:
        return read_kanji(text, start, kanji.end(), limit, words, is_certain=is_certain)
    mixed = MIXED_GIVEN.match(text, start, limit)
    if mixed and (words.is_given(mixed.group()) or is_mixed_given(mixed.group(), words)):
        return NameShape(mixed.end(), 0.8)
    hira = _HIRAGANA_NAME.match(text, start, limit)
    if hira:
        return _read_hiragana(text, start, hira.group(), limit, words, is_certain=is_certain)
    return _read_latin(text, start, limit) if is_certain else None


def _read_latin(text: str, start: int, limit: int) -> NameShape | None:
    latin = _LATIN.match(text, start, limit)
    if latin is None or len(latin.group()) < 3:
        return None
    value, end = latin.group(), latin.end()
    if not (
        _SEPARATED.search(text, max(0, start - 6), start)
        or _AFTER_KANJI.search(text, max(0, start - 3), start)
    ):
        return None
    if not value[0].isupper() and " " in value:
        return None
    if text[end : end + 1].isdigit() or value.lower() in name_words("system_users"):
        return None
    return NameShape(end, 0.85 if " " in value or "," in value else 0.7)


def _read_katakana(
    text: str, kata: re.Match[str], words: Morphology, *, is_certain: bool
) -> NameShape | None:
    value, end = kata.group(), kata.end()
    parts = _KATAKANA_JOINTS.split(value)
    if "" in parts:
        return None
    known = [words.word_classes(part) for part in parts]
    if len(parts) > 1:
        is_named = any(k & NAME_CLASSES for k in known)
        if is_certain or is_named or not any(known):
            split = len(parts[0]) + 1
            return NameShape(end, 0.93 if is_named or is_certain else 0.75, split, split - 1)
        return None
    if len(value) < 2 or (_ONE_KANJI.match(text[end : end + 1]) and not title_pattern().match(text, end)):
        return None
    is_named = bool(known[0] & NAME_CLASSES)
    if is_named or (is_certain and not known[0] & WordClass.NOUN):
        return NameShape(end, 0.85 if is_named else 0.7)
    return NameShape(end, 0.62) if is_certain and len(value) <= 3 else None


def _read_hiragana(
    text: str, start: int, value: str, limit: int, words: Morphology, *, is_certain: bool
) -> NameShape | None:
    title = next((size for size in range(2, len(value)) if title_pattern().match(value, size)), len(value))
    value = value[:title]
    end = start + len(value)
    if " " in value and is_certain:
        return NameShape(end, 0.88, value.index(" ") + 1, value.index(" "))
    if words.is_name(value.replace(" ", "")) or words.is_name(value):
        return NameShape(end, 0.75)
    is_whole = end >= limit or text[end] in "\n\t,、()\"' 様"
    if is_certain and is_whole and 2 <= len(value) <= 10 and not words.is_common(value):
        return NameShape(end, 0.65)
    return None
