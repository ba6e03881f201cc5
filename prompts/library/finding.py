"""Searching the library: a few candidates from each tier of the index, ranked by match and use."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from prompts.library.indexing import category_filter
from prompts.search import Query, match_expression, score
from prompts.template import Category

MAX_CANDIDATES = 300
"""From each tier. A word that more templates share than this is told apart by its other words."""
_MAX_MARKED = 200


def find_rows(
    database: Database, query: Query, *, category: Category | None = None, limit: int = 50
) -> list[int]:
    """Rows of the templates that answer a query, best first.

    The tiers: titles that are or begin with the query; templates the person marked or used; titles
    that hold it; keywords; everything. Each gives at most `MAX_CANDIDATES`, so that a word which
    every template holds costs no more than a rare one.
    """
    expression = match_expression(query)
    if not expression:
        return []
    rows: dict[int, None] = dict.fromkeys(_by_title(database, query, category))
    rows.update(dict.fromkeys(_by_marks(database, query, category)))
    if query.is_single_character:
        rows.update(dict.fromkeys(_by_character(database, query, category)))
    for columns in ("title", "title keywords", "") if len(rows) < MAX_CANDIDATES else ():
        found = match_expression(query, columns)
        rows.update(dict.fromkeys(_by_index(database, f"({found}){category_filter(category)}")))
        if len(rows) >= MAX_CANDIDATES:
            break
    return _ranked(database, query, rows, limit)


def _by_title(database: Database, query: Query, category: Category | None) -> Iterable[int]:
    rows = database.conn.execute(
        "SELECT row FROM templates WHERE visible = 1 AND title_key >= ? AND title_key < ?"
        + (" AND category = ?" if category else "")
        + " ORDER BY title_key LIMIT 50",
        (query.text, query.text + "\U0010ffff", *([category.value] if category else [])),
    )
    return [row for (row,) in rows]


def _by_marks(database: Database, query: Query, category: Category | None) -> Iterable[int]:
    marked = database.conn.execute(
        "SELECT t.row FROM marks m JOIN templates t ON t.id = m.id AND t.visible"
        " ORDER BY m.is_favourite DESC, m.use_count DESC LIMIT ?",
        (_MAX_MARKED,),
    )
    numbers = [row for (row,) in marked]
    if not numbers:
        return []
    expression = f"({match_expression(query)}){category_filter(category)}"
    found = database.conn.execute(
        "SELECT rowid FROM search_index WHERE search_index MATCH ?"
        f" AND rowid IN ({','.join('?' * len(numbers))})",
        (expression, *numbers),
    )
    return [row for (row,) in found]


def _by_character(database: Database, query: Query, category: Category | None) -> Iterable[int]:
    """One character in titles and keywords, by plain `instr` over a covering index."""
    found: list[int] = []
    for character in query.terms[0]:
        rows = database.conn.execute(
            "SELECT row FROM templates INDEXED BY templates_by_keys"
            " WHERE visible = 1 AND (instr(title_key, ?) OR instr(keywords_key, ?)) LIMIT ?",
            (character, character, MAX_CANDIDATES),
        )
        found += [row for (row,) in rows]
    if category is None or not found:
        return found
    kept = database.conn.execute(
        f"SELECT row FROM templates WHERE category = ? AND row IN ({','.join('?' * len(found))})",
        (category.value, *found),
    )
    return [row for (row,) in kept]


def _by_index(database: Database, expression: str) -> Iterable[int]:
    rows = database.conn.execute(
        "SELECT rowid FROM search_index WHERE search_index MATCH ? LIMIT ?", (expression, MAX_CANDIDATES)
    )
    return [row for (row,) in rows]


def _ranked(database: Database, query: Query, rows: Iterable[int], limit: int) -> list[int]:
    numbers = list(rows)
    found = database.conn.execute(
        "SELECT t.row, t.title_key, t.keywords_key, coalesce(m.is_favourite, 0), coalesce(m.use_count, 0)"
        f" FROM templates t LEFT JOIN marks m ON m.id = t.id WHERE t.row IN ({','.join('?' * len(numbers))})",
        numbers,
    )
    ranked = sorted(
        (
            (-score(query, title, keywords, is_favourite=bool(favourite), use_count=count), title, row)
            for row, title, keywords, favourite, count in found
        )
    )
    return [row for _, _, row in ranked[:limit]]
