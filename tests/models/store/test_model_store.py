"""The store: proof at import, versions side by side, quarantine, bundles with signatures."""

import hashlib
import json
import mmap
import re
import resource
import shutil
import threading
from collections import namedtuple
from dataclasses import replace
from pathlib import PureWindowsPath

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from models.catalog import load_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.errors import (
    BundleBrokenError,
    BundleExistsError,
    CancelledError,
    ModelFileBrokenError,
    ModelFileMissingError,
    ModelNotAllowedError,
    ModelVersionNeededError,
    SigningKeyUnusableError,
    SourceLostError,
    StorageFullError,
    StorageUnusableError,
    UnknownModelError,
)
from models.store import InstalledModel, Manifest, ModelStore, card_for_file, export_bundle, read_bundle
from tests.support.random_gguf import write_random_gguf

DEMO = load_catalog().card(DEMO_MODEL_ID)
OPEN_CARD = replace(DEMO, id="random", file="random.gguf", size_bytes=0, sha256="")


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "モデル 置き場")


@pytest.fixture
def random_file(tmp_path):
    return write_random_gguf(tmp_path / "random.gguf")


def test_an_imported_model_is_found_with_its_digest(store):
    model = store.import_file(demo_model_path(), DEMO)
    assert store.installed() == (model,)
    assert store.find(DEMO.id) == store.find(model.key) == model
    assert model.path.read_bytes() == demo_model_path().read_bytes()
    assert model.version == DEMO.sha256[:12]


def test_size_and_digest_are_resolved_at_import(store, random_file):
    model = store.import_file(random_file, OPEN_CARD)
    assert model.manifest.card.size_bytes == random_file.stat().st_size
    assert len(model.manifest.card.sha256) == 64


def test_progress_ends_at_the_last_byte(store):
    seen = []
    store.import_file(demo_model_path(), DEMO, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (DEMO.size_bytes, DEMO.size_bytes)


def test_importing_the_same_file_twice_changes_nothing(store):
    assert store.import_file(demo_model_path(), DEMO).path == store.import_file(demo_model_path(), DEMO).path
    assert len(store.installed()) == 1


def test_two_versions_lie_side_by_side_and_the_default_can_be_rolled_back(store, tmp_path):
    first = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=1), OPEN_CARD)
    second = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=2), OPEN_CARD)
    assert first.path != second.path
    assert store.default() is None
    store.set_default(first.key)
    store.set_default(second.key)
    assert store.default().key == second.key
    assert store.roll_back().key == first.key
    assert store.roll_back() is None


def test_a_lost_choice_is_a_model_that_is_there(store, tmp_path):
    first = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=1), OPEN_CARD)
    store.set_default(first.key)
    state = first.path.parents[2] / "state.json"
    state.write_bytes(state.read_bytes()[:12])
    assert store.default().key == first.key


def test_a_removed_default_gives_way_to_the_one_before(store, tmp_path):
    first = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=1), OPEN_CARD)
    second = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=2), OPEN_CARD)
    store.set_default(first.key)
    store.set_default(second.key)
    store.remove(second.key, by="it-staff")
    assert store.default().key == first.key


def test_a_removal_is_written_down(store):
    model = store.import_file(demo_model_path(), DEMO)
    store.remove(DEMO.id, by="田中")
    assert store.installed() == ()
    (record,) = [
        json.loads(line) for line in (model.path.parents[2] / "removed.jsonl").read_text("utf-8").splitlines()
    ]
    assert (record["model"], record["sha256"], record["by"]) == (model.key, DEMO.sha256, "田中")


def test_what_is_not_installed_cannot_be_found_or_removed(store):
    with pytest.raises(UnknownModelError):
        store.find("none")
    with pytest.raises(UnknownModelError):
        store.remove("none", by="x")


def test_a_file_that_is_not_the_cards_is_quarantined(store, tmp_path):
    data = bytearray(demo_model_path().read_bytes())
    data[-1] ^= 1
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(data)
    with pytest.raises(ModelFileBrokenError) as caught:
        store.import_file(wrong, DEMO)
    assert caught.value.reason == "hash"
    assert store.installed() == ()
    (bad,) = store.quarantined()
    assert bad.read_bytes() == data
    assert wrong.exists()


def test_a_file_of_another_size_is_refused_before_it_is_copied(store, random_file):
    with pytest.raises(ModelFileBrokenError) as caught:
        store.import_file(random_file, DEMO)
    assert caught.value.reason == "size"
    assert store.quarantined() == ()


