"""The library of templates in one SQLite file."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from prompts.errors import (
    ImportCancelledError,
    TemplateAmbiguousError,
    TemplateNotFoundError,
    TemplateReadOnlyError,
    VersionNotFoundError,
)
from prompts.library import indexing
from prompts.library.database import open_database, translated
from prompts.library.finding import find_rows
from prompts.library.records import (
    PRECEDENCE,
    READ_ONLY_SHELVES,
    Review,
    ReviewStatus,
    Revision,
    Shelf,
    ShelfState,
    TemplateCard,
)
from prompts.search import INDEX_VERSION, Synonyms, default_synonyms, fold, loosen, parse_query
from prompts.template import Accuracy, Category, Change, PromptTemplate, TemplateText, diff, dump, parse, read

BUILT_IN_NAMESPACE = uuid.UUID("6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1")
"""The ids of the built-in templates are made from their short names in this namespace."""

Progress = Callable[[int, int], None]
_PROGRESS_STEP = 50

_CARD_COLUMNS = """t.id, t.shelf, t.title, t.category, t.tags, t.description, t.version, t.updated,
    t.accuracy, t.confidentiality, t.demo_model, t.minutes_by_hand, t.status,
    coalesce(m.is_favourite, 0), coalesce(m.use_count, 0), coalesce(m.last_used, ''),
    coalesce(m.rating, 0), t.revision, t.saved_at, t.deleted_at"""
_CARDS = f"SELECT {_CARD_COLUMNS} FROM templates t LEFT JOIN marks m ON m.id = t.id"
_MARKED = f"SELECT {_CARD_COLUMNS} FROM marks m CROSS JOIN templates t"
_RANK = "CASE shelf " + " ".join(f"WHEN '{s.value}' THEN {n}" for n, s in enumerate(PRECEDENCE)) + " END"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


class PromptLibrary:
    """Templates on four shelves, with search, revisions, marks and a bin.

    Each change is one transaction: a program killed at any point leaves the state before or after
    it. Not for several threads at once; each opens its own (the file is in WAL mode).

    Args:
        path: the SQLite file; made when it does not exist. None keeps the library in memory.
        synonyms: words that find the same; the program's own list when None.
        clock: gives the time as ISO text.

    Raises:
        LibraryUnwritableError: the file cannot be opened for writing. Every method may raise it.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        synonyms: Synonyms | None = None,
        clock: Callable[[], str] = _now,
    ) -> None:
        self._database: Database = open_database(path)
        self._synonyms = synonyms or default_synonyms()
        self._clock = clock
        self._keep_index_current()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._database.conn.close()

    # Reading

    def list(
        self,
        *,
        category: Category | None = None,
        shelf: Shelf | None = None,
        limit: int = -1,
        offset: int = 0,
    ) -> tuple[TemplateCard, ...]:
        """Cards in order of category and title; `limit` -1 gives all."""
        where, values = ["t.visible = 1"], []
        for column, word in (("category", category), ("shelf", shelf)):
            if word is not None:
                where.append(f"t.{column} = ?")
                values.append(word.value)
        return self._cards(
            f"WHERE {' AND '.join(where)} ORDER BY t.category, t.title_key LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )

    def count(self) -> int:
        """How many templates can be seen."""
        return int(self._one("SELECT count(*) FROM templates WHERE visible = 1")[0])

    def card(self, template_id: str) -> TemplateCard:
        """One card.

        Raises:
            TemplateNotFoundError: no visible template has this id.
        """
        cards = self._cards("WHERE t.id = ? AND t.visible = 1", (template_id,))
        if not cards:
            raise TemplateNotFoundError(template_id)
        return cards[0]

    def get(self, template_id: str) -> PromptTemplate:
        """The template as it stands now.

        Raises:
            TemplateNotFoundError: no visible template has this id.
        """
        return parse(self._text(self._visible_row(template_id)))

    def resolve(self, words: str) -> PromptTemplate:
        """The template a person means in a terminal.

        Args:
            words: an id, its first four or more characters, the short name of a built-in template
                (`notice`) or a title.

        Raises:
            TemplateNotFoundError: nothing fits.
            TemplateAmbiguousError: more than one does.
        """
        words = words.strip()
        exact = (words.lower(), str(uuid.uuid5(BUILT_IN_NAMESPACE, words)))
        found = self._ids("id IN (?, ?)", exact)
        if not found:
            found = self._ids("title_key = ?", (fold(words),))
        if not found and re.fullmatch(r"[0-9a-fA-F-]{4,36}", words):
            found = self._ids("id >= ? AND id < ?", (words.lower(), words.lower() + "g"))
        if not found:
            raise TemplateNotFoundError(words)
        if len(found) > 1:
            raise TemplateAmbiguousError(words, tuple(found[:10]))
        return self.get(found[0])

    def search(
        self, text: str, *, category: Category | None = None, limit: int = 50
    ) -> tuple[TemplateCard, ...]:
        """Cards that answer a query, best first: match, then favourites, then use.

        An empty query gives the list. When nothing is found, the query is tried once more parted
        into its words.
        """
        query = parse_query(text, self._synonyms)
        if not query.terms:
            return () if text.strip() else self.list(category=category, limit=limit)
        with translated():
            rows = find_rows(self._database, query, category=category, limit=limit)
            if not rows:
                loose = loosen(text, self._synonyms)
                rows = find_rows(self._database, loose, category=category, limit=limit) if loose.terms else []
        return self._cards_in_order(rows)

    def favourites(self) -> tuple[TemplateCard, ...]:
        """Marked templates in order of title."""
        return self._cards(
            "WHERE t.id = m.id AND m.is_favourite = 1 AND t.visible = 1 ORDER BY t.title_key", select=_MARKED
        )

    def recents(self, limit: int = 10) -> tuple[TemplateCard, ...]:
        """Templates used last, the latest first."""
        return self._cards(
            "WHERE t.id = m.id AND m.last_used > '' AND t.visible = 1 ORDER BY m.last_used DESC LIMIT ?",
            (limit,),
            select=_MARKED,
        )

    def tags(self) -> dict[str, int]:
        """Every tag with the number of templates that bear it, the most frequent first."""
        with translated():
            rows = self._database.conn.execute(
                "SELECT value, count(*) FROM templates, json_each(templates.tags) WHERE visible = 1"
                " GROUP BY value ORDER BY count(*) DESC, value"
            )
            return {str(tag): int(count) for tag, count in rows}

    def ids(self) -> frozenset[str]:
        """Ids of all templates that are not in the bin."""
        return frozenset(self._ids("deleted_at = ''", with_hidden=True))

    def texts(self, ids: Iterable[str]) -> dict[str, tuple[Shelf, str]]:
        """Shelf and text of the visible templates among these ids, for comparing."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, tuple[Shelf, str]] = {}
        with translated():
            for start in range(0, len(wanted), 500):
                part = wanted[start : start + 500]
                rows = self._database.conn.execute(
                    "SELECT t.id, t.shelf, r.text FROM templates t"
                    " JOIN revisions r ON r.row = t.row AND r.revision = t.revision"
                    f" WHERE t.visible = 1 AND t.id IN ({','.join('?' * len(part))})",
                    part,
                )
                found.update({key: (Shelf(shelf), text) for key, shelf, text in rows})
        return found

    # Saving

    def save(
        self,
        template: PromptTemplate | TemplateText,
        *,
        shelf: Shelf = Shelf.PERSONAL,
        by: str = "",
        note: str = "",
    ) -> TemplateCard:
        """Stores a template, the version before staying among its revisions.

        Saving what is already there changes nothing.

        Raises:
            TemplateReadOnlyError: the shelf is not one that people write to.
            TemplateSyntaxError: the template does not follow the format.
        """
        source = _checked(template)
        self._refuse_read_only(source.template.id, shelf)
        with self._transaction():
            self._put(source, shelf, by, note)
        return self.card(source.template.id)

    def save_many(
        self,
        templates: Sequence[PromptTemplate | TemplateText],
        *,
        shelf: Shelf = Shelf.PERSONAL,
        by: str = "",
        note: str = "",
        progress: Progress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> int:
        """Stores many templates in one transaction; all of them or none.

        Args:
            templates: what to store.
            shelf: where to.
            by: who did it.
            note: kept with the revisions.
            progress: called with done and total now and then.
            is_cancelled: asked as often; True takes everything back.

        Returns:
            How many were new or changed.

        Raises:
            ImportCancelledError: `is_cancelled` said so.
        """
        changed = 0
        with self._transaction():
            for number, template in enumerate(templates):
                if number % _PROGRESS_STEP == 0:
                    if progress:
                        progress(number, len(templates))
                    if is_cancelled and is_cancelled():
                        raise ImportCancelledError(number, len(templates))
                source = _checked(template)
                self._refuse_read_only(source.template.id, shelf)
                changed += self._put(source, shelf, by, note)
        if progress:
            progress(len(templates), len(templates))
        return changed

    def duplicate(self, template_id: str, *, title: str = "", shelf: Shelf = Shelf.PERSONAL) -> TemplateCard:
        """A copy with an id of its own, to be changed."""
        source = self.get(template_id)
        copy = replace(
            source, id=str(uuid.uuid4()), version="1.0", title=title or f"{source.title}（写し）"[:120]
        )
        return self.save(copy, shelf=shelf)

    def move(self, template_id: str, shelf: Shelf) -> TemplateCard:
        """Moves a template between 課 and 個人.

        Raises:
            TemplateReadOnlyError: it stands on, or would go to, a read-only shelf.
        """
        card = self.card(template_id)
        self._refuse_read_only(template_id, card.shelf)
        self._refuse_read_only(template_id, shelf)
        if card.shelf is not shelf:
            with self._transaction():
                target = self._row(template_id, shelf)
                if target is not None:
                    self._drop(target)
                row = self._row(template_id, card.shelf)
                self._execute("UPDATE templates SET shelf = ? WHERE row = ?", (shelf.value, row))
                self._show_best(template_id)
        return self.card(template_id)

    # Bin

    def delete(self, template_id: str) -> None:
        """Puts a template into the bin. One of the same id on an earlier shelf shows again.

        Raises:
            TemplateNotFoundError: no visible template has this id.
            TemplateReadOnlyError: it is built in or on a read-only shelf.
        """
        card = self.card(template_id)
        self._refuse_read_only(template_id, card.shelf)
        with self._transaction():
            row = self._row(template_id, card.shelf)
            self._execute("UPDATE templates SET deleted_at = ? WHERE row = ?", (self._clock(), row))
            self._show_best(template_id)

    def bin(self) -> tuple[TemplateCard, ...]:
        """What lies in the bin, the latest first."""
        return self._cards("WHERE t.deleted_at > '' ORDER BY t.deleted_at DESC")

    def restore(self, template_id: str) -> TemplateCard:
        """Takes a template out of the bin.

        Raises:
            TemplateNotFoundError: it is not there.
        """
        with self._transaction():
            self._execute(
                "UPDATE templates SET deleted_at = '' WHERE row = ?", (self._binned_row(template_id),)
            )
            self._show_best(template_id)
        return self.card(template_id)

    def purge(self, template_id: str) -> None:
        """Destroys a template of the bin with all its revisions.

        Raises:
            TemplateNotFoundError: it is not there.
        """
        with self._transaction():
            self._drop(self._binned_row(template_id))

    # Revisions

    def revisions(self, template_id: str) -> tuple[Revision, ...]:
        """Every stored state of a template, the latest first."""
        row = self._visible_row(template_id)
        with translated():
            found = self._database.conn.execute(
                "SELECT revision, version, saved_at, saved_by, note FROM revisions"
                " WHERE row = ? ORDER BY revision DESC",
                (row,),
            )
            return tuple(Revision(*values) for values in found)

    def revision(self, template_id: str, revision: int) -> PromptTemplate:
        """A stored state.

        Raises:
            VersionNotFoundError: there is no such revision.
        """
        found = self._first(
            "SELECT text FROM revisions WHERE row = ? AND revision = ?",
            (self._visible_row(template_id), revision),
        )
        if found is None:
            raise VersionNotFoundError(template_id, revision)
        return parse(found[0])

    def diff(self, template_id: str, old: int, new: int) -> tuple[Change, ...]:
        """What changed from one revision to another."""
        return diff(self.revision(template_id, old), self.revision(template_id, new))

    def restore_revision(self, template_id: str, revision: int, *, by: str = "") -> TemplateCard:
        """Makes an old state the newest revision; nothing in between is lost."""
        card = self.card(template_id)
        old = self.revision(template_id, revision)
        return self.save(old, shelf=card.shelf, by=by, note=f"revision {revision}")

    # Marks

    def set_favourite(self, template_id: str, is_favourite: bool) -> None:
        """Marks a template, or takes the mark away."""
        self._mark(template_id, "is_favourite = ?", (int(is_favourite),))

    def record_use(self, template_id: str) -> None:
        """Counts one draft begun with the template."""
        self._mark(template_id, "use_count = use_count + 1, last_used = ?", (self._clock(),))

    def rate(self, template_id: str, rating: int) -> None:
        """The person's rating, 1 to 5; 0 takes it back.

        Raises:
            ValueError: another number.
        """
        if not 0 <= rating <= 5:
            raise ValueError("rating")
        self._mark(template_id, "rating = ?", (rating,))

    # Review

    def set_status(self, template_id: str, status: ReviewStatus, *, by: str, note: str = "") -> TemplateCard:
        """Records a step of approval.

        Raises:
            TemplateReadOnlyError: it is built in or on a read-only shelf.
        """
        card = self.card(template_id)
        self._refuse_read_only(template_id, card.shelf)
        row = self._visible_row(template_id)
        with self._transaction():
            self._execute("UPDATE templates SET status = ? WHERE row = ?", (status.value, row))
            self._execute(
                "INSERT INTO reviews (row, status, reviewed_by, reviewed_at, note) VALUES (?, ?, ?, ?, ?)",
                (row, status.value, by, self._clock(), note),
            )
        return self.card(template_id)

    def reviews(self, template_id: str) -> tuple[Review, ...]:
        """Steps of approval, the latest first."""
        row = self._visible_row(template_id)
        with translated():
            found = self._database.conn.execute(
                "SELECT status, reviewed_by, reviewed_at, note FROM reviews"
                " WHERE row = ? ORDER BY rowid DESC",
                (row,),
            )
            return tuple(Review(ReviewStatus(status), by, at, note) for status, by, at, note in found)

    # Shelves that are copies

    def replace_shelf(
        self, shelf: Shelf, templates: Iterable[PromptTemplate | TemplateText], *, digest: str
    ) -> None:
        """Makes a read-only shelf hold exactly these templates, in one transaction.

        Args:
            shelf: `BUILT_IN` or `STANDARD`.
            templates: all of them; of two with one id the later counts.
            digest: tells this content from another, so that a caller need not read it again.
        """
        if shelf not in READ_ONLY_SHELVES:
            raise ValueError("shelf")
        wanted = {source.template.id: source for source in map(_checked, templates)}
        with self._transaction():
            gone = [
                key for key in self._ids("shelf = ?", (shelf.value,), with_hidden=True) if key not in wanted
            ]
            for key in gone:
                row = self._row(key, shelf)
                if row is not None:
                    self._drop(row)
            for source in wanted.values():
                self._put(source, shelf, "", "")
            self._record_contact(shelf, digest)

    def record_contact(self, shelf: Shelf, digest: str) -> None:
        """The folder behind a shelf was reached and holds what is already here."""
        with self._transaction():
            self._record_contact(shelf, digest)

    def shelf_state(self, shelf: Shelf) -> ShelfState | None:
        """What was read last from the folder behind a shelf; None when it never was."""
        found = self._first("SELECT digest, last_contact FROM shelves WHERE shelf = ?", (shelf.value,))
        return None if found is None else ShelfState(*found)

    # Inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated():
            self._database.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.conn.rollback()
                raise
            self._database.conn.execute("COMMIT")

    def _keep_index_current(self) -> None:
        found = self._first("SELECT value FROM settings WHERE name = 'index_version'")
        if found is not None and int(found[0]) == INDEX_VERSION:
            return
        with self._transaction():
            indexing.rebuild(self._database)
            self._execute(
                "INSERT OR REPLACE INTO settings (name, value) VALUES ('index_version', ?)",
                (str(INDEX_VERSION),),
            )

    def _put(self, source: TemplateText, shelf: Shelf, by: str, note: str) -> bool:
        """Stores one template inside a transaction; True when something changed."""
        template = source.template
        row = self._row(template.id, shelf)
        now = self._clock()
        if row is None:
            row = self._insert(template, shelf, now)
            revision = 1
        else:
            current, revision, deleted_at = self._one(
                "SELECT r.text, t.revision, t.deleted_at FROM templates t"
                " JOIN revisions r ON r.row = t.row AND r.revision = t.revision WHERE t.row = ?",
                (row,),
            )
            if not deleted_at and (current == source.text or parse(current) == template):
                return False
            self._hide(row, current)
            revision = int(self._one("SELECT max(revision) FROM revisions WHERE row = ?", (row,))[0]) + 1
            self._update(row, template, revision, now)
        self._execute(
            "INSERT INTO revisions (row, revision, version, text, saved_at, saved_by, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (row, revision, template.version, source.text, now, by, note),
        )
        self._show_best(template.id, {row: template})
        return True

    def _insert(self, template: PromptTemplate, shelf: Shelf, now: str) -> int:
        status = ReviewStatus.STANDARD if shelf in READ_ONLY_SHELVES else ReviewStatus.DRAFT
        cursor = self._execute(
            "INSERT INTO templates (id, shelf, visible, status, revision, saved_at, title, title_key,"
            " keywords_key, category, tags, description, version, updated, accuracy, confidentiality,"
            " demo_model, minutes_by_hand) VALUES (?, ?, 0, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (template.id, shelf.value, status.value, now, *_columns(template)),
        )
        return int(cursor.lastrowid or 0)

    def _update(self, row: int, template: PromptTemplate, revision: int, now: str) -> None:
        self._execute(
            "UPDATE templates SET deleted_at = '', revision = ?, saved_at = ?, title = ?, title_key = ?,"
            " keywords_key = ?, category = ?, tags = ?, description = ?, version = ?, updated = ?,"
            " accuracy = ?, confidentiality = ?, demo_model = ?, minutes_by_hand = ? WHERE row = ?",
            (revision, now, *_columns(template), row),
        )

    def _show_best(self, template_id: str, fresh: dict[int, PromptTemplate] | None = None) -> None:
        """Of the templates with one id, shows that of the foremost shelf and hides the others."""
        rows = self._execute(
            f"SELECT row, visible, deleted_at FROM templates WHERE id = ? ORDER BY deleted_at > '', {_RANK}",
            (template_id,),
        ).fetchall()
        for number, (row, visible, deleted_at) in enumerate(rows):
            should = number == 0 and not deleted_at
            if should and not visible:
                template = (fresh or {}).get(row) or parse(self._text(row))
                self._execute("UPDATE templates SET visible = 1 WHERE row = ?", (row,))
                indexing.add(self._database, row, template)
            elif visible and not should:
                self._hide(row, self._text(row))

    def _hide(self, row: int, text: str) -> None:
        if self._one("SELECT visible FROM templates WHERE row = ?", (row,))[0]:
            indexing.remove(self._database, row, text)
            self._execute("UPDATE templates SET visible = 0 WHERE row = ?", (row,))

    def _drop(self, row: int) -> None:
        (key,) = self._one("SELECT id FROM templates WHERE row = ?", (row,))
        self._hide(row, self._text(row))
        self._execute("DELETE FROM templates WHERE row = ?", (row,))
        self._show_best(key)

    def _mark(self, template_id: str, change: str, values: tuple[object, ...]) -> None:
        self._visible_row(template_id)
        with self._transaction():
            self._execute("INSERT OR IGNORE INTO marks (id) VALUES (?)", (template_id,))
            self._execute(f"UPDATE marks SET {change} WHERE id = ?", (*values, template_id))

    def _record_contact(self, shelf: Shelf, digest: str) -> None:
        self._execute(
            "INSERT OR REPLACE INTO shelves (shelf, digest, last_contact) VALUES (?, ?, ?)",
            (shelf.value, digest, self._clock()),
        )

    def _refuse_read_only(self, template_id: str, shelf: Shelf) -> None:
        if shelf in READ_ONLY_SHELVES:
            raise TemplateReadOnlyError(template_id, shelf.value)

    def _visible_row(self, template_id: str) -> int:
        found = self._first("SELECT row FROM templates WHERE id = ? AND visible = 1", (template_id,))
        if found is None:
            raise TemplateNotFoundError(template_id)
        return int(found[0])

    def _binned_row(self, template_id: str) -> int:
        found = self._first(
            "SELECT row FROM templates WHERE id = ? AND deleted_at > '' ORDER BY deleted_at DESC",
            (template_id,),
        )
        if found is None:
            raise TemplateNotFoundError(template_id)
        return int(found[0])

    def _row(self, template_id: str, shelf: Shelf) -> int | None:
        found = self._first(
            "SELECT row FROM templates WHERE id = ? AND shelf = ?", (template_id, shelf.value)
        )
        return None if found is None else int(found[0])

    def _text(self, row: int) -> str:
        return str(
            self._one(
                "SELECT r.text FROM templates t JOIN revisions r ON r.row = t.row AND r.revision = t.revision"
                " WHERE t.row = ?",
                (row,),
            )[0]
        )

    def _ids(
        self, where: str, values: tuple[object, ...] = (), *, with_hidden: bool = False
    ) -> tuple[str, ...]:
        visible = "" if with_hidden else " AND visible = 1"
        rows = self._execute(f"SELECT DISTINCT id FROM templates WHERE {where}{visible}", values)
        return tuple(str(key) for (key,) in rows)

    def _cards(
        self, clause: str, values: tuple[object, ...] = (), *, select: str = _CARDS
    ) -> tuple[TemplateCard, ...]:
        with translated():
            return tuple(_card(row) for row in self._execute(f"{select} {clause}", values))

    def _cards_in_order(self, rows: Sequence[int]) -> tuple[TemplateCard, ...]:
        with translated():
            found = self._execute(
                f"SELECT t.row, {_CARD_COLUMNS} FROM templates t LEFT JOIN marks m ON m.id = t.id"
                f" WHERE t.row IN ({','.join('?' * len(rows))})",
                tuple(rows),
            )
            cards = {row[0]: _card(row[1:]) for row in found}
        return tuple(cards[row] for row in rows)

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._database.conn.execute(sql, values)
        return cursor

    def _first(self, sql: str, values: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        with translated():
            found: tuple[Any, ...] | None = self._execute(sql, values).fetchone()
            return found

    def _one(self, sql: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
        found = self._first(sql, values)
        assert found is not None
        return found


def _checked(template: PromptTemplate | TemplateText) -> TemplateText:
    """A template with its text; one that was built rather than read is checked by reading it."""
    return template if isinstance(template, TemplateText) else read(dump(template))


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
