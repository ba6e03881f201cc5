"""A bundle that is made can be checked by the program, and by its own script with nothing but Python."""

import argparse
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.cli import verify
from desktop.drafting.bundle import FileState, SignatureState, verify_bundle
from models.catalog import load_catalog
from models.demo import demo_model_path
from models.store import ModelStore, card_for_file, export_bundle

EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def maker(script):
    pytest.importorskip("cyclonedx", reason="`pip install --group package` brings the SBOM library")
    return script("bundle/make.py")


def a_model(folder):
    """A folder as `kian models bundle` writes it."""
    source = demo_model_path()
    model = ModelStore(folder / "store").import_file(source, card_for_file(source, load_catalog()))
    return export_bundle(model, folder / "m")


@pytest.fixture(scope="module")
def signed(maker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "kian.deb").write_bytes(b"package")
    inputs = argparse.Namespace(package=[folder / "kian.deb"], model=[a_model(folder)], templates=[])
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    maker.make(folder / "bundle", inputs, key, EPOCH)
    return folder / "bundle", base64.b64encode(key.public_key().public_bytes_raw()).decode()


def test_what_was_made_is_whole_and_trusted(signed):
    folder, public = signed
    report = verify_bundle(folder, trusted_keys=[public], is_signed=verify._is_signed)
    assert report.signature is SignatureState.TRUSTED
    assert {verdict.state for verdict in report.files} == {FileState.WHOLE}
    listed = {file.path for file in report.manifest.files}
    assert {
        "packages/kian.deb",
        next(path for path in listed if path.startswith("models/") and path.endswith(".gguf")),
        "docs/policy.sample.toml",
        "verify.pyz",
    } <= listed


def test_a_bundle_is_not_written_over_another(maker, signed):
    with pytest.raises(SystemExit, match="すでにあります"):
        maker.make(signed[0], argparse.Namespace(), None, EPOCH)


def test_a_model_that_is_not_what_its_manifest_says_is_not_vouched_for(maker, tmp_path):
    model = a_model(tmp_path)
    (file,) = model.glob("*.gguf")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    for folder in (model, tmp_path):  # changed, and no model at all
        with pytest.raises(SystemExit, match="kian models bundle"):
            maker.make(
                tmp_path / "b", argparse.Namespace(package=[], model=[folder], templates=[]), None, EPOCH
            )
    assert not list(tmp_path.glob("b*"))


def test_the_read_me_has_models_taken_in_and_not_copied(signed):
    text = (signed[0] / "README.txt").read_text("utf-8-sig")
    assert "kian models import" in text and "--store" in text


def test_a_missing_package_leaves_no_half_bundle(maker, tmp_path):
    inputs = argparse.Namespace(package=[tmp_path / "gone.deb"], model=[], templates=[])
    with pytest.raises(SystemExit, match="書けませんでした"):
        maker.make(tmp_path / "bundle", inputs, None, EPOCH)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_the_sbom_names_what_decides_what_the_program_does(signed, system):
    document = json.loads((signed[0] / "sbom" / f"{system}.cdx.json").read_text("utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    by_name = {component["name"]: component for component in document["components"]}
    for name in ("CPython", "llama-cpp-python", "ja-ginza", "sudachidict-core", "kian-demo-q8_0.gguf"):
        assert name in by_name, name
    assert by_name["kian-demo-q8_0.gguf"]["hashes"]
    assert all(component.get("hashes") for name, component in by_name.items() if name != "CPython")
    assert "huggingface-hub" not in by_name


def verifier(folder, *options):
    # -I -S: no packages of this environment.
    command = [sys.executable, "-I", "-S", str(folder / "verify.pyz"), *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_the_script_in_the_bundle_needs_nothing_but_python(signed):
    folder, public = signed
    done = verifier(folder, "--key", public)
    assert done.returncode == 0, done.stderr
    assert "この一式は使えます" in done.stderr
    assert "○ packages/kian.deb：正しい" in done.stdout


def test_the_script_in_the_bundle_names_a_changed_file_and_a_wrong_key(signed):
    folder, public = signed
    path = folder / "packages" / "kian.deb"
    path.write_bytes(b"pAckage")
    try:
        done = verifier(folder, str(folder), "--key", public)
    finally:
        path.write_bytes(b"package")
    assert (done.returncode, "× packages/kian.deb：内容が変わっています" in done.stdout) == (1, True)
    assert verifier(folder, "--key", base64.b64encode(bytes(32)).decode()).returncode == 1


def test_a_new_key_is_for_its_owner_only_and_is_never_written_over(maker, tmp_path):
    path = tmp_path / "issuer.pem"
    public = maker.new_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert path.with_suffix(".pub").read_text().strip() == public
    assert base64.b64encode(maker.read_key(path).public_key().public_bytes_raw()).decode() == public
    with pytest.raises(FileExistsError):
        maker.new_key(path)


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=64), data=st.data())
@settings(max_examples=15, deadline=None)
def test_the_plain_signature_check_agrees_with_the_library(script, seed, message, data):
    plain = script("bundle/ed25519.py").is_signed
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert plain(public, signature, message)
    changed = bytearray(signature)
    changed[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    assert (
        plain(public, bytes(changed), message) is verify._is_signed(public, bytes(changed), message) is False
    )
    assert not plain(public, signature, message + b"x")


# RFC 8032, section 7.1, tests 1 and 2.
@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_the_plain_signature_check_passes_the_rfc_s_vectors(script, public, message, signature):
    plain = script("bundle/ed25519.py").is_signed
    assert plain(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(message))


def test_the_verifier_is_made_of_the_program_s_own_code(script):
    pytest.importorskip("cyclonedx")
    named = script("bundle/make.py").VERIFIER
    assert named["desktop/drafting/bundle.py"] == Path(sys.modules["desktop.drafting.bundle"].__file__)
