"""The drafts of one person: masked text only.

Whatever holds words of a draft has the type `MaskedText`; names of templates and models are the office's
own. Every call is committed before it returns. Deleting puts a draft into the bin; `purge_expired`
removes what is older than the policy keeps. Effect answers hold no text and outlive their draft.
"""

from __future__ import annotations

import json
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Row

from desktop.drafting.errors import DraftNotFoundError
from desktop.drafting.records.database import open_database, transaction, translated
from models.masking.entities import EntityType
from models.masking.text import MaskedText

MIGRATIONS = (
    """
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY, template_id TEXT NOT NULL, template_version TEXT NOT NULL,
        template_title TEXT NOT NULL, state TEXT NOT NULL, confidentiality INTEGER NOT NULL,
        model_id TEXT NOT NULL, model_sha256 TEXT NOT NULL, kinds TEXT NOT NULL,
        persons INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        confirmed_by TEXT, confirmed_at TEXT, binned_at TEXT
    );
    CREATE TABLE turns (
        draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        prompt TEXT NOT NULL, completion TEXT NOT NULL DEFAULT '', finish_reason TEXT NOT NULL DEFAULT '',
        folded TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (draft_id, number)
    );
    CREATE TABLE effects (
        draft_id TEXT PRIMARY KEY, template_id TEXT NOT NULL, template_version TEXT NOT NULL,
        used_at TEXT NOT NULL, minutes_by_hand REAL, has_helped INTEGER, minutes_taken REAL
    );
    CREATE INDEX drafts_by_update ON drafts (updated_at);
    CREATE INDEX effects_by_use ON effects (used_at);
    """,
)


@dataclass(frozen=True)
class NewDraft:
    """What is known of a draft when its masking was confirmed.

    Attributes:
        confidentiality: 機密性 1, 2 or 3.
        kinds: Masked mentions per kind.
        persons: Distinct persons masked.
        minutes_by_hand: What the task takes by hand, from the template; None when it does not say.
    """

    template_id: str
    template_version: str
    template_title: str
    confidentiality: int = 2
    model_id: str = ""
    model_sha256: str = ""
    kinds: Mapping[EntityType, int] = field(default_factory=dict)
    persons: int = 0
    minutes_by_hand: float | None = None


@dataclass(frozen=True)
class StoredTurn:
    """One request and its answer, both with placeholders. `finish_reason` is empty while it is written."""

    number: int
    prompt: str
    completion: str
    finish_reason: str
    created_at: datetime


@dataclass(frozen=True)
class StoredDraft:
    """One draft as it was stored.

    Attributes:
        state: The session's state word.
        preview: First characters of the newest answer, with placeholders.
        confirmed_by: Who confirmed it, empty before.
        binned_at: When it went into the bin, or None.
        turns: Its turns; empty in lists, where only `preview` is read.
    """

    id: str
    template_id: str
    template_version: str
    template_title: str
    state: str
    confidentiality: int
    model_id: str
    model_sha256: str
    kinds: Mapping[EntityType, int]
    persons: int
    created_at: datetime
    updated_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    binned_at: datetime | None
    preview: str
    turns: tuple[StoredTurn, ...] = ()


@dataclass(frozen=True)
class EffectAnswer:
    """One use of a template and what the person said of it; None where nothing was said."""

    draft_id: str
    template_id: str
    template_version: str
    used_at: datetime
    minutes_by_hand: float | None
    has_helped: bool | None
    minutes_taken: float | None


PREVIEW_CHARS = 80
_LIST = f"""
    SELECT drafts.*, coalesce((SELECT substr(completion, 1, {PREVIEW_CHARS}) FROM turns
        WHERE draft_id = drafts.id AND completion <> '' ORDER BY number DESC LIMIT 1), '') AS preview
    FROM drafts
"""

_UNANSWERED = """
    SELECT id FROM drafts WHERE NOT EXISTS
        (SELECT 1 FROM turns WHERE draft_id = drafts.id AND completion <> '')
"""


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


