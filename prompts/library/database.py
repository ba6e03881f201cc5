"""Opening the library's file: journal, migrations, and SQLite's errors in the folder's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from prompts import migrations
from prompts.errors import LibraryUnwritableError


def open_database(path: Path | None) -> Database:
    """Opens the file, or a library in memory, and brings its schema up to date.

    The file is copied beside itself before an older schema is migrated.

    Raises:
        LibraryUnwritableError: not writable, not a database, or written by a newer program.
    """
    with translated():
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LibraryUnwritableError(reason="read_only") from error
        connection = sqlite3.connect(":memory:" if path is None else path, timeout=10)
        try:
            database = Database(connection, execute_plugins=False, recursive_triggers=False)
            database.enable_wal()
            connection.execute("PRAGMA foreign_keys = ON")
            # In WAL mode a crash of the program or of Windows loses at most the last commits;
            # FULL makes each of them durable, and a save is rare.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -16000")
            _migrate(database, path)
        except BaseException:
            connection.close()
            raise
    return database


def _migrate(database: Database, path: Path | None) -> None:
    applied = {step.name for step in migrations.library.applied(database)}
    known = [step.name for step in migrations.library._migrations]
    if not applied <= set(known):
        raise LibraryUnwritableError(reason="newer_schema")
    if len(applied) == len(known):
        return
    if applied and path is not None:
        copy = sqlite3.connect(path.with_name(f"{path.name}.schema{len(applied)}.bak"))
        with copy:
            database.conn.backup(copy)
        copy.close()
    migrations.library.apply(database)


@contextmanager
def translated() -> Iterator[None]:
    """Turns SQLite's errors into `LibraryUnwritableError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LibraryUnwritableError(reason=_reason(str(error))) from error
    except sqlite3.DatabaseError as error:
        raise LibraryUnwritableError(reason="not_a_database") from error


def _reason(message: str) -> str:
    if "readonly" in message or "unable to open" in message:
        return "read_only"
    if "full" in message:
        return "disk_full"
    if "locked" in message or "busy" in message:
        return "locked"
    return "io_error"
