"""Errors of the `models` folder: typed fields, no user-facing words.

`desktop/gui/messages.py` (window) and the terminal turn each `code` into a Japanese sentence.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import ClassVar


class ModelsError(Exception):
    """Base of all expected failures below `models`.

    Subclasses are dataclasses whose fields cross the worker's pipe as JSON, so they hold
    numbers, kinds and identifiers only: never text that a person typed.
    """

    code: ClassVar[str] = "models_error"

    def fields(self) -> dict[str, object]:
        """The typed fields, ready for JSON."""
        return asdict(self) if hasattr(self, "__dataclass_fields__") else {}  # type: ignore[call-overload]

    def __str__(self) -> str:
        return f"{self.code} {self.fields()}"


@dataclass
class ModelFileMissingError(ModelsError):
    """No file where the model should be."""

    code: ClassVar[str] = "model_file_missing"
    file_name: str


@dataclass
class ModelFileBrokenError(ModelsError):
    """Not a GGUF, truncated, or refused by llama.cpp. `reason` is one of the store's reason words."""

    code: ClassVar[str] = "model_file_broken"
    file_name: str
    reason: str


@dataclass
class NotEnoughMemoryError(ModelsError):
    """The model with its context does not fit into free memory."""

    code: ClassVar[str] = "not_enough_memory"
    needed_bytes: int
    free_bytes: int


@dataclass
class ProcessorTooOldError(ModelsError):
    """No variant of llama.cpp's code in this package runs on this processor."""

    code: ClassVar[str] = "processor_too_old"


@dataclass
class ModelNotLoadedError(ModelsError):
    """Something was asked of the engine before a model was loaded."""

    code: ClassVar[str] = "model_not_loaded"


@dataclass
class ContextTooLongError(ModelsError):
    """The prompt and the room for the answer do not fit into `n_ctx` tokens. Nothing was cut."""

    code: ClassVar[str] = "context_too_long"
    prompt_tokens: int
    max_tokens: int
    n_ctx: int


@dataclass
class ChatTemplateError(ModelsError):
    """The model's chat template is missing or refuses the messages.

    `reason` is `missing`, `syntax` (it cannot be read), `refused` (it raised for these roles or
    messages) or `altered` (it does not carry the messages word for word).
    """

    code: ClassVar[str] = "chat_template"
    reason: str


@dataclass
class ModelQuarantinedError(ModelsError):
    """The model crashed the engine when it was last loaded; it is not loaded again by itself."""

    code: ClassVar[str] = "model_quarantined"
    file_name: str
    exit_code: int | None


@dataclass
class DecodeFailedError(ModelsError):
    """llama.cpp gave up in the middle (`llama_decode` returned non-zero)."""

    code: ClassVar[str] = "decode_failed"
    status: int


@dataclass
class UnknownModelError(ModelsError):
    """No model card, or no installed model, has this id."""

    code: ClassVar[str] = "unknown_model"
    model_id: str


@dataclass
class CatalogBrokenError(ModelsError):
    """A model card cannot be read. `reason` names the field, or is `toml`, `fields` or `duplicate`."""

    code: ClassVar[str] = "catalog_broken"
    reason: str
    model_id: str


@dataclass
class ModelNotAllowedError(ModelsError):
    """The policy's allow-list does not name this model."""

    code: ClassVar[str] = "model_not_allowed"
    model_id: str


@dataclass
class StorageFullError(ModelsError):
    """The disk has no room for a model."""

    code: ClassVar[str] = "storage_full"
    needed_bytes: int
    free_bytes: int


@dataclass
class StorageUnusableError(ModelsError):
    """The models' folder cannot be written to."""

    code: ClassVar[str] = "storage_unusable"


@dataclass
class SourceLostError(ModelsError):
    """What was copied from went away in the middle (a share, a stick); nothing half stays."""

    code: ClassVar[str] = "source_lost"
    copied_bytes: int
    total_bytes: int


@dataclass
class BundleBrokenError(ModelsError):
    """An offline bundle cannot be used. `reason` is `manifest`, `file`, `signature` or `unsigned`."""

    code: ClassVar[str] = "bundle_broken"
    reason: str


@dataclass
class SigningKeyUnusableError(ModelsError):
    """The private key that a bundle was to be signed with cannot be read."""

    code: ClassVar[str] = "signing_key_unusable"


@dataclass
class BundleExistsError(ModelsError):
    """Where a bundle was to be written lies one already; nothing is written over."""

    code: ClassVar[str] = "bundle_exists"
    folder_name: str


@dataclass
class ModelVersionNeededError(ModelsError):
    """Several versions of a model are installed, and what was asked must name one of them."""

    code: ClassVar[str] = "model_version_needed"
    model_id: str
    versions: tuple[str, ...]


