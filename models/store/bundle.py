"""Offline bundles: a folder with model, manifest, licence texts and, if wanted, a signature.

A folder and not an archive: it can be carried on any medium or share, looked at, and checked with
`sha256sum`, and nothing of several gigabytes has to be unpacked.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path
from typing import Final

from models.errors import BundleBrokenError, BundleExistsError, StorageUnusableError
from models.store.copying import OnBytes, check_space, copy_hashing, ignore_progress, never_cancelled
from models.store.manifest import MANIFEST_NAME, InstalledModel, Manifest, read_manifest
from models.store.signing import check_signature, sign_manifest

_CHECKSUMS: Final = "SHA256SUMS"
_WRITING: Final = ".writing-"
_MAX_LICENCE_BYTES: Final = 4 << 20


def export_bundle(
    model: InstalledModel,
    output: Path,
    *,
    private_key_pem: bytes | None = None,
    on_progress: OnBytes = ignore_progress,
) -> Path:
    """Write a bundle of an installed model into a new folder below `output`.

    Args:
        model: The model, with its licence texts beside it.
        output: Folder that takes the bundle.
        private_key_pem: Ed25519 key that signs the manifest.
        on_progress: Told bytes copied.

    Returns:
        The bundle's folder, named `id-version`.

    Raises:
        StorageFullError: The disk has no room.
        StorageUnusableError: The folder cannot be written.
        BundleExistsError: It holds such a bundle already.
        BundleBrokenError: The model file is not what its manifest says.
        SigningKeyUnusableError: The key is no Ed25519 key.
    """
    folder = output / f"{model.model_id}-{model.version}"
    writing = output / f"{_WRITING}{uuid.uuid4().hex}"
    if folder.exists():
        raise BundleExistsError(folder_name=folder.name)
    try:
        writing.mkdir(parents=True)
        _write(model, writing, private_key_pem=private_key_pem, on_progress=on_progress)
        writing.rename(folder)
    except OSError:
        raise StorageUnusableError from None
    finally:
        shutil.rmtree(writing, ignore_errors=True)
    return folder


def _write(
    model: InstalledModel, folder: Path, *, private_key_pem: bytes | None, on_progress: OnBytes
) -> None:
    card = model.manifest.card
    check_space(folder, card.size_bytes)
    digest = copy_hashing(
        model.path, folder / card.file, on_progress=on_progress, is_cancelled=never_cancelled
    )
    if digest != card.sha256:
        raise BundleBrokenError(reason="file")
    for name, content in licence_texts(model.path.parent, model.manifest).items():
        (folder / name).write_bytes(content)
    seal_bundle(folder, model.manifest, private_key_pem=private_key_pem)


def seal_bundle(folder: Path, manifest: Manifest, *, private_key_pem: bytes | None = None) -> None:
    """Make a bundle of a folder that holds a checked model file and its licence texts.

    Args:
        folder: The folder, for instance of a fetched model.
        manifest: What is in it.
        private_key_pem: Ed25519 key that signs the manifest.

    Raises:
        SigningKeyUnusableError: The key is no Ed25519 key.
        StorageUnusableError: The folder cannot be written.
    """
    sums = {manifest.card.file: manifest.card.sha256, **manifest.licence_files}
    lines = [f"{value}  {name}\n" for name, value in sorted(sums.items())]
    try:
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), "utf-8", newline="\n")
        (folder / _CHECKSUMS).write_text("".join(lines), "utf-8", newline="\n")
        if private_key_pem is not None:
            sign_manifest(folder, private_key_pem)
    except OSError:
        raise StorageUnusableError from None


def read_bundle(
    folder: Path, *, public_keys_pem: tuple[bytes, ...] = (), must_be_signed: bool = False
) -> Manifest:
    """Check everything of a bundle but the model file, which is hashed while it is copied.

    Args:
        folder: The bundle.
        public_keys_pem: Keys that the municipality trusts. With any, a signature there must be of one.
        must_be_signed: Whether an unsigned bundle is refused.

    Raises:
        BundleBrokenError: Manifest, licence text or signature is missing or wrong.
    """
    manifest = read_manifest(folder)
    try:
        if public_keys_pem or must_be_signed:
            check_signature(folder, public_keys_pem)
    except BundleBrokenError as broken:
        if broken.reason != "unsigned" or must_be_signed:
            raise
    licence_texts(folder, manifest)
    return manifest


def licence_texts(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """The licence texts in a folder by file name, held against the manifest.

    Raises:
        BundleBrokenError: One is missing, too long to be one, or not what the manifest says.
    """
    texts: dict[str, bytes] = {}
    for name, digest in manifest.licence_files.items():
        try:
            with (folder / name).open("rb") as file:
                texts[name] = file.read(_MAX_LICENCE_BYTES)
        except OSError:
            raise BundleBrokenError(reason="file") from None
        if hashlib.sha256(texts[name]).hexdigest() != digest:
            raise BundleBrokenError(reason="file")
    return texts