class DraftStore:
    """The SQLite file of drafts. One thread; several processes may have it open.

    Raises:
        RecordsUnreadableError, DataFolderUnwritableError: From every method, see `records.database`.
    """

    def __init__(self, path: Path, *, backups_dir: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._db = open_database(path, MIGRATIONS, backups_dir=backups_dir)
        self._db.create_function("fold", 1, fold_for_search, deterministic=True)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def create(self, draft: NewDraft, prompt: MaskedText, *, state: str) -> str:
        """Store a new draft with its first request; returns its id."""
        draft_id, now = uuid.uuid4().hex, self._now()
        with transaction(self._db):
            self._db.execute(
                "INSERT INTO drafts (id, template_id, template_version, template_title, state,"
                " confidentiality, model_id, model_sha256, kinds, persons, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    draft_id,
                    draft.template_id,
                    draft.template_version,
                    draft.template_title,
                    state,
                    draft.confidentiality,
                    draft.model_id,
                    draft.model_sha256,
                    json.dumps({str(kind): count for kind, count in draft.kinds.items()}),
                    draft.persons,
                    now,
                    now,
                ),
            )
            self._insert_turn(draft_id, 0, prompt)
            self._db.execute(
                "INSERT INTO effects (draft_id, template_id, template_version, used_at, minutes_by_hand)"
                " VALUES (?, ?, ?, ?, ?)",
                (draft_id, draft.template_id, draft.template_version, now, draft.minutes_by_hand),
            )
        return draft_id

    def add_turn(
        self, draft_id: str, prompt: MaskedText, *, kinds: Mapping[EntityType, int], persons: int
    ) -> int:
        """Store a further request; returns the turn's number.

        Args:
            draft_id: The draft.
            prompt: The request, masked.
            kinds: Masked mentions per kind of the whole draft so far.
            persons: Distinct persons of the whole draft so far.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with transaction(self._db):
            self._touch(
                draft_id,
                "kinds = ?, persons = ?",
                (json.dumps({str(kind): count for kind, count in kinds.items()}), persons),
            )
            row = self._db.execute("SELECT max(number) FROM turns WHERE draft_id = ?", (draft_id,)).fetchone()
            number = int(row[0]) + 1
            self._insert_turn(draft_id, number, prompt)
        return number

    def set_completion(
        self, draft_id: str, number: int, completion: MaskedText, *, finish_reason: str = ""
    ) -> None:
        """Store an answer, or as much of it as there is; a later call replaces it.

        Raises:
            DraftNotFoundError: There is no such draft or turn.
        """
        with transaction(self._db):
            self._touch(draft_id)
            row = self._db.execute(
                "SELECT prompt FROM turns WHERE draft_id = ? AND number = ?", (draft_id, number)
            ).fetchone()
            if row is None:
                raise DraftNotFoundError(draft_id)
            self._db.execute(
                "UPDATE turns SET completion = ?, finish_reason = ?, folded = ?"
                " WHERE draft_id = ? AND number = ?",
                (
                    completion.text,
                    finish_reason,
                    fold_for_search(f"{row['prompt']}\n{completion.text}"),
                    draft_id,
                    number,
                ),
            )

    def set_state(self, draft_id: str, state: str) -> None:
        """Store where the draft stands.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with transaction(self._db):
            self._touch(draft_id, "state = ?", (state,))

    def confirm(self, draft_id: str, *, by: str, state: str) -> None:
        """Store who vouched for the draft, and when.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with transaction(self._db):
            values = (state, by, self._now())
            self._touch(draft_id, "state = ?, confirmed_by = ?, confirmed_at = ?", values)

    def get(self, draft_id: str) -> StoredDraft:
        """One draft with its turns.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with translated():
            row = self._db.execute(f"{_LIST} WHERE id = ?", (draft_id,)).fetchone()
            if row is None:
                raise DraftNotFoundError(draft_id)
            turns = self._db.execute("SELECT * FROM turns WHERE draft_id = ? ORDER BY number", (draft_id,))
            return _draft(row, tuple(_turn(turn) for turn in turns))

    def list(self, *, is_binned: bool = False, limit: int = 200, offset: int = 0) -> tuple[StoredDraft, ...]:
        """Drafts, the last changed first, without their turns."""
        with translated():
            rows = self._db.execute(
                f"{_LIST} WHERE (binned_at IS NOT NULL) = ? ORDER BY updated_at DESC, id LIMIT ? OFFSET ?",
                (is_binned, limit, offset),
            )
            return tuple(_draft(row) for row in rows)

    def search(self, words: str, *, limit: int = 200) -> tuple[StoredDraft, ...]:
        """Drafts that hold every word (widths and letter case folded), the last changed first."""
        conditions = ["binned_at IS NULL"]
        values: list[object] = []
        for word in fold_for_search(words).split():
            conditions.append(
                "(instr(fold(template_title), ?) OR id IN"
                " (SELECT draft_id FROM turns WHERE instr(folded, ?)))"
            )
            values += [word, word]
        with translated():
            rows = self._db.execute(
                f"{_LIST} WHERE {' AND '.join(conditions)} ORDER BY updated_at DESC, id LIMIT ?",
                (*values, limit),
            )
            return tuple(_draft(row) for row in rows)

    def move_to_bin(self, draft_id: str) -> None:
        """Put a draft into the bin.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with transaction(self._db):
            self._touch(draft_id, "binned_at = ?", (self._now(),))

    def restore(self, draft_id: str) -> None:
        """Take a draft out of the bin.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        with transaction(self._db):
            self._touch(draft_id, "binned_at = NULL")

    def count(self) -> int:
        """How many drafts there are, the bin's too."""
        with translated():
            return int(self._db.execute("SELECT count(*) FROM drafts").fetchone()[0])

    def purge_bin(self) -> int:
        """Delete what is in the bin for good; returns how many drafts."""
        return self._delete("binned_at IS NOT NULL")

    def delete_all(self) -> int:
        """Delete every draft for good, the bin's too; returns how many."""
        return self._delete("TRUE")

    def purge_expired(self, retention_days: int) -> int:
        """Delete for good what was not changed for longer than the policy keeps; returns how many."""
        limit = (self._clock() - timedelta(days=retention_days)).isoformat()
        return self._delete("updated_at < ?", limit)

    def _delete(self, condition: str, *values: object) -> int:
        """Delete drafts; what never got an answer was no use and leaves no effect behind."""
        with transaction(self._db):
            self._db.execute(f"DELETE FROM effects WHERE draft_id IN ({_UNANSWERED} AND {condition})", values)
            return self._db.execute(f"DELETE FROM drafts WHERE {condition}", values).rowcount

    def answer_effect(
        self, draft_id: str, *, has_helped: bool | None, minutes_taken: float | None = None
    ) -> None:
        """Store the person's one-tap answer; a later one replaces it.

        Raises:
            DraftNotFoundError: There never was such a draft.
        """
        with transaction(self._db):
            changed = self._db.execute(
                "UPDATE effects SET has_helped = ?, minutes_taken = ? WHERE draft_id = ?",
                (has_helped, minutes_taken, draft_id),
            ).rowcount
            if not changed:
                raise DraftNotFoundError(draft_id)

    def effects(self, start: datetime, end: datetime) -> tuple[EffectAnswer, ...]:
        """All uses from `start` until before `end`, the answered and the others, in order of time.

        A request that got no answer (refused as too long, stopped before the first word) is no use.
        """
        with translated():
            rows = self._db.execute(
                "SELECT * FROM effects WHERE used_at >= ? AND used_at < ?"
                f" AND draft_id NOT IN ({_UNANSWERED}) ORDER BY used_at",
                (start.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat()),
            )
            return tuple(_effect(row) for row in rows)

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat()

    def _touch(self, draft_id: str, change: str = "", values: tuple[object, ...] = ()) -> None:
        columns = f"{change}, updated_at = ?" if change else "updated_at = ?"
        changed = self._db.execute(
            f"UPDATE drafts SET {columns} WHERE id = ?", (*values, self._now(), draft_id)
        ).rowcount
        if not changed:
            raise DraftNotFoundError(draft_id)

    def _insert_turn(self, draft_id: str, number: int, prompt: MaskedText) -> None:
        self._db.execute(
            "INSERT INTO turns (draft_id, number, prompt, folded, created_at) VALUES (?, ?, ?, ?, ?)",
            (draft_id, number, prompt.text, fold_for_search(prompt.text), self._now()),
        )


