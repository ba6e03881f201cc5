"""Cells of tables in plain text: TSV, CSV, Markdown, aligned columns and SQL inserts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.masking.recognizers.labels import cell_label


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell at `text[start:end]` and the kinds its column's head announces (may be none)."""

    start: int
    end: int
    kinds: frozenset[str]


_CSV_CELL = re.compile(r'"((?:[^"\n]|"")*)"|([^,\n]*)')
_ALIGNED = re.compile(r"[^ \n](?:[^ \n]| (?! ))*")
_SQL_INSERT = re.compile(r"\binsert\s+into\s+\S{1,60}\s*\(([^()]{1,2000})\)\s*values\s*", re.IGNORECASE)
_SQL_VALUE = re.compile(r"'((?:[^'\n]|'')*)'|([^,()'\n]+)")
_NONE: frozenset[str] = frozenset()


def _split(line: str, offset: int, separator: str) -> list[tuple[int, int]]:
    """Offsets of the cells of a line."""
    cells: list[tuple[int, int]] = []
    if separator == ",":
        position = 0
        while position <= len(line):
            match = _CSV_CELL.match(line, position)
            if match is None:
                break
            group = 1 if match.group(1) is not None else 2
            cells.append((offset + match.start(group), offset + match.end(group)))
            position = match.end()
            if position >= len(line) or line[position] != ",":
                break
            position += 1
        return cells
    if separator == " ":
        return [(offset + match.start(), offset + match.end()) for match in _ALIGNED.finditer(line)]
    start = 0
    for piece in line.split(separator):
        cells.append((offset + start, offset + start + len(piece)))
        start += len(piece) + 1
    if separator == "|" and len(cells) > 2:
        if not line[: cells[0][1] - offset].strip():
            cells = cells[1:]
        if cells and cells[-1][1] == cells[-1][0]:
            cells = cells[:-1]
    return cells


def _head(text: str, start: int, end: int, separator: str) -> list[frozenset[str]] | None:
    """Kinds of each column when the line is a table's head."""
    line = text[start:end]
    if separator not in line or len(line) > 600:
        return None
    cells = _split(line, start, separator)
    least = 2 if separator in "\t|" else 3
    if len(cells) < least or any(end - start > 20 for start, end in cells):
        return None
    kinds = [cell_label(text[a:b].strip()) for a, b in cells]
    known = sum(kind is not None for kind in kinds)
    if known < 2 or known * 2 < len(cells) or sum(c.isdigit() for c in line) > 4:
        return None
    return [kind or _NONE for kind in kinds]


def find_cells(text: str) -> list[Cell]:
    """Cells below the heads of the tables in a folded text, in order.

    Args:
        text: Folded text.

    Returns:
        Cells with the kinds of their columns; nothing for text without tables.
    """
    found: list[Cell] = []
    separator = ""
    head: list[frozenset[str]] = []
    position = 0
    misses = 0
    for line in text.split("\n"):
        start, end = position, position + len(line)
        position = end + 1
        new_head = None
        for candidate in "\t|, ":
            if candidate in line and (candidate != " " or "  " in line):
                new_head = _head(text, start, end, candidate)
                if new_head is not None:
                    separator, head, misses = candidate, new_head, 0
                    break
        if new_head is not None or not head:
            continue
        cells = _split(line, start, separator)
        if len(cells) < 2 or abs(len(cells) - len(head)) > (1 if separator != "," else 0):
            misses += 1
            if misses > 1 or not line.strip():
                head = []
            continue
        found.extend(Cell(a, b, kinds) for (a, b), kinds in zip(cells, head, strict=False) if a < b)
    if "insert" in text or "INSERT" in text:
        found.extend(_sql_cells(text))
        found.sort(key=lambda cell: cell.start)
    return found


def _sql_cells(text: str) -> list[Cell]:
    found: list[Cell] = []
    for match in _SQL_INSERT.finditer(text):
        columns = [cell_label(column.strip(' `"\n')) or _NONE for column in match.group(1).split(",")]
        position = match.end()
        while position < len(text) and text[position] == "(":
            position += 1
            column = 0
            while position < len(text) and text[position] != ")":
                value = _SQL_VALUE.match(text, position)
                if value is None:
                    position += 1
                    continue
                group = 1 if value.group(1) is not None else 2
                if text[position] not in ", \n" or value.group(2, 1)[0] is None or value.group().strip():
                    if column < len(columns) and value.start(group) < value.end(group):
                        found.append(Cell(value.start(group), value.end(group), columns[column]))
                    column += 1
                position = value.end()
                if position < len(text) and text[position] == ",":
                    position += 1
                    while position < len(text) and text[position] in " \n":
                        position += 1
            position += 1
            while position < len(text) and text[position] in ", \n":
                position += 1
    return found
