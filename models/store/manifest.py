"""The manifest beside each model file: what it is, where it came from, and its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from models.catalog import ModelCard, card_from_json
from models.errors import BundleBrokenError, CatalogBrokenError

MANIFEST_NAME: Final = "manifest.json"
_FORMAT: Final = 1
_MAX_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What is known of one model file.

    Attributes:
        card: The model card, with size and digest resolved.
        commit: Commit of the hub repository it was fetched at; empty for files from elsewhere.
        fetched_at: When it was fetched or first imported, ISO 8601, UTC.
        licence_files: Digest (SHA-256, hex) of each licence text beside it, by file name.
    """

    card: ModelCard
    commit: str
    fetched_at: str
    licence_files: Mapping[str, str]

    @property
    def version(self) -> str:
        """Short name of this very file: the first twelve digits of its digest."""
        return self.card.sha256[:12]

    def to_json(self) -> str:
        """The manifest as JSON text; the same manifest gives the same bytes."""
        card = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self.card).items()}
        row = {
            "format": _FORMAT,
            "model": card,
            "commit": self.commit,
            "fetched_at": self.fetched_at,
            "licence_files": dict(sorted(self.licence_files.items())),
        }
        return json.dumps(row, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@dataclass(frozen=True)
class InstalledModel:
    """A model that lies in the store.

    Attributes:
        manifest: What it is.
        path: Its GGUF file.
    """

    manifest: Manifest
    path: Path

    @property
    def model_id(self) -> str:
        """Id of its card."""
        return self.manifest.card.id

    @property
    def version(self) -> str:
        """Which file of that card."""
        return self.manifest.version

    @property
    def key(self) -> str:
        """`id@version`: names one file among several versions of a model."""
        return f"{self.model_id}@{self.version}"


def parse_manifest(text: str) -> Manifest:
    """Read a manifest.

    Raises:
        BundleBrokenError: Not a manifest of this format, or one with wrong fields.
    """
    try:
        row: Any = json.loads(text)
        if row["format"] != _FORMAT:
            raise BundleBrokenError(reason="manifest")
        card = card_from_json(row["model"])
        licences = {str(name): str(digest) for name, digest in row["licence_files"].items()}
        manifest = Manifest(card, str(row["commit"]), str(row["fetched_at"]), licences)
    except (ValueError, KeyError, TypeError, AttributeError, CatalogBrokenError, RecursionError):
        raise BundleBrokenError(reason="manifest") from None
    taken = {MANIFEST_NAME, card.file}
    names_are_plain = all(Path(name).name == name and name not in {"", "..", *taken} for name in licences)
    if not card.sha256 or card.size_bytes <= 0 or not names_are_plain:
        raise BundleBrokenError(reason="manifest")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder.

    Raises:
        BundleBrokenError: There is none that can be read.
    """
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BundleBrokenError(reason="manifest")
        return parse_manifest(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise BundleBrokenError(reason="manifest") from None
