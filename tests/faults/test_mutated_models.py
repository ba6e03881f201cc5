"""Broken model files: each gets a sentence, and the process that tries them lives."""

import subprocess
import sys

KNOWN = {"works", "model_file_broken", "not_enough_memory", "chat_template", "context_too_long"}


def test_mutated_model_files_are_refused_or_work_and_never_end_the_process(tmp_path):
    command = [sys.executable, "-m", "tests.support.mutated_models", str(tmp_path), "0", "300"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    outcomes = [line.split()[1] for line in run.stdout.splitlines()]
    assert run.returncode == 0, f"died at mutation {len(outcomes)}"
    assert len(outcomes) == 300
    assert set(outcomes) <= KNOWN
    assert outcomes.count("model_file_broken") > 200
