"""Labels before values: form fields, table heads and keys, read from `data/labels.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_CJK = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class LabelHit:
    """A label word at `text[start:end]`.

    Attributes:
        start: First character.
        end: One past the last.
        word: The word as the list has it.
        kinds: What the value after it may be (sections of the list).
        is_field: Whether it stands like the name of a field (own cell, separator after it).
    """

    start: int
    end: int
    word: str
    kinds: frozenset[str]
    is_field: bool


def trie_pattern(words: list[str], *, gap: str = "") -> str:
    """A regular expression for many words that shares their beginnings.

    Args:
        words: Literal words; the longest match wins.
        gap: Expression allowed between the characters of a word.

    Returns:
        The expression, without a group of its own.
    """
    root: dict[str, dict[str, object]] = {}
    for word in words:
        node: dict[str, object] = root  # type: ignore[assignment]
        for char in word:
            node = node.setdefault(char, {})  # type: ignore[assignment]
        node[""] = {}
    return _node_pattern(root, gap, is_root=True)


def _node_pattern(node: dict[str, dict[str, object]], gap: str, *, is_root: bool = False) -> str:
    branches = []
    for char in sorted(key for key in node if key):
        rest = _node_pattern(node[char], gap)  # type: ignore[arg-type]
        branches.append(re.escape(char) + rest)
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 else "(?:" + "|".join(branches) + ")"
    prefix = "" if is_root else gap
    if "" in node:
        return f"(?:{prefix}{body})?"
    return prefix + body


@cache
def label_kinds() -> dict[str, frozenset[str]]:
    """Every label word with the kinds it announces."""
    content = tomllib.loads(files("models.masking").joinpath("data/labels.toml").read_text("utf-8"))
    kinds: dict[str, set[str]] = {}
    for kind, section in content.items():
        for word in section["words"].split():
            kinds.setdefault(word.lower(), set()).add(kind)
    return {word: frozenset(found) for word, found in kinds.items()}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = list(label_kinds())
    japanese = [word for word in words if _CJK.search(word)]
    ascii_words = [word for word in words if not _CJK.search(word)]
    spaced = re.compile(trie_pattern(japanese, gap=" {0,4}"))
    pieces = trie_pattern(ascii_words).replace("_", "[_ -]?")
    plain = re.compile(r"(?<![a-z0-9@.])(?:" + pieces + r")(?![a-z@]|[0-9]{2})")
    return spaced, plain


_BEFORE_FIELD = frozenset(" \t\n、。,;:([{【「『<\"'|/・*●○■□◆◇▼▽★☆※-→⇒└├│>＞〔《〈①②③④⑤⑥⑦⑧⑨⑩.)")
_AFTER_FIELD = re.compile(
    r"(?:[0-9A-D①-⑨](?=[ :]))?(?:\([^()\n]{0,14}\))?[\"'』」】\])〕>]{0,2}[ \t]{0,6}(?:[:=|\t,／/→;]|欄|\n|$|[ ]|<|\"|(?<=>)(?=[^<])|(?=[A-Z][A-Za-z]+ [A-Z]))"  # noqa: E501
)
_LOWER = re.compile(r"[A-Z]+")
_SPACES = re.compile(r"[ 　]+")


def find_labels(text: str) -> list[LabelHit]:
    """All label words of a folded text, in order of their position.

    Args:
        text: Folded text.

    Returns:
        Hits that may overlap only where a Japanese and a Latin label do.
    """
    kinds = label_kinds()
    found: list[LabelHit] = []
    lowered = _LOWER.sub(lambda match: match.group().lower(), text)
    for pattern in _patterns():
        for match in pattern.finditer(lowered):
            word = _SPACES.sub("", match.group()).lower()
            known = kinds.get(word) or kinds.get(re.sub(r"[ -]", "_", match.group().lower())) or _loose(word)
            if known is None:
                continue
            start, end = match.span()
            if text[start - 2 : start] == "</":
                continue
            is_field = (start == 0 or text[start - 1] in _BEFORE_FIELD or text[start - 1].isdigit()) and bool(
                _AFTER_FIELD.match(text, end)
            )
            found.append(LabelHit(start, end, word, known, is_field))
    found.sort(key=lambda hit: hit.start)
    return found


@cache
def _loose_index() -> dict[str, frozenset[str]]:
    return {re.sub(r"[_ -]", "", word): found for word, found in label_kinds().items()}


def _loose(word: str) -> frozenset[str] | None:
    return _loose_index().get(re.sub(r"[_ -]", "", word))


def cell_label(cell: str) -> frozenset[str] | None:
    """Kinds announced by the head of a column.

    Args:
        cell: The head's text.

    Returns:
        Kinds, or None when the cell is no known label.
    """
    word = _SPACES.sub("", cell).strip("\"'*").lower()
    known = label_kinds().get(word) or _loose(word)
    if known is None and "(" in word:
        known = label_kinds().get(word[: word.index("(")])
    if known is None and len(word) <= 16:
        spaced, plain = _patterns()
        last = None
        for pattern in (spaced, plain):
            for match in pattern.finditer(word):
                if len(match.group()) >= 2 and match.end() == len(word):
                    last = match
        if last is not None:
            return label_kinds().get(last.group()) or _loose(last.group())
    return known