def fold_for_search(text: str) -> str:
    """Fold widths and letter case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _turn(row: Row) -> StoredTurn:
    return StoredTurn(
        row["number"],
        row["prompt"],
        row["completion"],
        row["finish_reason"],
        datetime.fromisoformat(row["created_at"]),
    )


def _draft(row: Row, turns: tuple[StoredTurn, ...] = ()) -> StoredDraft:
    return StoredDraft(
        id=row["id"],
        template_id=row["template_id"],
        template_version=row["template_version"],
        template_title=row["template_title"],
        state=row["state"],
        confidentiality=row["confidentiality"],
        model_id=row["model_id"],
        model_sha256=row["model_sha256"],
        kinds={EntityType(kind): count for kind, count in json.loads(row["kinds"]).items()},
        persons=row["persons"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        confirmed_by=row["confirmed_by"] or "",
        confirmed_at=_time(row["confirmed_at"]),
        binned_at=_time(row["binned_at"]),
        preview=row["preview"],
        turns=turns,
    )


def _effect(row: Row) -> EffectAnswer:
    return EffectAnswer(
        row["draft_id"],
        row["template_id"],
        row["template_version"],
        datetime.fromisoformat(row["used_at"]),
        row["minutes_by_hand"],
        None if row["has_helped"] is None else bool(row["has_helped"]),
        row["minutes_taken"],
    )
