"""What a fact is, and the folding that makes two spellings of it comparable."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any


class FactKind(StrEnum):
    """What kind of statement a fact is."""

    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    PHONE = "phone"
    CONTACT = "contact"
    ARTICLE = "article"
    LAW = "law"
    NAME = "name"


@dataclass(frozen=True)
class CalendarDate:
    """A date, whole or in part. `year` is of the common era; `weekday` counts from Monday = 0."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None


@dataclass(frozen=True)
class ClockTime:
    """A time of day. `is_ambiguous` when neither 午前/午後 nor the hour tells the half of the day."""

    minutes: int
    is_ambiguous: bool


@dataclass(frozen=True)
class Quantity:
    """A number with the class of its counter; `unit` is empty without a counter, `?` with an unknown one."""

    number: Fraction
    unit: str = ""


Value = CalendarDate | ClockTime | Quantity | str


@dataclass(frozen=True)
class Folded:
    """Text folded for comparison. `starts[i]`/`ends[i]` are original offsets of folded character i."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@cache
def check_words() -> dict[str, dict[str, Any]]:
    """The word lists of `check_words.toml`."""
    return tomllib.loads(resources.files("desktop.drafting").joinpath("check_words.toml").read_text("utf-8"))


_DASHES = re.compile(r"(?<=[0-9])[‐‑‒–—−―ー](?=[0-9])")


def fold(text: str) -> Folded:
    """Fold widths and compatibility characters, keeping the way back to the original offsets."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    index = 0
    while index < len(text):
        end = index + 1
        while end < len(text) and (text[end] in "ﾞﾟ" or unicodedata.combining(text[end])):
            end += 1
        for character in unicodedata.normalize("NFKC", text[index:end]):
            characters.append(character)
            starts.append(index)
            ends.append(end)
        index = end
    folded = _DASHES.sub("-", "".join(characters))
    return Folded(text, folded, tuple(starts), tuple(ends))


def squeeze(text: str) -> str:
    """Text folded and without any blank, for asking whether a name or a law stands in it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


Found = Iterator[tuple[int, int, FactKind, Value]]
"""What a finder yields: start and end in the folded text, kind, canonical value."""
