"""`kian mask`: finds personal information in JSON lines. For IT and for measuring."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.cli.output import say
from desktop.drafting.documents.atomic import write_atomically
from desktop.drafting.errors import ExportFailedError, JsonLinesUnreadableError
from models.worker.client import BlockingClient
from models.worker.protocol import Json


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mask` to the commands."""
    parser = commands.add_parser("mask", help="文章の中の個人情報を見つけます（JSON Lines）")
    parser.add_argument(
        "--input", required=True, type=Path, metavar="ファイル", help='入力。1行に {"id","text"}'
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="ファイル", help='出力。1行に {"id","spans","seconds"}'
    )
    parser.add_argument(
        "--kinds",
        choices=["standard", "all"],
        default="standard",
        help="all にすると、年齢・施設名など組合せで個人が分かる事項も出力します",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Analyze every line. Exit code 0 when every line of the input has its line in the output.

    Raises:
        JsonLinesUnreadableError: The input cannot be read or a line is not of the form.
        ExportFailedError: The output cannot be written, or is the input.
    """
    settings = {"include_quasi": arguments.kinds == "all"}
    if arguments.output.resolve() == arguments.input.resolve():
        raise ExportFailedError("same_file")
    rows = list(_rows(arguments.input))
    started = time.perf_counter()
    with BlockingClient("masking") as masking:
        masking.call("load", {"settings": settings})
        lines = [_line(row["id"], _analyze(masking, row["text"], settings)) for row in rows]
    write_atomically(arguments.output, "".join(lines).encode("utf-8"))
    say(f"{len(lines)}件の文章を調べました（{time.perf_counter() - started:.1f}秒）。")
    return 0


def _analyze(masking: BlockingClient, text: str, settings: Json) -> Json:
    params = {"text": text, "settings": settings, "fast_first": False}
    return masking.call("analyze", params)


def _line(row_id: object, found: Json) -> str:
    spans = [{"start": s["start"], "end": s["end"], "label": s["label"]} for s in found["spans"]]
    line = {"id": row_id, "spans": spans, "seconds": round(float(found["seconds"]), 6)}
    try:
        text = json.dumps(line, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate in the id: written as its escape
        text = json.dumps(line)
    return text + "\n"


def _rows(path: Path) -> Iterator[Json]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise JsonLinesUnreadableError("missing", 0) from error
    except UnicodeDecodeError as error:
        raise JsonLinesUnreadableError("encoding", 0) from error
    except OSError as error:
        raise JsonLinesUnreadableError("unreadable", 0) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise JsonLinesUnreadableError("not_json", number) from error
        if not isinstance(row, dict):
            raise JsonLinesUnreadableError("not_json", number)
        if "id" not in row or not isinstance(row.get("text"), str):
            raise JsonLinesUnreadableError("no_id_or_text", number)
        yield row
