"""`kian models` from fetch to removal, against a hub on loopback and the real client."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("models"))


def test_the_list_shows_cards_and_what_is_in_use(program):
    rows = program.run("models", "list", "--json").json
    assert len(rows) >= 9
    assert [row["id"] for row in rows if row["in_use"]] == ["kian-demo"]
    assert all(row["sha256"] == "" for row in rows if not row["is_demo"])


def test_a_model_goes_from_import_over_default_and_roll_back_to_removal_with_a_record(program, tmp_path):
    path = write_random_gguf(tmp_path / "庁内　模型.gguf")
    done = program.run("models", "import", path)
    assert done.code == 0, done.stderr
    key = done.stdout.split("\t")[0]
    assert program.run("models", "verify", key).code == 0
    rows = program.run("models", "list", "--json").json
    assert [row["id"] for row in rows if row["in_use"]] == [key.partition("@")[0]]
    assert program.run("models", "rollback").stdout.strip() == "kian-demo"
    assert program.run("models", "remove", key).code == 0
    record = (program.root / "data" / "models").glob("*removed*")
    assert any(key in path.read_text(encoding="utf-8") for path in record)


def test_a_bundle_whose_model_was_changed_is_not_imported(program, tmp_path):
    path = write_random_gguf(tmp_path / "whole.gguf")
    key = program.run("models", "import", path).stdout.split("\t")[0]
    out = tmp_path / "bundle"
    out.mkdir()
    folder = program.run("models", "bundle", key, "--output", out).stdout.strip()
    program.run("models", "remove", key)
    model = next(Path(folder).glob("*.gguf"))
    content = bytearray(model.read_bytes())
    content[-10] ^= 1
    model.write_bytes(content)
    refused = program.run("models", "import", folder)
    assert refused.code == 1
    assert "モデル" in refused.stderr
    assert not [row for row in program.run("models", "list", "--json").json if row["installed"]]


def test_a_model_that_is_not_there_is_told(program, tmp_path):
    assert program.run("models", "import", tmp_path / "none.gguf").code == 1
    assert program.run("models", "show", "nothing").code == 1
    assert program.run("models", "fetch", "kian-demo", "--output", tmp_path).code == 1


def test_the_doctor_measures_the_model_in_use_and_judges_the_others(program, tmp_path):
    key = program.run("models", "import", write_random_gguf(tmp_path / "other.gguf")).stdout.split("\t")[0]
    program.run("models", "rollback")
    outcome = program.run("models", "doctor", "--json")
    program.run("models", "remove", key)
    assert outcome.code == 0, outcome.stderr
    measured, *others = outcome.json["models"]
    assert measured["model_id"] == "kian-demo" and measured["is_measured"]
    assert measured["speed"]["reading_tps"] > 0 and measured["speed"]["writing_tps"] > 0
    assert [other["model_id"] for other in others] == [key]
    assert {judged["verdict"] for judged in others[0]["judgements"]} <= {"comfortable", "slow", "impossible"}
    told = program.run("models", "doctor").stdout
    assert "コア" in told and "快適" in told


FETCH = """
import sys
from tests.support.loopback_hub import LoopbackHub
from models.catalog import load_catalog
from models.demo import demo_model_path
card = load_catalog().card("qwen3-4b")
with LoopbackHub(card.repository, {card.file: demo_model_path().read_bytes(), "LICENSE": b"terms"}) as hub:
    import os
    os.environ["HF_ENDPOINT"] = hub.endpoint
    from desktop.cli.main import main
    sys.exit(main(["models", "fetch", "qwen3-4b", "--output", sys.argv[1]]))
"""


def test_what_is_fetched_on_the_internet_pc_is_imported_on_the_terminal(program, tmp_path):
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    environment["KIAN_DATA_DIR"] = str(tmp_path / "pc")
    done = subprocess.run(
        [sys.executable, "-c", FETCH, str(tmp_path / "持出し")],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    folder = done.stdout.split("\t")[0]
    imported = program.run("models", "import", folder)
    assert imported.code == 0, imported.stderr
    assert imported.stdout.startswith("qwen3-4b@")
