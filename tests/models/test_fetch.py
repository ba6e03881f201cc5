"""Fetching through the real client from a hub on the loopback interface."""

import hashlib
import resource
import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime

import huggingface_hub
import huggingface_hub.file_download
import pytest

from models.catalog import load_catalog
from models.demo import demo_model_path
from models.errors import CancelledError, FetchFailedError, ModelFileBrokenError, StorageFullError
from models.fetch import FetchReason, fetch_model
from models.store import Manifest, ModelStore, read_bundle, seal_bundle
from tests.support.loopback_hub import COMMIT, LoopbackHub
from tests.support.loopback_proxy import LoopbackProxy
from tests.support.random_gguf import write_random_gguf

DATA = demo_model_path().read_bytes()
CARD = replace(
    load_catalog().card("qwen3-4b"), repository="maker/model-GGUF", file="model-Q8_0.gguf", revision="main"
)
FILES = {
    CARD.file: DATA,
    "LICENSE": "利用条件".encode(),
    "GEMMA_TERMS_OF_USE": b"terms",
    "README.md": b"# Model",
    "other.gguf": b"not wanted",
    "licence-test.gguf": b"not wanted either",
    "images/licence.png": b"not at the top",
}


@pytest.fixture(autouse=True)
def no_internet_socket(monkeypatch):
    """The client may open sockets here: to the loopback interface, and to nothing else."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    # The client writes 10 MB at a time and waits a second before it tries again.
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 500_000)
    monkeypatch.setattr(huggingface_hub.file_download.time, "sleep", lambda seconds: None)


@pytest.fixture
def hub():
    with LoopbackHub(CARD.repository, dict(FILES)) as hub:
        yield hub


def fetch(hub, folder, **options):
    return fetch_model(CARD, folder, endpoint=hub.endpoint, **options)


def reason_of(hub, folder, card=CARD, **options):
    with pytest.raises(FetchFailedError) as caught:
        fetch_model(card, folder, endpoint=hub.endpoint, **options)
    return caught.value.reason


def test_the_file_comes_with_the_hubs_size_digest_and_commit(hub, tmp_path):
    fetched = fetch(hub, tmp_path / "持出し　媒体")
    path = fetched.folder / CARD.file
    assert path.read_bytes() == DATA
    assert not path.is_symlink()
    assert fetched.commit == COMMIT
    assert (fetched.card.size_bytes, fetched.card.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())


def test_licence_texts_come_too_and_nothing_else(hub, tmp_path):
    fetched = fetch(hub, tmp_path)
    names = sorted(path.name for path in fetched.folder.iterdir())
    assert names == ["GEMMA_TERMS_OF_USE", "LICENSE", "README.md", CARD.file]
    assert fetched.licence_files["LICENSE"] == hashlib.sha256("利用条件".encode()).hexdigest()


def test_the_file_is_taken_at_the_commit_that_the_revision_meant(hub, tmp_path):
    fetch(hub, tmp_path)
    resolved = [path for _, path, _ in hub.log if "/resolve/" in path]
    assert "/resolve/main/" in resolved[0]
    assert all(f"/resolve/{COMMIT}/" in path for path in resolved[1:])


def test_progress_ends_at_the_last_byte(hub, tmp_path):
    seen = []
    fetch(hub, tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(DATA), len(DATA))


def test_a_connection_that_breaks_is_taken_up_again(hub, tmp_path):
    hub.break_after, hub.breaks_left = 1_000_000, 2
    fetched = fetch(hub, tmp_path)
    assert (fetched.folder / CARD.file).read_bytes() == DATA
    ranges = [asked for _, path, asked in hub.log if path.startswith("/cdn/") and asked]
    assert len(ranges) == 2


def test_a_stopped_fetch_goes_on_where_it_was(hub, tmp_path):
    stopped_after_one_piece(hub, tmp_path)
    fetch(hub, tmp_path)
    assert (tmp_path / CARD.id / CARD.file).read_bytes() == DATA
    (asked,) = [asked for _, path, asked in hub.log if path.startswith("/cdn/model") and asked]
    assert asked == "bytes=500000-"


def test_a_proxy_that_ignores_ranges_costs_a_new_start_and_nothing_else(hub, tmp_path):
    hub.break_after, hub.breaks_left, hub.ignores_ranges = 1_000_000, 1, True
    assert (fetch(hub, tmp_path).folder / CARD.file).read_bytes() == DATA


def test_what_is_there_already_is_not_fetched_again(hub, tmp_path):
    fetch(hub, tmp_path)
    hub.log.clear()
    assert fetch(hub, tmp_path).card.sha256 == hashlib.sha256(DATA).hexdigest()
    assert not any(path.startswith("/cdn/model") for _, path, _ in hub.log)


def test_a_newer_edition_takes_the_place_of_the_older_one(hub, tmp_path):
    fetch(hub, tmp_path)
    newer = write_random_gguf(tmp_path / "newer.gguf").read_bytes()
    hub.files[CARD.file] = newer
    fetched = fetch(hub, tmp_path)
    assert (fetched.folder / CARD.file).read_bytes() == newer
    assert fetched.card.sha256 == hashlib.sha256(newer).hexdigest()


def test_part_of_an_older_edition_is_not_gone_on_with(hub, tmp_path):
    stopped_after_one_piece(hub, tmp_path)
    newer = write_random_gguf(tmp_path / "newer.gguf").read_bytes()
    hub.files[CARD.file] = newer
    assert (fetch(hub, tmp_path).folder / CARD.file).read_bytes() == newer


def stopped_after_one_piece(hub, folder):
    calls = []
    with pytest.raises(CancelledError):
        fetch(
            hub,
            folder,
            on_progress=lambda done, total: calls.append(done),
            is_cancelled=lambda: len(calls) > 0,
        )


def test_everything_goes_through_the_proxy_where_one_is_set(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    with LoopbackProxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        huggingface_hub.close_session()  # the client looks at the environment when it opens one
        assert fetch(hub, tmp_path).commit == COMMIT
    huggingface_hub.close_session()
    asked = {method + " " + path for method, path, _ in hub.log}
    assert asked == {method + " /" + address.split("/", 3)[3] for method, address in proxy.log}
    assert any("/cdn/model" in address for _, address in proxy.log)


def test_a_proxy_that_wants_a_password_is_told_as_unreachable(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    with LoopbackProxy(refuses=True) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        huggingface_hub.close_session()
        assert reason_of(hub, tmp_path) == FetchReason.UNREACHABLE
    huggingface_hub.close_session()
    assert hub.log == []


def test_a_fetched_model_becomes_a_bundle_that_the_terminal_imports(hub, tmp_path):
    fetched = fetch(hub, tmp_path / "out")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    seal_bundle(fetched.folder, Manifest(fetched.card, fetched.commit, now, fetched.licence_files))
    assert read_bundle(fetched.folder).commit == COMMIT
    model = ModelStore(tmp_path / "store").import_bundle(fetched.folder)
    assert model.manifest.card.sha256 == fetched.card.sha256


def test_other_bytes_than_the_hub_promised_are_thrown_away(hub, tmp_path):
    hub.sent_instead[CARD.file] = DATA[:-1] + b"\x00"
    if DATA[-1:] == b"\x00":
        hub.sent_instead[CARD.file] = DATA[:-1] + b"\x01"
    assert reason_of(hub, tmp_path) == FetchReason.WRONG_HASH
    assert not list(tmp_path.glob("**/*.gguf"))


def test_another_size_than_the_hub_promised_is_refused(hub, tmp_path):
    hub.sent_instead[CARD.file] = DATA[:-1000]
    assert reason_of(hub, tmp_path) in (FetchReason.WRONG_SIZE, FetchReason.UNREACHABLE)


def test_a_page_that_is_no_model_is_refused(tmp_path):
    content = {CARD.file: b"<html>" * 1000}
    with LoopbackHub(CARD.repository, content) as hub, pytest.raises(ModelFileBrokenError):
        fetch(hub, tmp_path)


def test_a_missing_file_or_repository_is_told(hub, tmp_path):
    assert reason_of(hub, tmp_path, replace(CARD, file="none.gguf")) == FetchReason.NOT_FOUND
    assert reason_of(hub, tmp_path, replace(CARD, repository="no/body")) == FetchReason.NOT_FOUND
    assert reason_of(hub, tmp_path, replace(CARD, repository="")) == FetchReason.NO_REPOSITORY


def test_a_gated_model_needs_a_token(hub, tmp_path):
    hub.is_gated = True
    assert reason_of(hub, tmp_path) == FetchReason.GATED
    assert fetch(hub, tmp_path, token="hf_invented").commit == COMMIT
    assert hub.tokens_at_cdn == []


def test_a_file_without_a_digest_is_refused(hub, tmp_path):
    hub.without_digest = True
    assert reason_of(hub, tmp_path) == FetchReason.NO_DIGEST


def test_a_hub_that_is_not_there_is_told(tmp_path):
    with LoopbackHub(CARD.repository, {}) as gone:
        endpoint = gone.endpoint
    with pytest.raises(FetchFailedError) as caught:
        fetch_model(CARD, tmp_path, endpoint=endpoint)
    assert caught.value.reason == FetchReason.UNREACHABLE


def test_a_full_disk_is_told_before_the_download(hub, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10, 9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageFullError):
        fetch(hub, tmp_path)
    assert not any(path.startswith("/cdn/") for _, path, _ in hub.log)


def test_the_room_that_a_half_fetched_model_takes_is_not_asked_for_again(hub, tmp_path, monkeypatch):
    stopped_after_one_piece(hub, tmp_path)
    free = len(DATA) - 500_000 + (64 << 20)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: namedtuple("usage", "total used free")(10, 9, free)
    )
    assert (fetch(hub, tmp_path).folder / CARD.file).read_bytes() == DATA


def test_a_disk_that_fills_up_in_the_middle_is_told_and_the_next_try_goes_on(hub, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, before[1]))
    try:
        with pytest.raises(StorageFullError) as caught:
            fetch(hub, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.needed_bytes == len(DATA)
    assert (fetch(hub, tmp_path).folder / CARD.file).read_bytes() == DATA
