"""The schema and the document of the format say what the parser does."""

import json
import re
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from prompts.builtin import load_builtin
from prompts.errors import TEMPLATE_REASONS, TemplateSyntaxError
from prompts.template import Category, FieldType, dump, parse

DOCUMENT = (Path(__file__).parents[2] / "docs/template-format.md").read_text("utf-8")
SCHEMA = json.loads((resources.files("prompts") / "template.schema.json").read_text("utf-8"))
FRONT = {
    "schema": 1,
    "id": "6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1",
    "version": "1.0",
    "title": "題",
    "category": "要約",
}


def text(front, body="本文"):
    return f"---\n{yaml.safe_dump(front, allow_unicode=True)}---\n{body}\n"


def is_accepted(front, body="本文"):
    try:
        parse(text(front, body))
    except TemplateSyntaxError:
        return False
    return True


def is_valid(front):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(front)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_built_in_template_is_valid_under_the_schema():
    for template in load_builtin():
        front = yaml.safe_load(dump(template).split("\n---\n", 1)[0].removeprefix("---\n"))
        jsonschema.validate(front, SCHEMA, jsonschema.Draft202012Validator)


VALUES = {
    "tags": [["a"], [], "a", [""], ["a" * 61], ["a"] * 101, [["a"]]],
    "description": ["", "a" * 2000, "a" * 2001],
    "issuer": ["課", "a" * 121],
    "audience": ["課", "a" * 121],
    "updated": ["2026-11-22", "11月22日"],
    "accuracy": ["低", "中", "高", "最高"],
    "confidentiality": [1, 3, 0, 4],
    "personal_information": ["可", "否", "要マスキング", "不可"],
    "minutes_by_hand": [0, 5, -1, 100_001],
    "demo_model": [True, False, "はい"],
    "system": ["a", "a" * 20_001],
    "params": [
        {"temperature": 0.5, "top_p": 1, "max_tokens": 9, "seed": 0},
        {"temperature": 3},
        {"x": 1},
        [1],
    ],
    "cautions": [["a"], ["a" * 501], "a"],
    "checklist": [["a"], ["a" * 501], "a"],
    "license": ["CC0-1.0", "a" * 121],
    "examples": [[{"title": "例", "output": "a"}], [{"output": "a"}], [{"title": "例", "x": 1}], ["a"]],
    "title": ["題", "", "a" * 121],
    "version": ["1", "1.2.3", "v1", "1.2.3.4"],
    "id": ["6B1A4E0C-9f0e-5b6e-8f43-0d6f1a52c7d1", "6b1a4e0c"],
    "category": ["要約", "その他"],
    "schema": [1, 2],
    "fields": [
        [{"name": "x"}],
        [{"label": "x"}],
        [{"name": "件名", "label": "a", "help": "b", "pii": True, "verbatim": False}],
        [{"name": "a-b"}],
        [{"name": "1"}],
        [{"name": "x" * 41}],
        [{"name": "x", "type": "choice"}],
        [{"name": "x", "type": "choice", "options": ["a", "b"], "default": "b"}],
        [{"name": "x", "type": "choice", "options": ["a", "a"]}],
        [{"name": "x", "type": "checkbox", "options": ["a"]}],
        [{"name": "x", "options": ["a"]}],
        [{"name": "x", "type": "words"}],
        [{"name": "x", "size": 3}],
        [{"name": "x", "example": "a" * 20_001}],
        [{"name": f"x{n}"} for n in range(41)],
    ],
}


@pytest.mark.parametrize("key", VALUES)
def test_schema_and_parser_agree_on_every_key(key):
    seen = set()
    for value in VALUES[key]:
        front = {**FRONT, key: value}
        assert is_valid(front) == is_accepted(front), (key, value)
        seen.add(is_valid(front))
    assert seen == {True, False}, "both an accepted and a refused value are needed"


def test_the_table_above_tries_every_key_of_the_schema():
    assert set(VALUES) == set(SCHEMA["properties"])


def test_schema_and_parser_refuse_a_missing_key_and_an_unknown_one():
    for key in FRONT:
        front = {name: value for name, value in FRONT.items() if name != key}
        assert not is_valid(front)
        assert not is_accepted(front)
    assert not is_valid({**FRONT, "color": "red"})
    assert not is_accepted({**FRONT, "color": "red"})


def test_the_example_of_the_document_is_a_template():
    example = re.search(r"```markdown\n(.*?)```", DOCUMENT, re.S)[1]
    template = parse(example)
    assert template.title == "会議の案内"
    assert set(template.example_values) == {"subject", "datetime", "points"}


def test_the_document_names_every_key_type_category_and_reason():
    field_keys = SCHEMA["$defs"]["field"]["properties"]
    for word in (*SCHEMA["properties"], *field_keys, *FieldType, *TEMPLATE_REASONS):
        assert f"`{word}`" in DOCUMENT, word
    for category in Category:
        assert category.value in DOCUMENT


def test_the_document_names_no_key_or_reason_that_does_not_exist():
    known = {*SCHEMA["properties"], *SCHEMA["$defs"]["field"]["properties"], *TEMPLATE_REASONS, *FieldType}
    tables = "\n".join(line.split("|")[1] for line in DOCUMENT.splitlines() if re.match(r"\| `[a-z]", line))
    assert set(re.findall(r"`([a-z_]+)`", tables)) <= known
