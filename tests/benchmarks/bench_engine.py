"""What the engine gains over raw llama-cpp-python. Run by `make bench`, or by hand:

    .venv/bin/python tests/benchmarks/bench_engine.py [--small] [--contended]

One run, ratios, same model and settings on both sides: the high-level `Llama` class of llama-cpp-python
against our engine. The model is a random-weight one of 1.5 B parameters in Q4_0 with a vocabulary of
151,936 tokens, written here (0.87 GB); `--small` takes a model of 60 MB for a quick look. Rewriting
and forms are measured with the demonstration model, in CPU time of one thread. Each side runs in a process of
its own. Figures go to `build/bench.json` beside those of the other benchmarks.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from models.demo import demo_model_path  # noqa: E402
from models.engine.amx import amx_refused  # noqa: E402
from models.engine.llama import LlamaEngine  # noqa: E402
from models.engine.native import cpu_features  # noqa: E402
from models.engine.protocol import GenerationParams, LoadOptions, Message  # noqa: E402
from models.hardware import this_pc  # noqa: E402
from tests.benchmarks.results import record, row  # noqa: E402
from tests.support.conversations import Recorder, assistant, system, user  # noqa: E402
from tests.support.random_gguf import SHAPE_1_5B, Shape, wide_vocabulary, write_random_gguf  # noqa: E402

N_CTX = 4096
WRITTEN = 60
IS_CONTENDED = "--contended" in sys.argv
SMALL = Shape(d=512, layers=8, heads=8, kv_heads=2, ff=1536, n_ctx=8192, quantization="Q4_0")
FIXED = "あなたは自治体職員の文書作成を支援します。入力にない事実を加えず、値は変えずに使ってください。"
TURN = "（議長）それでは、資料を御覧ください。委員から意見はありますか。"
REWRITES = (
    "市は来年度から粗大ごみの収集を予約制とする。予約は収集日の3日前までに行うこと。処理券は市内の取扱店で購入できる。",
    "市は新しい図書館を令和9年4月に開館する。開館時間は午前9時から午後7時までとする。毎週月曜日は休館日とする。",
    "道路工事のため、令和8年5月10日から5月20日まで市道12号線を通行止めとする。う回路は現地の看板に示す。",
)
FORMS = (
    "お知らせを作成してください。\n\n件名：粗大ごみの戸別収集の予約方法が変わります\n実施日：令和8年4月1日から\n"
    "対象：市内にお住まいの全世帯\nお問い合わせ先：環境課 ごみ減量推進係 0557-82-1111",
    "お礼状を作成してください。\n\n件名：市民文化祭への出展\n宛名：<会社名1> 代表取締役 <氏名1> 様\n"
    "差出人：若葉町長 <氏名2>\n日付：令和8年11月10日",
)


def threads() -> int:
    """Threads of both sides: the physical cores, as the engine would choose."""
    return 1 if IS_CONTENDED else this_pc().physical_cores


def anonymous_mb() -> float:
    """Anonymous memory of this process, MB: what the system cannot take back."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    raise OSError("no smaps_rollup")


def clock() -> float:
    """Seconds: of the wall, or of the CPU where other programs keep it busy (`--contended`)."""
    return time.process_time() if IS_CONTENDED else time.perf_counter()


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = clock()
    work()
    return clock() - start


def raw_side(path: Path) -> dict[str, float]:
    """The high-level class of llama-cpp-python."""
    from llama_cpp import Llama

    with amx_refused(is_built_in="AMX_INT8" in cpu_features()):
        llama = Llama(str(path), n_ctx=N_CTX, n_threads=threads(), verbose=False)
    fixed, turns = long_texts(lambda text: len(llama.tokenize(text.encode(), add_bos=False)))
    figures: dict[str, float] = {}
    prompt = llama.tokenize((fixed + "件名：試験").encode(), add_bos=False)

    def first_token(tokens: Sequence[int]) -> None:
        llama.reset()
        llama.eval(tokens)
        llama.sample(temp=0)

    figures["first_s"] = timed(lambda: first_token(prompt))
    token = llama.sample(temp=0)
    start = clock()
    for _ in range(WRITTEN):
        llama.eval([token])
        token = llama.sample(temp=0)
    figures["writing_tps"] = WRITTEN / (clock() - start)
    figures["anonymous_mb"] = anonymous_mb()
    conversation = llama.tokenize((turns + "もっと短く").encode(), add_bos=False)
    figures["follow_up_s"] = timed(lambda: first_token(conversation))
    state = llama.save_state()
    llama.load_state(state)
    figures["anonymous_kept_mb"] = anonymous_mb()
    return figures


