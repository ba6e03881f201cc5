"""One way to open a SQLite file of ours: WAL, append-only migrations, a copy before each upgrade.

The number of migrations a file has seen is its `user_version`. A migration and its number are committed
together, so a kill leaves the old or the new schema. Third-party errors are translated here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from desktop.drafting.errors import DataFolderUnwritableError, RecordsUnreadableError, write_trouble

BUSY_TIMEOUT_S = 5.0


def open_database(path: Path, migrations: Sequence[str], *, backups_dir: Path) -> sqlite3.Connection:
    """Open (or create) a database and bring it to the newest schema.

    Args:
        path: The database file.
        migrations: SQL scripts in order; only ever appended to.
        backups_dir: Where a copy of an older file goes before it is upgraded.

    Raises:
        RecordsUnreadableError: Not a database, or written by a newer program. It is left as it is.
        DataFolderUnwritableError: It cannot be written.
    """
    with translated():
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            _migrate(connection, path, migrations, backups_dir)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn SQLite's errors into ours.

    Raises:
        RecordsUnreadableError: corrupt, busy or otherwise unusable.
        DataFolderUnwritableError: full, read-only or denied.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        # Extended codes keep the primary one in the low byte.
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        folder = {sqlite3.SQLITE_FULL: "full", sqlite3.SQLITE_READONLY: "read_only"}
        folder |= {sqlite3.SQLITE_CANTOPEN: "denied", sqlite3.SQLITE_PERM: "denied"}
        if primary in folder:
            raise DataFolderUnwritableError(folder[primary]) from error
        reasons = {sqlite3.SQLITE_CORRUPT: "corrupt", sqlite3.SQLITE_NOTADB: "corrupt"}
        reasons |= {sqlite3.SQLITE_BUSY: "busy", sqlite3.SQLITE_LOCKED: "busy"}
        if primary == sqlite3.SQLITE_CONSTRAINT:
            raise  # a bug of ours
        raise RecordsUnreadableError(reasons.get(primary, "other")) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One step, committed at once or not at all."""
    with translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str], backups_dir: Path
) -> None:
    version = _version(connection)
    if version > len(migrations):
        raise RecordsUnreadableError("newer")
    if 0 < version < len(migrations):
        _back_up(connection, backups_dir / f"{path.stem}-v{version}-{datetime.now():%Y%m%dT%H%M%S}.sqlite3")
    while _version(connection) < len(migrations):
        with transaction(connection):
            number = _version(connection)  # read again: another process may have been quicker
            if number < len(migrations):
                for statement in _statements(migrations[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number + 1}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Single statements: `executescript` would commit in the middle."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderUnwritableError(write_trouble(error)) from error
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
