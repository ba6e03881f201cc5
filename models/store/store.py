"""The folder of models: `ID/VERSION/` with file and manifest, a default, and a record of removals.

Every import goes into a folder of its own first and is renamed into place when it is proven, so two
programs can import at once and a crash leaves nothing that looks like a model. A lock beside that folder
says that its program still runs; what a program that was killed left is cleared away by the next import.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from filelock import FileLock, Timeout

from models.catalog import Catalog, ModelCard, is_one_line
from models.errors import (
    BundleBrokenError,
    ModelFileBrokenError,
    ModelNotAllowedError,
    ModelsError,
    ModelVersionNeededError,
    StorageUnusableError,
    UnknownModelError,
)
from models.gguf_file import BrokenReason, read_gguf
from models.gguf_values import Scalar
from models.store.bundle import licence_texts, read_bundle
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
_LEAVING: Final = ".leaving-"
_LOCK: Final = ".lock"
_BAD: Final = ".bad"
_KEPT_DEFAULTS: Final = 20
_MAX_NAME_CHARS: Final = 200
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
            name: `id@version`, or `id` where only one version is installed.
            by: Account that asked for it.

        Raises:
            UnknownModelError: It is not installed.
            ModelVersionNeededError: Several versions of it are.
            StorageUnusableError: It cannot be deleted; on Windows, a program may be using it.
        """
        matches = [m for m in self.installed() if name in (m.key, m.model_id)]
        if not matches:
            raise UnknownModelError(model_id=name)
        if len(matches) > 1:
            raise ModelVersionNeededError(name, tuple(m.version for m in matches))
        (model,) = matches
        leaving = self._folder / f"{_LEAVING}{uuid.uuid4().hex}"
        record = {"removed_at": _now(), "model": model.key, "sha256": model.manifest.card.sha256, "by": by}
        try:
            model.path.parent.rename(leaving)  # whole or not at all, also where a file is in use
            with (self._folder / _REMOVED).open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError:
            raise StorageUnusableError from None
        shutil.rmtree(leaving, ignore_errors=True)
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
        with self._incoming() as incoming:
            check_space(incoming, file.size_bytes)
            copy = incoming / card.file
            digest = copy_hashing(source, copy, on_progress=on_progress, is_cancelled=is_cancelled)
            if card.sha256 and digest != card.sha256:
                self._keep_bad(copy, copy)
                raise ModelFileBrokenError(file_name=source.name, reason=BrokenReason.HASH)
            self._check_allowed(replace(card, sha256=digest))
            read_gguf(copy)  # the copy is what will be loaded
            self._write_beside(incoming, source, manifest, digest=digest, size=file.size_bytes)
            return self._settle(incoming)

    def _write_beside(
        self, incoming: Path, source: Path, manifest: Manifest, *, digest: str, size: int
    ) -> None:
        card = replace(manifest.card, sha256=digest, size_bytes=size)
        proven = replace(manifest, card=card)
        texts = licence_texts(source.parent, manifest)
        try:
            for name, content in texts.items():
                (incoming / name).write_bytes(content)
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
                for bad in target.glob(f"*{_BAD}"):
                    self._keep_bad(bad.with_suffix(""), bad)
                shutil.rmtree(target, ignore_errors=True)
                incoming.rename(target)
        except OSError:
            if not installed.path.is_file():  # else another program was faster with the same file
                raise StorageUnusableError from None
        return installed

    def _keep_bad(self, named: Path, file: Path) -> None:
        """Keep a file that is not what it should be where IT can look at it."""
        target = self._folder / f"{named.stem}-{uuid.uuid4().hex[:8]}{named.suffix}{_BAD}"
        with contextlib.suppress(OSError):
            file.rename(target)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """A folder for one import, gone or renamed into place at the end."""
        folder = self._folder / f"{_INCOMING}{uuid.uuid4().hex}"
        lock = FileLock(f"{folder}{_LOCK}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._clear_rests()
            lock.acquire()
            folder.mkdir()
        except (OSError, NotImplementedError):  # the latter: a disk without locks
            lock.release()
            raise StorageUnusableError from None
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            _unlink(Path(lock.lock_file))

    def _clear_rests(self) -> None:
        """Delete what a program left that was killed while it imported or removed."""
        for rest in self._folder.glob(f"{_LEAVING}*"):
            shutil.rmtree(rest, ignore_errors=True)
        for path in self._folder.glob(f"{_INCOMING}*"):
            name = path.name.removesuffix(_LOCK)
            lock = FileLock(self._folder / f"{name}{_LOCK}")
            with contextlib.suppress(Timeout, OSError), lock.acquire(timeout=0):
                shutil.rmtree(self._folder / name, ignore_errors=True)
                _unlink(Path(lock.lock_file))

    def _check_allowed(self, card: ModelCard) -> None:
        names = {card.id.casefold(), card.sha256.casefold()}
        if self._allowed is not None and not names & self._allowed:
            raise ModelNotAllowedError(model_id=card.id)

    @property
    def _may_be_allowed_by_digest(self) -> bool:
        """Whether a file of unknown digest can turn out to be allowed once it is hashed."""
        return any(len(name) == _DIGEST_CHARS for name in self._allowed or ())

    def _defaults(self) -> list[str]:
        """Keys of the models chosen as default, the present one last."""
        try:
            row: Any = json.loads((self._folder / _STATE).read_text("utf-8"))
            return [str(key) for key in row["defaults"]]
        except OSError:
            return []
        except (ValueError, KeyError, TypeError):
            return [model.key for model in self.installed()]  # a lost choice: any of them before none

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
        if card.file.casefold() == path.name.casefold() or _is_file_of(card, path):
            return card
    file = read_gguf(path)
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.casefold()).strip("-")
    model_id = safe[:64].strip("-")
    says_something = any(character.isalpha() for character in model_id)  # 「モデル１.gguf」 is no model 1
    if not says_something or PureWindowsPath(model_id).is_reserved():
        model_id = f"model-{hashlib.sha256(path.stem.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return ModelCard(
        id=model_id,
        title=_shown(file.metadata.get("general.name")) or _shown(path.stem) or model_id,
        file=f"{model_id}.gguf",  # ASCII, whatever the file was called
        quantization="",
        parameters=max(_guess_parameters(file.tensor_bytes), 1),
        n_ctx=max(file.number("context_length", 1), 1),
        licence=_shown(file.metadata.get("general.license")),
        maker=_shown(file.metadata.get("general.author")),
        country="",
        languages=(),
        purposes=(),
        ram_gib=round(file.tensor_bytes / 2**30 + 0.5, 1),
        checked_on="",
    )


def _shown(value: Scalar | None) -> str:
    """A text of a file's header as a card may hold it; empty where it may not."""
    text = value[:_MAX_NAME_CHARS] if isinstance(value, str) else ""
    return text if is_one_line(text) else ""


def _guess_parameters(tensor_bytes: int) -> int:
    return tensor_bytes * 8 // 5  # about five bits a weight


def _quarantine(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.rename(path.with_name(path.name + _BAD))


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")  # versions are told apart by their age


def _is_file_of(card: ModelCard, path: Path) -> bool:
    """Whether it is the very file that a card knows by its digest, whatever it is called here."""
    try:
        is_same_size = bool(card.sha256) and path.stat().st_size == card.size_bytes
        return is_same_size and sha256_of(path) == card.sha256
    except OSError:
        return False
