"""Cutting a text into blocks that can be analysed, cached and re-used on their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SOFT_SIZE = 600
_HARD_SIZE = 3_000
_LINE_SIZE = 4_000
_BLANK = re.compile(r"\n[ \t\r　]*\n")
_TABLE = re.compile(r"\t|,[^,\n]*,|\|[^|\n]*\|")
_BREATH = re.compile(r"[。、．，,;；\s]")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text.

    Attributes:
        start: Where the piece begins in the whole text.
        text: The piece; for the continuation of a table, its head line stands before it.
        head: Length of that borrowed head line in `text`; 0 for most blocks.
    """

    start: int
    text: str
    head: int = 0


def split_blocks(text: str) -> list[Block]:
    """Cut a text at empty lines, long stretches at line ends, endless lines at punctuation.

    The cuts depend on the content near them alone, so that a typed change moves few of them and a
    cache keyed by a block's text keeps the rest.

    Args:
        text: Any text.

    Returns:
        Blocks in order that cover the text without overlap.
    """
    blocks: list[Block] = []
    start = 0
    table_head = ""
    for end in _cuts(text):
        piece = text[start:end]
        if table_head and _TABLE.search(piece[: piece.find("\n") + 1 or len(piece)]):
            blocks.append(Block(start, table_head + piece, len(table_head)))
        else:
            blocks.append(Block(start, piece))
        table_head = _next_head(piece, table_head, is_forced=not piece.rstrip(" \t\r　").endswith("\n\n"))
        start = end
    return blocks


def _next_head(piece: str, previous: str, *, is_forced: bool) -> str:
    """The table head a forced cut leaves to the next block."""
    if not is_forced or not piece.endswith("\n"):
        return ""
    lines = piece.rstrip("\n").rsplit("\n", 1)
    if not _TABLE.search(lines[-1]):
        return ""
    if previous:
        return previous
    first = next((line for line in piece.split("\n") if _TABLE.search(line)), "")
    return first + "\n" if 0 < len(first) <= 400 else ""


def _cuts(text: str) -> list[int]:
    cuts: list[int] = []
    start = 0
    blanks = [match.end() for match in _BLANK.finditer(text)]
    blanks.append(len(text))
    for blank in blanks:
        if blank - start < _SOFT_SIZE and blank != len(text):
            continue
        while blank - start > _HARD_SIZE:
            start = _forced_cut(text, start)
            cuts.append(start)
        if blank > start:
            cuts.append(blank)
            start = blank
    return cuts


def _forced_cut(text: str, start: int) -> int:
    newline = text.rfind("\n", start + _SOFT_SIZE, start + _HARD_SIZE)
    if newline >= 0:
        return newline + 1
    newline = text.find("\n", start + _HARD_SIZE, start + _LINE_SIZE)
    if newline >= 0:
        return newline + 1
    low = start + _HARD_SIZE - 400
    cut = 0
    for match in _BREATH.finditer(text, low, start + _HARD_SIZE):
        cut = match.end()
    return cut or start + _HARD_SIZE
