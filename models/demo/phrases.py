"""The fixed wording of the answers, read from `phrases.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

SHORTEST_TOKEN = 6
"""A phrase of at least so many characters is a token of its own."""


@cache
def load_phrases() -> Mapping[str, Mapping[str, str]]:
    """The phrases by section and name."""
    text = resources.files("models.demo").joinpath("phrases.toml").read_text("utf-8")
    sections: dict[str, dict[str, str]] = tomllib.loads(text)
    return sections


def phrase(section: str, name: str) -> str:
    """One phrase."""
    return load_phrases()[section][name]


@cache
def phrase_tokens() -> tuple[str, ...]:
    """The phrases that are tokens, in the order of their ids, each once."""
    texts = (text for section in load_phrases().values() for text in section.values())
    return tuple(dict.fromkeys(text for text in texts if len(text) >= SHORTEST_TOKEN))
