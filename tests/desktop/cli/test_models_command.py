"""`kian models` from fetch to removal, against a hub on loopback and the real client."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.cli.model_words import COUNTRIES, LANGUAGES, PURPOSES
from models.catalog import load_catalog
from models.engine.protocol import GpuState
from models.hardware import Verdict, VerdictReason
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


JSON_KEYS = {
    *(
        "id",
        "title",
        "file",
        "quantization",
        "parameters",
        "n_ctx",
        "chat_template",
        "repository",
        "revision",
    ),
    *("publisher", "maker", "country", "languages", "purposes", "ram_gib", "size_bytes", "sha256", "notice"),
    *(
        "licence",
        "licence_url",
        "licence_note",
        "source",
        "checked_on",
        "is_gated",
        "is_demo",
        "max_attempts",
    ),
    *("installed", "in_use"),
}


def test_the_keys_that_scripts_of_it_read_are_those_that_the_handbook_names(program):
    listed = program.run("models", "list", "--json").json
    shown = program.run("models", "show", "qwen3-4b", "--json").json
    assert set(shown) == set(listed[0]) == JSON_KEYS
    handbook = Path("docs/it-handbook.md").read_text("utf-8")
    named = handbook.split("<!-- models-json -->")[1].split("<!-- /models-json -->")[0]
    assert set(re.findall(r"`(\w+)`", named)) == JSON_KEYS


def test_every_card_is_told_in_words(program):
    for card in load_catalog():
        assert set(card.purposes) <= set(PURPOSES)
        assert set(card.languages) <= set(LANGUAGES)
        assert card.country in COUNTRIES
    told = program.run("models", "show", "lfm2.5-1.2b-jp").stdout
    assert "国：米国" in told and "向いている用途：メール、要約" in told
    assert "使う前に確かめること：" in told and "SHA-256：（取り寄せるときに確定）" in told
    assert "公開者" not in told, "nothing is said of what is not known"


def test_several_versions_are_told_apart_and_the_default_stays_until_it_is_changed(program, tmp_path):
    keys = []
    for seed in (1, 2):
        path = write_random_gguf(tmp_path / "versions.gguf", seed=seed)
        done = program.run("models", "import", path)
        keys.append(done.stdout.split("\t")[0])
    assert f"標準は {keys[0]} のままです" in done.stderr
    assert f"kian models default {keys[1]}" in done.stderr
    listed = program.run("models", "list").stdout.splitlines()
    assert [line.split()[1] for line in listed if line.startswith("  標準")] == [keys[0]]
    assert any(keys[1] in line and "この利用者" in line for line in listed)
    refused = program.run("models", "remove", "versions")
    assert refused.code == 1 and keys[0].partition("@")[2] in refused.stderr
    for key in keys:
        assert "記録しました" in program.run("models", "remove", key).stderr


def test_a_key_that_cannot_sign_is_told_before_anything_is_written(program, tmp_path):
    key = program.run("models", "import", write_random_gguf(tmp_path / "sign.gguf")).stdout.split("\t")[0]
    (tmp_path / "wrong.pem").write_text("no key")
    for pem in (tmp_path / "none.pem", tmp_path, tmp_path / "wrong.pem"):
        refused = program.run("models", "bundle", key, "--output", tmp_path / "out", "--sign", pem)
        assert refused.code == 1 and "署名の鍵を使えません" in refused.stderr
        assert not list(tmp_path.glob("out/*"))
    program.run("models", "remove", key)


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
    handbook = Path("docs/it-handbook.md").read_text("utf-8")
    named = handbook.split("<!-- doctor-json -->")[1].split("<!-- /doctor-json -->")[0]
    values = {*map(str, Verdict), *map(str, VerdictReason), *map(str, GpuState)}
    assert set(re.findall(r"`(\w+)`", named)) == keys_of(outcome.json) | values
    told = program.run("models", "doctor").stdout
    assert "コア" in told and "快適" in told
    plan = measured["plan"]
    chosen = f"スレッド {plan['n_threads']}、一度に読む長さ {plan['n_batch']}、文脈 {plan['n_ctx']:,}"
    assert chosen in told and plan["reasons"] and plan["n_gpu_layers"] == 0


def keys_of(value):
    """Every key of a JSON document, at any depth."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set()


FETCH = """
import sys
from tests.support.loopback_hub import LoopbackHub
from models.catalog import load_catalog
from models.hardware import Verdict, VerdictReason
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
    assert "ライセンスの本文" not in done.stderr
    folder = done.stdout.split("\t")[0]
    imported = program.run("models", "import", folder)
    assert imported.code == 0, imported.stderr
    assert imported.stdout.startswith("qwen3-4b@")
