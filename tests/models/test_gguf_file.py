"""The bounded reader of GGUF headers: real files pass, broken ones are named and cost nothing."""

import random
import struct
import time
import tracemalloc

import gguf
import pytest

from models.demo import demo_model_path
from models.errors import ModelFileBrokenError, ModelFileMissingError
from models.gguf_file import BrokenReason, read_gguf

DATA = demo_model_path().read_bytes()


def refused(tmp_path, data):
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelFileBrokenError) as caught:
        read_gguf(path)
    return caught.value.reason


def patched(offset, fmt, value):
    size = struct.calcsize(fmt)
    return DATA[:offset] + struct.pack(fmt, value) + DATA[offset + size :]


def after(key):
    """Offset of the value behind a key (past its type)."""
    return DATA.index(key.encode()) + len(key) + 4


def test_the_demonstration_model_is_described():
    file = read_gguf(demo_model_path())
    reader = gguf.GGUFReader(demo_model_path())
    tokens = reader.fields["tokenizer.ggml.tokens"]
    assert (file.version, file.architecture) == (3, "llama")
    assert (file.n_vocab, file.tensor_count) == (len(tokens.data), len(reader.tensors))
    assert file.number("context_length") == reader.fields["llama.context_length"].contents()
    assert file.has_chat_template
    assert file.size_bytes == len(DATA)
    assert file.tensor_bytes == sum(tensor.n_bytes for tensor in reader.tensors)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", BrokenReason.NOT_GGUF),
        (b"GGUF", BrokenReason.NOT_GGUF),
        (b"GGML" + DATA[4:], BrokenReason.NOT_GGUF),
        (b"<html>404</html>" * 100, BrokenReason.NOT_GGUF),
        (patched(4, "<I", 1), BrokenReason.VERSION),
        (patched(4, "<I", 3 << 24), BrokenReason.VERSION),
        (patched(8, "<Q", 0), BrokenReason.HEADER),
        (patched(8, "<Q", 1 << 40), BrokenReason.HEADER),
        (patched(16, "<Q", 1 << 40), BrokenReason.HEADER),
        (patched(24, "<Q", 1 << 62), BrokenReason.TRUNCATED),
        (DATA[:1000], BrokenReason.TRUNCATED),
        (DATA[:-1], BrokenReason.TRUNCATED),
        (DATA[: len(DATA) // 2], BrokenReason.TRUNCATED),
        (patched(after("tokenizer.ggml.tokens") + 4, "<Q", 1 << 33), BrokenReason.HEADER),
        (patched(after("tokenizer.ggml.tokens") + 4, "<Q", (1 << 64) - 1), BrokenReason.HEADER),
        (patched(after("tokenizer.ggml.eos_token_id"), "<I", 5000), BrokenReason.VOCABULARY),
        (DATA.replace(b"<0x41>", b"<0x42>", 1), BrokenReason.VOCABULARY),
        (patched(after("llama.block_count"), "<I", 0), BrokenReason.ARCHITECTURE),
        (patched(after("llama.attention.head_count"), "<I", 0), BrokenReason.ARCHITECTURE),
        (DATA.replace(b"llama.context_length", b"llama.context_lengt_"), BrokenReason.ARCHITECTURE),
        (patched(DATA.index(b"token_embd.weight") + 17, "<I", 9), BrokenReason.TENSORS),
        (patched(DATA.index(b"token_embd.weight") + 21, "<Q", 0), BrokenReason.TENSORS),
        (patched(DATA.index(b"token_embd.weight") + 21, "<Q", 1 << 50), BrokenReason.TENSORS),
        (patched(DATA.index(b"token_embd.weight") + 37, "<I", 99), BrokenReason.TENSORS),
        (patched(DATA.index(b"token_embd.weight") + 41, "<Q", 1 << 40), BrokenReason.TRUNCATED),
        (patched(DATA.index(b"token_embd.weight") + 29, "<Q", 4000), BrokenReason.VOCABULARY),
        (DATA.replace(b"blk.1.attn_k.weight", b"blk.0.attn_k.weight"), BrokenReason.TENSORS),
    ],
)
def test_what_is_wrong_is_named(tmp_path, data, reason):
    assert refused(tmp_path, data) == reason


def test_a_missing_file_is_told_from_a_broken_one(tmp_path):
    with pytest.raises(ModelFileMissingError):
        read_gguf(tmp_path / "none.gguf")


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(ModelFileBrokenError) as caught:
        read_gguf(tmp_path)
    assert caught.value.reason == BrokenReason.UNREADABLE


def test_a_thousand_mutated_headers_cost_little_time(tmp_path):
    refusals, longest = read_mutations(tmp_path, 1000)
    assert refusals > 300
    assert longest < 2.0


def test_mutated_headers_cost_little_memory(tmp_path):
    tracemalloc.start()
    read_mutations(tmp_path, 60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def read_mutations(tmp_path, count):
    """How many of `count` mutated headers were refused, and the longest time one took."""
    numbers = random.Random(1)
    path = tmp_path / "model.gguf"
    path.write_bytes(DATA)
    longest, refusals = 0.0, 0
    with path.open("r+b") as file:
        for _ in range(count):
            # Mostly in the fields, not in the middle of the 80 KB of token texts.
            offset = numbers.choice([numbers.randrange(4, 900), numbers.randrange(95_000)])
            size = numbers.choice([1, 4, 8])
            file.seek(offset)
            file.write(numbers.randbytes(size) if numbers.random() < 0.7 else b"\xff" * size)
            file.flush()
            began = time.perf_counter()
            try:
                read_gguf(path)
            except ModelFileBrokenError:
                refusals += 1
            longest = max(longest, time.perf_counter() - began)
            file.seek(offset)
            file.write(DATA[offset : offset + size])
    return refusals, longest
