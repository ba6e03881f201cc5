"""Reading and writing of each format that templates are shared in."""

# ruff: noqa: E501 (tables of cases)

import csv
import dataclasses
import io
import json

import pytest
from docx import Document
from openpyxl import Workbook

from prompts.builtin import load_builtin
from prompts.errors import IMPORT_REASONS, ExportFailedError
from prompts.sharing import export, file_name
from prompts.sharing.open_webui import read_open_webui, read_variables, write_open_webui
from prompts.sharing.prompty import read_prompty
from prompts.sharing.reading import read_files, read_path
from prompts.sharing.sources import SourceFile, decode
from prompts.sharing.tables import defuse_formula, read_csv, read_xlsx, restore_formula, write_csv
from prompts.template import Category, FieldType, parse, read, render

NOTICE = next(template for template in load_builtin() if template.title.startswith("通知文"))


def only(reading):
    assert reading.rejected == []
    (candidate,) = reading.candidates
    return candidate.source.template


def reasons(reading):
    assert {entry.reason for entry in reading.rejected} <= IMPORT_REASONS | {"too_many"}
    return [entry.reason for entry in reading.rejected]


OPEN_WEBUI = {
    "command": "/kaitou",
    "user_id": "8d1f",
    "title": "回答文",
    "content": '{{件名 | text:placeholder="件名を入れる":required}} について、{{tone | select:options=["敬体","常体"]:default="敬体":required}}で回答。\n{{details | textarea}}\n{{件名}}\n{{CURRENT_DATE}}',
    "timestamp": 1700000000,
    "access_control": {},
}


def test_open_webui_variables_become_typed_fields():
    template = only(read_open_webui("a.json", json.dumps([OPEN_WEBUI])))
    subject, tone, details, today = template.fields
    assert (subject.label, subject.type, subject.required, subject.help) == (
        "件名",
        FieldType.TEXT,
        True,
        "件名を入れる",
    )
    assert (tone.type, tone.options, tone.default, tone.required) == (
        FieldType.CHOICE,
        ("敬体", "常体"),
        "敬体",
        True,
    )
    assert details.type is FieldType.LONG_TEXT
    assert today.label == "今日の日付"
    assert template.body == "{{件名}} について、{{tone}}で回答。\n{{details}}\n{{件名}}\n{{CURRENT_DATE}}"


VARIABLES = {
    "{{x}}": ("{{x}}", FieldType.TEXT),
    "{{ x }}": ("{{x}}", FieldType.TEXT),
    "{{x-y z}}": ("{{x_y_z}}", FieldType.TEXT),
    "{{1st}}": ("{{v_1st}}", FieldType.TEXT),
    "{{x|number:min=1:max=5}}": ("{{x}}", FieldType.NUMBER),
    "{{x | select}}": ("{{x}}", FieldType.TEXT),
    "{{x | select:options=a,b}}": ("{{x}}", FieldType.CHOICE),
    "{{x | color}}": ("{{x}}", FieldType.TEXT),
    "{{x | date:required}}": ("{{x}}", FieldType.DATE),
    '{{x | checkbox:label="はい"}}': ("{{x}}", FieldType.CHECKBOX),
}


@pytest.mark.parametrize("typed", VARIABLES)
def test_every_way_of_writing_a_variable_is_read(typed):
    body, (field,) = read_variables(typed)
    assert (body, field.type) == VARIABLES[typed]


@pytest.mark.parametrize("typed", ["{{}}", "{{{x}}}", "{{ }}", "a }} b {{ c", "{{{{x}}}}"])
def test_other_braces_stay_text_that_can_be_stored(typed):
    entry = {"title": "a", "command": "a", "content": typed}
    template = only(read_open_webui("a.json", json.dumps([entry])))
    assert render(template, {}).text or template.fields


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{", ["bad_json"]),
        ("[" * 100_000, ["bad_json"]),
        ("3", ["not_an_object"]),
        ('[3, "a"]', ["not_an_object", "not_an_object"]),
        ('[{"content": "x"}]', ["missing_title"]),
        ('[{"title": "x"}]', ["missing_body"]),
        ('[{"title": "x", "content": 5, "tags": 3}, {"title": [], "content": "x"}]', ["missing_title"]),
    ],
)
def test_an_entry_that_is_no_prompt_is_rejected_by_name(source, expected):
    reading = read_open_webui("a.json", source)
    assert reasons(reading) == expected
    assert all(entry.path.startswith("a.json") for entry in reading.rejected)


