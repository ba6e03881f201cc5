"""端末診断: what this PC can run, measured with the engine itself and told per model and context length."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.drafting.model_choice import ModelChoice
from models.engine.protocol import GenerationParams, Message, Role
from models.engine.speed import speed_of
from models.errors import ModelsError
from models.gguf_file import read_gguf
from models.hardware import Hardware, Judgement, Speed, judge_contexts, this_pc
from models.masking.masker import Masker
from models.worker.client import BlockingClient
from models.worker.protocol import completion_from_json, messages_to_json

MEASURED_CHARS = 400
MEASURED_TOKENS = 96
_SENTENCE = "次の要点をもとに、住民に向けたお知らせの文案を、正確に、わかりやすく書いてください。"


@dataclass(frozen=True)
class ModelVerdict:
    """One model on this PC.

    Attributes:
        model_id: Id of its card.
        title: Its name.
        is_measured: Whether the speed was measured with it; else it is scaled from the measured one.
        speed: Tokens a second; None where the model cannot be read.
        judgements: A verdict for each context length.
        problem: Code of the error that kept the model from being read; empty without one.
    """

    model_id: str
    title: str
    is_measured: bool
    speed: Speed | None
    judgements: tuple[Judgement, ...]
    problem: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """This PC, and every model on it.

    Attributes:
        hardware: Cores and memory.
        library: What runs models here.
        cpu_features: Instruction sets it uses.
        supports_gpu: Whether this build can use a GPU.
        disk_free_bytes: Free space where models of this account go.
        models: Verdicts, the model in use first.
    """

    hardware: Hardware
    library: str
    cpu_features: tuple[str, ...]
    supports_gpu: bool
    disk_free_bytes: int
    models: tuple[ModelVerdict, ...]


def diagnose(
    engine: BlockingClient, in_use: ModelChoice, others: Sequence[tuple[str, str, Path]], *, data_dir: Path
) -> Diagnosis:
    """Measure with the model in use and judge every other by its size.

    Args:
        engine: The engine worker.
        in_use: The model that writes.
        others: Id, title and file of further models.
        data_dir: Where models of this account go.

    Raises:
        ModelsError: The model in use cannot be loaded or does not write.
    """
    runtime = engine.call("runtime")
    speed = _measure(engine, in_use)
    hardware = this_pc()
    size = read_gguf(in_use.path).tensor_bytes
    verdicts = [_judge(in_use.card.id, in_use.card.title, in_use.path, speed, size, is_measured=True)]
    verdicts += [_judge(*other, speed, size, is_measured=False) for other in others]
    return Diagnosis(
        hardware,
        str(runtime["library"]),
        tuple(runtime["cpu_features"]),
        bool(runtime["supports_gpu"]),
        shutil.disk_usage(data_dir).free,
        tuple(verdicts),
    )


def _measure(engine: BlockingClient, model: ModelChoice) -> Speed:
    """Read a prompt of some hundred characters that was never read before, and write a little."""
    engine.call("load", {"path": str(model.path), "options": {"sha256": model.sha256, "is_retry": True}})
    text = (_SENTENCE * (MEASURED_CHARS // len(_SENTENCE) + 1))[:MEASURED_CHARS]
    messages = [Message(Role.USER, Masker().fixed(text))]
    params = GenerationParams(
        max_tokens=MEASURED_TOKENS, reserve_tokens=MEASURED_TOKENS, is_lookup_allowed=False
    )
    answer = engine.call("generate", {"messages": messages_to_json(messages), "params": vars(params)})
    return speed_of(completion_from_json(answer).usage)


def _judge(
    model_id: str, title: str, path: Path, speed: Speed, size: int, *, is_measured: bool
) -> ModelVerdict:
    try:
        file = read_gguf(path)
    except ModelsError as error:
        return ModelVerdict(model_id, title, is_measured, None, (), error.code)
    expected = speed if is_measured else speed.scaled(size, file.tensor_bytes)
    return ModelVerdict(
        model_id, title, is_measured, expected, tuple(judge_contexts(file, this_pc(), expected))
    )
