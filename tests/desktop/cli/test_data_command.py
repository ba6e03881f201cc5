"""`kian data`: a copy of an account's data, and its removal with a record."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from contextlib import closing

import pytest

from desktop.cli.data import KINDS
from desktop.cli.main import main
from desktop.drafting.own_data import FORMAT
from desktop.drafting.paths import Paths, SingleInstance
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.drafts import DraftStore, NewDraft
from desktop.drafting.records.key import open_key
from desktop.drafting.workplace import open_library
from models.masking.text import seal

TEXT = "転入届のお知らせの本文です"


@pytest.fixture
def paths():
    """An account with something of every kind."""
    made = Paths.from_environment().ensure()
    with closing(DraftStore(made.drafts_db, backups_dir=made.backups_dir)) as drafts:
        for _ in range(3):
            drafts.create(NewDraft("notice", "1", "お知らせ"), seal(TEXT), state="generating")
    with closing(AuditLog(made.audit_db, backups_dir=made.backups_dir)):
        pass
    open_library(made).close()
    open_key(made.key_file, None)
    made.settings_file.write_text("text_size = 1\n", "utf-8")
    for folder in (made.unsent_dir, made.models_dir, made.logs_dir, made.data_dir / "own_words"):
        folder.mkdir(exist_ok=True)
        (folder / "one").write_bytes(b"12345")
    return made


def erased(record, *more: str) -> int:
    return main(["data", "erase", "--record", str(record), *more])


def the_record(folder):
    (file,) = folder.glob("kian-deletion-*.json")
    return file.read_text("utf-8")


def test_a_copy_holds_the_databases_whole_and_says_where_it_is(paths, tmp_path, capsys):
    assert main(["data", "backup", str(tmp_path)]) == 0
    (made,) = tmp_path.glob("kian-backup-*")
    assert capsys.readouterr().out.strip() == str(made)
    names = {path.name for path in made.iterdir()}
    assert {"drafts.sqlite3", "library.sqlite3", "audit.sqlite3", "settings.toml"} <= names
    assert not {"unsent.key", "unsent", "own_words"} & names
    with closing(sqlite3.connect(made / "drafts.sqlite3")) as copy:
        assert copy.execute("SELECT count(*) FROM drafts").fetchone() == (3,)


def test_a_damaged_database_is_told_and_no_half_copy_stays(paths, tmp_path, capsys):
    paths.drafts_db.write_bytes(b"no database" * 1000)
    for rest in paths.data_dir.glob("drafts.sqlite3-*"):
        rest.unlink()
    assert main(["data", "backup", str(tmp_path)]) == 1
    assert "壊れています" in capsys.readouterr().err
    assert list(tmp_path.glob("kian-backup-*")) == []


def test_the_removal_takes_everything_and_the_record_tells_what_and_how_much(paths, tmp_path, capsys):
    assert erased(tmp_path, "--yes") == 0
    assert not paths.data_dir.exists()
    record = json.loads(the_record(tmp_path))
    assert record["format"] == FORMAT
    assert (record["is_complete"], record["drafts"], record["others"]) == (True, 3, 0)
    assert record["at"] and record["machine"] and record["account"] and record["version"]
    counted = {thing["kind"]: thing["files"] for thing in record["things"]}
    assert counted.keys() == KINDS.keys()
    assert all(counted[kind] for kind in ("drafts", "library", "audit", "settings", "unsent", "own_words"))
    assert "この利用者のデータをすべて消しました" in capsys.readouterr().err


def test_the_record_holds_no_text(paths, tmp_path):
    erased(tmp_path, "--yes")
    assert TEXT not in the_record(tmp_path)


def test_files_of_somebody_else_stay(paths, tmp_path, capsys):
    other = paths.data_dir / "drafts.docx"
    other.write_text("not ours", "utf-8")
    assert erased(tmp_path, "--yes", "--json") == 0
    assert other.read_text("utf-8") == "not ours"
    assert json.loads(capsys.readouterr().out)["others"] == 1


def test_an_open_window_keeps_its_data(paths, tmp_path, capsys):
    with SingleInstance(paths):
        assert erased(tmp_path, "--yes") == 1
    assert "すでに起動しています" in capsys.readouterr().err
    assert paths.drafts_db.exists()
    assert list(tmp_path.glob("kian-deletion-*")) == []


def test_nothing_is_removed_where_the_record_cannot_be_written(paths, tmp_path, capsys):
    assert erased(tmp_path / "gone", "--yes") == 1
    assert "何も消していません" in capsys.readouterr().err
    assert paths.drafts_db.exists()


def test_the_record_does_not_lie_in_what_is_removed(paths, capsys):
    assert erased(paths.logs_dir, "--yes") == 2
    assert "別のフォルダー" in capsys.readouterr().err
    assert paths.drafts_db.exists()


def test_nobody_is_asked_without_a_terminal_and_nothing_is_removed(paths, tmp_path, monkeypatch, capsys):
    read, write = os.pipe()
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as empty:
        monkeypatch.setattr(sys, "stdin", empty)
        assert erased(tmp_path) == 1
    assert "--yes" in capsys.readouterr().err
    assert paths.drafts_db.exists()


def test_a_link_is_removed_and_not_what_it_leads_to(paths, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept", "utf-8")
    (paths.unsent_dir / "link").symlink_to(elsewhere, target_is_directory=True)
    assert erased(tmp_path, "--yes") == 0
    assert (elsewhere / "kept").exists()


def test_an_account_without_data_needs_no_removal(tmp_path, capsys):
    assert erased(tmp_path, "--yes") == 0
    assert "データはありません" in capsys.readouterr().err
