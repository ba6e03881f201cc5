"""The shelf 庁内標準: a copy of a folder that IT names, kept when the folder cannot be reached."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prompts.errors import ImportRefusedError
from prompts.library import PromptLibrary, Shelf
from prompts.sharing.archive import read_folder
from prompts.sharing.kianpack import SUFFIX as PACK_SUFFIX
from prompts.sharing.kianpack import read_kianpack
from prompts.sharing.reading import TEMPLATE_SUFFIX
from prompts.sharing.sources import Reading, Rejected


@dataclass(frozen=True, slots=True)
class ShelfRefresh:
    """What a look at the folder gave.

    Attributes:
        is_reachable: False when the copy from before is in use.
        is_changed: the library was changed.
        last_contact: ISO time when the folder was last read, empty when never.
        rejected: files that were left out, with the reason.
    """

    is_reachable: bool
    is_changed: bool
    last_contact: str
    rejected: tuple[Rejected, ...] = ()


def refresh_shelf(library: PromptLibrary, folder: Path, *, trusted_keys: Iterable[str] = ()) -> ShelfRefresh:
    """Brings the shelf 庁内標準 to what the folder holds: its `.prompt.md` files and `.kianpack`s.

    A folder that cannot be reached or read changes nothing. A file that does not follow the format
    is left out and named.
    """
    try:
        if not folder.is_dir():
            return _unreachable(library)
        files = [
            file for file in read_folder(folder) if file.name.lower().endswith((TEMPLATE_SUFFIX, PACK_SUFFIX))
        ]
    except (OSError, ImportRefusedError):
        return _unreachable(library)
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.path}\0{len(file.content)}\0".encode("utf-8", "surrogatepass"))
        digest.update(file.content)
    state = library.shelf_state(Shelf.STANDARD)
    if state is not None and state.digest == digest.hexdigest():
        library.record_contact(Shelf.STANDARD, state.digest)
        return ShelfRefresh(True, False, _last_contact(library))
    reading = Reading()
    for file in files:
        if file.name.lower().endswith(PACK_SUFFIX):
            try:
                reading.extend(read_kianpack(file.content, trusted_keys)[1])
            except ImportRefusedError as error:
                reading.reject(f"{file.path}: {error.entry}" if error.entry else file.path, error.reason)
            continue
        try:
            reading.add_text(file.path, file.content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            reading.reject(file.path, "bad_encoding")
    library.replace_shelf(
        Shelf.STANDARD, [candidate.source for candidate in reading.candidates], digest=digest.hexdigest()
    )
    return ShelfRefresh(True, True, _last_contact(library), tuple(reading.rejected))


def _last_contact(library: PromptLibrary) -> str:
    state = library.shelf_state(Shelf.STANDARD)
    return "" if state is None else state.last_contact


def _unreachable(library: PromptLibrary) -> ShelfRefresh:
    return ShelfRefresh(False, False, _last_contact(library))
