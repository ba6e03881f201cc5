"""Opening what a draft needs on disk. Shared by the two composition roots, the window and the terminal."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy
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