@dataclass
class FetchFailedError(ModelsError):
    """The hub did not give the file. `reason` is a word of `models.fetch.FetchReason`."""

    code: ClassVar[str] = "fetch_failed"
    model_id: str
    reason: str


@dataclass
class CancelledError(ModelsError):
    """The person stopped the request."""

    code: ClassVar[str] = "cancelled"


@dataclass
class TextTooLongError(ModelsError):
    """More text than the masking layer accepts at once."""

    code: ClassVar[str] = "text_too_long"
    length_chars: int
    limit_chars: int


@dataclass
class MyNumberFoundError(ModelsError):
    """An individual number (個人番号) stands in the text: a hard stop by law (番号法第19条)."""

    code: ClassVar[str] = "my_number_found"
    count: int


@dataclass
class ForbiddenKindError(ModelsError):
    """The policy stops a text holding this kind instead of masking it."""

    code: ClassVar[str] = "forbidden_kind"
    entity_type: str
    count: int


@dataclass
class UnmaskedValueError(ModelsError):
    """A value the vault holds would have left unmasked; the masker refused to hand the text out."""

    code: ClassVar[str] = "unmasked_value"
    count: int


@dataclass
class AnalyzerUnavailableError(ModelsError):
    """A part the masking layer needs (dictionary, spaCy model) could not be loaded."""

    code: ClassVar[str] = "analyzer_unavailable"
    part: str


class CrashReason(StrEnum):
    """What an exit code tells of why a process ended."""

    ILLEGAL_INSTRUCTION = "illegal_instruction"
    KILLED = "killed"
    ABORTED = "aborted"
    OTHER = "other"


_CRASHES = {
    -4: CrashReason.ILLEGAL_INSTRUCTION,  # SIGILL
    0xC000001D: CrashReason.ILLEGAL_INSTRUCTION,  # Windows: STATUS_ILLEGAL_INSTRUCTION
    -9: CrashReason.KILLED,  # SIGKILL: nobody but Linux' out-of-memory killer sends it unasked
    -6: CrashReason.ABORTED,  # SIGABRT: llama.cpp gives up so where it finds no memory for small things
    0xC0000409: CrashReason.ABORTED,  # Windows: abort() of the C runtime
    0xC0000017: CrashReason.KILLED,  # Windows: STATUS_NO_MEMORY
}


def crash_reason(exit_code: int | None) -> CrashReason:
    """Why a process ended, as far as its exit code tells.

    Args:
        exit_code: As Python's subprocess gives it: negative for a signal; on Windows the NTSTATUS, which
            Qt gives as a negative number.
    """
    if exit_code is None:
        return CrashReason.OTHER
    known = _CRASHES.get(exit_code) or _CRASHES.get(exit_code & 0xFFFFFFFF)
    return known or CrashReason.OTHER


@dataclass
class WorkerCrashedError(ModelsError):
    """A worker process ended by itself while it was needed."""

    code: ClassVar[str] = "worker_crashed"
    worker: str
    exit_code: int | None


@dataclass
class WorkerTimeoutError(ModelsError):
    """A worker process did not answer in time and was stopped."""

    code: ClassVar[str] = "worker_timeout"
    worker: str
    timeout_ms: int


@dataclass
class ProtocolError(ModelsError):
    """A line on the pipe was not of the protocol, or of another version of it."""

    code: ClassVar[str] = "protocol_error"
    reason: str


@dataclass
class WorkerBugError(ModelsError):
    """An unexpected exception inside a worker; `exception_type` names it, without its text."""

    code: ClassVar[str] = "worker_bug"
    worker: str
    exception_type: str


class ServerFault(StrEnum):
    """Why the inference server in the building cannot be used."""

    NOT_INSTALLED = "not_installed"
    CA_FILE = "ca_file"
    KEY_FILE = "key_file"
    NAME_UNKNOWN = "name_unknown"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NAME = "certificate_name"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    MODEL_UNKNOWN = "model_unknown"
    REQUEST_REFUSED = "request_refused"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    MALFORMED = "malformed"
    INTERRUPTED = "interrupted"
    SILENT = "silent"


@dataclass
class InferenceServerError(ModelsError):
    """The inference server that the policy names did not answer as it should. Nothing went elsewhere.

    `reason` is a `ServerFault`; `server` is its name and port; `status` is that of HTTP, or 0.
    """

    code: ClassVar[str] = "inference_server"
    reason: str
    server: str
    status: int = 0


ERRORS_BY_CODE: dict[str, type[ModelsError]] = {cls.code: cls for cls in ModelsError.__subclasses__()}
"""Every error that can cross the pipe, by its code."""