def test_one_prompt_and_a_wrapped_list_are_read_as_well():
    assert only(read_open_webui("a.json", json.dumps(OPEN_WEBUI))).title == "回答文"
    assert only(read_open_webui("a.json", json.dumps({"prompts": [OPEN_WEBUI]}))).title == "回答文"


def test_what_goes_to_open_webui_comes_back_and_names_no_author():
    written = write_open_webui([NOTICE])
    (entry,) = json.loads(written)
    assert set(entry) == {"command", "title", "content"}
    back = only(read_open_webui("a.json", written))
    assert [field.name for field in back.fields] == [field.name for field in NOTICE.fields]
    assert {field.name for field in back.fields if field.required} == {
        f.name for f in NOTICE.fields if f.required
    }
    assert NOTICE.body in back.body


PROMPTY = """---
name: 要約の例
description: 文書を要約する
authors: [情報政策課]
model:
  api: chat
  configuration: {type: azure_openai, azure_deployment: gpt, azure_endpoint: "${env:ENDPOINT}"}
  parameters: {max_tokens: 3000, tools: [{type: function, function: {name: f, parameters: {properties: {x: {type: string}}}}}]}
inputs:
  length: {type: string, description: 長さ, sample: 3行}
sample:
  document: 本文
---
system:
あなたは職員です。

user:
{{document}}を{{length}}で要約。
"""


def test_a_prompty_file_becomes_system_message_body_and_fields():
    template = only(read_prompty("a/b.prompty", PROMPTY))
    assert (template.title, template.issuer, template.system) == (
        "要約の例",
        "情報政策課",
        "あなたは職員です。",
    )
    assert template.body == "{{document}}を{{length}}で要約。"
    assert [(field.name, field.example, field.help) for field in template.fields] == [
        ("document", "本文", ""),
        ("length", "3行", "長さ"),
    ]
    assert template.category is Category.SUMMARY


def test_newer_ways_of_describing_a_prompty_file_are_read():
    listed = "---\nmetadata: {authors: [alice], tags: [v2]}\ninputSchema:\n  properties:\n  - {name: q, kind: string, description: 質問}\n---\nsystem:\nS\n\nuser:\n{{q}}\n"
    template = only(read_prompty("a/質問.prompty", listed))
    assert (template.title, template.issuer, template.tags) == ("質問", "alice", ("v2",))
    assert template.fields[0].help == "質問"
    assert only(read_prompty("b.prompty", "You are helpful.\n")).body == "You are helpful.\n\n{{input}}"


DEFAULTS = {
    "{{x | number:min=1:default=5}}": "5",
    "{{x | number:default=many}}": "",
    '{{x | checkbox:default="false"}}': "false",
    '{{x | select:options=["a","b"]:default="b"}}': "b",
    '{{x | select:options=["a","b"]:default="c"}}': "",
    '{{x | text:placeholder="e.g. a: b":default="A: B"}}': "A: B",
    "{{x | date:default=2027-01-17}}": "2027-01-17",
}


@pytest.mark.parametrize(("typed", "default"), DEFAULTS.items())
def test_a_default_is_taken_where_it_fits(typed, default):
    _, (field,) = read_variables(typed)
    assert field.default == default


def test_roles_of_a_longer_conversation_are_kept():
    source = "---\nname: a\n---\nsystem:\nS\nuser:\n1\nassistant:\n2\nuser:\n{{q}}\n"
    template = only(read_prompty("a.prompty", source))
    assert template.system == "S"
    assert template.body == "user:\n1\n\nassistant:\n2\n\nuser:\n{{q}}"


