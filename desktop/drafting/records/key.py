"""The key of what is encrypted on disk.

On Windows and macOS it lies in the system's key store (Credential Manager, Keychain), which only the
signed-in account can open. Elsewhere (Linux is the test and reference platform) asking a key store may open
a dialog or wait for a service, so the key is a file of mode 0600 in the person's own folder: this keeps the
contents from other accounts and from backups of single files, not from whoever can read that folder.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import platform
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from desktop.drafting.errors import DataFolderUnwritableError, write_trouble

KEY_BYTES = 32


class KeyStore(Protocol):
    """A place of the system for one secret."""

    def read(self) -> str | None:
        """The secret; None when there is none, or the place cannot be used."""
        ...

    def write(self, secret: str) -> bool:
        """Keep the secret; False when the place cannot be used."""
        ...

    def forget(self) -> None:
        """Remove the secret, where there is one and the place can be used."""
        ...


class SystemKeyStore:
    """The system's key store through `keyring`."""

    SERVICE = "Kian"
    USER = "unsent"

    def read(self) -> str | None:
        """See `KeyStore`."""
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(self.SERVICE, self.USER)
        except (KeyringError, OSError):
            return None

    def write(self, secret: str) -> bool:
        """See `KeyStore`."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(self.SERVICE, self.USER, secret)
        except (KeyringError, OSError):
            return False
        return self.read() == secret

    def forget(self) -> None:
        """See `KeyStore`."""
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError, OSError):
            keyring.delete_password(self.SERVICE, self.USER)


def system_key_store() -> KeyStore | None:
    """The key store to use on this system; None where it could block (see the module docstring)."""
    return SystemKeyStore() if platform.system() in ("Windows", "Darwin") else None


def open_key(key_file: Path, store: KeyStore | None) -> bytes:
    """The key of this account, made at the first call.

    A key file wins over the store: it exists only where the store once could not be used, and what was
    encrypted then must stay readable.

    Raises:
        DataFolderUnwritableError: The key file cannot be read or made.
    """
    try:
        key = _decoded(key_file.read_text("ascii")) if key_file.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            raise DataFolderUnwritableError(write_trouble(error)) from error
        key = None
    if key is None and store is not None:
        key = _decoded(store.read() or "")
    if key is not None:
        return key
    key = AESGCM.generate_key(KEY_BYTES * 8)
    secret = base64.b64encode(key).decode("ascii")
    if store is None or not store.write(secret):
        _write_key_file(key_file, secret)
    return key


def _decoded(secret: str) -> bytes | None:
    try:
        key = base64.b64decode(secret.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _write_key_file(key_file: Path, secret: str) -> None:
    try:
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = key_file.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(key_file)
    except OSError as error:
        raise DataFolderUnwritableError(write_trouble(error)) from error
