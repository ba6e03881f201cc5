"""`.kianpack`: a zip of templates with a manifest of SHA-256 hashes and, if wanted, a signature.

`manifest.json` names every other file with its hash; `signature.json` signs the bytes of the
manifest with Ed25519 (RFC 8032). A pack whose files and manifest differ in anything is refused as
a whole.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from prompts.errors import ImportRefusedError
from prompts.sharing.archive import read_archive
from prompts.sharing.foreign import one_line
from prompts.sharing.sources import Reading, SourceFile, Watch, unwatched
from prompts.template import PromptTemplate, TemplateText, dump

SUFFIX = ".kianpack"
FORMAT = "kianpack"
FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_SIGNATURE = "signature.json"
_HASH = re.compile(r"[0-9a-f]{64}")
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
"""The same templates give the same bytes; when a pack was made stands in the manifest."""


class SignatureState(StrEnum):
    """What is known of who made a pack."""

    UNSIGNED = "unsigned"
    VALID = "valid"
    TRUSTED = "trusted"
    """Valid, and by a key that IT listed."""


@dataclass(frozen=True, slots=True)
class PackHeader:
    """What the manifest says about the whole pack.

    Attributes:
        title: name of the collection.
        issuer: office that made it, as it says itself.
        created: ISO date, as it says itself.
        signature: whether a signature was checked.
        key_fingerprint: SHA-256 of the public key in hexadecimal, empty when unsigned.
    """

    title: str
    issuer: str
    created: str
    signature: SignatureState
    key_fingerprint: str


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of a public key's 32 bytes, in hexadecimal: what people compare by telephone."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def write_kianpack(
    templates: Sequence[PromptTemplate | TemplateText],
    *,
    title: str,
    issuer: str,
    created: str,
    key: Ed25519PrivateKey | None = None,
) -> bytes:
    """Makes a pack.

    Args:
        templates: what goes in; one that was read keeps its text.
        title: name of the collection.
        issuer: office that makes it.
        created: ISO date.
        key: signs the manifest.
    """
    files = [(f"templates/{_id(entry)}.prompt.md", _text(entry).encode("utf-8")) for entry in templates]
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "title": title,
        "issuer": issuer,
        "created": created,
        "files": [
            {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for path, content in files
        ],
    }
    sealed = json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, _MANIFEST, sealed)
        if key is not None:
            _put(archive, _SIGNATURE, _sign(sealed, key))
        for path, content in files:
            _put(archive, path, content)
    return stream.getvalue()


def _put(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _sign(sealed: bytes, key: Ed25519PrivateKey) -> bytes:
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = {
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(public).decode("ascii"),
        "signature": base64.b64encode(key.sign(sealed)).decode("ascii"),
    }
    return json.dumps(signature, indent=1).encode("ascii")


def _id(entry: PromptTemplate | TemplateText) -> str:
    return entry.template.id if isinstance(entry, TemplateText) else entry.id


def _text(entry: PromptTemplate | TemplateText) -> str:
    return entry.text if isinstance(entry, TemplateText) else dump(entry)


def read_kianpack(
    content: bytes, trusted_keys: Iterable[str] = (), watch: Watch = unwatched
) -> tuple[PackHeader, Reading]:
    """Reads a pack.

    Args:
        content: the file.
        trusted_keys: public keys that IT listed, Base64 of their 32 bytes.
        watch: told of each template.

    Raises:
        ImportRefusedError: the archive, the manifest, a hash or the signature is not right.
            A template that does not follow the format is only rejected in the reading.
    """
    files = {file.path: file for file in read_archive(content)}
    sealed = files.pop(_MANIFEST, None)
    if sealed is None:
        raise ImportRefusedError(_MANIFEST, "manifest_missing")
    signature = files.pop(_SIGNATURE, None)
    manifest = _manifest(sealed)
    _check_files(manifest["files"], files)
    state, key = _check_signature(sealed, signature, frozenset(trusted_keys))
    reading = Reading()
    for done, path in enumerate(sorted(files)):
        watch(done, len(files))
        try:
            reading.add_text(path, files[path].content.decode("utf-8"))
        except UnicodeDecodeError:
            reading.reject(path, "bad_encoding")
    header = PackHeader(
        one_line(manifest["title"])[:200],
        one_line(manifest["issuer"])[:200],
        manifest["created"][:40],
        state,
        key,
    )
    return header, reading


def _manifest(sealed: SourceFile) -> dict[str, Any]:
    try:
        manifest = json.loads(sealed.content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(_MANIFEST, "manifest_invalid") from error
    good = (
        isinstance(manifest, dict)
        and manifest.get("format") == FORMAT
        and manifest.get("version") == FORMAT_VERSION
        and isinstance(manifest.get("files"), list)
        and all(isinstance(manifest.get(key), str) for key in ("title", "issuer", "created"))
    )
    if not good:
        raise ImportRefusedError(_MANIFEST, "manifest_invalid")
    return manifest  # type: ignore[no-any-return]


def _check_files(listed: list[Any], files: dict[str, SourceFile]) -> None:
    hashes: dict[str, str] = {}
    for entry in listed:
        path, digest = (entry.get("path"), entry.get("sha256")) if isinstance(entry, dict) else (None, None)
        if not isinstance(path, str) or not isinstance(digest, str) or not _HASH.fullmatch(digest):
            raise ImportRefusedError(_MANIFEST, "manifest_invalid")
        if path in hashes:
            raise ImportRefusedError(path[:200], "duplicate_path")
        hashes[path] = digest
    for path in hashes:
        if path not in files:
            raise ImportRefusedError(path[:200], "missing_file")
    for path, file in files.items():
        if path not in hashes:
            raise ImportRefusedError(path, "not_in_manifest")
        if hashlib.sha256(file.content).hexdigest() != hashes[path]:
            raise ImportRefusedError(path, "hash_mismatch")


def _check_signature(
    sealed: SourceFile, signature: SourceFile | None, trusted: frozenset[str]
) -> tuple[SignatureState, str]:
    if signature is None:
        return SignatureState.UNSIGNED, ""
    try:
        parts = json.loads(signature.content)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(parts["public_key"], validate=True))
        key.verify(base64.b64decode(parts["signature"], validate=True), sealed.content)
    except (InvalidSignature, ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise ImportRefusedError(_SIGNATURE, "bad_signature") from error
    is_trusted = base64.b64encode(key.public_bytes_raw()).decode("ascii") in trusted
    return (SignatureState.TRUSTED if is_trusted else SignatureState.VALID), fingerprint(key)
