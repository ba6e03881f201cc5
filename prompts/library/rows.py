"""The rows of the library's file: which template of one id shows, and what hangs on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlite_utils import Database

from prompts.errors import TemplateNotFoundError
from prompts.library import indexing
from prompts.library.database import translated
from prompts.library.records import PRECEDENCE, READ_ONLY_SHELVES, ReviewStatus, Shelf, TemplateCard
from prompts.search import INDEX_VERSION, fold
from prompts.template import Accuracy, Category, PromptTemplate, TemplateText, parse

_CARD_COLUMNS = """t.id, t.shelf, t.title, t.category, t.tags, t.description, t.version, t.updated,
    t.accuracy, t.confidentiality, t.demo_model, t.minutes_by_hand, t.status,
    coalesce(m.is_favourite, 0), coalesce(m.use_count, 0), coalesce(m.last_used, ''),
    coalesce(m.rating, 0), t.revision, t.saved_at, t.deleted_at"""
CARDS = f"SELECT {_CARD_COLUMNS} FROM templates t LEFT JOIN marks m ON m.id = t.id"
MARKED = f"SELECT {_CARD_COLUMNS} FROM marks m CROSS JOIN templates t"
_RANK = "CASE shelf " + " ".join(f"WHEN '{s.value}' THEN {n}" for n, s in enumerate(PRECEDENCE)) + " END"


class Rows:
    """Statements on one open file. Those that write belong inside `transaction`."""

    def __init__(self, database: Database, clock: Callable[[], str]) -> None:
        self.database = database
        self.clock = clock

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One change, all of it or nothing."""
        with translated():
            self.database.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.database.conn.rollback()
                raise
            self.database.conn.execute("COMMIT")

    def keep_index_current(self) -> None:
        """Builds the search index anew where a program with other rules wrote it."""
        found = self.first("SELECT value FROM settings WHERE name = 'index_version'")
        if found is not None and int(found[0]) == INDEX_VERSION:
            return
        with self.transaction():
            indexing.rebuild(self.database)
            self.execute(
                "INSERT OR REPLACE INTO settings (name, value) VALUES ('index_version', ?)",
                (str(INDEX_VERSION),),
            )

    def put(self, source: TemplateText, shelf: Shelf, by: str, note: str) -> bool:
        """Stores one template inside a transaction; True when something changed."""
        template = source.template
        row = self.row(template.id, shelf)
        now = self.clock()
        if row is None:
            row = self.insert(template, shelf, now)
            revision = 1
        else:
            current, revision, deleted_at = self.one(
                "SELECT r.text, t.revision, t.deleted_at FROM templates t"
                " JOIN revisions r ON r.row = t.row AND r.revision = t.revision WHERE t.row = ?",
                (row,),
            )
            if not deleted_at and (current == source.text or parse(current) == template):
                return False
            self.hide(row, current)
            revision = int(self.one("SELECT max(revision) FROM revisions WHERE row = ?", (row,))[0]) + 1
            self.update(row, template, revision, now)
        self.execute(
            "INSERT INTO revisions (row, revision, version, text, saved_at, saved_by, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row, revision, template.version, source.text, now, by, note),
        )
        self.show_best(template.id, {row: template})
        return True

    def insert(self, template: PromptTemplate, shelf: Shelf, now: str) -> int:
        """A row that nobody sees yet."""
        status = ReviewStatus.STANDARD if shelf in READ_ONLY_SHELVES else ReviewStatus.DRAFT
        cursor = self.execute(
            "INSERT INTO templates (id, shelf, visible, status, revision, saved_at, title, title_key,"
            " keywords_key, category, tags, description, version, updated, accuracy, confidentiality,"
            " demo_model, minutes_by_hand) VALUES (?, ?, 0, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (template.id, shelf.value, status.value, now, *_columns(template)),
        )
        return int(cursor.lastrowid or 0)

    def update(self, row: int, template: PromptTemplate, revision: int, now: str) -> None:
        """The columns of a row for a new revision."""
        self.execute(
            "UPDATE templates SET deleted_at = '', revision = ?, saved_at = ?, title = ?, title_key = ?,"
            " keywords_key = ?, category = ?, tags = ?, description = ?, version = ?, updated = ?,"
            " accuracy = ?, confidentiality = ?, demo_model = ?, minutes_by_hand = ? WHERE row = ?",
            (revision, now, *_columns(template), row),
        )

    def show_best(self, template_id: str, fresh: dict[int, PromptTemplate] | None = None) -> None:
        """Of the templates with one id, shows that of the foremost shelf and hides the others."""
        rows = self.execute(
            f"SELECT row, visible, deleted_at FROM templates WHERE id = ? ORDER BY deleted_at > '', {_RANK}",
            (template_id,),
        ).fetchall()
        for number, (row, visible, deleted_at) in enumerate(rows):
            should = number == 0 and not deleted_at
            if should and not visible:
                template = (fresh or {}).get(row) or parse(self.text(row))
                self.execute("UPDATE templates SET visible = 1 WHERE row = ?", (row,))
                indexing.add(self.database, row, template)
            elif visible and not should:
                self.hide(row, self.text(row))

    def hide(self, row: int, text: str) -> None:
        """Takes a row out of the lists and the index, given the text that was indexed."""
        if self.one("SELECT visible FROM templates WHERE row = ?", (row,))[0]:
            indexing.remove(self.database, row, text)
            self.execute("UPDATE templates SET visible = 0 WHERE row = ?", (row,))

    def drop(self, row: int) -> None:
        """Destroys a row with all that hangs on it."""
        (key,) = self.one("SELECT id FROM templates WHERE row = ?", (row,))
        self.hide(row, self.text(row))
        self.execute("DELETE FROM templates WHERE row = ?", (row,))
        self.show_best(key)

    def record_contact(self, shelf: Shelf, digest: str) -> None:
        """Notes what a shelf was copied from, and when."""
        self.execute(
            "INSERT OR REPLACE INTO shelves (shelf, digest, last_contact) VALUES (?, ?, ?)",
            (shelf.value, digest, self.clock()),
        )

    def visible_row(self, template_id: str) -> int:
        """The row of a visible template; raises TemplateNotFoundError."""
        found = self.first("SELECT row FROM templates WHERE id = ? AND visible = 1", (template_id,))
        if found is None:
            raise TemplateNotFoundError(template_id)
        return int(found[0])

    def binned_row(self, template_id: str) -> int:
        """The row of a template in the bin; raises TemplateNotFoundError."""
        found = self.first(
            "SELECT row FROM templates WHERE id = ? AND deleted_at > '' ORDER BY deleted_at DESC",
            (template_id,),
        )
        if found is None:
            raise TemplateNotFoundError(template_id)
        return int(found[0])

    def row(self, template_id: str, shelf: Shelf) -> int | None:
        """The row of a template on one shelf."""
        found = self.first("SELECT row FROM templates WHERE id = ? AND shelf = ?", (template_id, shelf.value))
        return None if found is None else int(found[0])

    def text(self, row: int) -> str:
        """The text of a row's current revision."""
        return str(
            self.one(
                "SELECT r.text FROM templates t JOIN revisions r ON r.row = t.row AND r.revision = t.revision"
                " WHERE t.row = ?",
                (row,),
            )[0]
        )

    def ids(
        self, where: str, values: tuple[object, ...] = (), *, with_hidden: bool = False
    ) -> tuple[str, ...]:
        """Ids of the templates that a condition holds for."""
        visible = "" if with_hidden else " AND visible = 1"
        rows = self.execute(f"SELECT DISTINCT id FROM templates WHERE {where}{visible}", values)
        return tuple(str(key) for (key,) in rows)

    def cards(
        self, clause: str, values: tuple[object, ...] = (), *, select: str = CARDS
    ) -> tuple[TemplateCard, ...]:
        """Cards for the clauses of a statement."""
        with translated():
            return tuple(_card(row) for row in self.execute(f"{select} {clause}", values))

    def cards_in_order(self, rows: Sequence[int]) -> tuple[TemplateCard, ...]:
        """Cards of these rows, in their order."""
        with translated():
            found = self.execute(
                f"SELECT t.row, {_CARD_COLUMNS} FROM templates t LEFT JOIN marks m ON m.id = t.id"
                f" WHERE t.row IN ({','.join('?' * len(rows))})",
                tuple(rows),
            )
            cards = {row[0]: _card(row[1:]) for row in found}
        return tuple(cards[row] for row in rows)

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Runs a statement."""
        cursor: sqlite3.Cursor = self.database.conn.execute(sql, values)
        return cursor

    def first(self, sql: str, values: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        """The first row of an answer, or None."""
        with translated():
            found: tuple[Any, ...] | None = self.execute(sql, values).fetchone()
            return found

    def one(self, sql: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
        """The first row of an answer that has one."""
        found = self.first(sql, values)
        assert found is not None
        return found


def _columns(template: PromptTemplate) -> tuple[object, ...]:
    return (
        template.title,
        fold(template.title),
        indexing.keywords_key(template),
        template.category.value,
        json.dumps(template.tags, ensure_ascii=False),
        template.description,
        template.version,
        template.updated,
        template.accuracy.value,
        template.confidentiality,
        int(template.demo_model),
        template.minutes_by_hand,
    )


def _card(row: Sequence[object]) -> TemplateCard:
    values = list(row)
    values[1] = Shelf(str(values[1]))
    values[3] = Category(str(values[3]))
    values[4] = tuple(json.loads(str(values[4])))
    values[8] = Accuracy(str(values[8]))
    values[10] = bool(values[10])
    values[12] = ReviewStatus(str(values[12]))
    values[13] = bool(values[13])
    return TemplateCard(*values)  # type: ignore[arg-type]
