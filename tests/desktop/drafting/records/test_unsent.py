"""Encrypted autosave: quick, never half, never readable without the key, never a crash."""

from __future__ import annotations

import json
import os
import statistics
import time
from pathlib import Path

import pytest

from desktop.drafting.errors import DataFolderUnwritableError, UnsentUnreadableError
from desktop.drafting.records.key import KEY_BYTES, open_key
from desktop.drafting.records.unsent import UnsentStore

CONTENT = {"values": {"宛先": "山田太郎様", "本文": "ひみつの相談" * 50}, "vault": [["<氏名1>", "山田太郎"]]}


class MemoryStore:
    """A key store that works, or not."""

    def __init__(self, *, is_working: bool = True) -> None:
        self.secret: str | None = None
        self.is_working = is_working

    def read(self) -> str | None:
        return self.secret if self.is_working else None

    def write(self, secret: str) -> bool:
        if self.is_working:
            self.secret = secret
        return self.is_working


@pytest.fixture
def store(tmp_path: Path) -> UnsentStore:
    return UnsentStore(tmp_path, bytes(range(32)))


def test_what_was_typed_comes_back_and_stands_nowhere_in_clear(store: UnsentStore, tmp_path: Path) -> None:
    store.save("d1", {"values": {"a": "古い"}})
    store.save("d1", CONTENT)
    draft = store.load("d1")
    assert draft is not None
    assert draft.content == CONTENT
    (path,) = tmp_path.iterdir()
    for clear in ("山田太郎", "ひみつ", json.dumps("山田太郎").strip('"')):
        assert clear.encode() not in path.read_bytes()
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_lone_surrogates_and_every_other_character_survive(store: UnsentStore) -> None:
    store.save("d1", {"a": "\ud800𠮷\0"})
    draft = store.load("d1")
    assert draft is not None
    assert draft.content == {"a": "\ud800𠮷\0"}


def test_saving_takes_a_few_milliseconds(store: UnsentStore) -> None:
    content = {"本文": "あ" * 20_000}
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        store.save("d1", content)
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.02


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content[:10],
        lambda content: content[:30] + bytes([content[30] ^ 1]) + content[31:],
        lambda content: b"garbage",
    ],
)
def test_a_damaged_file_is_set_aside_and_the_others_come_back(
    store: UnsentStore, tmp_path: Path, damage
) -> None:  # type: ignore[no-untyped-def]
    store.save("good", CONTENT)
    store.save("bad", CONTENT)
    path = tmp_path / "bad.unsent"
    path.write_bytes(damage(path.read_bytes()))
    recovery = store.recover()
    assert [draft.draft_id for draft in recovery.drafts] == ["good"]
    assert recovery.set_aside == ("bad",)
    assert (tmp_path / "bad.bad").exists()
    assert store.recover().set_aside == ()


def test_another_key_or_another_drafts_file_opens_nothing(store: UnsentStore, tmp_path: Path) -> None:
    store.save("d1", CONTENT)
    (tmp_path / "d2.unsent").write_bytes((tmp_path / "d1.unsent").read_bytes())
    with pytest.raises(UnsentUnreadableError):
        store.load("d2")
    with pytest.raises(UnsentUnreadableError):
        UnsentStore(tmp_path, bytes(32)).load("d1")


def test_where_the_policy_forbids_it_nothing_is_stored(tmp_path: Path) -> None:
    UnsentStore(tmp_path, bytes(32)).save("d1", CONTENT)
    store = UnsentStore(tmp_path, None)
    store.save("d2", CONTENT)
    assert not store.is_keeping
    assert store.draft_ids() == ("d1",)
    assert store.load("d1") is None
    assert store.delete_all() == 1
    assert list(tmp_path.iterdir()) == []


def test_deleting_removes_the_file_and_is_harmless_twice(store: UnsentStore, tmp_path: Path) -> None:
    store.save("d1", CONTENT)
    store.delete("d1")
    store.delete("d1")
    assert list(tmp_path.iterdir()) == []
    assert store.load("d1") is None


@pytest.mark.parametrize("draft_id", ["../x", "a/b", "", "a.b", "あ"])
def test_an_id_can_name_no_file_elsewhere(store: UnsentStore, draft_id: str) -> None:
    with pytest.raises(ValueError, match="draft id"):
        store.save(draft_id, {})


def test_a_folder_that_is_gone_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    store = UnsentStore(tmp_path / "gone", bytes(32))
    with pytest.raises(DataFolderUnwritableError):
        store.save("d1", CONTENT)
    assert store.recover().drafts == ()


def test_the_key_lies_in_the_key_store_where_there_is_one(tmp_path: Path) -> None:
    keys = MemoryStore()
    key = open_key(tmp_path / "key", keys)
    assert len(key) == KEY_BYTES
    assert not (tmp_path / "key").exists()
    assert open_key(tmp_path / "key", keys) == key


@pytest.mark.parametrize("keys", [None, MemoryStore(is_working=False)])
def test_without_a_key_store_the_key_is_a_file_for_the_person_alone(
    tmp_path: Path, keys: MemoryStore | None
) -> None:
    key = open_key(tmp_path / "sub" / "key", keys)
    assert open_key(tmp_path / "sub" / "key", keys) == key
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["key"]
    if os.name == "posix":
        assert (tmp_path / "sub" / "key").stat().st_mode & 0o777 == 0o600


def test_a_key_file_made_when_the_store_failed_stays_in_use(tmp_path: Path) -> None:
    keys = MemoryStore(is_working=False)
    key = open_key(tmp_path / "key", keys)
    keys.is_working = True
    assert open_key(tmp_path / "key", keys) == key
    assert keys.secret is None


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"A" * 44])
def test_a_damaged_key_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    key = open_key(tmp_path / "key", None)
    assert len(key) == KEY_BYTES
    assert open_key(tmp_path / "key", None) == key