def test_a_system_message_with_variables_moves_into_the_body():
    template = only(
        read_prompty("a.prompty", "---\nname: a\n---\nsystem:\nあなたは{{role}}です。\nuser:\n{{q}}\n")
    )
    assert template.system == ""
    assert template.body == "あなたは{{role}}です。\n\n{{q}}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("---\nname: a\n---\nuser:\n{% for x in y %}{{x}}{% endfor %}", "template_logic"),
        ("---\nname: a\n---\nuser:\n{{ x | upper }}", "template_logic"),
        ("---\nname: a\n---\nuser:\n{{#if x}}a{{/if}}", "template_logic"),
        ("---\nname: a\n---\n", "missing_body"),
        ("---\nname: a", "unclosed_front_matter"),
        ("---\nname: [a\n---\nx", "bad_yaml"),
        ("---\nname: &a b\n---\nx", "alias_not_allowed"),
    ],
)
def test_a_prompty_file_with_logic_or_without_form_is_rejected(source, reason):
    (rejected,) = read_prompty("a.prompty", source).rejected
    assert (rejected.path, rejected.reason) == ("a.prompty", reason)


def test_fabric_patterns_are_read_from_their_folders():
    files = [
        SourceFile(
            "patterns/summarize_paper/system.md", b"# IDENTITY\n\nYou summarize.\n\n# INPUT:\n\nINPUT:\n"
        ),
        SourceFile("patterns/summarize_paper/user.md", b""),
        SourceFile("patterns/summarize_paper/README.md", b"read me"),
        SourceFile("patterns/translate/system.md", b"Translate into {{lang_code}}.\n\nINPUT:\n"),
        SourceFile("patterns/empty/system.md", b"\n"),
    ]
    reading = read_files(files)
    summary, translation = (candidate.source.template for candidate in reading.candidates)
    assert (summary.title, summary.system, summary.body) == (
        "summarize paper",
        "# IDENTITY\n\nYou summarize.",
        "{{input}}",
    )
    assert summary.fields[0].required
    assert (translation.system, translation.body) == ("", "Translate into {{lang_code}}.\n\n{{input}}")
    assert [(entry.path, entry.reason) for entry in reading.rejected] == [
        ("patterns/empty/system.md", "missing_body")
    ]


ROWS = [
    ["タイトル", "プロンプト", "分類", "タグ"],
    ["回答文", "{{件名}}に回答", "住民対応", "回答、窓口"],
    ["空", "", "", ""],
]


def table(encoding, delimiter=","):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(ROWS)
    return stream.getvalue().encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ","), ("cp932", ","), ("utf-16", "\t"), ("utf-8", ";")],
)
def test_tables_are_read_in_every_encoding_of_an_office(encoding, delimiter):
    reading = read_csv("表.csv", table(encoding, delimiter))
    (candidate,) = reading.candidates
    template = candidate.source.template
    assert (template.title, template.category, template.tags) == (
        "回答文",
        Category.RESIDENTS,
        ("回答", "窓口"),
    )
    assert [field.name for field in template.fields] == ["件名"]
    assert [(entry.path, entry.reason) for entry in reading.rejected] == [("表.csv#3 空", "missing_body")]


def test_english_headers_and_a_persons_own_mapping_are_understood():
    assert (
        only(read_csv("a.csv", b'act,prompt\n"Linux Terminal","I want you to act as a terminal."\n')).title
        == "Linux Terminal"
    )
    assert only(read_csv("a.csv", "A,B\n題,文\n".encode(), {"title": "A", "body": "B"})).body.startswith("文")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"a,b\n1,2\n", "no_columns"), (b"", "no_columns"), (b"\x81\xff\xfe\x00\x80", "bad_encoding")],
)
def test_a_table_without_the_needed_columns_is_rejected(content, reason):
    (rejected,) = read_csv("a.csv", content).rejected
    assert (rejected.path, rejected.reason) == ("a.csv", reason)


