"""States of fixed prompt beginnings, kept on disk.

The system text and the fixed instructions of a template are the same each time; on a CPU they cost
most of the wait for the first character. They are read once and their state is kept here. Only what
was prepared as fixed text is kept: no word that a person typed, and nothing a model wrote.

A state fits one model file, context, number type and library version; these make the key. Which
prompt it fits is told by its tokens.
"""

from __future__ import annotations

import array
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.engine.decoding import common_prefix

DEFAULT_LIMIT_BYTES: Final = 1 << 30
_STATE: Final = ".state"
_TOKENS: Final = ".tokens"
_DIGEST_BYTES: Final = 32


def prefix_key(*parts: object) -> str:
    """The key of everything a state depends on."""
    return hashlib.sha256("\x00".join(str(part) for part in parts).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class SavedPrefix:
    """One kept state.

    Attributes:
        path: File of the state, as llama.cpp wrote it.
        tokens: Tokens that were read for it.
    """

    path: Path
    tokens: tuple[int, ...]


class PrefixStore:
    """The kept states of one key, in a folder shared by all keys."""

    def __init__(self, folder: Path, key: str, *, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Open the store.

        Args:
            folder: Where the states lie; made when the first is saved.
            key: See `prefix_key`.
            limit_bytes: Size of all states together; the longest unused go first.
        """
        self._folder = folder
        self._key = key
        self._limit_bytes = limit_bytes

    def best(self, prompt: Sequence[int]) -> tuple[SavedPrefix, int] | None:
        """The state that shares the longest beginning with `prompt`, and how many tokens that is."""
        found: tuple[SavedPrefix, int] | None = None
        for saved in self._all():
            length = common_prefix(saved.tokens, prompt)
            if length > (found[1] if found else 0):
                found = saved, length
        return found

    def has(self, tokens: Sequence[int]) -> bool:
        """Whether the state of exactly these tokens is kept."""
        return self._path(tokens).with_suffix(_TOKENS).is_file()

    def save(self, tokens: Sequence[int], write: Callable[[Path], int]) -> bool:
        """Keep a state.

        Args:
            tokens: Tokens that were read for it.
            write: Writes the state to a path and returns the bytes written, 0 on failure.

        Returns:
            False when it could not be kept: a full disk costs speed, no more.
        """
        path = self._path(tokens)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not write(draft):
                return False
            index = _digest(draft) + array.array("i", tokens).tobytes()
            draft.replace(path)
            path.with_suffix(_TOKENS).write_bytes(index)
            self._make_room(keep=path)
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return True

    def verified(self, saved: SavedPrefix) -> bool:
        """Whether a state is still the one that was written; a damaged one is deleted.

        llama.cpp reads it into memory of the process, so nothing else may get there.
        """
        index = saved.path.with_suffix(_TOKENS)
        try:
            is_whole = _digest(saved.path) == index.read_bytes()[:_DIGEST_BYTES]
            if is_whole:
                os.utime(saved.path)  # used last now
        except OSError:
            is_whole = False
        if not is_whole:
            self.forget(saved)
        return is_whole

    def forget(self, saved: SavedPrefix) -> None:
        """Delete a state."""
        _delete(saved.path)

    def _all(self) -> Iterator[SavedPrefix]:
        for index in sorted(self._folder.glob(f"{self._key}-*{_TOKENS}")):
            with contextlib.suppress(OSError, ValueError):
                content = index.read_bytes()
                tokens = array.array("i")
                tokens.frombytes(content[_DIGEST_BYTES:])
                if len(tokens):
                    yield SavedPrefix(index.with_suffix(_STATE), tuple(tokens))

    def _path(self, tokens: Sequence[int]) -> Path:
        digest = hashlib.sha256(array.array("i", tokens).tobytes()).hexdigest()[:16]
        return self._folder / f"{self._key}-{digest}{_STATE}"

    def _make_room(self, *, keep: Path) -> None:
        states = sorted(self._folder.glob(f"*{_STATE}"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in states)
        for path in states:
            if total <= self._limit_bytes:
                return
            if path != keep:
                total -= path.stat().st_size
                _delete(path)


def _delete(state: Path) -> None:
    for path in (state.with_suffix(_TOKENS), state):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).digest()
