"""Loads mutated model files one after another, for a test that watches this process die or live.

Run as `python mutated_models.py FOLDER FIRST LAST`: each number seeds one mutation of the demonstration
model. With `fields STEP` in their place, every STEP-th of the mutations of `mutated_fields`. A line `NUMBER
OUTCOME` goes to stdout for each.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from models.demo import demo_model_path
from models.engine.llama import LlamaEngine
from models.engine.protocol import GenerationParams, LoadOptions, Message, Role
from models.errors import ModelsError
from models.masking.text import seal
from tests.support.mutated_fields import mutations

_HEADER_BYTES = 95_000
_NAMES = (b"llama", b"tokenizer.ggml", b"token_embd", b"blk.", b"attn_", b"general.")


def mutate(data: bytes, number: int) -> bytes:
    """One mutation: numbers of the header, keys, truncation, foreign names."""
    rng = random.Random(number)
    kind = rng.randrange(6)
    changed = bytearray(data)
    if kind == 0:
        return data[: rng.randrange(len(data))]
    if kind == 1:
        old = rng.choice(_NAMES)
        return data.replace(old, bytes(rng.choice(b"abcxyz._") for _ in old), rng.choice([1, 2, -1]))
    limit = 900 if kind < 5 else _HEADER_BYTES
    for _ in range(rng.choice([1, 1, 2, 5])):
        offset, size = rng.randrange(4, limit), rng.choice([1, 4, 8])
        value = rng.choice([rng.randbytes(size), b"\xff" * size, b"\x00" * size, b"\x7f" * size])
        changed[offset : offset + size] = value
    return bytes(changed)


def outcome(engine: LlamaEngine, path: Path) -> str:
    """What loading and using the file leads to: an error's code, or `works`."""
    try:
        engine.load(path, LoadOptions(n_ctx=512, n_threads=1))
        engine.generate(
            [Message(Role.USER, seal("件名：試験"))],
            GenerationParams(max_tokens=4, reserve_tokens=1),
            on_progress=lambda done, total: None,
            on_chunk=lambda chunk: None,
            is_cancelled=lambda: False,
        )
    except ModelsError as error:
        return error.code
    finally:
        engine.unload()
    return "works"


def seeded(first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """The mutations `first` to `last - 1`."""
    data = demo_model_path().read_bytes()
    for number in range(first, last):
        yield number, mutate(data, number)


def fields(step: int) -> Iterator[tuple[int, bytes]]:
    """Every `step`-th mutation of one field or tensor."""
    for number, (_, changed) in enumerate(mutations(demo_model_path())):
        if number % step == 0:
            yield number, changed.joined()


def main(folder: Path, files: Iterator[tuple[int, bytes]]) -> None:
    """Load and use one file after another."""
    engine, path = LlamaEngine(), folder / "変異.gguf"
    for number, data in files:
        path.write_bytes(data)
        print(number, outcome(engine, path), flush=True)


if __name__ == "__main__":
    _, folder, first, last = sys.argv
    main(Path(folder), fields(int(last)) if first == "fields" else seeded(int(first), int(last)))
