"""A name in a run of kanji, with what may follow it: kana of the given name, a title, other words."""

from __future__ import annotations

import re

from models.masking.recognizers.morphology import Morphology, WordClass
from models.masking.recognizers.person.shape import (
    KANJI,
    MIXED_GIVEN,
    NameShape,
    is_mixed_given,
    office_end,
    split_name,
)
from models.masking.recognizers.person.titles import is_no_name, title_pattern

KANJI_RUN = re.compile(rf"[{KANJI}ノケ]+")
_HIRAGANA = re.compile(r"[ぁ-んー]+")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_CLOSING = "、,。・()\n\t \"'」』】/:;|<様氏殿"
_AFTER_NAME = (
    "生", "宛", "方", "他", "外", "世帯", "代理", "同席", "来庁", "死亡", "明治", "大正", "昭和", "平成", "令和", "男", "女", "満",
)  # fmt: skip
"""Words that follow a name without a mark between."""


def read_kanji(
    text: str, start: int, end: int, limit: int, words: Morphology, *, is_certain: bool
) -> NameShape | None:
    """The name at the start of the run `text[start:end]`, or None."""
    run = text[start:end]
    for size in range(1, len(run)):
        tail = title_pattern().fullmatch(run, size)
        if tail and len(tail.group()) > 1:
            if is_no_name(run[:size]):
                return None
            run = run[:size]
            break
    run = run.rstrip("ケノ")
    if not run:
        return None
    end = start + len(run)
    shape = _with_kana(text, run, end, limit, words)
    if shape is not None:
        return shape
    for size in range(len(run), 0, -1):
        head, rest = run[:size], run[size:]
        if rest and not title_pattern().match(rest) and not rest.startswith(_AFTER_NAME):
            continue
        if is_no_name(head):
            continue
        shape = _head(text, start, head, rest, words, is_certain=is_certain)
        if shape is not None:
            return shape
    return None


def _with_kana(text: str, run: str, end: int, limit: int, words: Morphology) -> NameShape | None:
    """A surname in kanji before a given name that begins in kana: 山田ゆう子, 佐藤ひかり, 林エミ."""
    mixed = MIXED_GIVEN.match(text, end, limit)
    if mixed and words.is_surname(run) and is_mixed_given(mixed.group(), words):
        return NameShape(mixed.end(), 0.9, len(run), len(run))
    kana = _HIRAGANA.match(text, end, limit)
    for size in range(min(4, len(kana.group())), 0, -1) if kana else ():
        given = text[end : end + size]
        if size >= 2 and words.is_surname(run) and words.is_given(given) and not title_pattern().match(given):
            return NameShape(end + size, 0.9, len(run), len(run))
        if len(run) >= 3 and words.is_given(run[-1] + given) and words.is_surname(run[:-1]):
            return NameShape(end + size, 0.9, len(run) - 1, len(run) - 1)
    kata = _KATAKANA.match(text, end, limit)
    if kata and words.is_surname(run) and 1 < len(kata.group()) <= 4:
        is_noun = words.word_classes(kata.group()) & WordClass.NOUN
        if not is_noun or text[kata.end() : kata.end() + 1] in _CLOSING:
            return NameShape(kata.end(), 0.88, len(run), len(run))
    return None


def _head(
    text: str, start: int, head: str, rest: str, words: Morphology, *, is_certain: bool
) -> NameShape | None:
    """The name that `head` is, judged by the dictionary; `rest` is what the run holds after it."""
    end = start + len(head)
    if words.is_surname(head) and (len(head) >= 2 or rest or is_certain):
        return _surname(end, head, rest, words, is_certain=is_certain)
    if 2 <= len(head) <= 8:
        split, score = split_name(head, words)
        is_closed = not rest and (end >= len(text) or text[end] in _CLOSING)
        given = head[split:]
        if split and is_closed and not is_certain and not is_no_name(given) and len(given) <= 2:
            return NameShape(end, max(score, 0.8), split, split)
        if score >= (0.5 if is_certain else 0.6):
            return NameShape(end, max(score, 0.8 if is_certain else score), split, split)
    if words.is_given(head) and (is_certain or len(head) >= 2):
        return NameShape(end, 0.75)
    known = words.word_classes(head)
    if not is_certain:
        is_titled_place = not rest and 2 <= len(head) <= 3 and known == WordClass.PLACE
        return NameShape(end, 0.7) if is_titled_place and title_pattern().match(text, end) else None
    is_unknown = not known & (WordClass.NOUN | WordClass.VERB | WordClass.PLACE)
    return (
        NameShape(end, 0.65) if 2 <= len(head) <= 6 and not office_end().search(head) and is_unknown else None
    )


def _surname(end: int, head: str, rest: str, words: Morphology, *, is_certain: bool) -> NameShape:
    surname_score = 0.9 if len(head) >= 2 else 0.75
    if words.word_classes(head) & WordClass.NOUN and not rest and not is_certain:
        surname_score = 0.6
    split, score = split_name(head, words) if len(head) > 2 else (0, 0.0)
    if score > surname_score + 0.05:
        return NameShape(end, score, split, split)
    return NameShape(end, surname_score)
