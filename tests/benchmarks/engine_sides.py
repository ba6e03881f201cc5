"""The two sides of bench_engine.py, each in a process of its own, measured on request.

    python tests/benchmarks/engine_sides.py raw|window MODEL FOLDER

A line on stdin is a command with its arguments, as JSON; the line on stdout its answer. So the parent can
have both sides measured in turns, and what else the machine does hits both alike. `raw` is the high-level
class of llama-cpp-python; `window` is Kian as a person has it: Qt's event loop, the worker process, values
restored, text appended to the sheet. Times are those of the wall.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

N_CTX: Final = 4096
FIXED = "あなたは自治体職員の文書作成を支援します。入力にない事実を加えず、値は変えずに使ってください。"
TURN = "（議長）それでは、資料を御覧ください。委員から意見はありますか。"
FIXED_TOKENS, TURN_TOKENS = 1_000, 3_000
FOLLOW_UP = "もっと短く"


def anonymous_mb(pid: int | str) -> float:
    """Anonymous memory of a process, MB: what the system cannot take back."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    raise OSError("no smaps_rollup")


class RawSide:
    """llama-cpp-python's `Llama`, driven by hand: greedy, nothing kept."""

    def __init__(self, path: Path, _folder: Path) -> None:
        from llama_cpp import Llama

        from models.engine.amx import amx_refused
        from models.engine.native.library import cpu_features
        from models.hardware import this_pc

        with amx_refused(is_built_in="AMX_INT8" in cpu_features()):
            self._llama = Llama(str(path), n_ctx=N_CTX, n_threads=this_pc().physical_cores, verbose=False)
        self._fixed, self._turns = FIXED, TURN
        while len(self._tokens(self._fixed)) < FIXED_TOKENS:
            self._fixed += FIXED
        while len(self._tokens(self._turns)) < TURN_TOKENS:
            self._turns += TURN

    def texts(self) -> tuple[str, str]:
        """Fixed text of 1,000 tokens and a conversation of 3,000, by this model's own count."""
        return self._fixed, self._turns

    def first_s(self) -> float:
        """Seconds to the first token after the fixed text and a subject."""
        return self._first_s(self._fixed + "件名：試験")

    def follow_up_s(self) -> float:
        """Seconds to the first token after the conversation, read again."""
        return self._first_s(self._turns + FOLLOW_UP)

    def write_s(self, count: int) -> float:
        """Seconds of writing so many tokens after a short prompt."""
        llama = self._llama
        llama.reset()
        *prompt, token = self._tokens("件名：試験のお知らせ")
        llama.eval(prompt)
        start = time.perf_counter()
        for _ in range(count):
            llama.eval([token])
            token = llama.sample(temp=0)
        return time.perf_counter() - start

    def anonymous_mb(self) -> float:
        """Anonymous memory of this process."""
        return anonymous_mb("self")

    def keep(self) -> None:
        """Use the fixed text twice with the class's own cache: how it keeps what it has read."""
        from llama_cpp import LlamaRAMCache

        self._llama.set_cache(LlamaRAMCache())
        for subject in ("試験", "研修"):
            self._llama.create_completion(f"{self._fixed}件名：{subject}", max_tokens=1)

    def close(self) -> None:
        """Nothing is left to end."""

    def _tokens(self, text: str) -> list[int]:
        return self._llama.tokenize(text.encode(), add_bos=False)

    def _first_s(self, text: str) -> float:
        tokens = self._tokens(text)
        start = time.perf_counter()
        self._llama.reset()
        self._llama.eval(tokens)
        self._llama.sample(temp=0)
        return time.perf_counter() - start


