"""The library of templates in one SQLite file."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from prompts.errors import (
    ImportCancelledError,
    TemplateAmbiguousError,
    TemplateNotFoundError,
    TemplateReadOnlyError,
    VersionNotFoundError,
)
from prompts.library.database import open_database, translated
from prompts.library.finding import find_rows
from prompts.library.records import (
    READ_ONLY_SHELVES,
    Review,
    ReviewStatus,
    Revision,
    Shelf,
    ShelfState,
    TemplateCard,
)
from prompts.library.rows import MARKED, Rows
from prompts.search import Synonyms, default_synonyms, fold, loosen, parse_query
from prompts.template import Category, Change, PromptTemplate, TemplateText, diff, dump, parse, read

BUILT_IN_NAMESPACE = uuid.UUID("6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1")
"""The ids of the built-in templates are made from their short names in this namespace."""

Progress = Callable[[int, int], None]
_PROGRESS_STEP = 50


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
        self._rows = Rows(open_database(path), clock)
        self._synonyms = synonyms or default_synonyms()
        self._rows.keep_index_current()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._rows.database.conn.close()

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
        return self._rows.cards(
            f"WHERE {' AND '.join(where)} ORDER BY t.category, t.title_key LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )

    def count(self) -> int:
        """How many templates can be seen."""
        return int(self._rows.one("SELECT count(*) FROM templates WHERE visible = 1")[0])

    def count_by_category(self) -> dict[Category, int]:
        """How many templates of each category can be seen; a category without any is left out."""
        with translated():
            rows = self._rows.execute(
                "SELECT category, count(*) FROM templates WHERE visible = 1 GROUP BY category"
            )
            return {Category(word): int(number) for word, number in rows}

    def frequent(self, limit: int, *, is_demo: bool = False) -> tuple[TemplateCard, ...]:
        """Marked templates, then the most used ones, then any, in order of category and title.

        Args:
            limit: How many cards.
            is_demo: Whether those that serve the demonstration model go before their equals.
        """
        return self._rows.cards(
            "WHERE t.visible = 1 ORDER BY coalesce(m.is_favourite, 0) DESC, coalesce(m.use_count, 0) DESC,"
            " t.demo_model * ? DESC, t.category, t.title_key LIMIT ?",
            (int(is_demo), limit),
        )

    def card(self, template_id: str) -> TemplateCard:
        """One card.

        Raises:
            TemplateNotFoundError: no visible template has this id.
        """
        cards = self._rows.cards("WHERE t.id = ? AND t.visible = 1", (template_id,))
        if not cards:
            raise TemplateNotFoundError(template_id)
        return cards[0]

    def get(self, template_id: str) -> PromptTemplate:
        """The template as it stands now.

        Raises:
            TemplateNotFoundError: no visible template has this id.
        """
        return parse(self._rows.text(self._rows.visible_row(template_id)))

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
        found = self._rows.ids("id IN (?, ?)", exact)
        if not found:
            found = self._rows.ids("title_key = ?", (fold(words),))
        if not found and re.fullmatch(r"[0-9a-fA-F-]{4,36}", words):
            found = self._rows.ids("id >= ? AND id < ?", (words.lower(), words.lower() + "g"))
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
            rows = find_rows(self._rows.database, query, category=category, limit=limit)
            if not rows:
                loose = loosen(text, self._synonyms)
                rows = (
                    find_rows(self._rows.database, loose, category=category, limit=limit)
                    if loose.terms
                    else []
                )
        return self._rows.cards_in_order(rows)

    def favourites(self) -> tuple[TemplateCard, ...]:
        """Marked templates in order of title."""
        return self._rows.cards(
            "WHERE t.id = m.id AND m.is_favourite = 1 AND t.visible = 1 ORDER BY t.title_key", select=MARKED
        )

    def recents(self, limit: int = 10) -> tuple[TemplateCard, ...]:
        """Templates used last, the latest first."""
        return self._rows.cards(
            "WHERE t.id = m.id AND m.last_used > '' AND t.visible = 1 ORDER BY m.last_used DESC LIMIT ?",
            (limit,),
            select=MARKED,
        )

    def tags(self) -> dict[str, int]:
        """Every tag with the number of templates that bear it, the most frequent first."""
        with translated():
            rows = self._rows.execute(
                "SELECT value, count(*) FROM templates, json_each(templates.tags) WHERE visible = 1"
                " GROUP BY value ORDER BY count(*) DESC, value"
            )
            return {str(tag): int(count) for tag, count in rows}

    def ids(self) -> frozenset[str]:
        """Ids of all templates that are not in the bin."""
        return frozenset(self._rows.ids("deleted_at = ''", with_hidden=True))

    def texts(self, ids: Iterable[str]) -> dict[str, tuple[Shelf, str]]:
        """Shelf and text of the visible templates among these ids, for comparing."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, tuple[Shelf, str]] = {}
        with translated():
            for start in range(0, len(wanted), 500):
                part = tuple(wanted[start : start + 500])
                rows = self._rows.execute(
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
        with self._rows.transaction():
            self._rows.put(source, shelf, by, note)
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
        with self._rows.transaction():
            for number, template in enumerate(templates):
                if number % _PROGRESS_STEP == 0:
                    if progress:
                        progress(number, len(templates))
                    if is_cancelled and is_cancelled():
                        raise ImportCancelledError(number, len(templates))
                source = _checked(template)
                self._refuse_read_only(source.template.id, shelf)
                changed += self._rows.put(source, shelf, by, note)
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
            with self._rows.transaction():
                target = self._rows.row(template_id, shelf)
                if target is not None:
                    self._rows.drop(target)
                row = self._rows.row(template_id, card.shelf)
                self._rows.execute("UPDATE templates SET shelf = ? WHERE row = ?", (shelf.value, row))
                self._rows.show_best(template_id)
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
        with self._rows.transaction():
            row = self._rows.row(template_id, card.shelf)
            self._rows.execute("UPDATE templates SET deleted_at = ? WHERE row = ?", (self._rows.clock(), row))
            self._rows.show_best(template_id)

    def bin(self) -> tuple[TemplateCard, ...]:
        """What lies in the bin, the latest first."""
        return self._rows.cards("WHERE t.deleted_at > '' ORDER BY t.deleted_at DESC")

    def restore(self, template_id: str) -> TemplateCard:
        """Takes a template out of the bin.

        Raises:
            TemplateNotFoundError: it is not there.
        """
        with self._rows.transaction():
            self._rows.execute(
                "UPDATE templates SET deleted_at = '' WHERE row = ?", (self._rows.binned_row(template_id),)
            )
            self._rows.show_best(template_id)
        return self.card(template_id)

    def purge(self, template_id: str) -> None:
        """Destroys a template of the bin with all its revisions.

        Raises:
            TemplateNotFoundError: it is not there.
        """
        with self._rows.transaction():
            self._rows.drop(self._rows.binned_row(template_id))

    # Revisions

    def revisions(self, template_id: str) -> tuple[Revision, ...]:
        """Every stored state of a template, the latest first."""
        row = self._rows.visible_row(template_id)
        with translated():
            found = self._rows.execute(
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
        found = self._rows.first(
            "SELECT text FROM revisions WHERE row = ? AND revision = ?",
            (self._rows.visible_row(template_id), revision),
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
        self._mark(template_id, "use_count = use_count + 1, last_used = ?", (self._rows.clock(),))

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
        row = self._rows.visible_row(template_id)
        with self._rows.transaction():
            self._rows.execute("UPDATE templates SET status = ? WHERE row = ?", (status.value, row))
            self._rows.execute(
                "INSERT INTO reviews (row, status, reviewed_by, reviewed_at, note) VALUES (?, ?, ?, ?, ?)",
                (row, status.value, by, self._rows.clock(), note),
            )
        return self.card(template_id)

    def reviews(self, template_id: str) -> tuple[Review, ...]:
        """Steps of approval, the latest first."""
        row = self._rows.visible_row(template_id)
        with translated():
            found = self._rows.execute(
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
        with self._rows.transaction():
            gone = [
                key
                for key in self._rows.ids("shelf = ?", (shelf.value,), with_hidden=True)
                if key not in wanted
            ]
            for key in gone:
                row = self._rows.row(key, shelf)
                if row is not None:
                    self._rows.drop(row)
            for source in wanted.values():
                self._rows.put(source, shelf, "", "")
            self._rows.record_contact(shelf, digest)

    def record_contact(self, shelf: Shelf, digest: str) -> None:
        """The folder behind a shelf was reached and holds what is already here."""
        with self._rows.transaction():
            self._rows.record_contact(shelf, digest)

    def shelf_state(self, shelf: Shelf) -> ShelfState | None:
        """What was read last from the folder behind a shelf; None when it never was."""
        found = self._rows.first("SELECT digest, last_contact FROM shelves WHERE shelf = ?", (shelf.value,))
        return None if found is None else ShelfState(*found)

    # Inside

    def _refuse_read_only(self, template_id: str, shelf: Shelf) -> None:
        if shelf in READ_ONLY_SHELVES:
            raise TemplateReadOnlyError(template_id, shelf.value)

    def _mark(self, template_id: str, change: str, values: tuple[object, ...]) -> None:
        self._rows.visible_row(template_id)
        with self._rows.transaction():
            self._rows.execute("INSERT OR IGNORE INTO marks (id) VALUES (?)", (template_id,))
            self._rows.execute(f"UPDATE marks SET {change} WHERE id = ?", (*values, template_id))


def _checked(template: PromptTemplate | TemplateText) -> TemplateText:
    """A template with its text; one that was built rather than read is checked by reading it."""
    return template if isinstance(template, TemplateText) else read(dump(template))
