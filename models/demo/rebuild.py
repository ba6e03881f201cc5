"""Makes the demonstration model anew: `python -m models.demo.rebuild --output DIR [--hours H] [--resume]`.

Needs the dependency group `demo` (torch). Everything it learns from is invented by this folder's
generator. The recipe and what came of it: docs/demo-model.md.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from models.demo.export import read_weights, write_gguf
from models.demo.initial import initial_weights
from models.demo.shape import Shape, Weights
from models.demo.training import TrainingPlan, begin
from models.demo.vocabulary import load_vocabulary

FILE_NAME = "kian-demo-q8_0.gguf"


def main(arguments: list[str] | None = None) -> int:
    """Train, then write the model file."""
    options = _parser().parse_args(arguments)
    shape, output = Shape(), Path(options.output)
    plan = TrainingPlan(seconds=options.hours * 3600, threads=options.threads)
    start = read_weights(Path(options.start)) if options.start else initial_weights(shape)
    trainer = begin(shape, start, plan, folder=output, report=_say)
    if options.resume and not trainer.resume():
        _say("no checkpoint to resume; starting anew")
    weights = trainer.average() if options.export_only else trainer.run()
    _export(output / FILE_NAME, shape, weights)
    return 0


def _export(path: Path, shape: Shape, weights: Weights) -> None:
    write_gguf(path, shape=shape, weights=weights, vocabulary=load_vocabulary())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    _say(f"{path.name}: {path.stat().st_size} bytes, sha256 {digest}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.demo.rebuild", description=__doc__)
    parser.add_argument("--output", required=True, help="folder for checkpoints and the model file")
    parser.add_argument("--hours", type=float, default=4.0, help="wall clock of the whole training")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--start", default="", help="a model file of the same shape to train on from")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    parser.add_argument("--export-only", action="store_true", help="with --resume: only write the model file")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
