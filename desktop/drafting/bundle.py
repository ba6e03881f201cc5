"""The offline bundle: its manifest, its signature, and whether a copied folder is whole.

A bundle is a folder with `manifest.json` (path, size and SHA-256 of every other file) and `manifest.sig`
(an Ed25519 signature, RFC 8032, over the bytes of `manifest.json`). Nothing here raises for what a bundle
can be: half copied, altered, unsigned or not a bundle at all are results, told file by file.

Standard library only, so that the same module checks a bundle from a single file without installation;
the signature check is handed in for that reason.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, Final

MANIFEST_NAME: Final = "manifest.json"
SIGNATURE_NAME: Final = "manifest.sig"
FORMAT: Final = "kian-bundle"
VERSION: Final = 1

_MANIFEST_LIMIT_BYTES: Final = 16 << 20
_CHUNK_BYTES: Final = 1 << 20
_FORBIDDEN_IN_PATH: Final = re.compile(r'[\\:*?"<>|\x00-\x1f]')
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

SignatureCheck = Callable[[bytes, bytes, bytes], bool]
"""Public key (32 bytes), signature (64 bytes), message: whether the signature is right."""


class ManifestFault(StrEnum):
    """Why there is nothing to check a folder against."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    BROKEN = "broken"
    NEWER = "newer"
    UNSAFE_PATH = "unsafe_path"


class SignatureState(StrEnum):
    """What the signature of the manifest is worth."""

    TRUSTED = "trusted"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    WRONG = "wrong"


class FileState(StrEnum):
    """What became of one file."""

    WHOLE = "whole"
    CHANGED = "changed"
    WRONG_SIZE = "wrong_size"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNLISTED = "unlisted"
    LINK = "link"


@dataclass(frozen=True)
class BundleFile:
    """One line of the manifest.

    Attributes:
        path: Relative to the bundle, with `/`.
        size_bytes: Its length.
        sha256: Lower-case hexadecimal.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle consists of."""

    name: str
    program_version: str
    created: str
    files: tuple[BundleFile, ...]


@dataclass(frozen=True)
class FileVerdict:
    """One file and its state."""

    path: str
    state: FileState


@dataclass(frozen=True)
class BundleReport:
    """The result of checking a bundle.

    Attributes:
        fault: Set when the manifest itself cannot be used; nothing else was checked then.
        manifest: The manifest, unless there is a fault.
        signature: What its signature is worth.
        public_key: Base64 of the key that signed, empty without a right signature.
        files: One verdict for each listed file and each file that is not listed.
    """

    fault: ManifestFault | None
    manifest: Manifest | None
    signature: SignatureState
    public_key: str
    files: tuple[FileVerdict, ...]

    def is_accepted(self, *, must_be_trusted: bool) -> bool:
        """Whether the bundle may be used: everything whole, no wrong signature, and trusted if required."""
        if self.fault is not None or self.signature is SignatureState.WRONG:
            return False
        if must_be_trusted and self.signature is not SignatureState.TRUSTED:
            return False
        return all(verdict.state is FileState.WHOLE for verdict in self.files)