def own_side(path: Path, folder: Path) -> dict[str, float]:
    """Our engine."""
    engine = LlamaEngine()
    options = LoadOptions(n_ctx=N_CTX, n_threads=threads(), state_folder=str(folder))

    def first_token(*messages: Message) -> float:
        return timed(lambda: Recorder().run(engine, *messages, max_tokens=1))

    engine.load(path, options)
    fixed, turns = long_texts(lambda text: engine.count_tokens([user(text)]))
    figures: dict[str, float] = {"fixed_tokens": engine.count_tokens([system(fixed)])}
    engine.prepare_prefix([system(fixed)], on_progress=lambda done, total: None, is_cancelled=lambda: False)
    figures["first_again_s"] = first_token(system(fixed), user("件名：試験"))
    start = clock()
    completion = Recorder().run(
        engine, system(fixed), user("件名：試験"), max_tokens=WRITTEN, is_lookup_allowed=False
    )
    figures["writing_tps"] = completion.usage.completion_tokens / (clock() - start)
    figures["anonymous_mb"] = anonymous_mb()
    figures.update(stopping(engine, turns))
    engine.unload()
    engine.load(path, options)
    figures["first_restart_s"] = first_token(system(fixed), user("件名：試験"))
    first = Recorder().run(engine, user(turns), max_tokens=8)
    figures["conversation_tokens"] = first.usage.prompt_tokens
    figures["follow_up_s"] = first_token(user(turns), assistant(first.text), user("もっと短く"))
    engine.unload()
    return figures


def stopping(engine: LlamaEngine, text: str) -> dict[str, float]:
    """Seconds from the order to stop until the engine is back, while reading and while writing."""
    figures = {}
    for name, prompt, after_s in (("stop_reading_s", "停止" + text, 1.0), ("stop_writing_s", "件名", 2.0)):
        start = time.perf_counter()
        recorder = Recorder()
        engine.generate(
            [user(prompt)],
            GenerationParams(max_tokens=500, seed=3, temperature=1.5),
            on_progress=recorder._on_progress,
            on_chunk=recorder._on_chunk,
            is_cancelled=lambda start=start, after_s=after_s: time.perf_counter() - start > after_s,  # type: ignore[misc]
        )
        figures[name] = time.perf_counter() - start - after_s
    return figures


def long_texts(count: Callable[[str], int]) -> tuple[str, str]:
    """Fixed text of 1,000 tokens and more, and a conversation of about 3,000."""
    fixed, turns = FIXED, TURN
    while count(fixed) < 1000:
        fixed += FIXED
    while count(turns) < 3000:
        turns += TURN
    return fixed, turns


def lookup_gain(texts: Sequence[str]) -> float:
    """CPU time of writing with the demonstration model without guessing over that with it, best of six."""
    seconds = {True: math.inf, False: math.inf}
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(n_threads=1))
    for _ in range(6):
        for allowed in (True, False):
            took = 0.0
            for text in texts:
                Recorder().run(engine, user(text), max_tokens=1)  # the prompt is in memory now
                start = time.process_time()
                Recorder().run(engine, user(text), max_tokens=200, is_lookup_allowed=allowed)
                took += time.process_time() - start
            seconds[allowed] = min(seconds[allowed], took)
    engine.unload()
    return seconds[False] / seconds[True]


def side(name: str, path: Path, folder: Path) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, __file__, "--side", name, "--model", str(path), "--folder", str(folder)]
    command += ["--contended"] if IS_CONTENDED else []
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{name}: exit code {run.returncode}\n{run.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main(*, is_small: bool) -> None:
    """Write the model, run both sides, report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_random_gguf(
            folder / "model.gguf", SMALL if is_small else SHAPE_1_5B, vocabulary=wide_vocabulary()
        )
        raw, own = side("raw", path, folder / "states"), side("own", path, folder / "states")
    raw_class = "llama_cpp.Llama, same model and settings"
    rewrites = [f"次の文章を、です・ます調に書き直してください。\n\n{text}" for text in REWRITES]
    record(
        {
            "engine_writing_speed": row(
                own["writing_tps"] / raw["writing_tps"], "ratio", ">= 0.97", raw_class
            ),
            "first_character_second_use": row(
                own["first_again_s"] / raw["first_s"], "ratio", "<= 0.05", raw_class
            ),
            "first_character_after_restart": row(
                own["first_restart_s"] / raw["first_s"], "ratio", "<= 0.12", raw_class
            ),
            "first_character_follow_up": row(
                own["follow_up_s"] / raw["follow_up_s"], "ratio", "<= 0.05", raw_class
            ),
            "rewriting_speed": row(lookup_gain(rewrites), "ratio", ">= 1.3", "greedy, same engine"),
            "other_task_speed": row(lookup_gain(FORMS), "ratio", ">= 0.97", "greedy, same engine"),
            "stop_while_writing": row(own["stop_writing_s"], "s", "<= 0.3", ""),
            "stop_while_reading": row(own["stop_reading_s"], "s", "<= 1.0", ""),
            "anonymous_memory": row(own["anonymous_mb"] / raw["anonymous_mb"], "ratio", "<= 0.7", raw_class),
            "anonymous_memory_with_kept_state": row(
                own["anonymous_mb"] / raw["anonymous_kept_mb"],
                "ratio",
                "<= 0.7",
                raw_class + ", state saved and loaded",
            ),
            "engine_raw_figures": {
                "value": 0,
                "unit": "",
                "target": "",
                "against": "",
                "raw": raw,
                "own": own,
            },
        }
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--contended", action="store_true", help="one thread, CPU time")
    parser.add_argument("--side", choices=("raw", "own"))
    parser.add_argument("--model", type=Path)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.side == "raw":
        print(json.dumps(raw_side(arguments.model)))
    elif arguments.side == "own":
        print(json.dumps(own_side(arguments.model, arguments.folder)))
    else:
        main(is_small=arguments.small)
