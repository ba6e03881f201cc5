"""The folder of models: `ID/VERSION/` with file and manifest, a default, and a record of removals.

Every import goes into a folder of its own first and is renamed into place when it is proven, so two
programs can import at once and a crash leaves nothing that looks like a model.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from models.catalog import Catalog, ModelCard
from models.errors import (
    BundleBrokenError,
    ModelFileBrokenError,
    ModelNotAllowedError,
    ModelsError,
    StorageUnusableError,
    UnknownModelError,
)
from models.gguf_file import BrokenReason, read_gguf
from models.store.bundle import read_bundle
from models.store.copying import (
    OnBytes,
    check_space,
    copy_hashing,
    ignore_progress,
    never_cancelled,
    sha256_of,
)
from models.store.manifest import MANIFEST_NAME, InstalledModel, Manifest, read_manifest

_STATE: Final = "state.json"
_REMOVED: Final = "removed.jsonl"
_INCOMING: Final = ".incoming-"
_BAD: Final = ".bad"
_KEPT_DEFAULTS: Final = 20
_STALE_S: Final = 24 * 3600
_DIGEST_CHARS: Final = 64


class ModelStore:
    """The models on this PC."""

    def __init__(self, folder: Path, *, allowed: Sequence[str] | None = None) -> None:
        """Open a store; the folder is made when something is imported.

        Args:
            folder: Where the models lie.
            allowed: Ids or SHA-256 digests that the policy allows; None allows all.
        """
        self._folder = folder
        self._allowed = None if allowed is None else frozenset(name.casefold() for name in allowed)

    def installed(self) -> tuple[InstalledModel, ...]:
        """Every model with a readable manifest and a file of the right size, by id and age."""
        found: list[InstalledModel] = []
        for manifest_path in sorted(self._folder.glob(f"*/*/{MANIFEST_NAME}")):
            with contextlib.suppress(BundleBrokenError, OSError):
                manifest = read_manifest(manifest_path.parent)
                path = manifest_path.parent / manifest.card.file
                if path.stat().st_size == manifest.card.size_bytes:
                    found.append(InstalledModel(manifest, path))
        return tuple(sorted(found, key=lambda m: (m.model_id, m.manifest.fetched_at)))

    def find(self, name: str) -> InstalledModel:
        """The model with this `id` (its newest version) or `id@version`.

        Raises:
            UnknownModelError: It is not installed.
            ModelNotAllowedError: The policy does not allow it.
        """
        matches = [m for m in self.installed() if name in (m.key, m.model_id)]
        if not matches:
            raise UnknownModelError(model_id=name)
        self._check_allowed(matches[-1].manifest.card)
        return matches[-1]

    def default(self) -> InstalledModel | None:
        """The model to use unasked: the one chosen last that is still installed and allowed."""
        for key in reversed(self._defaults()):
            with contextlib.suppress(ModelsError):
                return self.find(key)
        return None

    def set_default(self, name: str) -> InstalledModel:
        """Choose the model to use unasked; raises like `find`."""
        model = self.find(name)
        defaults = [key for key in self._defaults() if key != model.key]
        self._write_defaults([*defaults, model.key][-_KEPT_DEFAULTS:])
        return model

    def roll_back(self) -> InstalledModel | None:
        """Go back to the default before this one; returns what is the default now."""
        current = self.default()
        if current is not None:
            self._write_defaults([key for key in self._defaults() if key != current.key])
        return self.default()

    def import_file(
        self,
        source: Path,
        card: ModelCard,
        *,
        on_progress: OnBytes = ignore_progress,
        is_cancelled: Callable[[], bool] = never_cancelled,
    ) -> InstalledModel:
        """Copy a model file in, held against its card where that knows size and digest.

        Raises:
            ModelNotAllowedError: The policy does not allow it.
            ModelFileMissingError: There is no such file.
            ModelFileBrokenError: It is not a whole model, or not the one of the card; a copy that
                is not the card's stays in the store as `.bad`.
            SourceLostError: The source went away in the middle.
            StorageFullError: The disk has no room.
            StorageUnusableError: The store cannot be written.
            CancelledError: It was stopped.
        """
        manifest = Manifest(card, "", _now(), {})
        return self._take(source, manifest, on_progress=on_progress, is_cancelled=is_cancelled)

    def import_bundle(
        self,
        bundle: Path,
        *,
        public_keys_pem: tuple[bytes, ...] = (),
        must_be_signed: bool = False,
        on_progress: OnBytes = ignore_progress,
        is_cancelled: Callable[[], bool] = never_cancelled,
    ) -> InstalledModel:
        """Copy a bundle in; raises like `import_file` and `read_bundle`."""
        manifest = read_bundle(bundle, public_keys_pem=public_keys_pem, must_be_signed=must_be_signed)
        source = bundle / manifest.card.file
        return self._take(source, manifest, on_progress=on_progress, is_cancelled=is_cancelled)

    def verify(
        self,
        model: InstalledModel,
        *,
        on_progress: OnBytes = ignore_progress,
        is_cancelled: Callable[[], bool] = never_cancelled,
    ) -> None:
        """Hash an installed model anew; one that changed becomes `.bad`.

        Raises:
            ModelFileBrokenError: It is not what was imported.
            CancelledError: It was stopped.
        """
        digest = sha256_of(model.path, on_progress=on_progress, is_cancelled=is_cancelled)
        if digest != model.manifest.card.sha256:
            _quarantine(model.path)
            raise ModelFileBrokenError(file_name=model.path.name, reason=BrokenReason.HASH)

    def remove(self, name: str, *, by: str) -> InstalledModel:
        """Delete an installed model and write down that it was deleted.

        Args:
            name: `id` or `id@version`.
            by: Account that asked for it.

        Raises:
            UnknownModelError: It is not installed.
            StorageUnusableError: It cannot be deleted.
        """
        matches = [m for m in self.installed() if name in (m.key, m.model_id)]
        if not matches:
            raise UnknownModelError(model_id=name)
        model = matches[-1]
        record = {"removed_at": _now(), "model": model.key, "sha256": model.manifest.card.sha256, "by": by}
        try:
            with (self._folder / _REMOVED).open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
            shutil.rmtree(model.path.parent)
        except OSError:
            raise StorageUnusableError from None
        return model

    def quarantined(self) -> tuple[Path, ...]:
        """Files that were set aside because they are not what they should be."""
        return tuple(sorted(self._folder.glob(f"**/*{_BAD}")))

    def _take(
        self,
        source: Path,
        manifest: Manifest,
        *,
        on_progress: OnBytes,
        is_cancelled: Callable[[], bool],
    ) -> InstalledModel:
        card = manifest.card
        if card.sha256 or not self._may_be_allowed_by_digest:
            self._check_allowed(card)
        file = read_gguf(source)
        if card.size_bytes and file.size_bytes != card.size_bytes:
            raise ModelFileBrokenError(file_name=source.name, reason=BrokenReason.SIZE)
        incoming = self._new_folder()
        try:
            check_space(incoming, file.size_bytes)
            copy = incoming / card.file
            digest = copy_hashing(source, copy, on_progress=on_progress, is_cancelled=is_cancelled)
            if card.sha256 and digest != card.sha256:
                self._keep_bad(copy)
                raise ModelFileBrokenError(file_name=source.name, reason=BrokenReason.HASH)
            self._check_allowed(replace(card, sha256=digest))
            read_gguf(copy)  # the copy is what will be loaded
            self._write_beside(incoming, source, manifest, digest=digest, size=file.size_bytes)
            return self._settle(incoming)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def _write_beside(
        self, incoming: Path, source: Path, manifest: Manifest, *, digest: str, size: int
    ) -> None:
        card = replace(manifest.card, sha256=digest, size_bytes=size)
        proven = replace(manifest, card=card)
        try:
            for name in manifest.licence_files:
                (incoming / name).write_bytes((source.parent / name).read_bytes())
            (incoming / MANIFEST_NAME).write_text(proven.to_json(), "utf-8", newline="\n")
        except OSError:
            raise StorageUnusableError from None

    def _settle(self, incoming: Path) -> InstalledModel:
        manifest = read_manifest(incoming)
        target = self._folder / manifest.card.id / manifest.version
        installed = InstalledModel(manifest, target / manifest.card.file)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not installed.path.is_file():
                shutil.rmtree(target, ignore_errors=True)  # rests of a removal that failed
                incoming.rename(target)
        except OSError:
            if not installed.path.is_file():  # else another program was faster with the same file
                raise StorageUnusableError from None
        return installed

    def _keep_bad(self, copy: Path) -> None:
        """Keep a copy that is not what it should be where IT can look at it."""
        target = self._folder / f"{copy.stem}-{uuid.uuid4().hex[:8]}{copy.suffix}{_BAD}"
        with contextlib.suppress(OSError):
            copy.rename(target)

    def _new_folder(self) -> Path:
        folder = self._folder / f"{_INCOMING}{uuid.uuid4().hex}"
        try:
            for rest in self._folder.glob(f"{_INCOMING}*"):  # of an import that was killed
                if time.time() - rest.stat().st_mtime > _STALE_S:
                    shutil.rmtree(rest, ignore_errors=True)
            folder.mkdir(parents=True)
        except OSError:
            raise StorageUnusableError from None
        return folder

    def _check_allowed(self, card: ModelCard) -> None:
        names = {card.id.casefold(), card.sha256.casefold()}
        if self._allowed is not None and not names & self._allowed:
            raise ModelNotAllowedError(model_id=card.id)

    @property
    def _may_be_allowed_by_digest(self) -> bool:
        """Whether a file of unknown digest can turn out to be allowed once it is hashed."""
        return any(len(name) == _DIGEST_CHARS for name in self._allowed or ())

    def _defaults(self) -> list[str]:
        try:
            row: Any = json.loads((self._folder / _STATE).read_text("utf-8"))
            return [str(key) for key in row["defaults"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []  # a lost choice costs one click, no more

    def _write_defaults(self, keys: list[str]) -> None:
        state = self._folder / _STATE
        draft = state.with_suffix(f".{uuid.uuid4().hex}.tmp")
        try:
            draft.write_text(json.dumps({"defaults": keys}), "utf-8")
            draft.replace(state)
        except OSError:
            raise StorageUnusableError from None


def card_for_file(path: Path, catalog: Catalog) -> ModelCard:
    """A card for a model file from anywhere: the catalogue's where the file's name is known there.

    A file that no card knows gets one of its own, made from its header, with the digest unresolved.

    Raises:
        ModelFileMissingError: There is no such file.
        ModelFileBrokenError: It is not a whole model.
    """
    for card in catalog:
        if card.file.casefold() == path.name.casefold():
            return card
    file = read_gguf(path)
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.casefold()).strip("-")
    return ModelCard(
        id=safe[:64].strip("-")
        or f"model-{hashlib.sha256(path.stem.encode('utf-8', 'replace')).hexdigest()[:8]}",
        title=str(file.metadata.get("general.name", path.stem)),
        file=path.name,
        quantization="",
        parameters=max(_guess_parameters(file.tensor_bytes), 1),
        n_ctx=max(file.number("context_length", 1), 1),
        licence=str(file.metadata.get("general.license", "")),
        maker=str(file.metadata.get("general.author", "")),
        country="",
        languages=(),
        purposes=(),
        ram_gib=round(file.tensor_bytes / 2**30 + 0.5, 1),
        checked_on="",
    )


def _guess_parameters(tensor_bytes: int) -> int:
    return tensor_bytes * 8 // 5  # about five bits a weight


def _quarantine(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rename(path.with_name(path.name + _BAD))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
