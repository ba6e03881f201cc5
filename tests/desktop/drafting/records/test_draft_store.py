"""The store of masked drafts: every step committed, nothing lost in an upgrade."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop.drafting.errors import DataFolderUnwritableError, DraftNotFoundError, RecordsUnreadableError
from desktop.drafting.records import database
from desktop.drafting.records.drafts import MIGRATIONS, DraftStore, NewDraft
from desktop.drafting.records.effects import METHOD, effect_figures, effect_figures_by_template
from models.masking.entities import EntityType
from models.masking.text import MaskedText, seal

NOTICE = NewDraft(
    "notice",
    "1.2",
    "お知らせ文",
    confidentiality=2,
    model_id="kian-demo",
    model_sha256="ab" * 32,
    kinds={EntityType.PERSON: 2},
    persons=1,
    minutes_by_hand=30,
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[DraftStore]:
    store = DraftStore(tmp_path / "drafts.sqlite3", backups_dir=tmp_path / "backups", clock=clock)
    yield store
    store.close()


def masked(text: str) -> MaskedText:
    return seal(text)


def test_a_draft_comes_back_as_it_was_stored(store: DraftStore) -> None:
    draft_id = store.create(NOTICE, masked("<氏名1>様へのお知らせ"), state="generating")
    store.set_completion(draft_id, 0, masked("<氏名1>様"))
    store.set_completion(draft_id, 0, masked("<氏名1>様、お知らせします。"), finish_reason="stop")
    number = store.add_turn(draft_id, masked("もっと短く"), kinds={EntityType.PHONE: 1}, persons=2)
    store.confirm(draft_id, by="tanaka", state="confirmed")
    draft = store.get(draft_id)
    assert (draft.template_title, draft.model_id, draft.confidentiality) == ("お知らせ文", "kian-demo", 2)
    assert (draft.kinds, draft.persons) == ({EntityType.PHONE: 1}, 2)
    assert [(t.number, t.prompt, t.completion, t.finish_reason) for t in draft.turns] == [
        (0, "<氏名1>様へのお知らせ", "<氏名1>様、お知らせします。", "stop"),
        (number, "もっと短く", "", ""),
    ]
    assert (draft.state, draft.confirmed_by) == ("confirmed", "tanaka")
    assert draft.confirmed_at is not None
    assert draft.preview == "<氏名1>様、お知らせします。"


def test_the_last_changed_draft_stands_first_and_search_folds_widths(store: DraftStore) -> None:
    first = store.create(NOTICE, masked("ＡＢＣ減免のお知らせ"), state="generating")
    second = store.create(NOTICE, masked("保育の案内"), state="generating")
    store.set_completion(second, 0, masked("保育所の入所"))
    store.set_state(first, "checking")
    assert [draft.id for draft in store.list()] == [first, second]
    assert [draft.id for draft in store.search("減免")] == [first]
    assert [draft.id for draft in store.search("abc お知らせ")] == [first]
    assert [draft.id for draft in store.search("入所　保育")] == [second]
    assert [draft.id for draft in store.search("おしらせ文")] == []
    assert len(store.search("お知らせ文")) == 2
    assert store.search("100%' OR 1=1") == ()


def test_a_deleted_draft_waits_in_the_bin(store: DraftStore) -> None:
    draft_id = store.create(NOTICE, masked("お知らせ"), state="generating")
    store.move_to_bin(draft_id)
    assert store.list() == ()
    assert store.search("お知らせ") == ()
    assert [draft.id for draft in store.list(is_binned=True)] == [draft_id]
    store.restore(draft_id)
    assert [draft.id for draft in store.list()] == [draft_id]
    store.move_to_bin(draft_id)
    assert store.purge_bin() == 1
    with pytest.raises(DraftNotFoundError):
        store.get(draft_id)


def test_what_is_older_than_the_policy_keeps_is_gone_from_the_file_itself(
    tmp_path: Path, store: DraftStore, clock: Clock
) -> None:
    old = store.create(NOTICE, masked("むかしの下書きの目印"), state="generating")
    clock.now += timedelta(days=40)
    new = store.create(NOTICE, masked("あたらしい"), state="generating")
    assert store.purge_expired(30) == 1
    assert [draft.id for draft in store.list()] == [new]
    with pytest.raises(DraftNotFoundError):
        store.get(old)
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("drafts.sqlite3*"))
    assert "あたらしい".encode() in content
    assert "むかしの下書きの目印".encode() not in content


def used(store: DraftStore) -> str:
    """A draft that got its answer."""
    draft_id = store.create(NOTICE, masked("お知らせ"), state="generating")
    store.set_completion(draft_id, 0, masked("お知らせします。"), finish_reason="stop")
    return draft_id


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_never_got_an_answer_is_no_use(store: DraftStore, clock: Clock, is_deleted: bool) -> None:
    answered = used(store)
    store.create(NOTICE, masked("長すぎる文"), state="generating")
    if is_deleted:
        store.delete_all()
    uses = store.effects(clock.now - timedelta(days=1), clock.now + timedelta(days=1))
    assert [use.draft_id for use in uses] == [answered]


def test_effect_answers_outlive_their_draft_and_hold_no_text(store: DraftStore, clock: Clock) -> None:
    ids = [used(store) for _ in range(3)]
    store.answer_effect(ids[0], has_helped=True, minutes_taken=10)
    store.answer_effect(ids[1], has_helped=False, minutes_taken=35)
    store.move_to_bin(ids[0])
    store.purge_bin()
    answers = store.effects(clock.now - timedelta(days=1), clock.now + timedelta(days=1))
    figures = effect_figures(answers)
    assert (figures.uses, figures.rated, figures.helped, figures.timed) == (3, 2, 1, 2)
    assert figures.minutes_saved == 20 - 5
    assert figures.method == METHOD
    assert list(effect_figures_by_template(answers)) == ["notice"]
    assert store.effects(clock.now + timedelta(days=1), clock.now + timedelta(days=2)) == ()


def test_what_does_not_exist_is_said(store: DraftStore) -> None:
    draft_id = store.create(NOTICE, masked("お知らせ"), state="generating")
    with pytest.raises(DraftNotFoundError):
        store.set_state("nothing", "checking")
    with pytest.raises(DraftNotFoundError):
        store.set_completion(draft_id, 7, masked("答え"))
    with pytest.raises(DraftNotFoundError):
        store.answer_effect("nothing", has_helped=True)
    assert store.get(draft_id).turns[0].completion == ""


KILLED = """
import os, sys
from pathlib import Path
from desktop.drafting.records.drafts import DraftStore, NewDraft
from models.masking.text import seal
folder = Path(sys.argv[1])
store = DraftStore(folder / "drafts.sqlite3", backups_dir=folder / "backups")
draft_id = store.create(NewDraft("notice", "1", "お知らせ"), seal("prompt"), state="generating")
for number in range(1000):
    store.set_completion(draft_id, 0, seal("x" * number))
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_kill_in_the_middle_loses_no_finished_step(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == 5:
            process.send_signal(signal.SIGKILL)
            break
    said = [5, *map(int, process.stdout.read().split())]
    process.wait()
    process.stdout.close()
    store = DraftStore(tmp_path / "drafts.sqlite3", backups_dir=tmp_path / "backups")
    completion = store.get(store.list()[0].id).turns[0].completion
    store.close()
    assert len(completion) in (said[-1], said[-1] + 1)


def test_an_older_file_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    path, backups = tmp_path / "drafts.sqlite3", tmp_path / "backups"
    store = DraftStore(path, backups_dir=backups)
    draft_id = store.create(NOTICE, masked("お知らせ"), state="generating")
    store.close()
    assert not backups.exists()
    added = "CREATE TABLE later (id INTEGER);\nINSERT INTO later VALUES (7);\n"
    connection = database.open_database(path, (*MIGRATIONS, added), backups_dir=backups)
    assert connection.execute("SELECT id FROM later").fetchone()[0] == 7
    connection.close()
    (copy,) = backups.iterdir()
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT id FROM drafts").fetchone()[0] == draft_id
        assert old.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    old.close()
    with pytest.raises(RecordsUnreadableError) as caught:
        DraftStore(path, backups_dir=backups)
    assert caught.value.reason == "newer"


def test_a_failed_migration_leaves_the_old_schema(tmp_path: Path) -> None:
    path, backups = tmp_path / "drafts.sqlite3", tmp_path / "backups"
    DraftStore(path, backups_dir=backups).close()
    broken = "CREATE TABLE later (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
    with pytest.raises(RecordsUnreadableError):
        database.open_database(path, (*MIGRATIONS, broken), backups_dir=backups)
    store = DraftStore(path, backups_dir=backups)
    assert store.list() == ()
    store.close()
    with sqlite3.connect(path) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "later" not in names


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "drafts.sqlite3"
    path.write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(RecordsUnreadableError) as caught:
        DraftStore(path, backups_dir=tmp_path / "backups")
    assert caught.value.reason == "corrupt"
    assert path.read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnwritableError):
        DraftStore(tmp_path / "file" / "drafts.sqlite3", backups_dir=tmp_path)
    with pytest.raises(DataFolderUnwritableError):
        DraftStore(tmp_path, backups_dir=tmp_path)


def test_deleting_everything_takes_the_bin_along_and_leaves_the_effect_answers(store: DraftStore) -> None:
    kept, binned = used(store), used(store)
    store.move_to_bin(binned)
    assert store.delete_all() == 2
    assert store.list() == store.list(is_binned=True) == ()
    uses = store.effects(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert {use.draft_id for use in uses} == {kept, binned}
