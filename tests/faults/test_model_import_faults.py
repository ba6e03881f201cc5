"""What goes wrong while a model is carried in: each a sentence, nothing half made, and the next try works.

Real processes of `kian models import`, stopped in the middle by the system's own means.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import gguf
import numpy as np
import pytest

from models.catalog import load_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.engine.protocol import GenerationParams, Message, Role
from models.errors import ModelFileMissingError
from models.masking.text import seal
from models.store import ModelStore, card_for_file, export_bundle
from models.worker.client import BlockingClient
from models.worker.protocol import completion_from_json, messages_to_json
from tests.support.program import Outcome, Program
from tests.support.random_gguf import write_random_gguf

SENTENCE = re.compile(r"[ぁ-んァ-ヶ一-龠]{3,}.*。")
LARGE_BYTES = 96 << 20


@pytest.fixture
def program(tmp_path):
    (tmp_path / "kian").mkdir()
    return Program(tmp_path / "kian")


@pytest.fixture(scope="module")
def large_model(tmp_path_factory):
    """A model whose copying takes a moment: the demonstration model's header and much of nothing behind it."""
    path = tmp_path_factory.mktemp("large") / "大きい　モデル.gguf"
    reader = gguf.GGUFReader(demo_model_path())
    header = demo_model_path().read_bytes()[: reader.data_offset]
    name = b"token_embd.weight"
    at = header.index(name) + len(name) + 4 + 8
    rows = LARGE_BYTES // (256 * 34 // 32)
    offset = int(reader.tensors[-1].data_offset + reader.tensors[-1].n_bytes - reader.data_offset)
    header = header[:at] + np.uint64(rows).tobytes() + header[at + 8 :]
    header = header[: at + 12] + np.uint64(-(-offset // 32) * 32).tobytes() + header[at + 20 :]
    path.write_bytes(header)
    os.truncate(path, len(header) + offset + 64 + rows * (256 // 32) * 34)
    return path


def told(outcome, *words):
    assert outcome.code == 1, outcome.stderr
    assert SENTENCE.search(outcome.stderr), outcome.stderr
    assert "Traceback" not in outcome.stderr
    for word in words:
        assert word in outcome.stderr, outcome.stderr


def left_in_store(program):
    folder = program.root / "data" / "models"
    return sorted(path.name for path in folder.rglob("*") if path.name not in ("state.json", "removed.jsonl"))


class Importing:
    """`kian models import PATH`, halted as soon as it copies."""

    def __init__(self, program, path):
        self._folder = program.root / "data" / "models"
        environment = {**os.environ, "KIAN_DATA_DIR": str(program.root / "data"), "PYTHONUTF8": "1"}
        environment |= {"HOME": str(program.root), "TMPDIR": str(program.root)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "desktop", "models", "import", str(path)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell starts what runs in the background with Ctrl+C ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 60
        while not list(self._folder.glob(".incoming-*/*.gguf")) and time.monotonic() < deadline:
            assert self._process.poll() is None, self._process.stderr.read().decode()
            time.sleep(0.002)
        self._process.send_signal(signal.SIGSTOP)
        assert list(self._folder.glob(".incoming-*/*.gguf"))

    def end_after(self, sig):
        """Let it go on with this signal pending, to its end."""
        self._process.send_signal(sig)
        self._process.send_signal(signal.SIGCONT)
        return self.end()

    def end(self):
        self._process.send_signal(signal.SIGCONT)
        stdout, stderr = self._process.communicate(timeout=120)
        return Outcome(self._process.returncode, stdout.decode(), stderr.decode())


def test_a_share_that_shrinks_away_in_the_middle(program, large_model, tmp_path):
    source = tmp_path / "共有" / large_model.name
    source.parent.mkdir()
    shutil.copyfile(large_model, source)
    importing = Importing(program, source)
    os.truncate(source, 1000)
    told(importing.end(), "共有フォルダーや媒体につながらなくなりました", "もう一度取り込んでください")
    assert left_in_store(program) == []
    shutil.copyfile(large_model, source)
    again = program.run("models", "import", source)
    assert again.code == 0, again.stderr


def test_a_program_killed_in_the_middle(program, large_model):
    assert Importing(program, large_model).end_after(signal.SIGKILL).code == -signal.SIGKILL
    assert any(name.startswith(".incoming-") for name in left_in_store(program))
    assert all(not row["installed"] for row in program.run("models", "list", "--json").json)
    again = program.run("models", "import", large_model)
    assert again.code == 0, again.stderr
    key = again.stdout.split("\t")[0]
    model_id, version = key.split("@")
    assert left_in_store(program) == sorted([model_id, version, f"{model_id}.gguf", "manifest.json"])
    assert program.run("models", "verify", key).code == 0


def test_a_person_who_presses_ctrl_c(program, large_model):
    stopped = Importing(program, large_model).end_after(signal.SIGINT)
    assert stopped.code == 130
    assert "中止しました" in stopped.stderr and "Traceback" not in stopped.stderr
    assert left_in_store(program) == []


def test_a_disk_that_fills_up_in_the_middle(program, large_model):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 20, before[1]))
    try:
        outcome = program.run("models", "import", large_model)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    told(outcome, "空き容量が足りません", "不要なファイルを消すか")
    assert left_in_store(program) == []


def test_two_programs_that_import_the_same_model_at_once(program, large_model):
    first, second = Importing(program, large_model), program.run("models", "import", large_model)
    outcomes = [first.end(), second]
    assert [outcome.code for outcome in outcomes] == [0, 0], [outcome.stderr for outcome in outcomes]
    assert outcomes[0].stdout == outcomes[1].stdout
    key = second.stdout.split("\t")[0]
    assert program.run("models", "verify", key).code == 0
    model_id, version = key.split("@")
    assert left_in_store(program) == sorted([model_id, version, f"{model_id}.gguf", "manifest.json"])


@pytest.mark.parametrize(
    "folder",
    ["持込み　媒体 1", r"\\filesv01\共有　フォルダー", "'~ 終わりに空白 "],
)
def test_a_bundle_in_a_folder_of_any_name(program, tmp_path, folder):
    demo = load_catalog().card(DEMO_MODEL_ID)
    model = ModelStore(tmp_path / "from").import_file(demo_model_path(), demo)
    bundle = export_bundle(model, tmp_path / folder)
    done = program.run("models", "import", bundle)
    assert done.code == 0, done.stderr
    assert done.stdout.split("\t")[1].strip() == demo.sha256


def test_a_path_that_begins_with_two_slashes(program, tmp_path):
    path = write_random_gguf(tmp_path / "x.gguf")
    assert program.run("models", "import", "/" + str(path)).code == 0
    told(program.run("models", "import", "//filesv01/share/モデル.gguf"), "指定された場所にありません")
    told(program.run("models", "import", r"\\filesv01\share\モデル.gguf"), "指定された場所にありません")
    told(program.run("models", "import", "長" * 300), "指定された場所にありません")


def test_a_folder_of_models_that_cannot_be_written(program, tmp_path):
    path = write_random_gguf(tmp_path / "x.gguf")
    for folder in (Path("/proc/kian"), tmp_path / "x.gguf" / "models"):
        told(program.run("models", "import", path, "--store", folder), "書き込めません")


def test_a_bundle_whose_licence_text_is_not_there_any_more(program, tmp_path):
    demo = load_catalog().card(DEMO_MODEL_ID)
    bundle = export_bundle(ModelStore(tmp_path / "from").import_file(demo_model_path(), demo), tmp_path)
    manifest = bundle / "manifest.json"
    manifest.write_text(
        manifest.read_text("utf-8").replace(
            '"licence_files": {}', '"licence_files": {"LICENSE": "' + "0" * 64 + '"}'
        ),
        "utf-8",
    )
    told(program.run("models", "import", bundle), "目録と違うファイルがあります")
    assert left_in_store(program) == []


def test_a_model_removed_while_the_engine_uses_it(tmp_path):
    store = ModelStore(tmp_path / "models")
    path = write_random_gguf(tmp_path / "x.gguf")
    model = store.import_file(path, card_for_file(path, load_catalog()))
    prompt = messages_to_json([Message(Role.USER, seal("件名：試験"))])
    params = vars(GenerationParams(max_tokens=4, reserve_tokens=4))
    with BlockingClient("engine") as engine:
        engine.call("load", {"path": str(model.path), "options": {"sha256": model.manifest.card.sha256}})
        store.remove(model.key, by="職員")
        answer = engine.call("generate", {"messages": prompt, "params": params})
        assert completion_from_json(answer).usage.completion_tokens == 4
        with pytest.raises(ModelFileMissingError):
            engine.call("load", {"path": str(model.path)})
