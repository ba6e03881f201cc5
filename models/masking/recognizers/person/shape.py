"""The shape of a name: where the surname ends and the given name begins."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.masking.recognizers.morphology import Morphology, WordClass

KANJI = "一-鿿々〆ヶ㐀-䶿豈-﫿\U00020000-\U0003ffff"
"""What a class of kanji in a pattern holds."""

FEMALE_ENDINGS = "子美代江枝恵香奈世音"
"""Kanji that close a given name begun in kana: ゆう子, エミ香."""

MIXED_GIVEN = re.compile(rf"[ぁ-んァ-ヶ]{{1,3}}[{KANJI}]")
"""A given name of kana and one kanji."""


@dataclass(frozen=True, slots=True)
class NameShape:
    """A name read at a position.

    Attributes:
        end: One past its last character.
        score: How sure, 0 to 1.
        split: Offset of the given name from the start (0: not divided).
        split_end: Offset where the surname ends (a space may stand between).
    """

    end: int
    score: float
    split: int = 0
    split_end: int = 0


@cache
def name_words(section: str) -> frozenset[str]:
    """A list of `data/names.toml`."""
    content = tomllib.loads(files("models.masking").joinpath("data/names.toml").read_text("utf-8"))
    return frozenset(content[section]["words"].split())


@cache
def office_end() -> re.Pattern[str]:
    """What ends a word of the office rather than a name: 課, 申請, 窓口."""
    return re.compile(f"(?:{'|'.join(sorted(name_words('office_ends'), key=len, reverse=True))})$")


def is_mixed_given(word: str, words: Morphology) -> bool:
    """Whether kana and a kanji look like a given name nobody listed: ゆう子."""
    return word[-1] in FEMALE_ENDINGS and not words.is_common(word)


def is_landmark(word: str, words: Morphology) -> bool:
    """Whether a surname and one character name a place nobody listed: 加藤川, 佐藤池."""
    if len(word) < 3 or word[-1] not in "川池洲沼岩原峠坂橋" or words.is_name(word):
        return False
    return words.is_surname(word[:-1])


def split_name(run: str, words: Morphology) -> tuple[int, float]:
    """Divide a run without spaces into surname and given name.

    Args:
        run: Two to eight characters.
        words: The dictionary.

    Returns:
        Length of the surname (0 when none was found) and a score.
    """
    best = (0, 0.0)
    for size in range(1, min(len(run), 5)):
        surname, given = run[:size], run[size:]
        if len(given) > 5 or given[0] in "々ー":
            continue
        score = _split_score(surname, given, words)
        if score > best[1]:
            best = (size, score)
    return best


def _split_score(surname: str, given: str, words: Morphology) -> float:
    size = len(surname)
    has_surname, has_given = words.is_surname(surname), words.is_given(given)
    if has_surname and has_given:
        return 0.97 - 0.01 * abs(size - 2) - (0.1 if len(given) == 1 and size == 1 else 0.0)
    if has_surname and 1 <= len(given) <= min(3, size + 1) and not office_end().search(given):
        score = 0.55 if len(given) == 1 else 0.5
        if not words.word_classes(given):
            score = 0.72
        return score - 0.12 if size == 1 else score
    if has_given and size <= 3 and len(given) >= 2 and not words.word_classes(surname) & WordClass.NOUN:
        return 0.7
    return 0.0
