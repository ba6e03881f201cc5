"""The generator's word lists, read from `words.toml`."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_BY_BAR = frozenset({"recipients"})
_LONG = 20


@dataclass(frozen=True)
class Words:
    """Lists by name, for one side of the border between training and test.

    Attributes:
        lists: Every list of `words.toml`; for the test side those with a held-out twin are replaced
            by it, and no side ever sees the other's.
    """

    lists: Mapping[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.lists[name]

    def few(self, rng: random.Random, count: int) -> Words:
        """The same with so many entries of every long list: what is written with them repeats itself."""
        return Words({
            name: tuple(rng.sample(words, count)) if len(words) > _LONG else words
            for name, words in self.lists.items()
        })  # fmt: skip


@cache
def load_words(*, held_out: bool = False) -> Words:
    """The lists for training, or those for tests with values that training never sees."""
    text = resources.files("models.demo").joinpath("words.toml").read_text("utf-8")
    raw: dict[str, str] = tomllib.loads(text)
    lists = {name: _split(name, value) for name, value in raw.items() if not name.startswith("held_")}
    if held_out:
        for name, value in raw.items():
            if name.startswith("held_"):
                lists[name.removeprefix("held_")] = _split(name, value)
    return Words(lists)


def _split(name: str, value: str) -> tuple[str, ...]:
    if name in _BY_BAR:
        return tuple(part.strip() for part in value.split("|") if part.strip())
    return tuple(value.split())