class WindowSide:
    """Kian: an engine client in Qt's event loop, its worker process, the restorer and the sheet."""

    def __init__(self, path: Path, folder: Path) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from PySide6.QtCore import QEventLoop, QTimer

        from desktop.app import make_application
        from desktop.gui.clients.engine_client import EngineClient
        from desktop.gui.clients.worker_client import WorkerClient
        from desktop.gui.theme import ColorScheme, TextSize, Theme
        from desktop.gui.widgets.paper import Paper
        from models.engine.protocol import LoadOptions
        from models.hardware import this_pc
        from models.masking.entities import EntityType
        from models.masking.vault import Vault

        self._app = make_application(["bench"])
        self._paper = Paper(Theme(scheme=ColorScheme.SYSTEM, size=TextSize.STANDARD, parent=self._app))
        self._paper.resize(800, 600)
        self._paper.show()
        self._vault = Vault()
        self._vault.placeholder_for("山田太郎", entity_type=EntityType.PERSON)
        self._process = WorkerClient("engine")
        self._engine = EngineClient(self._process)
        self._ended: dict[str, Any] = {}
        for signal in (self._engine.completion_received, self._engine.failed):
            signal.connect(self._ended.__setitem__)
        self._engine.prefix_prepared.connect(lambda tokens: self._ended.update(prepared=tokens))
        self._loop = QEventLoop()
        self._alarm = QTimer(singleShot=True)
        happenings = (self._engine.completion_received, self._engine.failed, self._engine.prefix_prepared)
        for happening in (*happenings, self._engine.state_changed, self._alarm.timeout):
            happening.connect(self._loop.quit)
        self._engine.chunk_received.connect(self._take_chunk)
        self._model = path
        self._options = LoadOptions(n_ctx=N_CTX, n_threads=this_pc().physical_cores, state_folder=str(folder))
        self._load()

    def prepare(self, fixed: str) -> int:
        """Read the fixed text ahead; the tokens that are known then."""
        self._ended.pop("prepared", None)
        self._engine.prepare([self._message("system", fixed)])
        self._until(lambda: "prepared" in self._ended)
        return int(self._ended["prepared"])

    def first_s(self, fixed: str, subject: str) -> float:
        """Seconds to the first token after the fixed text and a subject."""
        return self._generate([("system", fixed), ("user", subject)], max_tokens=1)[0]

    def first_after_restart_s(self, fixed: str, subject: str) -> float:
        """The same in a new process, its model loaded, with what the disk kept."""
        self._engine.stop()
        self._load()
        return self.first_s(fixed, subject)

    def write_s(self, count: int) -> float:
        """Seconds of writing so many tokens after a short prompt, until the last stands on the sheet."""
        self._generate(
            [("user", "件名：試験のお知らせ")], max_tokens=1
        )  # the prompt is in memory, as on the other side
        seconds, completion = self._generate([("user", "件名：試験のお知らせ")], max_tokens=count)
        if completion.usage.completion_tokens != count:
            raise SystemExit(f"wrote {completion.usage.completion_tokens} of {count} tokens")
        return seconds

    def converse(self, turns: str) -> tuple[int, str]:
        """Hold a conversation about a long text; its tokens, and the answer."""
        _seconds, completion = self._generate([("user", turns)], max_tokens=8)
        return completion.usage.prompt_tokens, completion.text

    def follow_up_s(self, turns: str, answer: str, request: str) -> float:
        """Seconds to the first token of a follow-up."""
        turn = [("user", turns), ("assistant", answer), ("user", request)]
        return self._generate(turn, max_tokens=1)[0]

    def stop_s(self, text: str, after_s: float) -> float:
        """Seconds from the order to stop until the engine is free again."""
        call = self._ask([("user", text)], max_tokens=500)
        self._alarm.start(round(after_s * 1000))
        self._until(lambda: not self._alarm.isActive())
        start = time.perf_counter()
        self._engine.cancel(call)
        self._until(lambda: call in self._ended)
        return time.perf_counter() - start

    def anonymous_mb(self) -> float:
        """Anonymous memory of the worker."""
        return anonymous_mb(self._process.pid)

    def close(self) -> None:
        """End the worker."""
        self._engine.stop()

    def _load(self) -> None:
        self._engine.load(self._model, self._options)
        self._until(lambda: self._engine.state in ("ready", "failed"))
        if self._engine.load_error is not None:
            raise SystemExit(str(self._engine.load_error))

    def _generate(self, turns: list[tuple[str, str]], *, max_tokens: int) -> tuple[float, Any]:
        self._paper.begin()
        start = time.perf_counter()
        call = self._ask(turns, max_tokens=max_tokens)
        self._until(lambda: call in self._ended)
        seconds, completion = time.perf_counter() - start, self._ended[call]
        if isinstance(completion, Exception):
            raise SystemExit(str(completion))
        return seconds, completion

    def _ask(self, turns: list[tuple[str, str]], *, max_tokens: int) -> str:
        from models.engine.protocol import GenerationParams
        from models.masking.vault import StreamRestorer

        self._restorer = StreamRestorer(self._vault)
        params = GenerationParams(max_tokens=max_tokens, reserve_tokens=1, is_lookup_allowed=False)
        return self._engine.generate([self._message(*turn) for turn in turns], params)

    def _message(self, role: str, text: str) -> Any:
        from models.engine.protocol import Message, Role
        from models.masking.masker import Masker

        return Message(Role(role), Masker().fixed(text))

    def _take_chunk(self, _call: str, text: str) -> None:
        shown = self._restorer.feed(text)
        if shown:
            self._paper.append_text(shown)

    def _until(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            self._loop.exec()


def main() -> None:
    """Answer commands until stdin closes."""
    name, path, folder = sys.argv[1:]
    answers = sys.stdout
    sys.stdout = sys.stderr
    sides: dict[str, type[RawSide | WindowSide]] = {"raw": RawSide, "window": WindowSide}
    side = sides[name](Path(path), Path(folder))
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        answers.write(json.dumps(getattr(side, command)(*arguments)) + "\n")
        answers.flush()
    side.close()


if __name__ == "__main__":
    main()
