"""What an engine is: values in, values out, and the one interface the worker process calls.

No third-party import stands here, so the window's process may use these names too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from models.masking.text import MaskedText


class Role(StrEnum):
    """Who speaks in a message; the words every chat template knows."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Message:
    """One turn of a conversation. Only masked text can be put into it."""

    role: Role
    text: MaskedText


@dataclass(frozen=True)
class GenerationParams:
    """How one completion is written; the names are llama.cpp's own.

    Attributes:
        max_tokens: Most tokens to write; less where the context has less room left.
        temperature: 0 takes the likeliest token each time (greedy).
        top_p: Nucleus sampling, used when `temperature` is above 0.
        top_k: Size of the candidate list, used when `temperature` is above 0.
        seed: Seed of the sampler; the same seed and prompt give the same text.
        reserve_tokens: Room for the answer that must be left in the context (or `max_tokens`, where
            that is smaller); without it the prompt is refused.
        is_lookup_allowed: Whether the engine may guess tokens from the prompt where that is faster.
    """

    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 40
    seed: int = 0
    reserve_tokens: int = 256
    is_lookup_allowed: bool = True

    @property
    def needed_tokens(self) -> int:
        """The room for the answer without which a prompt is refused."""
        return min(self.max_tokens, self.reserve_tokens)


class FinishReason(StrEnum):
    """Why a completion ended: by itself, cut (its limit, or the same words over and over), or stopped."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Usage:
    """What one completion cost.

    Attributes:
        prompt_tokens: Tokens of the whole prompt, reused ones included.
        completion_tokens: Tokens written.
        prompt_ms: Time until the prompt was read, milliseconds.
        completion_ms: Time of writing, milliseconds.
        reused_tokens: Leading prompt tokens that did not have to be read again.
    """

    prompt_tokens: int
    completion_tokens: int
    prompt_ms: int
    completion_ms: int
    reused_tokens: int = 0


@dataclass(frozen=True)
class Completion:
    """The text a model wrote, and how that went."""

    text: str
    finish_reason: FinishReason
    usage: Usage


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a loaded model.

    Attributes:
        name: `general.name` of the file, or the file's stem.
        architecture: `general.architecture` of the file.
        n_ctx: Context in use, tokens.
        n_ctx_train: Context the model was trained for, tokens.
        n_vocab: Size of the vocabulary, tokens.
        size_bytes: Size of the file, bytes.
        has_chat_template: Whether the file brings a chat template of its own.
        sha256: Hex digest of the file where the caller knows it, else empty.
        n_params: Number of parameters.
    """

    name: str
    architecture: str
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    size_bytes: int
    has_chat_template: bool
    sha256: str = ""
    n_params: int = 0


class GpuState(StrEnum):
    """Whether a GPU is used, or why not."""

    NOT_INCLUDED = "not_included"
    """This package has no part for GPUs."""
    NOT_FOUND = "not_found"
    """There is none, or no driver for it."""
    SHARED_MEMORY = "shared_memory"
    """There are only ones that share the PC's memory."""
    RESTING = "resting"
    """The process ended while it was used, not long ago: the processor does the work."""
    REFUSED = "refused"
    """It did not take the model that is loaded: the processor does the work."""
    READY = "ready"


@dataclass(frozen=True)
class RuntimeInfo:
    """What the engine itself can do on this PC.

    Attributes:
        library: Name and version of the library that runs models.
        cpu_features: Instruction sets it uses here, such as `AVX2`.
        gpu: Whether a GPU is used, a `GpuState`.
        gpu_name: Its name; empty without one.
        gpu_free_bytes: Its free memory, the loaded model's part counted as free; 0 without one.
    """

    library: str
    cpu_features: tuple[str, ...]
    gpu: GpuState = GpuState.NOT_INCLUDED
    gpu_name: str = ""
    gpu_free_bytes: int = 0


