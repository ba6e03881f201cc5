"""The templates that come with the program, in the same format that people share."""

from __future__ import annotations

import hashlib
import uuid
from functools import cache
from importlib import resources

from prompts.library import BUILT_IN_NAMESPACE, PromptLibrary, Shelf
from prompts.template import PromptTemplate, parse, read

SUFFIX = ".prompt.md"


@cache
def _texts() -> dict[str, str]:
    files = [entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(SUFFIX)]
    return {entry.name: entry.read_text("utf-8") for entry in sorted(files, key=lambda entry: entry.name)}


@cache
def load_builtin() -> tuple[PromptTemplate, ...]:
    """All shipped templates, in the order of their file names."""
    return tuple(parse(text) for text in _texts().values())


def builtin_id(name: str) -> str:
    """The id of the shipped template of this short name, such as `notice` for notice.prompt.md."""
    return str(uuid.uuid5(BUILT_IN_NAMESPACE, name))


def builtin_names() -> dict[str, str]:
    """Short names by id, for a terminal's list."""
    names = (name.removesuffix(SUFFIX) for name in _texts())
    return {builtin_id(name): name for name in names}


def install_builtin(library: PromptLibrary) -> bool:
    """Brings the built-in shelf of a library to what this program ships.

    Returns:
        True when it had to be changed (first start, upgrade); the files are parsed only then.
    """
    digest = hashlib.sha256("\0".join(_texts().values()).encode("utf-8")).hexdigest()
    state = library.shelf_state(Shelf.BUILT_IN)
    if state is not None and state.digest == digest:
        return False
    library.replace_shelf(Shelf.BUILT_IN, map(read, _texts().values()), digest=digest)
    return True
