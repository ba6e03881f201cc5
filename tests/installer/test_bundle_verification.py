"""A bundle that is not exactly what was signed is named, file by file."""

import argparse
import base64
import json
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.cli import verify
from desktop.drafting.bundle import (
    BundleFile,
    FileState,
    Manifest,
    ManifestFault,
    SignatureState,
    describe_file,
    manifest_bytes,
    read_manifest,
    signature_bytes,
    verify_bundle,
)

FILES = {
    "packages/kian.deb": b"package" * 1000,
    "models/a/model.gguf": b"GGUF" + bytes(range(256)) * 64,
    "docs/sample.toml": "種類 = 1\n".encode(),
    "empty.txt": b"",
}


@pytest.fixture(scope="session")
def key():
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def public(key):
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


@pytest.fixture(scope="session")
def original(tmp_path_factory, key):
    folder = tmp_path_factory.mktemp("bundle")
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    files = tuple(describe_file(folder, path) for path in FILES)
    content = manifest_bytes(Manifest("試行", "1.0", "2026-01-01", files))
    (folder / "manifest.json").write_bytes(content)
    signature = signature_bytes(key.public_key().public_bytes_raw(), key.sign(content))
    (folder / "manifest.sig").write_bytes(signature)
    return folder


@pytest.fixture
def bundle(original, tmp_path):
    return shutil.copytree(original, tmp_path / "copy")


def check(folder, *keys):
    return verify_bundle(folder, trusted_keys=keys, is_signed=verify._is_signed)


def bad(report):
    return {verdict.path: verdict.state for verdict in report.files if verdict.state is not FileState.WHOLE}


def run(folder, *options):
    parser = argparse.ArgumentParser()
    verify.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["verify", str(folder), *options])
    return arguments.run(arguments)


def test_a_whole_bundle_signed_by_a_trusted_key_is_accepted(bundle, public):
    report = check(bundle, public)
    assert bad(report) == {}
    assert report.signature is SignatureState.TRUSTED
    assert report.is_accepted(must_be_trusted=True)


@given(where=st.sampled_from([path for path, content in FILES.items() if content]), data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_anywhere_in_a_file_is_named(original, where, data):
    path, content = original / where, FILES[where]
    index = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(1, 255))
    try:
        path.write_bytes(content[:index] + bytes([content[index] ^ other]) + content[index + 1 :])
        assert bad(check(original)) == {where: FileState.CHANGED}
    finally:
        path.write_bytes(content)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_in_the_manifest_or_the_signature_is_never_accepted_as_trusted(
    original, public, data
):
    name = data.draw(st.sampled_from(["manifest.json", "manifest.sig"]))
    content = (original / name).read_bytes()
    index = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[index] ^= data.draw(st.integers(1, 255))
    try:
        (original / name).write_bytes(bytes(changed))
        report = check(original, public)
        # White space or the case of a word in the signature file carries no meaning; what is signed does.
        if name == "manifest.json":
            assert not report.is_accepted(must_be_trusted=True)
            assert report.fault is not None or report.signature is SignatureState.WRONG
        elif report.is_accepted(must_be_trusted=True):
            assert json.loads(bytes(changed)) == json.loads(content)
    finally:
        (original / name).write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "path", "state"),
    [
        (lambda p: p.unlink(), "packages/kian.deb", FileState.MISSING),
        (lambda p: p.write_bytes(b"half"), "models/a/model.gguf", FileState.WRONG_SIZE),
        (lambda p: p.write_bytes(FILES["docs/sample.toml"] + b"#"), "docs/sample.toml", FileState.WRONG_SIZE),
        (lambda p: (p.unlink(), p.symlink_to("/etc/hostname")), "docs/sample.toml", FileState.LINK),
        (lambda p: (p.unlink(), p.mkdir()), "empty.txt", FileState.WRONG_SIZE),
        (lambda p: p.write_bytes(b"x"), "extra.exe", FileState.UNLISTED),
        (lambda p: p.symlink_to("/"), "extra", FileState.UNLISTED),
    ],
)
def test_what_a_copy_can_lose_or_gain_is_named(bundle, public, damage, path, state):
    damage(bundle / path)
    report = check(bundle, public)
    assert bad(report)[path] is state
    assert not report.is_accepted(must_be_trusted=False)


def test_an_unsigned_bundle_is_accepted_only_where_no_signature_is_required(bundle, public):
    (bundle / "manifest.sig").unlink()
    report = check(bundle, public)
    assert report.signature is SignatureState.MISSING
    assert report.is_accepted(must_be_trusted=False)
    assert not report.is_accepted(must_be_trusted=True)


def test_a_bundle_signed_by_a_stranger_is_refused_where_a_signature_is_required(bundle):
    report = check(bundle, base64.b64encode(bytes(32)).decode())
    assert report.signature is SignatureState.UNKNOWN_KEY
    assert not report.is_accepted(must_be_trusted=True)


def test_a_wrong_signature_is_refused_even_where_none_is_required(bundle, key, public):
    forged = signature_bytes(key.public_key().public_bytes_raw(), key.sign(b"another manifest"))
    (bundle / "manifest.sig").write_bytes(forged)
    assert not check(bundle, public).is_accepted(must_be_trusted=False)


