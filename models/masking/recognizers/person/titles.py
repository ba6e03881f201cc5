"""Words beside a name: titles after it, and words that stand where a name would and are none."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from models.masking.recognizers.labels import trie_pattern

_KATAKANA = re.compile(r"[ァ-ヶー]+")


@cache
def _section(section: str) -> frozenset[str]:
    content = tomllib.loads(files("models.masking").joinpath("data/titles.toml").read_text("utf-8"))
    return frozenset(content[section]["words"].split())


@cache
def title_pattern() -> re.Pattern[str]:
    """Every title, honorific or office, at a position."""
    words = sorted(_section("honorific") | _section("office"))
    kana = [word for word in words if _KATAKANA.fullmatch(word)]
    others = [word for word in words if word not in kana]
    return re.compile(f"(?:{trie_pattern(others)})|(?:{trie_pattern(kana)})(?![ァ-ヶー])")


def is_no_name(word: str) -> bool:
    """Whether a word before a title names no person (皆, 担当者, 総務 …)."""
    return word in _section("not_a_name")


def is_honorific(title: str) -> bool:
    """Whether a title is of courtesy alone (様, さん, 氏): almost any word before it is a name."""
    return title in _section("courtesy")


def is_ambiguous(title: str) -> bool:
    """Whether a title of one or two characters also begins other words (氏名, 家族, 担当者)."""
    return title in _section("ambiguous")
