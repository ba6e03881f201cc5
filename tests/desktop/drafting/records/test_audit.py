"""The audit log: append only, chained, exported without traps."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop.drafting.errors import ExportFailedError
from desktop.drafting.records.audit import AuditEntry, AuditEvent, AuditLog, start_of_day
from models.masking.entities import EntityType


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite3"


@pytest.fixture
def log(path: Path) -> Iterator[AuditLog]:
    now = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(hours=1)
        return now

    log = AuditLog(path, backups_dir=path.parent, clock=clock)
    log.append(
        AuditEntry(
            AuditEvent.MASKING_CONFIRMED,
            "tanaka",
            draft_id="d1",
            template_id="notice",
            template_version="1.2",
            confidentiality=2,
            model_id="kian-demo",
            model_sha256="ab" * 32,
            kinds={EntityType.PERSON: 2, EntityType.ADDRESS: 1},
            persons=2,
        )
    )
    log.append(AuditEntry(AuditEvent.GENERATED, "tanaka", draft_id="d1", elapsed_ms=1500, outcome="stop"))
    log.append(AuditEntry(AuditEvent.MASKING_CONFIRMED, "=cmd|' /C calc'!A0", draft_id="d2", persons=3))
    yield log
    log.close()


def test_entries_come_back_in_order_and_the_chain_holds(log: AuditLog) -> None:
    records = log.records()
    assert [record.number for record in records] == [1, 2, 3]
    assert records[0].entry.kinds == {EntityType.PERSON: 2, EntityType.ADDRESS: 1}
    assert len({record.hash for record in records}) == 3
    verdict = log.verify()
    assert verdict.is_intact
    assert verdict.entries == 3


def test_persons_are_added_up_over_confirmed_maskings(log: AuditLog) -> None:
    times = [record.at for record in log.records()]
    assert log.persons_since(times[0]) == 5
    assert log.persons_since(times[1]) == 3
    assert log.persons_since(times[2] + timedelta(seconds=1)) == 0


def test_the_day_begins_at_local_midnight() -> None:
    start = start_of_day(datetime(2026, 10, 1, 3, 4, 5, tzinfo=UTC))
    assert (start.hour, start.minute, start.second, start.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) <= datetime(2026, 10, 1, 3, 4, 5, tzinfo=UTC) - start < timedelta(days=1)


def tampered(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for trigger in ("entries_stay", "entries_are_kept"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def changed(path: Path) -> None:
    tampered(path, "UPDATE entries SET outcome = 'length' WHERE number = 2")


def removed(path: Path) -> None:
    tampered(path, "DELETE FROM entries WHERE number = 2")


def removed_and_renumbered(path: Path) -> None:
    tampered(path, "DELETE FROM entries WHERE number = 2", "UPDATE entries SET number = 2 WHERE number = 3")


@pytest.mark.parametrize("tamper", [changed, removed, removed_and_renumbered])
def test_a_changed_or_removed_entry_is_found(
    log: AuditLog, path: Path, tamper: Callable[[Path], None]
) -> None:
    tamper(path)
    verdict = log.verify()
    assert not verdict.is_intact
    assert verdict.first_broken == 2


def test_a_cut_end_is_found(log: AuditLog, path: Path) -> None:
    tampered(path, "DELETE FROM entries WHERE number = 3")
    verdict = log.verify()
    assert verdict.first_broken is None
    assert verdict.is_cut
    path.with_suffix(".head").unlink()
    assert log.verify().is_cut


def test_the_database_itself_refuses_changes(log: AuditLog, path: Path) -> None:
    connection = sqlite3.connect(path)
    for statement in ("UPDATE entries SET who = 'x'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


def test_two_programs_append_to_one_chain(log: AuditLog, path: Path) -> None:
    other = AuditLog(path, backups_dir=path.parent)
    other.append(AuditEntry(AuditEvent.EXPORTED, "suzuki", outcome="docx"))
    log.append(AuditEntry(AuditEvent.DELETED, "tanaka"))
    assert [record.number for record in log.records()] == [1, 2, 3, 4, 5]
    assert other.verify().is_intact
    other.close()


def test_the_csv_opens_in_excel_and_runs_nothing(log: AuditLog, tmp_path: Path) -> None:
    target = tmp_path / "監査.csv"
    assert log.export_csv(target) == 3
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:4] == ["番号", "日時", "出来事", "職員"]
    assert rows[0][2:4] == ["マスキングの確認", "tanaka"]
    assert rows[0][header.index("マスキングの件数")] == "住所1、氏名2"
    assert rows[1][header.index("所要時間（秒）")] == "1.5"
    assert rows[2][3].startswith("'=")
    with pytest.raises(ExportFailedError) as caught:
        log.export_csv(tmp_path / "no folder" / "x.csv")
    assert caught.value.reason == "no_folder"