def manifest_bytes(manifest: Manifest) -> bytes:
    """The one way a manifest is written: UTF-8 JSON, files in order of their paths."""
    files = [
        {"path": file.path, "size": file.size_bytes, "sha256": file.sha256}
        for file in sorted(manifest.files, key=lambda file: file.path)
    ]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": manifest.name,
        "program_version": manifest.program_version,
        "created": manifest.created,
        "files": files,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def signature_bytes(public_key: bytes, signature: bytes) -> bytes:
    """The content of `manifest.sig`."""
    document = {
        "algorithm": "ed25519",
        "public_key": base64.b64encode(public_key).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def describe_file(folder: Path, path: str) -> BundleFile:
    """The manifest's line for a file that lies in `folder`.

    Raises:
        OSError: It cannot be read.
    """
    return BundleFile(path, *_size_and_sha256(folder / path))


def read_manifest(content: bytes) -> Manifest | ManifestFault:
    """Read a manifest, or tell why it cannot be used."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return ManifestFault.BROKEN
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return ManifestFault.BROKEN
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        return ManifestFault.BROKEN
    if version > VERSION:
        return ManifestFault.NEWER
    head = [document.get(key) for key in ("name", "program_version", "created")]
    rows = document.get("files")
    if not all(isinstance(value, str) for value in head) or not isinstance(rows, list):
        return ManifestFault.BROKEN
    files = [_file(row) for row in rows]
    if not all(isinstance(file, BundleFile) for file in files):
        return next(file for file in files if isinstance(file, ManifestFault))
    good = tuple(file for file in files if isinstance(file, BundleFile))
    # Windows' file systems ignore case: two such paths would be one file there.
    if len({file.path.casefold() for file in good}) < len(good):
        return ManifestFault.BROKEN
    return Manifest(str(head[0]), str(head[1]), str(head[2]), good)


def verify_bundle(
    folder: Path,
    *,
    trusted_keys: Collection[str],
    is_signed: SignatureCheck,
    on_file: Callable[[FileVerdict], None] = lambda verdict: None,
) -> BundleReport:
    """Check the manifest, its signature and every file of a bundle.

    Args:
        folder: The bundle.
        trusted_keys: Base64 of the Ed25519 public keys that are trusted.
        is_signed: Checks a signature.
        on_file: Called with each verdict as soon as it is known; models take minutes to read.
    """
    try:
        with (folder / MANIFEST_NAME).open("rb") as file:
            content = file.read(_MANIFEST_LIMIT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return _without_manifest(ManifestFault.MISSING)
    except OSError:
        return _without_manifest(ManifestFault.UNREADABLE)
    manifest = ManifestFault.BROKEN if len(content) > _MANIFEST_LIMIT_BYTES else read_manifest(content)
    if isinstance(manifest, ManifestFault):
        return _without_manifest(manifest)
    state, key = _signature_state(folder, content, trusted_keys, is_signed)
    verdicts = []
    for verdict in _verdicts(folder, manifest):
        verdicts.append(verdict)
        on_file(verdict)
    return BundleReport(None, manifest, state, key, tuple(verdicts))


def _without_manifest(fault: ManifestFault) -> BundleReport:
    return BundleReport(fault, None, SignatureState.MISSING, "", ())


def _file(row: object) -> BundleFile | ManifestFault:
    if not isinstance(row, dict):
        return ManifestFault.BROKEN
    path, size, digest = row.get("path"), row.get("size"), row.get("sha256")
    if not isinstance(path, str) or not isinstance(size, int) or not isinstance(digest, str):
        return ManifestFault.BROKEN
    if size < 0 or isinstance(size, bool) or not _SHA256.fullmatch(digest):
        return ManifestFault.BROKEN
    return BundleFile(path, size, digest) if _is_safe(path) else ManifestFault.UNSAFE_PATH


def _is_safe(path: str) -> bool:
    """Whether a path stays in the bundle, on Windows too."""
    parts = path.split("/")
    is_plain = all(part not in {"", ".", ".."} and part == part.rstrip(" .") for part in parts)
    is_own = path.casefold() in {MANIFEST_NAME, SIGNATURE_NAME}
    return is_plain and not is_own and not _FORBIDDEN_IN_PATH.search(path)


def _signature_state(
    folder: Path, content: bytes, trusted_keys: Collection[str], is_signed: SignatureCheck
) -> tuple[SignatureState, str]:
    try:
        with (folder / SIGNATURE_NAME).open("rb") as file:
            raw = file.read(4096)
    except FileNotFoundError:
        return SignatureState.MISSING, ""
    except OSError:
        return SignatureState.WRONG, ""
    try:
        document: Any = json.loads(raw)
        key = base64.b64decode(document["public_key"], validate=True)
        signature = base64.b64decode(document["signature"], validate=True)
        is_known_kind = document["algorithm"] == "ed25519"
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return SignatureState.WRONG, ""
    is_well_formed = is_known_kind and len(key) == 32 and len(signature) == 64
    if not is_well_formed or not is_signed(key, signature, content):
        return SignatureState.WRONG, ""
    name = base64.b64encode(key).decode()
    return (SignatureState.TRUSTED if name in trusted_keys else SignatureState.UNKNOWN_KEY), name


def _verdicts(folder: Path, manifest: Manifest) -> Iterator[FileVerdict]:
    for file in manifest.files:
        yield FileVerdict(file.path, _state(folder, file))
    listed = {file.path for file in manifest.files} | {MANIFEST_NAME, SIGNATURE_NAME}
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(path.relative_to(folder).as_posix()).as_posix()
        if name not in listed and (path.is_symlink() or not path.is_dir()):
            yield FileVerdict(name, FileState.UNLISTED)


def _state(folder: Path, file: BundleFile) -> FileState:
    path = folder
    for part in file.path.split("/"):
        path = path / part
        if path.is_symlink():
            return FileState.LINK
    try:
        if path.stat().st_size != file.size_bytes:
            return FileState.WRONG_SIZE
        size, digest = _size_and_sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        return FileState.MISSING
    except OSError:
        return FileState.UNREADABLE
    if size != file.size_bytes:
        return FileState.WRONG_SIZE
    return FileState.WHOLE if digest == file.sha256 else FileState.CHANGED


def _size_and_sha256(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
