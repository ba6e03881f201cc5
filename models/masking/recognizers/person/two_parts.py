"""A name whose surname and given name a space divides: 山田 太郎, 佐藤 ゆう子."""

from __future__ import annotations

import re

from models.masking.recognizers.morphology import Morphology, WordClass
from models.masking.recognizers.person.shape import KANJI, NameShape, office_end
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_PART = rf"(?:[{KANJI}]{{1,5}}(?:[ノケツ之][{KANJI}]{{1,3}})?[ぁ-んァ-ヶー]{{0,4}}|[ぁ-んァ-ヶ]{{1,3}}[{KANJI}]{{1,2}}|[ぁ-んー]{{2,6}}|[ァ-ヶー]{{2,12}})"  # noqa: E501
TWO_PARTS = re.compile(rf"({_PART}) ({_PART})")
_PARTICLE = re.compile(rf"(?<=[{KANJI}])(?:の|は|が|を|に|と|も|で|へ|や|から|より|さ|ち|く|宛|方|あ)")
_COUNT = re.compile(r"[0-9]|名|\d")


def read_two_parts(
    text: str, start: int, two: re.Match[str], words: Morphology, *, is_certain: bool
) -> NameShape | None:
    """The name in a match of `TWO_PARTS`, without what follows it; None when it is none."""
    first = two.group(1)
    second = _strip_title(two.group(2))
    particle = _PARTICLE.search(second)
    if particle and not words.is_given(second):
        second = second[: particle.start()]
    end = two.start(2) + len(second)
    if len(second) > 1 and second[-1] in "外他" and _COUNT.match(text[end : end + 1]):
        second, end = second[:-1], end - 1
    if not second or title_pattern().fullmatch(second) or office_end().search(first):
        return None
    if len(second) > 2 and office_end().search(second) and not words.is_given(second):
        return None
    is_closed = (
        end >= len(text)
        or text[end] in "、,・()\n\t 」』/:;"
        or bool(title_pattern().match(text, end))
        or particle is not None
    )
    score = _score(first, second, words, is_certain=is_certain, is_closed=is_closed)
    return NameShape(end, score, two.start(2) - start, len(first)) if score else None


def _score(first: str, second: str, words: Morphology, *, is_certain: bool, is_closed: bool) -> float:
    known_first, known_second = words.word_classes(first), words.word_classes(second)
    is_surname = bool(known_first & WordClass.SURNAME)
    if is_surname and known_second & (WordClass.GIVEN | WordClass.PERSON):
        return 0.98
    if is_surname and (not known_second or (len(second) <= 3 and is_certain)):
        return 0.93
    if known_second & WordClass.GIVEN and (not known_first or is_certain):
        return 0.9
    if office_end().search(second):
        return 0.0
    if is_surname and len(second) <= 3 and not is_no_name(second) and is_closed:
        return 0.86
    return 0.75 if is_certain and len(first) <= 4 and len(second) <= 4 else 0.0


def _strip_title(part: str) -> str:
    for size in range(1, len(part)):
        if title_pattern().fullmatch(part, size):
            return part[:size]
    return part
