"""The models on this PC, for the window and the terminal: listing, import, default, removal with a record."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from desktop.drafting.errors import ForbiddenByPolicyError, PlaceUnreachableError
from desktop.drafting.model_choice import ModelChoice, choose_model
from desktop.drafting.paths import Paths
from desktop.drafting.policy import Policy
from desktop.drafting.reach import within_reach
from desktop.drafting.records.audit import AuditEntry, AuditEvent, AuditLog
from models.catalog import ModelCard, load_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.errors import ModelFileMissingError, ModelNotAllowedError, UnknownModelError
from models.store import InstalledModel, Manifest, ModelStore, card_for_file
from models.store.copying import OnBytes, ignore_progress, never_cancelled

MANIFEST_NAME = "manifest.json"
MODEL_SUFFIX = ".gguf"


class Place(StrEnum):
    """Where a model lies; the value is what a person reads."""

    OWN = "この利用者"
    MACHINE = "この端末の全員"
    BUILT_IN = "付属"


@dataclass(frozen=True)
class ModelHere:
    """One model file on this PC.

    Attributes:
        card: What is known of it, size and digest resolved.
        path: The weights.
        place: Where it lies; only what lies at `OWN` is changed from here.
        came_at: When it was fetched or imported, ISO 8601; empty for what came with the program.
        commit: Commit of the hub repository; empty for files from elsewhere.
        is_default: Whether the next start uses it.
        is_fallback: Whether a start uses it where this account chose none: IT's default, else the built-in.
        is_allowed: Whether the policy allows it.
    """

    card: ModelCard
    path: Path
    place: Place
    came_at: str = ""
    commit: str = ""
    is_default: bool = False
    is_fallback: bool = False
    is_allowed: bool = True

    @property
    def version(self) -> str:
        """Short name of this very file: the first twelve digits of its digest."""
        return self.card.sha256[:12]

    @property
    def key(self) -> str:
        """`id@version`, as `kian models` takes it."""
        return f"{self.card.id}@{self.version}"


@dataclass(frozen=True)
class ModelsList:
    """What `ModelsHere.list` found.

    Attributes:
        models: Every model that can be read.
        quarantined: Files set aside because they are not what they should be.
        unreachable: Folders that the installer was given and that are not there now.
    """

    models: tuple[ModelHere, ...]
    quarantined: tuple[Path, ...]
    unreachable: tuple[PlaceUnreachableError, ...]


class ModelsHere:
    """The models of this account and of this machine.

    Args:
        paths: Where they lie.
        policy: Which of them IT allows, and whose signature an import needs.
        who: Account that asks, for the record of removals.
        folder: Another folder of this account's models.

    Raises:
        ModelsError, DraftingError: From every method that changes something.
    """

    def __init__(self, paths: Paths, policy: Policy, *, who: str, folder: Path | None = None) -> None:
        self._paths, self._policy, self._who = paths, policy, who
        self._store = _store(folder or paths.models_dir, policy)

    @property
    def store(self) -> ModelStore:
        """The models of this account."""
        return self._store

    def list(self) -> ModelsList:
        """Everything there is. May block as long as the system waits for a share."""
        reachable, unreachable = within_reach(self._paths)
        found = [self._seen(model, Place.OWN) for model in self._store.installed()]
        fallback = demo_model_path()
        for folder in reversed(reachable.machine_models_dirs):
            store = _store(folder, self._policy)
            found += [self._seen(model, Place.MACHINE) for model in store.installed()]
            shared = store.default()
            fallback = shared.path if shared is not None else fallback
        found.append(ModelHere(load_catalog().card(DEMO_MODEL_ID), demo_model_path(), Place.BUILT_IN))
        own = self._store.default()
        default = own.path if own is not None else fallback
        models = tuple(
            replace(model, is_default=model.path == default, is_fallback=model.path == fallback)
            for model in found
        )
        return ModelsList(models, self._store.quarantined(), unreachable)

    def cards(self) -> tuple[ModelCard, ...]:
        """The catalogue, then what is installed and in no catalogue."""
        cards = list(load_catalog())
        known = {card.id for card in cards}
        extra = {m.model_id: m.manifest.card for m in self._store.installed() if m.model_id not in known}
        return (*cards, *extra.values())

    def take_in(
        self,
        source: Path,
        *,
        on_progress: OnBytes = ignore_progress,
        is_cancelled: Callable[[], bool] = never_cancelled,
    ) -> InstalledModel:
        """Import a bundle's folder or a model file, checked on the way; the first one is the default.

        Raises:
            ForbiddenByPolicyError: IT asks for a signature, which a bare file cannot carry.
            ModelFileMissingError: There is neither.
            ModelsError: See `ModelStore.import_file` and `ModelStore.import_bundle`.
        """
        try:
            is_folder, is_file = source.is_dir(), source.is_file()
        except OSError:  # a share that went away, or no name for a file
            raise ModelFileMissingError(source.name) from None
        if is_folder:
            installed = self._store.import_bundle(
                source,
                public_keys_pem=tuple(map(_pem, self._policy.sharing_trusted_keys)),
                must_be_signed=self._policy.sharing_require_signature,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
            )
        elif is_file:
            if self._policy.sharing_require_signature:
                raise ForbiddenByPolicyError("sharing.require_signature")
            card = card_for_file(source, load_catalog())
            installed = self._store.import_file(
                source, card, on_progress=on_progress, is_cancelled=is_cancelled
            )
        else:
            raise ModelFileMissingError(source.name)
        if self._store.default() is None:
            self._store.set_default(installed.key)
        return installed

    def verify(
        self,
        model: ModelHere,
        *,
        on_progress: OnBytes = ignore_progress,
        is_cancelled: Callable[[], bool] = never_cancelled,
    ) -> None:
        """Hash a model anew; one of this account that changed is set aside as `.bad`.

        Raises:
            ModelFileBrokenError: It is not what was imported.
            CancelledError: It was stopped.
        """
        self._store.verify(_installed(model), on_progress=on_progress, is_cancelled=is_cancelled)

    def choose(self, key: str) -> InstalledModel:
        """Use this model from the next start on."""
        return self._store.set_default(key)

    def forget_choice(self) -> None:
        """From the next start on, use what is used where this account chose no model."""
        while self._store.default() is not None:
            self._store.roll_back()

    def roll_back(self) -> ModelChoice:
        """Go back to the default before this one; returns what the next start uses.

        Raises:
            UnknownModelError: There is no default of this account to go back from.
        """
        if self._store.default() is None:
            raise UnknownModelError(model_id="")
        self._store.roll_back()
        return choose_model(within_reach(self._paths)[0], self._policy)

    def remove(self, key: str) -> InstalledModel:
        """Delete a model of this account; the removal is recorded beside the models and in the audit log."""
        removed = self._store.remove(key, by=self._who)
        entry = AuditEntry(
            AuditEvent.DELETED,
            self._who,
            model_id=removed.model_id,
            model_sha256=removed.manifest.card.sha256,
            outcome="model",
        )
        with closing(AuditLog(self._paths.audit_db, backups_dir=self._paths.backups_dir)) as audit:
            audit.append(entry)
        return removed

    def beside(self, in_use: ModelChoice) -> tuple[tuple[str, str, Path], ...]:
        """Id with version, title and file of every model but the one in use, for the doctor."""
        return tuple(
            (model.key, model.card.title, model.path)
            for model in self.list().models
            if model.path != in_use.path
        )

    def _seen(self, model: InstalledModel, place: Place) -> ModelHere:
        card = model.manifest.card
        return ModelHere(
            card,
            model.path,
            place,
            came_at=model.manifest.fetched_at,
            commit=model.manifest.commit,
            is_allowed=self._is_allowed(card),
        )

    def _is_allowed(self, card: ModelCard) -> bool:
        try:
            self._policy.check_model(card.id, card.sha256)
        except ModelNotAllowedError:
            return False
        return True


def is_model(path: Path) -> bool:
    """Whether a file or folder that a person dropped looks like a model: a `.gguf` file or a bundle."""
    if path.suffix.lower() == MODEL_SUFFIX:
        return True
    try:
        return (path / MANIFEST_NAME).is_file() and any(path.glob(f"*{MODEL_SUFFIX}"))
    except OSError:  # a share that went away
        return False


def _pem(key: str) -> bytes:
    """A key as the policy names it (Base64 of its 32 bytes) in the form that model bundles are checked with."""
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _installed(model: ModelHere) -> InstalledModel:
    return InstalledModel(Manifest(model.card, model.commit, model.came_at, {}), model.path)


def _store(folder: Path, policy: Policy) -> ModelStore:
    return ModelStore(folder, allowed=policy.allowed_models)
