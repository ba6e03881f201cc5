import argparse
import re
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.cli.main import build_parser, main
from desktop.drafting.paths import Paths

ROOT = Path(__file__).parents[3]
ENGLISH = re.compile(r"\b(usage|required|invalid|unrecognized|expected|argument|options|show this)\b")


def commands(parser, prefix=()):
    """Every command with its options, as typed."""
    yield prefix, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from commands(child, (*prefix, name))


ALL = dict(commands(build_parser()))


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_the_help_of_every_command_is_in_japanese(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    text = capsys.readouterr().out
    assert left.value.code == 0
    assert "使い方" in text
    assert not ENGLISH.search(re.sub(r"--?[\w-]+|kian[^\n]*", "", text)), text


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_every_argument_is_named_and_explained_in_japanese(command):
    for action in ALL[command]._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        assert action.help, (command, action.dest)
        if action.nargs != 0 and not action.choices:
            name = str(action.metavar or action.dest)
            assert name == "ID" or not name.isascii(), (command, name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["mask"],
        ["mask", "--input"],
        ["mask", "--input", "a", "--output", "b", "--kinds", "x"],
        ["draft", "--colour"],
        ["templates"],
        ["models", "show"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_japanese_with_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    told = capsys.readouterr()
    assert left.value.code == 2
    assert told.out == ""
    assert "指定のしかたが正しくありません" in told.err
    assert not ENGLISH.search(re.sub(r"--?[\w-]+", "", told.err)), told.err


@pytest.mark.parametrize("command", [["models", "list"], ["templates", "list"]], ids=" ".join)
def test_a_policy_that_cannot_be_read_is_told_before_the_strictest_rules_are_felt(
    command, tmp_path, monkeypatch, capsys
):
    broken = tmp_path / "policy.toml"
    broken.write_text("[sharing]\nshelf = \n", "utf-8")
    here = replace(Paths.from_environment(), policy_file=broken)
    monkeypatch.setattr(Paths, "from_environment", lambda: here)
    assert main(command) == 0
    assert "2 行目: 書き方" in capsys.readouterr().err


def test_every_command_the_readmes_name_exists():
    for name in ("README.md", "README.ja.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for line in re.findall(r"^kian (.+?)(?:\s+#.*)?$", text, re.MULTILINE):
            words = line.split()
            known = next(c for n in range(len(words), 0, -1) if (c := tuple(words[:n])) in ALL)
            options = {option for action in ALL[known]._actions for option in action.option_strings}
            assert {word for word in words if word.startswith("--")} <= options, line


def test_the_readmes_are_short():
    for name in ("README.md", "README.ja.md"):
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 100