@dataclass(frozen=True)
class InferenceServer:
    """A server in the building that runs the model instead of this PC, as IT's policy names it.

    Attributes:
        url: Base address of its OpenAI-compatible interface, such as `https://llm.example.jp/v1`.
        model: The model to ask for, by the server's own name.
        allowed_addresses: Networks (CIDR) in which its address must lie.
        ca_file: Certificates (PEM) of the authority that must have signed the server's.
        key_file: File whose first line is the key to send along; empty for none.
        n_ctx: Tokens that the server takes at once, prompt and answer.
        timeout_s: Longest silence, seconds.
    """

    url: str
    model: str
    allowed_addresses: tuple[str, ...]
    ca_file: str = ""
    key_file: str = ""
    n_ctx: int = 4096
    timeout_s: int = 120

    @property
    def name(self) -> str:
        """Its name, with the port where one is given, as a person reads it."""
        return self.url.split("/")[2]

    @property
    def port(self) -> int:
        """Its TCP port."""
        told = self.name.rpartition(":")[2]
        return int(told) if told.isdigit() else 443 if self.url.startswith("https:") else 80


@dataclass(frozen=True)
class LoadOptions:
    """How a model is loaded; 0 or empty leaves the choice to `models.hardware.make_plan`.

    Attributes:
        n_ctx: Context length in tokens; 0 takes what the model was trained for, capped by the engine.
        n_threads: Threads for reading and writing; 0 takes the physical cores.
        n_batch: Tokens read in one slice; 0 takes the engine's own.
        n_gpu_layers: Layers put on a GPU, negative all; 0 takes what it holds.
        kv_type: Number type of the KV cache: `f16`, `q8_0` or `f32`; empty takes what memory allows.
        sha256: Hex digest of the file where the caller knows it; saves states under a safer key.
        is_retry: Load it although it ended the engine's process the last time.
        tries_gpu_again: Use a GPU although the process ended at work with one, not long ago.
        state_folder: Folder for states of fixed text and for notes of crashes; empty for neither.
        server: The server that runs the model instead of this PC.
    """

    n_ctx: int = 0
    n_threads: int = 0
    n_batch: int = 0
    n_gpu_layers: int = 0
    kv_type: str = ""
    sha256: str = ""
    is_retry: bool = False
    tries_gpu_again: bool = False
    state_folder: str = ""
    server: InferenceServer | None = None


OnProgress = Callable[[int, int], None]
"""Called with (tokens read, tokens to read) while the prompt is read."""

OnChunk = Callable[[str], None]
"""Called with each further piece of text; always whole characters."""

IsCancelled = Callable[[], bool]
"""Asked often; True stops reading or writing at once."""


class Engine(Protocol):
    """Something that writes a completion to messages. One model at a time, one call at a time."""

    def load(self, path: Path, options: LoadOptions) -> ModelInfo:
        """Load a model, unloading the one before.

        Raises:
            ModelFileMissingError: There is no such file.
            ModelFileBrokenError: The file is not a whole, usable model.
            NotEnoughMemoryError: Model and context do not fit into free memory.
            ModelQuarantinedError: It ended the engine's process the last time.
        """
        ...

    def prepare_prefix(
        self, messages: Sequence[Message], *, on_progress: OnProgress, is_cancelled: IsCancelled
    ) -> int:
        """Read fixed text ahead of its use, and keep its state for later runs of the program.

        Args:
            messages: The beginning of conversations to come; the last text may be a beginning only.
                Fixed text alone: what a person typed must not be read before it is confirmed.
            on_progress: Told (tokens read, tokens to read).
            is_cancelled: Stops it, so that a person does not wait for it.

        Returns:
            Tokens that the next prompt with this beginning will not have to read; 0 when stopped.

        Raises:
            ModelNotLoadedError: No model is loaded.
            ContextTooLongError: The text alone does not fit.
            ChatTemplateError: The model has no chat template, or it refuses these messages.
            DecodeFailedError: llama.cpp gave up.
        """
        ...

    def generate(
        self,
        messages: Sequence[Message],
        params: GenerationParams,
        *,
        on_progress: OnProgress,
        on_chunk: OnChunk,
        is_cancelled: IsCancelled,
    ) -> Completion:
        """Read the messages and write a completion. Stopping is no error: see `FinishReason`.

        Raises:
            ModelNotLoadedError: No model is loaded.
            ContextTooLongError: Prompt and answer do not fit; nothing was read or cut.
            ChatTemplateError: The model has no chat template, or it refuses these messages.
            DecodeFailedError: llama.cpp gave up.
        """
        ...

    def runtime(self) -> RuntimeInfo:
        """What the engine can do here; needs no model."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the prompt that these messages make.

        Raises:
            ModelNotLoadedError: No model is loaded.
            ChatTemplateError: The model has no chat template, or it refuses these messages.
        """
        ...

    def unload(self) -> None:
        """Free the model; harmless when none is loaded."""
        ...
