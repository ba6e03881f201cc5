"""An account's data as a whole: a checked copy of it, and its removal with a record for the register.

The record says what was removed, how much of it, when and where; it holds no text. It is written before
anything is removed, so that a removal that is cut off leaves a trace, and written again with the outcome.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from desktop.drafting.documents.atomic import write_atomically
from desktop.drafting.errors import ExportFailedError, RecordsUnreadableError, write_trouble
from desktop.drafting.paths import Paths
from desktop.drafting.records.database import translated
from desktop.drafting.records.drafts import DraftStore
from desktop.drafting.records.key import system_key_store

FORMAT: Final = "kian-deletion-record"


@dataclass(frozen=True)
class Removed:
    """One kind of thing. `kind` names an attribute of `Paths` or a folder below the data folder.

    Attributes:
        kind: What it was.
        files: How many files.
        size_bytes: Their length together.
        left: Files that could not be removed.
    """

    kind: str
    files: int
    size_bytes: int
    left: int = 0


@dataclass(frozen=True)
class DeletionRecord:
    """What was removed, when, on which machine and for which account.

    Attributes:
        at: Beginning of the removal, ISO 8601 with the offset.
        machine: Name of the machine.
        account: Account whose data it was.
        version: The program's version.
        drafts: Drafts (masked) that the database held; -1 where it could not be read.
        things: Every kind of thing.
        others: Files in the data folder that are not ours and were left alone.
        is_complete: Whether everything of ours is gone; False in a record whose removal was cut off.
    """

    at: str
    machine: str
    account: str
    version: str
    drafts: int
    things: tuple[Removed, ...]
    others: int = 0
    is_complete: bool = False


def back_up(paths: Paths, folder: Path, *, now: datetime) -> Path:
    """Copy drafts, templates, the audit log and the settings into a new folder below `folder`.

    The copies are checked; encrypted input stays out of it, because its key does not leave the account.

    Returns:
        The new folder.

    Raises:
        ExportFailedError: It cannot be written; nothing half stays.
        RecordsUnreadableError: A database is damaged.
    """
    target = folder / f"kian-backup-{now:%Y%m%dT%H%M%S}"
    try:
        target.mkdir(parents=True)
        for path in (paths.drafts_db, paths.library_db, paths.audit_db):
            if path.exists():
                _copy_database(path, target / path.name)
        for path in (paths.settings_file, paths.audit_db.with_suffix(".head")):
            if path.exists():
                shutil.copyfile(path, target / path.name)
    except (OSError, RecordsUnreadableError) as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, OSError):
            raise _export_failed(error) from error
        raise
    return target


def erase(
    paths: Paths, record_file: Path, *, account: str, machine: str, version: str, now: datetime
) -> DeletionRecord:
    """Remove everything of ours below the data folder; the window must be closed (`SingleInstance`).

    Args:
        paths: Whose data.
        record_file: Where the record is written; not below the data folder.
        account: For the record.
        machine: For the record.
        version: For the record.
        now: For the record.

    Raises:
        ExportFailedError: The record cannot be written; nothing was removed then.
    """
    ours = dict(_ours(paths))
    things = tuple(_measured(kind, found) for kind, found in ours.items())
    at = now.astimezone().isoformat(timespec="seconds")
    record = DeletionRecord(at, machine, account, version, _drafts(paths), things)
    _write(record_file, record)
    things = tuple(
        replace(thing, left=_remove(found)) for thing, found in zip(things, ours.values(), strict=True)
    )
    if (store := system_key_store()) is not None:
        store.forget()
    others = sum(1 for file in _files(paths.data_dir) if file != paths.lock_file)
    left = sum(thing.left for thing in things)
    record = replace(record, things=things, others=others - left, is_complete=not left)
    _write(record_file, record)
    return record


def _ours(paths: Paths) -> Iterator[tuple[str, list[Path]]]:
    """Every kind of thing below the data folder and the files and folders it consists of."""
    for database in (paths.drafts_db, paths.library_db, paths.audit_db):
        yield (
            database.stem,
            [*sorted(paths.data_dir.glob(f"{database.name}*")), database.with_suffix(".head")],
        )
    yield "settings", [paths.settings_file, paths.key_file]
    for folder in (
        paths.unsent_dir,
        paths.data_dir / "own_words",
        paths.data_dir / "handover",
        paths.models_dir,
        paths.engine_states_dir,
        paths.backups_dir,
        paths.logs_dir,
    ):
        yield folder.name, [folder]


def _measured(kind: str, found: list[Path]) -> Removed:
    files = [file for path in found for file in _files(path)]
    return Removed(kind, len(files), sum(file.lstat().st_size for file in files))


def _remove(found: list[Path]) -> int:
    """Remove files and folders; returns how many files are still there."""
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return sum(1 for path in found for _ in _files(path))


def _files(path: Path) -> Iterator[Path]:
    """Every file at or below a path; links are files, and are not followed."""
    if path.is_file() or path.is_symlink():
        yield path
    for folder, folders, names in os.walk(path):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in (*names, *links))


def _drafts(paths: Paths) -> int:
    """Drafts in the database, the bin's too; -1 where they cannot be counted."""
    if not paths.drafts_db.exists():
        return 0
    try:
        with closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts:
            return drafts.count()
    except (RecordsUnreadableError, OSError):
        return -1


def _copy_database(source: Path, target: Path) -> None:
    with (
        translated(),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise RecordsUnreadableError("corrupt")


def _write(path: Path, record: DeletionRecord) -> None:
    document = {"format": FORMAT, **asdict(record)}
    write_atomically(path, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())


def _export_failed(error: OSError) -> ExportFailedError:
    trouble = write_trouble(error)
    return ExportFailedError(trouble if trouble in ExportFailedError.reasons else "other")
