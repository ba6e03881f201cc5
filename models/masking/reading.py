"""What the fast layers know about one block, and a cache of it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from models.masking.normalize import NormalizedText
from models.masking.overlap import Candidate

LEAST_SCORE = 0.5
"""Finds below this are dropped unless ja-ginza or consistency agrees."""

_CACHE_CHARS = 4_000_000


@dataclass(slots=True)
class Reading:
    """What the fast layers know about one block (offsets in its folded text).

    Attributes:
        source: The folded text with its map to the original.
        finds: What is personal, overlaps included.
        claims: What is not.
        begins: Where Sudachi's tokens begin.
        ends: Where they end.
        persons: ja-ginza's votes; None until it was asked.
        head: Length of the borrowed table head at the start, whose finds belong to another block.
    """

    source: NormalizedText
    finds: list[Candidate]
    claims: list[Candidate]
    begins: frozenset[int]
    ends: frozenset[int]
    persons: list[Candidate] | None = None
    head: int = field(default=0)


class ReadingCache:
    """Readings by block, the oldest dropped first; holds text, so it lives in the worker's memory only."""

    def __init__(self) -> None:
        self._readings: OrderedDict[tuple[str, int], Reading] = OrderedDict()
        self._chars = 0

    def get(self, key: tuple[str, int]) -> Reading | None:
        """The reading of a block's text and head, if it is kept."""
        known = self._readings.get(key)
        if known is not None:
            self._readings.move_to_end(key)
        return known

    def add(self, key: tuple[str, int], reading: Reading) -> Reading:
        """Keep a reading; old ones go when four million characters are kept."""
        self._readings[key] = reading
        self._chars += len(key[0])
        while self._chars > _CACHE_CHARS and len(self._readings) > 1:
            (old, _), _ = self._readings.popitem(last=False)
            self._chars -= len(old)
        return reading

    def clear(self) -> None:
        """Forget everything."""
        self._readings.clear()
        self._chars = 0