def workbook():
    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("空のシート")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_read_like_a_table():
    reading = read_xlsx("表.xlsx", workbook())
    assert [candidate.source.template.title for candidate in reading.candidates] == ["回答文"]
    assert reasons(reading) == ["missing_body"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", workbook()[:-200], b"not a workbook" * 50])
def test_a_broken_workbook_is_rejected(content):
    (rejected,) = read_xlsx("a.xlsx", content).rejected
    assert rejected.reason in ("bad_workbook", "bad_zip", "truncated")


def test_formulas_in_a_csv_are_defused_and_restored():
    evil = dataclasses.replace(
        NOTICE, title='=HYPERLINK("x")', description="+1", issuer="@SUM(A1)", tags=("-1",)
    )
    cells = list(csv.reader(io.StringIO(write_csv([evil]).decode("utf-8-sig"))))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    back = only(read_csv("a.csv", write_csv([evil])))
    assert (back.title, back.body, back.system) == (evil.title, evil.body, evil.system)
    for cell in ("=1", "'", "'a", "", "a", "\t", "'=1"):
        assert restore_formula(defuse_formula(cell)) == cell or cell == "'=1"


def test_plain_files_take_their_heading_or_name_as_title():
    reading = read_files(
        [
            SourceFile("あいさつ.md", "# 式辞\n\n{{催し}}の式辞を書く。".encode()),
            SourceFile("a/依頼.txt", "依頼文を書く。".encode("cp932")),
        ]
    )
    first, second = (candidate.source.template for candidate in reading.candidates)
    assert (first.title, first.body, first.fields[0].name) == ("式辞", "{{催し}}の式辞を書く。", "催し")
    assert (second.title, second.body, second.fields[0].name) == (
        "依頼",
        "依頼文を書く。\n\n{{input}}",
        "input",
    )
    assert render(second, {}).text == "依頼文を書く。"


def test_files_of_unknown_formats_are_rejected_and_hidden_ones_ignored():
    reading = read_files(
        [
            SourceFile("a.exe", b"MZ"),
            SourceFile(".git/config.txt", b"x"),
            SourceFile("__MACOSX/a.md", b"x"),
            SourceFile("b.txt", b"\xff\x80\xff"),
        ]
    )
    assert [(entry.path, entry.reason) for entry in reading.rejected] == [
        ("a.exe", "unknown_format"),
        ("b.txt", "bad_encoding"),
    ]


def test_text_is_decoded_by_what_it_is():
    for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16"):
        assert decode("髙﨑①".encode(encoding)) == "髙﨑①"
    assert decode(b"\xff\xfe\x00") is None


SUFFIXES = [".prompt.md", ".kianpack", ".json", ".csv", ".docx"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_export_can_be_read_again(tmp_path, suffix):
    path = tmp_path / f"ひな形{suffix}"
    export([read(NOTICE_TEXT)], path, title="通知", issuer="総務課", created="2026-11-22")
    if suffix == ".docx":
        text = "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
        assert NOTICE.title in text
        assert "件名（必須）" in text
    else:
        _, reading = read_path(path)
        assert only(reading).title == NOTICE.title
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


NOTICE_TEXT = """---
# 注釈
schema: 1
id: c9e36572-71b6-53fc-a296-2f2b0ce96c66
version: 1.0
title: 通知文（記書き）
category: 文案作成
fields:
  - {name: subject, label: 件名, required: true}
---
件名：{{subject}}
"""


def test_a_single_template_keeps_its_comments_when_it_leaves(tmp_path):
    path = tmp_path / "a.prompt.md"
    export([read(NOTICE_TEXT)], path)
    assert path.read_text("utf-8") == NOTICE_TEXT
    export([parse(NOTICE_TEXT)], path)
    assert parse(path.read_text("utf-8")) == parse(NOTICE_TEXT)


def test_an_export_that_cannot_be_written_says_why(tmp_path):
    with pytest.raises(ExportFailedError) as caught:
        export([NOTICE], tmp_path / "無い" / "a.prompt.md")
    assert caught.value.reason == "not_a_folder"
    with pytest.raises(ValueError, match="suffix"):
        export([NOTICE], tmp_path / "a.exe")


def test_file_names_are_safe_on_every_system():
    assert file_name(dataclasses.replace(NOTICE, title='a/b\\c:d*?"<>|. ')) == "a_b_c_d______.prompt.md"
    assert file_name(dataclasses.replace(NOTICE, title="..")) == f"{NOTICE.id}.prompt.md"
