"""Searching the library: a few candidates from each tier of the index, ranked by match and use."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from prompts.library.indexing import category_filter
from prompts.search import Query, fold, holds, pairs_expression, phrase_expression, score
from prompts.template import Category

MAX_CANDIDATES = 200
"""From each tier. A word that more templates share than this is told apart by its other words."""


def find_rows(
    database: Database, query: Query, *, category: Category | None = None, limit: int = 50
) -> list[int]:
    """Rows of the templates that answer a query, best first.

    The tiers: titles that are or begin with the query; templates the person marked or used; titles
    that hold it; keywords; and, where those are fewer than asked for, descriptions and bodies. Each
    gives at most `MAX_CANDIDATES`, so that a word which every template holds costs no more than a
    rare one.
    """
    if not phrase_expression(query):
        return []
    rows: dict[int, None] = dict.fromkeys(_by_title(database, query, category))
    rows.update(dict.fromkeys(_by_marks(database, query, category)))
    for columns in ("title", ""):
        if len(rows) < max(limit, MAX_CANDIDATES):
            rows.update(dict.fromkeys(_by_name(database, query, columns, category)))
    if len(rows) < limit:
        rows.update(dict.fromkeys(_by_body(database, query, category, limit)))
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
    """What the person marked or used, without the index: these are few."""
    marked = database.conn.execute(
        "SELECT t.row, t.title_key, t.keywords_key, t.category FROM marks m"
        " CROSS JOIN templates t WHERE t.id = m.id AND t.visible = 1"
        " ORDER BY m.is_favourite DESC, m.last_used DESC LIMIT ?",
        (MAX_CANDIDATES,),
    )
    return [
        row
        for row, title, keywords, word in marked
        if category in (None, word) and holds(query, f"{title} {keywords}")
    ]


def _by_name(database: Database, query: Query, columns: str, category: Category | None) -> Iterable[int]:
    expression = f"({phrase_expression(query, columns)}){category_filter(category)}"
    rows = database.conn.execute(
        "SELECT rowid FROM name_index WHERE name_index MATCH ? LIMIT ?", (expression, MAX_CANDIDATES)
    )
    return [row for (row,) in rows]


def _by_body(database: Database, query: Query, category: Category | None, limit: int) -> Iterable[int]:
    """By pairs; where a word is longer than a pair, what holds all its pairs is read and checked."""
    expression = f"({pairs_expression(query)}){category_filter(category)}"
    if query.is_exact_in_pairs:
        rows = database.conn.execute(
            "SELECT rowid FROM body_index WHERE body_index MATCH ? LIMIT ?", (expression, limit)
        )
        return [row for (row,) in rows]
    rows = database.conn.execute(
        "SELECT t.row, r.text FROM body_index b JOIN templates t ON t.row = b.rowid"
        " JOIN revisions r ON r.row = t.row AND r.revision = t.revision"
        " WHERE body_index MATCH ? LIMIT ?",
        (expression, limit),
    )
    return [row for row, text in rows if holds(query, fold(text))]


def _ranked(database: Database, query: Query, rows: Iterable[int], limit: int) -> list[int]:
    numbers = list(rows)
    found = database.conn.execute(
        "SELECT t.row, t.title_key, t.keywords_key, coalesce(m.is_favourite, 0), coalesce(m.use_count, 0)"
        f" FROM templates t LEFT JOIN marks m ON m.id = t.id WHERE t.row IN ({','.join('?' * len(numbers))})",
        numbers,
    )
    ranked = sorted(
        (-score(query, title, keywords, is_favourite=bool(favourite), use_count=count), title, row)
        for row, title, keywords, favourite, count in found
    )
    return [row for _, _, row in ranked[:limit]]