def test_a_half_copied_file_is_refused_as_truncated(store, tmp_path):
    half = tmp_path / "half.gguf"
    half.write_bytes(demo_model_path().read_bytes()[:2_000_000])
    with pytest.raises(ModelFileBrokenError) as caught:
        store.import_file(half, replace(DEMO, size_bytes=0, sha256=""))
    assert caught.value.reason == "truncated"


def test_a_missing_file_is_told(store, tmp_path):
    with pytest.raises(ModelFileMissingError):
        store.import_file(tmp_path / "none.gguf", DEMO)


def test_of_several_versions_one_must_be_named_to_be_removed(store, tmp_path):
    keys = [
        store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=seed), OPEN_CARD).key
        for seed in (1, 2)
    ]
    with pytest.raises(ModelVersionNeededError) as caught:
        store.remove("random", by="x")
    assert sorted(caught.value.versions) == sorted(key.partition("@")[2] for key in keys)
    store.remove(keys[0], by="x")
    assert store.remove("random", by="x").key == keys[1]


def test_of_two_imports_the_later_one_is_the_newest(store, tmp_path):
    for seed in range(1, 4):
        latest = store.import_file(write_random_gguf(tmp_path / "random.gguf", seed=seed), OPEN_CARD)
        assert store.find("random").key == latest.key


def test_a_model_in_use_is_removed_whole_and_the_program_that_uses_it_goes_on(store):
    model = store.import_file(demo_model_path(), DEMO)
    with model.path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as weights:
        store.remove(model.key, by="職員")
        assert hashlib.sha256(weights).hexdigest() == DEMO.sha256
    assert store.installed() == ()


def test_a_file_set_aside_outlives_the_next_import_of_the_same_model(store):
    model = store.import_file(demo_model_path(), DEMO)
    with model.path.open("r+b") as file:
        file.write(b"\x00" * 64)
    with pytest.raises(ModelFileBrokenError):
        store.verify(model)
    store.verify(store.import_file(demo_model_path(), DEMO))
    assert len(store.quarantined()) == 1


def test_a_model_that_changed_on_disk_is_found_out_and_set_aside(store):
    model = store.import_file(demo_model_path(), DEMO)
    store.verify(model)
    with model.path.open("r+b") as file:
        file.seek(3_000_000)
        file.write(b"\x00" * 64)
    with pytest.raises(ModelFileBrokenError) as caught:
        store.verify(model)
    assert caught.value.reason == "hash"
    assert store.installed() == ()
    assert len(store.quarantined()) == 1


def test_the_allow_list_is_obeyed_at_import_and_at_use(store, tmp_path):
    strict = ModelStore(tmp_path / "strict", allowed=["qwen3-4b"])
    with pytest.raises(ModelNotAllowedError):
        strict.import_file(demo_model_path(), DEMO)
    store.import_file(demo_model_path(), DEMO)
    store.set_default(DEMO.id)
    narrowed = ModelStore(tmp_path / "モデル 置き場", allowed=[])
    with pytest.raises(ModelNotAllowedError):
        narrowed.find(DEMO.id)
    assert narrowed.default() is None


def test_the_allow_list_may_name_a_file_by_its_digest(tmp_path):
    unresolved = replace(DEMO, sha256="", size_bytes=0)
    strict = ModelStore(tmp_path / "digest", allowed=[DEMO.sha256.upper()])
    assert strict.import_file(demo_model_path(), unresolved).version == DEMO.sha256[:12]
    assert strict.find(DEMO.id).manifest.card.sha256 == DEMO.sha256
    other = ModelStore(tmp_path / "other digest", allowed=["0" * 64])
    for card in (DEMO, unresolved):
        with pytest.raises(ModelNotAllowedError):
            other.import_file(demo_model_path(), card)
    assert other.installed() == ()


def leftovers(tmp_path):
    return [path.name for path in (tmp_path / "モデル 置き場").iterdir()]


def test_a_stopped_import_leaves_nothing(store, tmp_path):
    with pytest.raises(CancelledError):
        store.import_file(demo_model_path(), DEMO, is_cancelled=lambda: True)
    assert leftovers(tmp_path) == []


def test_a_source_that_goes_away_in_the_middle_leaves_nothing(store, tmp_path):
    path = tmp_path / "share.gguf"
    path.write_bytes(demo_model_path().read_bytes() + b"\x00" * (8 << 20))

    def cut(done, total):
        with path.open("r+b") as file:
            file.truncate(done)

    with pytest.raises(SourceLostError) as caught:
        store.import_file(path, replace(DEMO, size_bytes=0, sha256=""), on_progress=cut)
    assert caught.value.copied_bytes < caught.value.total_bytes
    assert leftovers(tmp_path) == []


