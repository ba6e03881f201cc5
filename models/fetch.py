"""Fetching models from the hub: for IT's internet PC only. The terminal's package does not contain it.

The hub's own size and SHA-256 are asked for first; the file is taken at exactly that commit, one file
at a time, without symbolic links, resumed where a connection broke, and held against both.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from models.catalog import ModelCard
from models.errors import CancelledError, FetchFailedError, StorageFullError, StorageUnusableError
from models.gguf_file import read_gguf
from models.store.copying import check_space

_LICENCE_WORDS: Final = ("licen", "notice", "policy", "terms", "readme")
_WEIGHTS: Final = (".gguf", ".safetensors", ".bin")
_MAX_LICENCE_BYTES: Final = 2 << 20
_PART: Final = ".part"


class FetchReason(StrEnum):
    """Why a model could not be fetched; the words of `FetchFailedError.reason`."""

    NO_REPOSITORY = "no_repository"
    NOT_FOUND = "not_found"
    GATED = "gated"
    NO_DIGEST = "no_digest"
    UNREACHABLE = "unreachable"
    WRONG_SIZE = "wrong_size"
    WRONG_HASH = "wrong_hash"
    CLIENT_MISSING = "client_missing"


@dataclass(frozen=True)
class FetchedModel:
    """A model file that was fetched and checked.

    Attributes:
        folder: Folder that holds it and nothing of another model.
        card: Its card, with size and digest as the hub tells them.
        commit: Commit of the repository.
        licence_files: Digest (SHA-256, hex) of each licence text beside it, by file name.
    """

    folder: Path
    card: ModelCard
    commit: str
    licence_files: Mapping[str, str]


def fetch_model(
    card: ModelCard,
    output: Path,
    *,
    endpoint: str | None = None,
    token: str | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> FetchedModel:
    """Fetch the model of a card into a new folder `ID` below `output`, or go on where it broke off.

    A proxy is taken from the usual environment variables (`HTTPS_PROXY`).

    Args:
        card: What to fetch.
        output: Folder that takes the model's folder.
        endpoint: The hub, where it is not the public one.
        token: Access token, for models whose terms must be accepted first.
        on_progress: Told (bytes, bytes in all).
        is_cancelled: Stops it; what was fetched so far is used by the next try.

    Raises:
        FetchFailedError: The hub did not give the file, or gave another.
        StorageFullError: The disk has no room.
        StorageUnusableError: The folder cannot be written.
        ModelFileBrokenError: What the hub holds is not a whole model.
        CancelledError: It was stopped.
    """
    if not card.repository:
        raise FetchFailedError(model_id=card.id, reason=FetchReason.NO_REPOSITORY)
    hub = _Hub(card, endpoint=endpoint, token=token)
    commit, sha256, size = hub.resolve(card.revision)
    folder = output / card.id
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise StorageUnusableError from None
    path = folder / card.file
    if not path.is_file() or _sha256(path) != sha256:  # none yet, or an older edition
        # Named after what it will be: a part of an older edition is never gone on with.
        part = folder / f"{card.file}.{sha256[:12]}{_PART}"
        check_space(folder, size - _size(part))
        hub.download_large(part, commit, size=size, bar=_bar(size, on_progress, is_cancelled))
        if _sha256(part) != sha256:
            part.unlink()
            raise FetchFailedError(model_id=card.id, reason=FetchReason.WRONG_HASH)
        read_gguf(part)
        part.replace(path)
    licences = {name: _sha256(folder / name) for name in hub.download_licences(folder, commit)}
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the client's notes for resuming
    return FetchedModel(folder, replace(card, size_bytes=size, sha256=sha256), commit, licences)


class _Hub:
    """The hub's client, with its errors translated."""

    def __init__(self, card: ModelCard, *, endpoint: str | None, token: str | None) -> None:
        # One plain HTTPS download that a proxy can see and log; nothing else.
        os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        try:
            import huggingface_hub
            import huggingface_hub.errors
        except ImportError:
            raise FetchFailedError(model_id=card.id, reason=FetchReason.CLIENT_MISSING) from None
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        self._hub = huggingface_hub
        self._card = card
        self._endpoint = endpoint
        # Without a token given here none is looked for in the person's home.
        self._token: str | bool = token or False

    def resolve(self, revision: str) -> tuple[str, str, int]:
        """Commit, SHA-256 and size of the card's file, as the hub tells them.

        Raises:
            FetchFailedError: See `FetchReason`.
        """
        found = self._metadata(revision)
        digest = found.etag or ""
        if not found.commit_hash or not found.size or len(digest) != 64:
            raise FetchFailedError(model_id=self._card.id, reason=FetchReason.NO_DIGEST)
        return found.commit_hash, digest, found.size

    def download_large(self, part: Path, commit: str, *, size: int, bar: type[Any]) -> None:
        """The card's file at a commit; goes on behind what `part` holds from an earlier try.

        The client's own download of whole files starts anew each time since its version 2.
        """
        location = self._metadata(commit).location
        headers = {}
        if self._token and _host(location) == _host(self._url(commit)):  # not for the CDN
            headers["authorization"] = f"Bearer {self._token}"
        if _size(part) > size:
            part.unlink()
        with self._translated(needed_bytes=size), part.open("ab") as file:
            self._hub.file_download.http_get(
                location,
                file,
                resume_size=file.tell(),
                headers=headers,
                expected_size=size,
                displayed_filename=self._card.id,
                tqdm_class=bar,
            )

    def _url(self, revision: str) -> str:
        card = self._card
        return str(
            self._hub.hf_hub_url(card.repository, card.file, revision=revision, endpoint=self._endpoint)
        )

    def _metadata(self, revision: str) -> Any:
        with self._translated():
            return self._hub.get_hf_file_metadata(
                self._url(revision), token=self._token, endpoint=self._endpoint
            )

    def _download_small(self, name: str, folder: Path, commit: str) -> None:
        with self._translated():
            self._hub.hf_hub_download(
                self._card.repository,
                name,
                revision=commit,
                local_dir=folder,
                endpoint=self._endpoint,
                token=self._token,
                tqdm_class=_silent_bar(),
            )

    def download_licences(self, folder: Path, commit: str) -> list[str]:
        """The licence texts at the top of the repository; names of the files."""
        api = self._hub.HfApi(endpoint=self._endpoint, token=self._token)
        with self._translated():
            info = api.model_info(self._card.repository, revision=commit, files_metadata=True)
        names = [
            file.rfilename
            for file in info.siblings or []
            if "/" not in file.rfilename
            and any(word in file.rfilename.casefold() for word in _LICENCE_WORDS)
            and not file.rfilename.casefold().endswith(_WEIGHTS)
            and (file.size or 0) <= _MAX_LICENCE_BYTES
        ]
        for name in names:
            self._download_small(name, folder, commit)
        return names

    @contextmanager
    def _translated(self, *, needed_bytes: int = 0) -> Iterator[None]:
        errors = self._hub.errors
        try:
            yield
        except errors.GatedRepoError:
            raise FetchFailedError(model_id=self._card.id, reason=FetchReason.GATED) from None
        except (
            errors.RepositoryNotFoundError,
            errors.RevisionNotFoundError,
            errors.RemoteEntryNotFoundError,
        ):
            raise FetchFailedError(model_id=self._card.id, reason=FetchReason.NOT_FOUND) from None
        except (errors.HTTPError, errors.LocalEntryNotFoundError, errors.FileMetadataError, ConnectionError):
            raise FetchFailedError(model_id=self._card.id, reason=FetchReason.UNREACHABLE) from None
        except errors.HFValidationError:
            raise FetchFailedError(model_id=self._card.id, reason=FetchReason.NO_REPOSITORY) from None
        except OSError as error:
            # The client tells a file of another size by a plain OSError without a number.
            if error.errno is None:
                raise FetchFailedError(model_id=self._card.id, reason=FetchReason.WRONG_SIZE) from None
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):  # FAT32 ends at 4 GB
                raise StorageFullError(needed_bytes=needed_bytes, free_bytes=0) from None
            raise StorageUnusableError from None


def _bar(size: int, on_progress: Callable[[int, int], None], is_cancelled: Callable[[], bool]) -> type[Any]:
    """A progress bar in the client's eyes; it draws nothing and tells the bytes."""

    class Bar:
        def __init__(self, *_args: object, **options: object) -> None:
            initial = options.get("initial", 0)
            self._done = initial if isinstance(initial, int) else 0

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_error: object) -> None:
            self.close()

        def update(self, count: int = 1) -> None:
            """The client wrote so many bytes more."""
            if is_cancelled():
                raise CancelledError
            self._done += count
            on_progress(self._done, size)

        def close(self) -> None:
            """Nothing was drawn."""

    return Bar


def _silent_bar() -> type[Any]:
    return _bar(0, lambda _done, _total: None, lambda: False)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sha256(path: Path) -> str:
    with contextlib.closing(path.open("rb")) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _host(url: str) -> str:
    """Host and port of an address."""
    return url.split("/", 3)[2]
