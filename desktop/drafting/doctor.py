"""端末診断: what this PC can run, measured with the engine itself and told per model and context length."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import psutil

from desktop.drafting.model_choice import ModelChoice
from models.engine.protocol import GenerationParams, GpuState, LoadOptions, Message, Role
from models.engine.speed import speed_of
from models.errors import ModelNotLoadedError, ModelsError, WorkerCrashedError
from models.gguf_file import read_gguf
from models.hardware import (
    Hardware,
    Judgement,
    Plan,
    PlanReason,
    Speed,
    Verdict,
    VerdictReason,
    judge_contexts,
    longest_comfortable,
    make_plan,
    this_pc,
)
from models.masking.masker import Masker
from models.worker.protocol import completion_from_json, messages_to_json

MEASURED_CHARS = 400
MEASURED_TOKENS = 96
VERDICT_WORDS = {
    Verdict.COMFORTABLE: "快適",
    Verdict.SLOW: "動くが遅い",
    Verdict.IMPOSSIBLE: "動きません",
}
REASON_WORDS = {
    VerdictReason.FITS: "問題ありません",
    VerdictReason.READING_SLOW: "書き始めるまでに時間がかかります",
    VerdictReason.WRITING_SLOW: "書く速さが、読む速さに追いつきません",
    VerdictReason.NOT_ENOUGH_MEMORY: "空きメモリーが足りません",
}
PLAN_WORDS = {
    PlanReason.TRAINED_FOR_LESS: "モデルが一度に扱える長さまで",
    PlanReason.SMALL_MODEL_ONE_THREAD: "小さいモデルは1スレッドのほうが速いため",
    PlanReason.SHORT_OF_MEMORY_CONTEXT: "メモリーが足りないため、文脈を短くします",
    PlanReason.SHORT_OF_MEMORY_KV: "メモリーが足りないため、KVを小さくします（少し遅くなります）",
    PlanReason.SHORT_OF_MEMORY_LAYOUT: "メモリーに余裕がないため、速い並べ方をしません",
    PlanReason.GPU_HOLDS_ALL: "GPUにすべて載ります",
    PlanReason.GPU_HOLDS_PART: "GPUに載る分だけ載せます",
    PlanReason.GPU_TOO_SMALL: "GPUのメモリーが足りません",
}
GPU_WORDS = {
    GpuState.NOT_INCLUDED: "使いません（この版はCPU用です）",
    GpuState.NOT_FOUND: "使いません（使えるGPUかドライバーがありません）",
    GpuState.SHARED_MEMORY: "使いません（内蔵GPUだけのため）",
    GpuState.RESTING: "休ませています（使っている間に異常終了したため、1週間はCPUで動かします）",
    GpuState.REFUSED: "使いません（モデルを載せられなかったため、CPUで動かしています）",
    GpuState.READY: "使えます",
}
_SENTENCE = "次の要点をもとに、住民に向けたお知らせの文案を、正確に、わかりやすく書いてください。"


class Caller(Protocol):
    """What a request to the engine worker goes through: `BlockingClient`, or the window's own process."""

    def call(self, op: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request, one result.

        Raises:
            ModelsError: What the worker answered.
        """
        ...


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
        plan: How it is loaded here, by window and terminal alike; None where it cannot be read.
    """

    model_id: str
    title: str
    is_measured: bool
    speed: Speed | None
    judgements: tuple[Judgement, ...]
    problem: str = ""
    plan: Plan | None = None

    @property
    def best(self) -> Judgement | None:
        """The judgement to show in one word: the longest context that does, else the first that does not."""
        return longest_comfortable(self.judgements) or next(iter(self.judgements), None)

    @property
    def words(self) -> str:
        """「快適」, 「動くが遅い」 or 「動きません」."""
        return VERDICT_WORDS[self.best.verdict if self.best else Verdict.IMPOSSIBLE]


@dataclass(frozen=True)
class ServerVerdict:
    """The server in the building that writes instead of this PC.

    Attributes:
        server: Its name.
        model: The model asked of it.
        speed: What a short text from here showed; None where it did not come.
        problem: Code of the error that kept it from coming, with its reason; empty without one.
    """

    server: str
    model: str
    speed: Speed | None
    problem: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """This PC, and every model on it.

    Attributes:
        hardware: Cores and memory.
        library: What runs models here.
        cpu_features: Instruction sets it uses.
        gpu: Whether a GPU is used, or why not.
        gpu_name: Its name; empty without one.
        disk_free_bytes: Free space where models of this account go.
        models: Verdicts, the model in use first.
        server: The server that IT's policy names in the place of these models.
    """

    hardware: Hardware
    library: str
    cpu_features: tuple[str, ...]
    gpu: GpuState
    gpu_name: str
    disk_free_bytes: int
    models: tuple[ModelVerdict, ...]
    server: ServerVerdict | None = None


def try_server(worker: Caller, choice: ModelChoice) -> tuple[ServerVerdict, ModelsError | None]:
    """Have the server of a choice write a little; what it showed, and the error where it did not."""
    name = choice.server.name if choice.server else ""
    try:
        return ServerVerdict(name, choice.card.title, _load_and_measure(worker, choice)), None
    except ModelsError as error:
        problem = ".".join(filter(None, (error.code, str(error.fields().get("reason", "")))))
        return ServerVerdict(name, choice.card.title, None, problem), error


def diagnose(
    engine: Caller,
    in_use: ModelChoice,
    others: Sequence[tuple[str, str, Path]],
    *,
    data_dir: Path,
    states_dir: Path | None = None,
    loaded_in: int | None = None,
) -> Diagnosis:
    """Measure with the model in use and judge every other by its size.

    Args:
        engine: The engine worker.
        in_use: The model that writes.
        others: Id, title and file of further models.
        data_dir: Where models of this account go.
        states_dir: Where the engine keeps its notes of crashes, which let it leave a GPU alone.
        loaded_in: Process that holds the model in use already: it is measured as it is, and its memory
            counts as free, for another model would take its place. None loads it.

    Raises:
        ModelsError: The model in use cannot be loaded or does not write.
    """
    hardware = this_pc()
    if loaded_in is not None:
        free = min(hardware.free_bytes + _held_by(loaded_in), hardware.total_bytes)
        hardware = replace(hardware, free_bytes=free)
    is_loaded = loaded_in is not None
    speed = _measure(engine, in_use) if is_loaded else _load_and_measure(engine, in_use, states_dir)
    runtime = engine.call("runtime")  # only now it is known whether a GPU took the model
    hardware = replace(hardware, gpu_free_bytes=int(runtime["gpu_free_bytes"]))
    size = read_gguf(in_use.path).tensor_bytes
    mine = (in_use.card.id, in_use.card.title, in_use.path)
    verdicts = [_judge(*mine, speed, size, hardware, is_measured=True)]
    verdicts += [_judge(*other, speed, size, hardware, is_measured=False) for other in others]
    return Diagnosis(
        hardware,
        str(runtime["library"]),
        tuple(runtime["cpu_features"]),
        GpuState(runtime["gpu"]),
        str(runtime["gpu_name"]),
        shutil.disk_usage(data_dir).free,
        tuple(verdicts),
    )


def _load_and_measure(engine: Caller, model: ModelChoice, states_dir: Path | None = None) -> Speed:
    """Also with a GPU that is left alone at present; where it ends the process, without it."""
    options = LoadOptions(
        sha256=model.sha256, server=model.server, state_folder=str(states_dir) if states_dir else ""
    )
    try:
        _load(engine, model, replace(options, is_retry=True, tries_gpu_again=True))
        return _measure(engine, model)
    except WorkerCrashedError as crash:
        try:
            _load(engine, model, options)
        except ModelsError:
            raise crash from None  # it was not the GPU
        return _measure(engine, model)


def _measure(engine: Caller, model: ModelChoice) -> Speed:
    """Read a prompt of some hundred characters that was never read before, and write a little."""
    # Digits of chance in front: an engine that keeps what it has read has not read these.
    text = secrets.token_hex(4) + _SENTENCE * (MEASURED_CHARS // len(_SENTENCE) + 1)
    messages = [Message(Role.USER, Masker().fixed(text[:MEASURED_CHARS]))]
    params = GenerationParams(
        max_tokens=MEASURED_TOKENS, reserve_tokens=MEASURED_TOKENS, is_lookup_allowed=False
    )
    request = {"messages": messages_to_json(messages), "params": vars(params)}
    try:
        answer = engine.call("generate", request)
    except ModelNotLoadedError:
        _load(engine, model, LoadOptions(sha256=model.sha256, is_retry=True, server=model.server))
        answer = engine.call("generate", request)
    return speed_of(completion_from_json(answer).usage)


def _load(engine: Caller, model: ModelChoice, options: LoadOptions) -> None:
    engine.call("load", {"path": str(model.path), "options": asdict(options)})


def _held_by(pid: int) -> int:
    """Bytes that a process would give back if it ended; 0 where the system does not tell."""
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_full_info().uss)
    return 0


def _judge(
    model_id: str,
    title: str,
    path: Path,
    speed: Speed,
    size: int,
    hardware: Hardware,
    *,
    is_measured: bool,
) -> ModelVerdict:
    try:
        file = read_gguf(path)
    except ModelsError as error:
        return ModelVerdict(model_id, title, is_measured, None, (), error.code)
    expected = speed if is_measured else speed.scaled(size, file.tensor_bytes)
    judgements = tuple(judge_contexts(file, hardware, expected))
    plan = make_plan(file, hardware)
    return ModelVerdict(model_id, title, is_measured, expected, judgements, plan=plan)


def gpu_words(diagnosis: Diagnosis) -> str:
    """Whether a GPU is used, which and with how much memory, or why not."""
    words = GPU_WORDS[diagnosis.gpu]
    if diagnosis.gpu is not GpuState.READY:
        return words
    return f"{words}（{diagnosis.gpu_name}、空き {diagnosis.hardware.gpu_free_bytes / 2**30:.1f} GB）"


def plan_words(plan: Plan) -> str:
    """How a model is loaded, and why so, in one line."""
    layers = f"、GPU {plan.n_gpu_layers}層" if plan.n_gpu_layers else ""
    chosen = f"スレッド {plan.n_threads}、一度に読む長さ {plan.n_batch}、文脈 {plan.n_ctx:,}、KV {plan.kv_type}{layers}"
    reasons = "。".join(PLAN_WORDS[reason] for reason in plan.reasons)
    return f"{chosen}（{reasons}）" if reasons else chosen
