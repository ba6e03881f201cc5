"""`kian policy check` tells before the roll-out what will be in force."""

import argparse
import json

import pytest

from desktop.cli import policy
from desktop.drafting.paths import Paths
from desktop.drafting.policy import DEFAULT, parse_policy, policy_keys


def run(*argv):
    parser = argparse.ArgumentParser()
    policy.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["policy", "check", *map(str, argv)])
    return arguments.run(arguments)


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "policy.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_policy_that_is_obeyed_lists_every_key_and_what_is_fixed(write, capsys):
    assert run(write('[masking]\nprofile = "厳格"\n'), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["obeyed"] is True
    assert set(told["settings"]) == {key.name for key in policy_keys()} - {"schema", "changeable"}
    assert told["settings"]["masking.profile"] == {"value": "厳格", "locked": True}
    assert told["settings"]["export.enabled"]["locked"] is False


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("[masking]\nprofil = 1\n", "unknown_key", 2),
        ("[masking]\nprofile = 1\n", "wrong_type", 2),
        ('[masking]\nprofile = "ゆるい"\n', "bad_value", 2),
        ("[masking\n", "syntax", 1),
        (b'[masking]\nprofile = "\x8c\xb5\x8ai"\n', "encoding", 2),
        (b"#" * 300_000, "too_large", 0),
    ],
)
def test_a_policy_that_is_not_obeyed_fails_with_place_and_reason(write, capsys, content, reason, line):
    assert run(write(content), "--json") == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["obeyed"], told["reason"], told["line"]) == (False, reason, line)
    assert "設定ファイル" in shown.err


def test_a_refusal_says_what_the_key_takes_and_what_the_file_would_do(write, capsys):
    run(write("[records]\nretention_days = 0\n"))
    told = capsys.readouterr().err
    assert "2行目、records.retention_days" in told
    assert "1～" in told
    assert "このまま配ると" in told
    assert "動いています" not in told  # it is a file to look at, not the one in force


def test_a_missing_file_that_was_named_fails(tmp_path, capsys):
    assert run(tmp_path / "none.toml", "--json") == 1
    told = capsys.readouterr()
    assert "設定ファイルがありません" in told.err
    assert json.loads(told.out)["obeyed"] is False


def test_without_a_file_in_the_machine_s_place_the_defaults_are_shown(tmp_path, capsys, monkeypatch):
    nowhere = Paths(tmp_path, tmp_path / "policy.d", (), (), ())
    monkeypatch.setattr(policy.Paths, "from_environment", staticmethod(lambda: nowhere))
    assert run("--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["settings"]["records.retention_days"]["value"] == 365
    assert "初期値" in told.err


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("[sharing]\nrequire_signature = true\n", "信頼する鍵がない"),
        ('[masking]\nprofile = "禁止"\n', "置き換えずに止まります"),
        ("[export]\nenabled = false\n", "保存とコピーができません"),
        ('[sharing]\nshelf = "//fileserver/gone/shelf"\n', "sharing.shelf"),
        ('[guideline]\nfile = "/gone/guide.md"\n', "guideline.file"),
        ('[masking]\ndictionary_file = "/gone/words.csv"\n', "masking.dictionary_file"),
    ],
)
def test_what_is_likely_not_meant_is_pointed_out(content, word):
    assert any(word in doubt for doubt in policy.doubts(parse_policy(content)))


def test_a_folder_given_to_the_installer_that_went_away_is_named(tmp_path):
    paths = Paths(tmp_path, tmp_path, (), (tmp_path, tmp_path / "gone"), (tmp_path / "share",))
    told = policy.unreachable(paths)
    assert [("MODELDIR" in line, "SHELF" in line) for line in told] == [(True, False), (False, True)]
    assert str(tmp_path / "gone") in told[0]


def test_the_defaults_raise_no_doubt():
    assert policy.doubts(DEFAULT) == []


SERVER = """
[inference_server]
url = "https://llm.city.example/v1"
model = "qwen"
allowed_addresses = ["{network}"]
ca_file = "{ca_file}"
"""


@pytest.mark.parametrize(
    ("network", "has_file", "word"),
    [
        ("10.20.30.40/32", True, "庁内サーバー（llm.city.example）が作ります"),
        ("10.0.0.0/8", True, "範囲が広すぎます"),
        ("8.8.8.8/32", True, "庁内ではない"),
        ("10.20.30.40/32", False, "inference_server.ca_file の場所に、この端末からは届きません"),
    ],
)
def test_a_server_in_the_policy_is_told_with_what_is_doubtful_about_it(
    write, capsys, tmp_path, network, has_file, word
):
    ca_file = tmp_path / "ca.pem"
    if has_file:
        ca_file.write_bytes(b"")
    assert run(write(SERVER.format(network=network, ca_file=ca_file)), "--json") == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert any(word in warning for warning in warnings)
    assert len(warnings) == (1 if network.endswith("/32") and has_file and "8.8" not in network else 2)
