"""`kian mask`: finds personal information in JSON lines. For IT and for measuring."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from desktop.cli.output import say
from desktop.drafting.errors import DocumentUnreadableError, ExportFailedError, write_trouble
from models.worker.client import BlockingClient
from models.worker.protocol import Json


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `mask` to the commands."""
    parser = commands.add_parser("mask", help="文章の中の個人情報を見つけます（JSON Lines）")
    parser.add_argument("--input", required=True, type=Path, help='入力。1行に {"id","text"}')
    parser.add_argument("--output", required=True, type=Path, help='出力。1行に {"id","spans","seconds"}')
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
        DocumentUnreadableError: The input cannot be read or a line is not of the form.
        ExportFailedError: The output cannot be written.
    """
    settings = {"include_quasi": arguments.kinds == "all"}
    rows = list(_rows(arguments.input))
    started, done = time.perf_counter(), 0
    try:
        with BlockingClient("masking") as masking, arguments.output.open("w", encoding="utf-8") as out:
            masking.call("load", {"settings": settings})
            for row in rows:
                _write(out, row["id"], _analyze(masking, str(row["text"]), settings))
                done += 1
    except OSError as error:
        raise ExportFailedError(write_trouble(error)) from error
    say(f"{done}件の文章を調べました（{time.perf_counter() - started:.1f}秒）。")
    return 0


def _analyze(masking: BlockingClient, text: str, settings: Json) -> Json:
    params = {"text": text, "settings": settings, "fast_first": False}
    return masking.call("analyze", params)


def _write(out: TextIO, row_id: object, found: Json) -> None:
    spans = [{"start": s["start"], "end": s["end"], "label": s["label"]} for s in found["spans"]]
    line = {"id": row_id, "spans": spans, "seconds": round(float(found["seconds"]), 6)}
    out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _rows(path: Path) -> Iterator[Json]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise DocumentUnreadableError("missing", path.suffix) from error
    except UnicodeDecodeError as error:
        raise DocumentUnreadableError("encoding", path.suffix) from error
    except OSError as error:
        raise DocumentUnreadableError("denied", path.suffix) from error
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DocumentUnreadableError("broken", path.suffix) from error
        if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
            raise DocumentUnreadableError("broken", path.suffix)
        yield row