def test_what_a_killed_import_left_is_cleared_away_by_the_next(store, tmp_path):
    folder = tmp_path / "モデル 置き場"
    for name in (".incoming-dead", ".incoming-older", ".leaving-dead"):
        (folder / name).mkdir(parents=True)
        (folder / name / "random.gguf").write_bytes(b"half")
    (folder / ".incoming-dead.lock").touch()
    store.import_file(demo_model_path(), DEMO)
    assert leftovers(tmp_path) == [DEMO.id]


def test_an_import_that_is_going_on_is_left_alone(store, tmp_path, random_file):
    seen = []

    def import_another(done, total):
        if not seen:
            seen.append(store.import_file(demo_model_path(), DEMO))

    other = store.import_file(random_file, OPEN_CARD, on_progress=import_another)
    assert {model.key for model in store.installed()} == {seen[0].key, other.key}
    assert sorted(leftovers(tmp_path)) == [DEMO.id, "random"]


def test_a_disk_without_room_is_told_before_copying(store, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(100, 99, 1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageFullError) as caught:
        store.import_file(demo_model_path(), DEMO)
    assert (caught.value.needed_bytes, caught.value.free_bytes) == (DEMO.size_bytes, 1_000_000)
    assert leftovers(tmp_path) == []


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing(store, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(StorageFullError):
            store.import_file(demo_model_path(), DEMO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert leftovers(tmp_path) == []


def test_a_store_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageUnusableError):
        ModelStore(tmp_path / "file" / "store").import_file(demo_model_path(), DEMO)


def test_imports_at_the_same_time_give_one_whole_model(store):
    failures = []

    def run():
        try:
            store.import_file(demo_model_path(), DEMO)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (model,) = store.installed()
    store.verify(model)


def test_broken_manifests_are_passed_over(store):
    model = store.import_file(demo_model_path(), DEMO)
    for text in ("", "{", "[]", '{"format": 2}', "{" * 100_000):
        (model.path.parent / "manifest.json").write_text(text)
        assert store.installed() == ()


@pytest.fixture
def keys():
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public


@pytest.fixture
def licensed(store, tmp_path):
    """An installed model with a licence text beside it."""
    model = store.import_file(demo_model_path(), DEMO)
    (model.path.parent / "LICENSE.txt").write_text("利用条件")
    digest = hashlib.sha256("利用条件".encode()).hexdigest()
    return InstalledModel(replace(model.manifest, licence_files={"LICENSE.txt": digest}), model.path)


def test_a_bundle_carries_model_licence_and_signature_into_another_store(licensed, tmp_path, keys):
    private, public = keys
    bundle = export_bundle(licensed, tmp_path / "持込み　媒体", private_key_pem=private)
    other = ModelStore(tmp_path / "other")
    model = other.import_bundle(bundle, public_keys_pem=(public,), must_be_signed=True)
    assert model.manifest == licensed.manifest
    assert (model.path.parent / "LICENSE.txt").read_text() == "利用条件"
    other.verify(model)


def test_the_checksums_of_a_bundle_are_those_of_its_files(licensed, tmp_path):
    bundle = export_bundle(licensed, tmp_path / "out")
    lines = (bundle / "SHA256SUMS").read_text("utf-8").splitlines()
    assert f"{DEMO.sha256}  {DEMO.file}" in lines
    assert len(lines) == 2


def test_a_bundle_is_not_written_over_another(licensed, tmp_path):
    bundle = export_bundle(licensed, tmp_path / "out")
    with pytest.raises(BundleExistsError) as caught:
        export_bundle(licensed, tmp_path / "out")
    assert caught.value.folder_name == bundle.name


def test_a_bundle_that_cannot_be_finished_leaves_nothing(licensed, tmp_path):
    with pytest.raises(SigningKeyUnusableError):
        export_bundle(licensed, tmp_path / "out", private_key_pem=b"no key")
    (licensed.path.parent / "LICENSE.txt").write_text("別の条件")
    with pytest.raises(BundleBrokenError):
        export_bundle(licensed, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["manifest.json", DEMO.file, "../LICENSE", "a/b", ""])
def test_a_manifest_cannot_put_a_licence_text_in_the_place_of_something_else(licensed, tmp_path, name):
    bundle = export_bundle(licensed, tmp_path / "out")
    edit_manifest(bundle, "LICENSE.txt", name)
    with pytest.raises(BundleBrokenError) as caught:
        read_bundle(bundle)
    assert caught.value.reason == "manifest"


def test_a_licence_text_of_many_megabytes_is_none(licensed, tmp_path):
    bundle = export_bundle(licensed, tmp_path / "out")
    long = b"x" * (5 << 20)
    (bundle / "LICENSE.txt").write_bytes(long)
    edit_manifest(
        bundle, next(iter(licensed.manifest.licence_files.values())), hashlib.sha256(long).hexdigest()
    )
    with pytest.raises(BundleBrokenError) as caught:
        read_bundle(bundle)
    assert caught.value.reason == "file"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda b: (b / "manifest.json").unlink(), "manifest"),
        (lambda b: (b / "manifest.json").write_text("{}"), "manifest"),
        (lambda b: (b / "manifest.json.sig").unlink(), "unsigned"),
        (lambda b: (b / "manifest.json.sig").write_bytes(b"x" * 64), "signature"),
        (lambda b: (b / "LICENSE.txt").write_text("別の条件"), "file"),
        (lambda b: (b / "LICENSE.txt").unlink(), "file"),
        (lambda b: edit_manifest(b, "Kian", "Mallory"), "signature"),
        (lambda b: edit_manifest(b, "LICENSE.txt", "../../etc"), "signature"),
    ],
)
def test_a_damaged_bundle_is_refused(licensed, tmp_path, keys, damage, reason):
    private, public = keys
    bundle = export_bundle(licensed, tmp_path / "out", private_key_pem=private)
    damage(bundle)
    with pytest.raises(BundleBrokenError) as caught:
        ModelStore(tmp_path / "other").import_bundle(bundle, public_keys_pem=(public,), must_be_signed=True)
    assert caught.value.reason in (reason, "manifest")
    assert not list((tmp_path / "other").glob("**/*.gguf"))


