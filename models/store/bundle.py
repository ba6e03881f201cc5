"""Offline bundles: a folder with model, manifest, licence texts and, if wanted, a signature.

A folder and not an archive: it can be carried on any medium or share, looked at, and checked with
`sha256sum`, and nothing of several gigabytes has to be unpacked.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from models.errors import BundleBrokenError, StorageUnusableError
from models.store.copying import OnBytes, check_space, copy_hashing, ignore_progress, never_cancelled
from models.store.manifest import MANIFEST_NAME, InstalledModel, Manifest, read_manifest
from models.store.signing import check_signature, sign_manifest

_CHECKSUMS: Final = "SHA256SUMS"


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
        StorageUnusableError: The folder cannot be written, or holds such a bundle already.
        BundleBrokenError: The model file is not what its manifest says, or the key is no key.
    """
    card = model.manifest.card
    folder = output / f"{card.id}-{model.version}"
    try:
        folder.mkdir(parents=True)
    except OSError:
        raise StorageUnusableError from None
    check_space(folder, card.size_bytes)
    digest = copy_hashing(
        model.path, folder / card.file, on_progress=on_progress, is_cancelled=never_cancelled
    )
    if digest != card.sha256:
        (folder / card.file).unlink()
        raise BundleBrokenError(reason="file")
    for name in model.manifest.licence_files:
        (folder / name).write_bytes((model.path.parent / name).read_bytes())
    seal_bundle(folder, model.manifest, private_key_pem=private_key_pem)
    return folder


def seal_bundle(folder: Path, manifest: Manifest, *, private_key_pem: bytes | None = None) -> None:
    """Make a bundle of a folder that holds a checked model file and its licence texts.

    Args:
        folder: The folder, for instance of a fetched model.
        manifest: What is in it.
        private_key_pem: Ed25519 key that signs the manifest.

    Raises:
        BundleBrokenError: The key is no Ed25519 key.
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
    for name, digest in manifest.licence_files.items():
        try:
            content = (folder / name).read_bytes()
        except OSError:
            raise BundleBrokenError(reason="file") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise BundleBrokenError(reason="file")
    return manifest
