"""The audit log: who did what with which template and model, how much was masked. No text.

Entries are chained: each carries the SHA-256 of itself and its predecessor, so a changed, removed or
inserted entry is found by `verify`. The newest hash is kept in a second file, so that cutting off the
end is found, too. Whoever may write both files can forge the whole chain: the log proves tampering by
others and accidents, and is evidence only together with exports kept elsewhere.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from sqlite3 import Row

from desktop.drafting.documents.atomic import write_atomically
from desktop.drafting.errors import DataFolderUnwritableError, ExportFailedError
from desktop.drafting.records.database import open_database, transaction, translated
from desktop.drafting.records.drafts import utc_now
from models.masking.entities import NOUNS, EntityType

MIGRATIONS = (
    """
    CREATE TABLE entries (
        number INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL, who TEXT NOT NULL,
        draft_id TEXT NOT NULL, template_id TEXT NOT NULL, template_version TEXT NOT NULL,
        confidentiality INTEGER NOT NULL, model_id TEXT NOT NULL, model_sha256 TEXT NOT NULL,
        kinds TEXT NOT NULL, persons INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL,
        outcome TEXT NOT NULL, hash TEXT NOT NULL
    );
    CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT raise(ABORT, 'append only'); END;
    CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
        BEGIN SELECT raise(ABORT, 'append only'); END;
    """,
)
_COLUMNS = (
    "number",
    "at",
    "event",
    "who",
    "draft_id",
    "template_id",
    "template_version",
    "confidentiality",
    "model_id",
    "model_sha256",
    "kinds",
    "persons",
    "elapsed_ms",
    "outcome",
)
_GENESIS = "0" * 64


class AuditEvent(StrEnum):
    """What happened."""

    MASKING_CONFIRMED = "masking_confirmed"
    MASKING_STOPPED = "masking_stopped"
    GENERATED = "generated"
    DRAFT_CONFIRMED = "draft_confirmed"
    EXPORTED = "exported"
    DELETED = "deleted"
    POLICY_UNREADABLE = "policy_unreadable"


EVENT_NOUNS = {
    AuditEvent.MASKING_CONFIRMED: "マスキングの確認",
    AuditEvent.MASKING_STOPPED: "マスキングでの停止",
    AuditEvent.GENERATED: "生成",
    AuditEvent.DRAFT_CONFIRMED: "下書きの確認",
    AuditEvent.EXPORTED: "出力",
    AuditEvent.DELETED: "削除",
    AuditEvent.POLICY_UNREADABLE: "設定ファイルの読み取り失敗",
}
"""What the log viewer and the CSV call each event."""


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. Holds identifiers and counts only.

    Attributes:
        event: What happened.
        who: Account name of the person.
        kinds: Masked mentions per kind.
        persons: Persons newly sent with this step; `persons_since` adds them up.
        elapsed_ms: How long the step took, milliseconds.
        outcome: A word: finish reason, error code, export format.
    """

    event: AuditEvent
    who: str
    draft_id: str = ""
    template_id: str = ""
    template_version: str = ""
    confidentiality: int = 0
    model_id: str = ""
    model_sha256: str = ""
    kinds: Mapping[EntityType, int] = field(default_factory=dict)
    persons: int = 0
    elapsed_ms: int = 0
    outcome: str = ""


@dataclass(frozen=True)
class AuditRecord:
    """An entry with its number (from 1), time and hash."""

    number: int
    at: datetime
    entry: AuditEntry
    hash: str


@dataclass(frozen=True)
class AuditVerdict:
    """The outcome of `verify`.

    Attributes:
        entries: How many entries stand in the log.
        first_broken: Number of the first entry that does not fit the chain; None when all do.
        is_cut: Whether entries are missing at the end.
    """

    entries: int
    first_broken: int | None
    is_cut: bool

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return self.first_broken is None and not self.is_cut


def verdict_words(verdict: AuditVerdict) -> tuple[str, str]:
    """What `verify` found: in short, and what to do."""
    if verdict.first_broken is not None:
        return (
            f"{verdict.first_broken:,}番目の記録で、つながりが切れています。",
            "記録が書き換えられたか、抜かれたおそれがあります。ファイルはそのままにして、情報政策の担当にお知らせください。",
        )
    if verdict.is_cut:
        return (
            "終わりの記録が欠けています。",
            "新しい記録が消されたおそれがあります。ファイルはそのままにして、情報政策の担当にお知らせください。",
        )
    return (
        f"記録{verdict.entries:,}件を調べました。改変は見つかりませんでした。",
        "書き換え・抜き取り・差し込みがないことを、記録のつながり（ハッシュ）で確かめました。",
    )


