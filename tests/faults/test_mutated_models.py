"""Broken model files: each gets a sentence, and the process that tries them lives."""

import struct
import subprocess
import sys

import pytest

from models.demo import demo_model_path
from models.errors import ModelFileBrokenError
from models.gguf_file import read_gguf
from tests.support.mutated_fields import mutations

KNOWN = {"works", "model_file_broken", "not_enough_memory", "chat_template", "context_too_long"}


def test_mutated_model_files_are_refused_or_work_and_never_end_the_process(tmp_path):
    command = [sys.executable, "-m", "tests.support.mutated_models", str(tmp_path), "0", "300"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    outcomes = [line.split()[1] for line in run.stdout.splitlines()]
    assert run.returncode == 0, f"died at mutation {len(outcomes)}"
    assert len(outcomes) == 300
    assert set(outcomes) <= KNOWN
    assert outcomes.count("model_file_broken") > 200


# What made llama.cpp end the process before the header's reader looked for it, and a share of all the rest.
FATAL = {
    "llama.block_count = 4097": "architecture",
    "llama.attention.layer_norm_rms_epsilon = nan": "architecture",
    "llama.attention.layer_norm_rms_epsilon = -1.0": "architecture",
    "llama.expert_count = 2": "architecture",
    "llama.expert_used_count = 2": "architecture",
    "llama.rope.scaling.type = 'made-up'": "architecture",
    "tokenizer.ggml.model = 'bert'": "vocabulary",
    "tokenizer.ggml.model = 'none'": "vocabulary",
    "general.alignment = 1": "header",
    "output_norm.weight of type 1": "tensors",
    "token_embd.weight with a huge dimension": "tensors",
    "token_embd.weight whose product overflows": "tensors",
    "token_embd.weight with a negative dimension": "tensors",
    "token_embd.weight behind the file": "truncated",
    "token_embd.weight at the end of all offsets": "truncated",
    "tokenizer.ggml.tokens left out": "vocabulary",
    "general.architecture = 'bert'": "architecture",
}


@pytest.mark.parametrize("label", FATAL)
def test_values_that_end_llama_cpp_are_named_before_it_sees_them(tmp_path, label):
    changed = dict(mutations(demo_model_path()))[label]
    path = tmp_path / "変異.gguf"
    path.write_bytes(changed.joined())
    with pytest.raises(ModelFileBrokenError) as caught:
        read_gguf(path)
    assert caught.value.reason == FATAL[label]


def test_well_formed_headers_with_wrong_values_never_end_the_process(tmp_path):
    command = [sys.executable, "-m", "tests.support.mutated_models", str(tmp_path), "fields", "11"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    outcomes = [line.split()[1] for line in run.stdout.splitlines()]
    assert run.returncode == 0, f"died behind {run.stdout.splitlines()[-1]}"
    assert len(outcomes) > 1000 // 11
    assert set(outcomes) <= KNOWN


def test_a_vocabulary_of_two_million_tokens_is_read_in_passing_and_a_larger_one_refused(tmp_path):
    """The largest real ones hold 262,144."""
    path = tmp_path / "wide.gguf"
    for count, reason in ((2_000_001, "vocabulary"), (4_000_001, "header"), (1 << 40, "header")):
        path.write_bytes(with_a_vocabulary_of(count))
        with pytest.raises(ModelFileBrokenError) as caught:
            read_gguf(path)
        assert caught.value.reason == reason


def with_a_vocabulary_of(count):
    """The demonstration model with so many tokens told, and room for them behind."""
    data = demo_model_path().read_bytes()
    key = b"tokenizer.ggml.tokens"
    at = data.index(key) + len(key) + 4 + 4
    return data[:at] + struct.pack("<Q", count) + data[at + 8 :] + b"\x00" * (33 << 20)
