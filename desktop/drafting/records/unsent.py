"""Encrypted autosave of what was typed and not yet stored as a masked draft: form values and vault.

One file per draft, AES-256-GCM, the draft's id bound into it. Saving replaces the file in one step, so a
kill leaves the newest or the one before. There is no flush to the disk's surface (that would cost more
than a keystroke may): after a power cut the last seconds can be missing, the file is never half.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop.drafting.errors import DataFolderUnwritableError, UnsentUnreadableError, write_trouble

_MAGIC = b"KIANU1"
_NONCE_BYTES = 12
_SUFFIX = ".unsent"
_BAD_SUFFIX = ".bad"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class UnsentDraft:
    """An autosaved input: its draft id, when it was saved, and what `save` was given."""

    draft_id: str
    saved_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Recovery:
    """What was found at the start.

    Attributes:
        drafts: Readable ones, the newest first.
        set_aside: Ids of those that could not be decrypted; their files now end in `.bad`.
    """

    drafts: tuple[UnsentDraft, ...]
    set_aside: tuple[str, ...]


class UnsentStore:
    """The folder of encrypted autosaves.

    Args:
        folder: Where the files lie.
        key: 32 bytes, see `records.key`; None when the policy forbids keeping anything: then `save`
            stores nothing and what lies there can only be deleted.
    """

    def __init__(self, folder: Path, key: bytes | None) -> None:
        self._folder = folder
        self._cipher = AESGCM(key) if key is not None else None

    @property
    def is_keeping(self) -> bool:
        """Whether anything is stored at all."""
        return self._cipher is not None

    def save(self, draft_id: str, content: Mapping[str, Any]) -> None:
        """Store the newest state of a draft's input (JSON values), replacing the one before.

        Raises:
            DataFolderUnwritableError: It cannot be written; the one before is untouched.
        """
        if self._cipher is None:
            return
        path = self._path(draft_id)
        nonce = os.urandom(_NONCE_BYTES)
        # Lone surrogates are typed rarely and must survive all the same: JSON escapes them.
        plain = json.dumps({"content": content}, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        sealed = _MAGIC + nonce + self._cipher.encrypt(nonce, plain, draft_id.encode("ascii"))
        temporary = path.with_suffix(".new")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _binary_flag(), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise DataFolderUnwritableError(write_trouble(error)) from error

    def load(self, draft_id: str) -> UnsentDraft | None:
        """The newest state of a draft's input; None when there is none.

        Raises:
            UnsentUnreadableError: The file is damaged or of another key; it now ends in `.bad`.
        """
        path = self._path(draft_id)
        if self._cipher is None:
            return None
        try:
            sealed = path.read_bytes()
            saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnsentUnreadableError(draft_id) from error
        try:
            if not sealed.startswith(_MAGIC):
                raise ValueError("no autosave")
            body = sealed[len(_MAGIC) :]
            associated = draft_id.encode("ascii")
            plain = self._cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], associated)
            content = json.loads(plain)["content"]
        except (InvalidTag, ValueError, KeyError, TypeError) as error:
            with contextlib.suppress(OSError):
                path.replace(path.with_suffix(_BAD_SUFFIX))
            raise UnsentUnreadableError(draft_id) from error
        return UnsentDraft(draft_id, saved_at, content)

    def draft_ids(self) -> tuple[str, ...]:
        """Ids of all stored inputs."""
        with contextlib.suppress(OSError):
            stems = (path.stem for path in self._folder.glob(f"*{_SUFFIX}"))
            return tuple(sorted(stem for stem in stems if _ID.fullmatch(stem)))
        return ()

    def recover(self) -> Recovery:
        """Read everything that is there; never raises for a damaged file."""
        drafts: list[UnsentDraft] = []
        bad: list[str] = []
        for draft_id in self.draft_ids():
            try:
                draft = self.load(draft_id)
            except UnsentUnreadableError:
                bad.append(draft_id)
                continue
            if draft is not None:
                drafts.append(draft)
        drafts.sort(key=lambda draft: draft.saved_at, reverse=True)
        return Recovery(tuple(drafts), tuple(bad))

    def delete(self, draft_id: str) -> None:
        """Remove a draft's input; harmless when there is none.

        Raises:
            DataFolderUnwritableError: It cannot be removed.
        """
        self._remove(self._path(draft_id))

    def delete_all(self) -> int:
        """Remove every input, also those set aside; returns how many files.

        Raises:
            DataFolderUnwritableError: One cannot be removed.
        """
        suffixes = (_SUFFIX, _BAD_SUFFIX, ".new")
        paths = [path for suffix in suffixes for path in self._folder.glob(f"*{suffix}")]
        for path in paths:
            self._remove(path)
        return len(paths)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error

    def _path(self, draft_id: str) -> Path:
        if not _ID.fullmatch(draft_id):
            raise ValueError("a draft id is made of letters, digits, - and _")
        return self._folder / f"{draft_id}{_SUFFIX}"


def _binary_flag() -> int:
    return int(getattr(os, "O_BINARY", 0))
