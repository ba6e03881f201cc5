"""Opening what a draft needs on disk. Shared by the two composition roots, the window and the terminal."""

from __future__ import annotations

import hashlib
from importlib import resources

from desktop.drafting.paths import Paths
from prompts.builtin import load_builtin
from prompts.library import PromptLibrary, Shelf


def open_library(paths: Paths) -> PromptLibrary:
    """The prompt library, its shelf of built-in templates brought up to this version of the program.

    Raises:
        LibraryUnwritableError: The library cannot be opened for writing.
    """
    library = PromptLibrary(paths.library_db)
    digest = _builtin_digest()
    state = library.shelf_state(Shelf.BUILT_IN)
    if state is None or state.digest != digest:
        library.replace_shelf(Shelf.BUILT_IN, load_builtin(), digest=digest)
    return library


def _builtin_digest() -> str:
    """Tells one set of shipped templates from another without parsing them."""
    files = sorted(resources.files("prompts.builtin").iterdir(), key=lambda entry: entry.name)
    digest = hashlib.sha256()
    for entry in files:
        if entry.name.endswith(".prompt.md"):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()