def manifest_with(**changes):
    document = json.loads(manifest_bytes(Manifest("n", "1", "d", (BundleFile("a", 1, "0" * 64),))))
    row = {key.removeprefix("file_"): value for key, value in changes.items() if key.startswith("file_")}
    document["files"][0].update(row)
    document.update({key: value for key, value in changes.items() if not key.startswith("file_")})
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ManifestFault.BROKEN),
        (b"\xff\xfe", ManifestFault.BROKEN),
        (b"[" * 100_000, ManifestFault.BROKEN),
        (b"[]", ManifestFault.BROKEN),
        (manifest_with(format="other"), ManifestFault.BROKEN),
        (manifest_with(version=2), ManifestFault.NEWER),
        (manifest_with(version="1"), ManifestFault.BROKEN),
        (manifest_with(files={}), ManifestFault.BROKEN),
        (manifest_with(files=[1]), ManifestFault.BROKEN),
        (manifest_with(file_size=-1), ManifestFault.BROKEN),
        (manifest_with(file_size=True), ManifestFault.BROKEN),
        (manifest_with(file_sha256="0"), ManifestFault.BROKEN),
        (manifest_with(file_path="../a"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="/etc/passwd"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="C:/a"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="a\\..\\b"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="a/./b"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="a. "), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path="Manifest.JSON"), ManifestFault.UNSAFE_PATH),
        (manifest_with(file_path=""), ManifestFault.UNSAFE_PATH),
    ],
)
def test_a_manifest_that_cannot_be_trusted_to_be_one_is_refused(content, fault):
    assert read_manifest(content) is fault


def test_two_paths_that_windows_holds_for_one_are_refused():
    files = (BundleFile("a/B", 1, "0" * 64), BundleFile("A/b", 1, "0" * 64))
    assert read_manifest(manifest_bytes(Manifest("n", "1", "d", files))) is ManifestFault.BROKEN


@given(
    st.lists(
        st.builds(
            BundleFile,
            st.text("abc漢", min_size=1, max_size=8).filter(str.strip),
            st.integers(0, 2**40),
            st.just("a" * 64),
        ),
        unique_by=lambda file: file.path.casefold(),
    )
)
def test_a_manifest_reads_as_it_was_written(files):
    manifest = Manifest("庁内", "1.0", "2026-01-01", tuple(sorted(files, key=lambda file: file.path)))
    assert read_manifest(manifest_bytes(manifest)) == manifest


def test_the_command_names_the_changed_file_in_japanese_and_fails(bundle, public, capsys):
    (bundle / "docs/sample.toml").write_bytes(b"x" * len(FILES["docs/sample.toml"]))
    assert run(bundle, "--key", public) == 1
    shown = capsys.readouterr()
    assert "× docs/sample.toml：内容が変わっています" in shown.out
    assert "○ packages/kian.deb：正しい" in shown.out
    assert "この一式は使えません" in shown.err


def test_the_command_accepts_a_key_file_and_the_manifest_itself_as_path(bundle, public, tmp_path, capsys):
    (tmp_path / "issuer.pub").write_text(public + "\n")
    assert run(bundle / "manifest.json", "--key", str(tmp_path / "issuer.pub"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["signature"] == "trusted"


@pytest.mark.parametrize("keep_signature", [False, True])
def test_an_accepted_bundle_of_an_unknown_maker_is_not_called_fit_for_use(bundle, keep_signature, capsys):
    if not keep_signature:
        (bundle / "manifest.sig").unlink()
    assert run(bundle) == 0
    told = capsys.readouterr().err
    assert "だれが作ったものかは確かめていません" in told
    assert "この一式は使えます" not in told


@pytest.mark.parametrize("given_key", ["", "????", "QUJD", "/nonexistent"])
def test_a_key_that_is_none_is_told_and_nothing_is_accepted(bundle, given_key, capsys):
    assert run(bundle, "--key", given_key) == 2
    assert "公開鍵の形が正しくありません" in capsys.readouterr().err


@pytest.mark.parametrize("fault", list(ManifestFault))
def test_every_fault_state_and_signature_has_its_sentence(fault):
    assert verify.FAULTS[fault]
    assert set(verify.FILES) == set(FileState)
    assert set(verify.SIGNATURES) == set(SignatureState)


def test_a_folder_without_manifest_is_no_bundle(tmp_path, capsys):
    assert run(tmp_path) == 1
    assert "manifest.json" in capsys.readouterr().err


@pytest.mark.parametrize("keep_signature", [False, True])
def test_where_the_policy_asks_for_signatures_an_unsigned_or_foreign_bundle_is_refused(
    bundle, keep_signature, capsys
):
    if not keep_signature:
        (bundle / "manifest.sig").unlink()
    arguments = argparse.Namespace(path=bundle, key=[], json=False)
    stranger = base64.b64encode(bytes(32)).decode()
    code = verify.check(arguments, trusted_keys=[stranger], must_be_trusted=True, is_signed=verify._is_signed)
    assert code == 1
    assert "信頼する発行者の署名が必要" in capsys.readouterr().err
