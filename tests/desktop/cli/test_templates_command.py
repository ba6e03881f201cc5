import json

import pytest

from tests.support.program import Program

TEMPLATE = """---
schema: 1
id: 3f1f7d52-6c1a-4d0e-9f2a-1f2f7d1b8a77
version: "1.0"
title: 苗木の配布の案内
category: 文案作成
fields:
  - name: when
    label: 日時
    type: text
    required: true
    example: 4月29日 午前9時から
---
苗木を配る案内文を作ってください。

日時：{{when}}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("templates"))


def test_the_list_names_every_field_as_documented(program):
    rows = program.templates()
    assert len(rows) >= 48
    for row in rows:
        assert set(row) == {"id", "title", "category", "fields", "demo_model"}
        for field in row["fields"]:
            assert set(field) == {"name", "label", "type", "required", "options", "example"}
    assert any(row["demo_model"] for row in rows)


def test_search_finds_two_character_words_and_obeys_the_limit(program):
    rows = program.run("templates", "search", "通知", "--limit", "2", "--json").json
    assert 1 <= len(rows) <= 2
    assert any("通知" in row["title"] for row in rows)


def test_an_import_is_previewed_then_stored_then_unchanged_then_in_conflict(program, tmp_path):
    path = tmp_path / "苗木.prompt.md"
    path.write_text(TEMPLATE, encoding="utf-8")
    plan = program.run("templates", "import", path, "--dry-run", "--json")
    assert plan.code == 0, plan.stderr
    assert [entry["title"] for entry in plan.json["new"]] == ["苗木の配布の案内"]
    assert set(plan.json) == {"new", "updated", "unchanged", "conflicts", "rejected", "personal_information"}
    assert "苗木の配布の案内" not in {row["title"] for row in program.templates()}

    assert program.run("templates", "import", path).code == 0
    assert "苗木の配布の案内" in {row["title"] for row in program.templates()}

    path.write_text(TEMPLATE.replace("苗木を配る案内文", "苗木と球根を配る案内文"), encoding="utf-8")
    conflict = program.run("templates", "import", path, "--json")
    assert conflict.code == 1
    assert [entry["changes"] for entry in conflict.json["conflicts"]] == [["body"]]


def test_what_cannot_be_imported_is_named_with_its_reason(program, tmp_path):
    path = tmp_path / "壊れ.prompt.md"
    path.write_text(TEMPLATE.replace("category: 文案作成", "category: 宴会"), encoding="utf-8")
    outcome = program.run("templates", "import", path, "--dry-run", "--json")
    assert outcome.code == 1
    (refused,) = outcome.json["rejected"]
    assert refused["path"] == "壊れ.prompt.md"
    assert refused["reason"]
    assert "壊れ.prompt.md" in outcome.stderr


def test_personal_information_in_a_template_stops_its_import_until_someone_has_looked(program, tmp_path):
    path = tmp_path / "個人.prompt.md"
    text = TEMPLATE.replace("3f1f7d52", "3f1f7d53").replace(
        "苗木を配る", "担当 佐々木健太（090-1234-5678）が苗木を配る"
    )
    path.write_text(text, encoding="utf-8")
    outcome = program.run("templates", "import", path, "--json")
    assert outcome.code == 1
    assert {find["label"] for find in outcome.json["personal_information"]} >= {"PERSON", "PHONE"}
    assert program.run("templates", "show", "3f1f7d53").code == 1


def test_an_export_is_an_import_again(program, tmp_path):
    pack = tmp_path / "庁内.kianpack"
    done = program.run("templates", "export", "3f1f7d52", "--output", pack, "--issuer", "総務課", "--json")
    assert done.code == 0, done.stderr
    plan = program.run("templates", "import", pack, "--dry-run", "--json")
    assert [entry["id"][:8] for entry in plan.json["unchanged"]] == ["3f1f7d52"]


def test_an_unknown_kind_of_file_is_no_export(program, tmp_path):
    outcome = program.run("templates", "export", "3f1f7d52", "--output", tmp_path / "x.pdf")
    assert outcome.code != 0
    assert ".kianpack" in outcome.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_lint_names_file_line_and_key(program, tmp_path):
    path = tmp_path / "lint.prompt.md"
    path.write_text(TEMPLATE.replace("label: 日時", "lable: 日時"), encoding="utf-8")
    outcome = program.run("templates", "lint", path, "--json")
    assert outcome.code == 1
    (fault,) = json.loads(outcome.stdout)
    assert (fault["line"], fault["key"]) == (9, "fields[1].lable")
    assert program.run("templates", "lint", tmp_path / "none.prompt.md").code == 1