def edit_manifest(bundle, old, new):
    path = bundle / "manifest.json"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_a_signature_of_another_key_is_refused(licensed, tmp_path, keys):
    stranger = Ed25519PrivateKey.generate().public_key()
    pem = stranger.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    bundle = export_bundle(licensed, tmp_path / "out", private_key_pem=keys[0])
    with pytest.raises(BundleBrokenError):
        read_bundle(bundle, public_keys_pem=(pem,))


def test_an_unsigned_bundle_is_taken_unless_the_policy_demands_a_signature(licensed, tmp_path, keys):
    bundle = export_bundle(licensed, tmp_path / "out")
    assert isinstance(read_bundle(bundle, public_keys_pem=(keys[1],)), Manifest)
    with pytest.raises(BundleBrokenError) as caught:
        read_bundle(bundle, must_be_signed=True)
    assert caught.value.reason == "unsigned"


def test_a_file_of_the_catalogue_gets_its_card_and_any_other_one_of_its_own(tmp_path):
    assert card_for_file(demo_model_path(), load_catalog()) == DEMO
    path = write_random_gguf(tmp_path / "私のモデル Ver.2.gguf", name="私のモデル")
    card = card_for_file(path, load_catalog())
    assert (card.id, card.title, card.n_ctx, card.sha256) == ("ver-2", "私のモデル", 8192, "")


@pytest.mark.parametrize("name", ["モデル　その1.gguf", "評価用 7-2.gguf", "モデル.gguf"])
def test_a_digit_alone_is_no_id(tmp_path, name):
    card = card_for_file(write_random_gguf(tmp_path / name), load_catalog())
    assert re.fullmatch(r"model-[0-9a-f]{8}", card.id)


@pytest.mark.parametrize(
    "name",
    [
        *("私の　モデル.gguf", "MODEL.GGUF", "model.bin", "con.gguf", ".hidden.gguf", "a" * 200 + ".gguf"),
        r"\\\\server\share\モデル.gguf",
    ],
)
def test_a_file_of_any_name_is_imported_under_a_plain_one(store, tmp_path, name):
    path = write_random_gguf(tmp_path / name)
    model = store.import_file(path, card_for_file(path, load_catalog()))
    assert model.path.name.isascii() and model.path.name == f"{model.model_id}.gguf"
    assert not PureWindowsPath(model.model_id).is_reserved()
    assert model.path.read_bytes() == path.read_bytes()
    assert store.find(model.key) == model


def test_texts_of_a_header_that_cannot_be_shown_are_not_taken_over(store, tmp_path):
    path = write_random_gguf(tmp_path / "x.gguf", name="\x1b[31m赤い\n文字")
    assert card_for_file(path, load_catalog()).title == "x"
    path = write_random_gguf(tmp_path / "y.gguf", name="長" * 5000)
    assert store.import_file(path, card_for_file(path, load_catalog())).manifest.card.title == "長" * 200
