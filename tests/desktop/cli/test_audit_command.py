"""`kian audit`: what IT gets out of the log, and what it says when somebody changed it."""

import csv
import sqlite3
from contextlib import closing
from datetime import date

import pytest

from desktop.cli.main import main
from desktop.drafting.paths import Paths
from desktop.drafting.records.audit import AuditEntry, AuditEvent, AuditLog


@pytest.fixture
def paths():
    paths = Paths.from_environment().ensure()
    with closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as log:
        for number in range(3):
            log.append(AuditEntry(AuditEvent.GENERATED, "tanaka", draft_id=f"d{number}", outcome="stop"))
    return paths


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_the_log_is_written_as_csv_for_the_days_asked_for(paths, tmp_path, capsys):
    target = tmp_path / "記録.csv"
    assert main(["audit", "export", "--output", str(target)]) == 0
    assert [row[4] for row in rows(target)] == ["d0", "d1", "d2"]
    assert "3件" in capsys.readouterr().err
    assert main(["audit", "export", "--output", str(target), "--until", "2020-01-01"]) == 0
    assert rows(target) == []
    today = date.today().isoformat()
    assert main(["audit", "export", "--output", str(target), "--since", today, "--until", today]) == 0
    assert len(rows(target)) == 3


def test_an_untouched_log_is_vouched_for_and_a_changed_one_is_not(paths, capsys):
    assert main(["audit", "verify"]) == 0
    assert "改変は見つかりませんでした" in capsys.readouterr().out
    with closing(sqlite3.connect(paths.audit_db)) as db:
        db.execute("DROP TRIGGER entries_stay")
        db.execute("UPDATE entries SET who = 'suzuki' WHERE number = 2")
        db.commit()
    assert main(["audit", "verify", "--json"]) == 1
    assert '"first_broken": 2' in capsys.readouterr().out


def test_a_day_that_is_none_is_told(paths, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["audit", "export", "--output", str(tmp_path / "a.csv"), "--since", "2026-02-30"])
    assert "日付ではありません" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_days_the_wrong_way_round_are_told(paths, tmp_path, capsys):
    target = tmp_path / "a.csv"
    days = ["--since", "2026-05-02", "--until", "2026-05-01"]
    assert main(["audit", "export", "--output", str(target), *days]) == 2
    assert "--since" in capsys.readouterr().err
    assert not target.exists()


def test_a_place_that_cannot_be_written_is_told(paths, tmp_path, capsys):
    assert main(["audit", "export", "--output", str(tmp_path / "none" / "a.csv")]) == 1
    assert "保存できません" in capsys.readouterr().err
