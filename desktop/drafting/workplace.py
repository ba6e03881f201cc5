"""Opening what a draft needs on disk. Shared by the two composition roots, the window and the terminal."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime
from pathlib import Path
from typing import Final

from desktop.drafting.errors import DraftsSetAsideError, RecordsUnreadableError
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy
from desktop.drafting.records.drafts import DraftStore
from prompts.builtin import install_builtin
from prompts.errors import PromptsError
from prompts.library import PromptLibrary
from prompts.sharing import ShelfRefresh, refresh_shelf

SHELF_WAIT_S: Final = 3.0
"""How long the terminal waits for the shared folder; a share that is down can hang for half a minute."""


def open_library(paths: Paths) -> PromptLibrary:
    """The prompt library, its built-in templates brought up to this version of the program.

    Raises:
        LibraryUnwritableError: The library cannot be opened for writing.
    """
    library = PromptLibrary(paths.library_db)
    install_builtin(library)
    return library


def open_drafts(paths: Paths, policy: Policy) -> tuple[DraftStore, DraftsSetAsideError | None]:
    """The history of drafts, without what is older than the policy keeps.

    A broken file must not keep anybody from working: it is moved into the backups, whole, and an empty
    one takes its place. To be called by the one window only, as nobody else may have the file open.

    Returns:
        The store, and what to tell where it begins anew.

    Raises:
        RecordsUnreadableError: In use, written by a newer program, or it cannot be moved.
        DataFolderUnwritableError: It cannot be written.
    """
    try:
        return _purged(paths, policy), None
    except RecordsUnreadableError as error:
        if error.reason != "corrupt":
            raise
        try:
            aside = _set_aside(paths.drafts_db, paths.backups_dir)
        except OSError:
            raise error from None
        return _purged(paths, policy), DraftsSetAsideError(aside.name)


def _purged(paths: Paths, policy: Policy) -> DraftStore:
    drafts = DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)
    try:
        drafts.purge_expired(policy.records_retention_days)
    except BaseException:
        drafts.close()
        raise
    return drafts


def _set_aside(database: Path, folder: Path) -> Path:
    """Move a database with its log of changes; the database itself last."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder / f"{database.stem}-broken-{datetime.now():%Y%m%dT%H%M%S}.sqlite3"
    for suffix in ("-shm", "-wal", ""):
        with contextlib.suppress(FileNotFoundError):
            database.with_name(database.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def shelf_folder(paths: Paths, policy: Policy) -> Path | None:
    """Where 庁内標準 comes from: the policy's folder, else the machine's; None when there is neither."""
    if policy.sharing_shelf:
        return Path(policy.sharing_shelf)
    return next((folder for folder in paths.machine_shelf_dirs if folder.is_dir()), None)


def refresh_standard_shelf(paths: Paths, policy: Policy) -> ShelfRefresh | None:
    """Bring 庁内標準 to what its folder holds; with the folder out of reach the copy stays.

    May block as long as the system waits for a share, so it belongs into a thread of its own; it
    opens the library anew for that reason.

    Returns:
        What happened; None when no folder is set.

    Raises:
        PromptsError: The library cannot be written.
    """
    folder = shelf_folder(paths, policy)
    if folder is None:
        return None
    with PromptLibrary(paths.library_db) as library:
        return refresh_shelf(library, folder, trusted_keys=policy.sharing_trusted_keys)


def refresh_standard_shelf_briefly(paths: Paths, policy: Policy) -> ShelfRefresh | None:
    """The same for the terminal, given up after `SHELF_WAIT_S`: yesterday's copy is better than waiting."""
    outcome: list[ShelfRefresh | None] = []

    def refresh() -> None:
        try:
            outcome.append(refresh_standard_shelf(paths, policy))
        except PromptsError:
            outcome.append(None)

    thread = threading.Thread(target=refresh, name="shelf", daemon=True)
    thread.start()
    thread.join(SHELF_WAIT_S)
    return outcome[0] if outcome else None
