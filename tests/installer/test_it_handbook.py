"""The handbook is a specification: what it names exists, and what exists is named."""

import re
from pathlib import Path

import pytest

from desktop.app import EXIT_SECOND_INSTANCE
from desktop.cli.main import build_parser
from desktop.drafting.operation_log import Happening
from desktop.drafting.policy import policy_keys

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "it-handbook.md").read_text("utf-8")


def commands():
    actions = build_parser()._subparsers._group_actions[0].choices
    found = {}
    for name, parser in actions.items():
        nested = parser._subparsers._group_actions[0].choices if parser._subparsers else {}
        found[name] = set(nested)
    return found


def test_the_policy_table_names_exactly_the_keys_of_the_schema():
    table = TEXT.split("<!-- policy-keys -->")[1].split("\n## ")[0]
    named = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    assert named == [key.name for key in policy_keys()]


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(r"(?:^|`)kian(?:\.com)? ([a-z]+(?: [a-z]+)?)", TEXT, re.M)))
)
def test_every_command_in_the_handbook_exists(line):
    word, _, action = line.partition(" ")
    known = commands()
    assert word in known
    assert not action or not known[word] or action in known[word]


def test_every_property_of_the_msi_is_explained(script):
    for name in script("msi/build.py").SECURE:
        assert name.startswith("OLD") or f"| `{name}` |" in TEXT


@pytest.mark.parametrize(
    ("file", "name"),
    [("launcher.c", "EXIT_CPU"), ("launcher.c", "EXIT_BROKEN"), ("../linux/runtime_hook.py", "EXIT_CPU")],
)
def test_every_exit_code_of_the_packages_is_explained(file, name):
    text = (ROOT / "installer" / "windows" / file).read_text("utf-8")
    code = re.search(rf"{name}\s*=?\s*(\d+)", text)[1]
    assert re.search(rf"^\| {code} \|", TEXT.split("### 起案の終了コード")[1], re.M)


def test_every_line_of_the_operation_log_is_explained():
    table = TEXT.split("<!-- log-lines -->")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [happening.value for happening in Happening]


def test_the_exit_codes_of_launcher_and_window_differ():
    assert re.search(rf"^\| {EXIT_SECOND_INSTANCE} \| 画面がすでに開いています", TEXT, re.M)


def test_every_file_the_handbook_points_to_exists():
    for path in re.findall(r"`((?:docs|installer)/[\w./*-]+)`", TEXT):
        assert list(ROOT.glob(path)), path


def test_the_make_targets_it_names_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z-]+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.M), target
