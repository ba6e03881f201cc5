"""Worker processes for the window's tests: quick, and with ways to misbehave, over the real pipes.

Run as `python window_workers.py masking|engine`. The masking one finds by simple patterns; the engine
one writes back what it was asked, in small pieces, or does what a word in the request tells it.
"""

import os
import re
import sys
import time
from pathlib import Path

from models.engine.fake import FakeEngine
from models.errors import ContextTooLongError
from models.masking.entities import EntityType, Span
from models.worker.engine import EngineOps
from models.worker.protocol import span_to_json
from models.worker.server import WorkerServer, claim_stdout

PATTERNS = (
    (EntityType.PERSON, r"(?:山田|佐藤|鈴木|𠮷田)(?:太郎|花子|一郎)?", 1.0),
    (EntityType.PHONE, r"0\d{1,3}-\d{2,4}-\d{4}", 1.0),
    (EntityType.ADDRESS, r"桜浜市[^、。\s]{2,}?\d+-\d+(?:-\d+)?", 0.5),
    (EntityType.MY_NUMBER, r"(?<!\d)\d{12}(?!\d)", 1.0),
    (EntityType.AGE, r"\d+歳", 1.0),
    (EntityType.GENDER, r"男性|女性", 1.0),
    (EntityType.FAMILY_RELATION, r"長男|長女", 1.0),
)


def find(text):
    spans = [
        Span(m.start(), m.end(), kind, score=score)
        for kind, pattern, score in PATTERNS
        for m in re.finditer(pattern, text)
    ]
    return [span_to_json(span) for span in sorted(spans, key=lambda span: span.start)]


def analyze(params, context):
    text = params["text"]
    if "マスキング異常終了" in text:
        os._exit(9)
    spans = find(text)
    context.emit("partial", {"spans": [s for s in spans if s["label"] == "PHONE"]})
    if "ゆっくり探す" in text:
        time.sleep(0.4)
    return {"spans": spans, "seconds": 0.01}


def points_of(part):
    """The points of one part of a long text: the beginning of each article."""
    if "要点なし" in part:
        return ""
    return "\n".join(f"・{line[:24]}" for line in part.splitlines() if line.startswith("第")) or "・なし"


def write_back(messages):
    request = messages[-1].text.text
    if "# 部分（" in request:
        request = request.rpartition("# 部分（")[2].partition("）\n")[2]
    is_part = request is not messages[-1].text.text
    if "長すぎる資料" in request:
        raise ContextTooLongError(prompt_tokens=9000, max_tokens=256, n_ctx=4096)
    if "異常終了" in request and not Path(os.environ.get("CRASHED_ONCE", "/")).exists():
        Path(os.environ["CRASHED_ONCE"]).touch()
        os._exit(139)
    if is_part:
        return points_of(request)
    if "返事がない" in request and not Path(os.environ["CRASHED_ONCE"]).exists():
        Path(os.environ["CRASHED_ONCE"]).touch()
        time.sleep(600)
    if "架空の日付" in request:
        return f"{request}\n令和99年9月9日に開催します。"
    return request


if __name__ == "__main__":
    sink = claim_stdout()
    if sys.argv[1] == "masking":
        handlers = {"load": lambda params, context: {}, "analyze": analyze}
    else:
        slow = float(os.environ.get("WRITING_DELAY_S", "0"))
        engine = FakeEngine(script=write_back, chunk_delay_s=slow, read_delay_s=slow)
        handlers = EngineOps(engine).handlers()
    WorkerServer(sys.argv[1], handlers, source=sys.stdin.buffer, sink=sink).serve()