class AuditLog:
    """The append-only log in a SQLite file. Several processes may append.

    Raises:
        RecordsUnreadableError, DataFolderUnwritableError: From every method, see `records.database`.
    """

    def __init__(self, path: Path, *, backups_dir: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._anchor = path.with_suffix(".head")
        self._db = open_database(path, MIGRATIONS, backups_dir=backups_dir)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def append(self, entry: AuditEntry) -> AuditRecord:
        """Add an entry; committed when this returns."""
        with transaction(self._db):
            last = self._db.execute(
                "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
            ).fetchone()
            number, previous = (last["number"] + 1, last["hash"]) if last else (1, _GENESIS)
            at = self._clock().astimezone(UTC)
            values = _values(number, at, entry)
            digest = _digest(previous, values)
            marks = ", ".join("?" * (len(_COLUMNS) + 1))
            names = ", ".join([*_COLUMNS, "hash"])
            self._db.execute(f"INSERT INTO entries ({names}) VALUES ({marks})", (*values, digest))
        try:
            write_atomically(self._anchor, f"{number} {digest}\n".encode())
        except ExportFailedError as error:
            is_known = error.reason in DataFolderUnwritableError.reasons
            raise DataFolderUnwritableError(error.reason if is_known else "other") from error
        return AuditRecord(number, at, entry, digest)

    def records(self, start: datetime | None = None, end: datetime | None = None) -> tuple[AuditRecord, ...]:
        """Entries from `start` until before `end`, in order; all without bounds."""
        low = start.astimezone(UTC).isoformat() if start else ""
        high = end.astimezone(UTC).isoformat() if end else "9999"
        with translated():
            rows = self._db.execute(
                "SELECT * FROM entries WHERE at >= ? AND at < ? ORDER BY number", (low, high)
            )
            return tuple(_record(row) for row in rows)

    def persons_since(self, start: datetime) -> int:
        """Sum of persons sent since `start`: the figure the policy's cap is held against.

        One person in two drafts counts twice: who is who is stored nowhere, so the sum errs upwards.
        """
        with translated():
            row = self._db.execute(
                "SELECT coalesce(sum(persons), 0) FROM entries WHERE event = ? AND at >= ?",
                (AuditEvent.MASKING_CONFIRMED, start.astimezone(UTC).isoformat()),
            ).fetchone()
            return int(row[0])

    def verify(self) -> AuditVerdict:
        """Recompute the whole chain."""
        previous = _GENESIS
        hashes: dict[int, str] = {}
        with translated():
            rows = self._db.execute("SELECT * FROM entries ORDER BY number").fetchall()
        for count, row in enumerate(rows, start=1):
            values = tuple(row[name] for name in _COLUMNS)
            if row["number"] != count or row["hash"] != _digest(previous, values):
                return AuditVerdict(len(rows), count, False)
            previous = row["hash"]
            hashes[count] = previous
        return AuditVerdict(len(rows), None, self._is_cut(hashes))

    def _is_cut(self, hashes: Mapping[int, str]) -> bool:
        try:
            number, digest = self._anchor.read_text("ascii").split()
            return hashes.get(int(number)) != digest
        except FileNotFoundError:
            return bool(hashes)
        except (OSError, ValueError):
            return True

    def export_csv(self, path: Path, start: datetime | None = None, end: datetime | None = None) -> int:
        """Write entries as CSV (UTF-8 with BOM, local time, formula cells defused); returns how many.

        Raises:
            ExportFailedError: The file cannot be written.
        """
        records = self.records(start, end)
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(_HEADERS)
        for record in records:
            writer.writerow([defused(cell) for cell in _csv_row(record)])
        write_atomically(path, buffer.getvalue().encode("utf-8-sig"))
        return len(records)


def start_of_day(now: datetime) -> datetime:
    """Midnight of the local day: from when the person cap is counted by default."""
    local = now.astimezone()
    return local - timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


_HEADERS = (
    "番号",
    "日時",
    "出来事",
    "職員",
    "下書きID",
    "ひな形ID",
    "ひな形の版",
    "機密性",
    "モデル",
    "モデルのSHA-256",
    "マスキングの件数",
    "人数",
    "所要時間（秒）",
    "結果",
    "ハッシュ",
)


def _csv_row(record: AuditRecord) -> list[object]:
    entry = record.entry
    kinds = "、".join(f"{NOUNS[kind]}{count}" for kind, count in entry.kinds.items())
    return [
        record.number,
        f"{record.at.astimezone():%Y-%m-%d %H:%M:%S}",
        EVENT_NOUNS[entry.event],
        entry.who,
        entry.draft_id,
        entry.template_id,
        entry.template_version,
        entry.confidentiality or "",
        entry.model_id,
        entry.model_sha256,
        kinds,
        entry.persons,
        f"{entry.elapsed_ms / 1000:.1f}",
        entry.outcome,
        record.hash,
    ]


def defused(cell: object) -> object:
    """A cell that a spreadsheet shows and does not run: it runs what begins like this (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _values(number: int, at: datetime, entry: AuditEntry) -> tuple[object, ...]:
    kinds = json.dumps({str(kind): count for kind, count in sorted(entry.kinds.items())})
    return (
        number,
        at.isoformat(),
        str(entry.event),
        entry.who,
        entry.draft_id,
        entry.template_id,
        entry.template_version,
        entry.confidentiality,
        entry.model_id,
        entry.model_sha256,
        kinds,
        entry.persons,
        entry.elapsed_ms,
        entry.outcome,
    )


def _digest(previous: str, values: tuple[object, ...]) -> str:
    content = json.dumps([previous, *values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _record(row: Row) -> AuditRecord:
    kinds = {EntityType(kind): count for kind, count in json.loads(row["kinds"]).items()}
    entry = AuditEntry(
        AuditEvent(row["event"]),
        row["who"],
        draft_id=row["draft_id"],
        template_id=row["template_id"],
        template_version=row["template_version"],
        confidentiality=row["confidentiality"],
        model_id=row["model_id"],
        model_sha256=row["model_sha256"],
        kinds=kinds,
        persons=row["persons"],
        elapsed_ms=row["elapsed_ms"],
        outcome=row["outcome"],
    )
    return AuditRecord(row["number"], datetime.fromisoformat(row["at"]), entry, row["hash"])
