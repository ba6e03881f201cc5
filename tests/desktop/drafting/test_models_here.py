import base64
from contextlib import closing
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from desktop.drafting.errors import ForbiddenByPolicyError
from desktop.drafting.model_choice import choose_model
from desktop.drafting.models_here import ModelsHere, Place, is_model
from desktop.drafting.paths import Paths
from desktop.drafting.policy import DEFAULT
from desktop.drafting.records.audit import AuditEvent, AuditLog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.errors import BundleBrokenError, ModelNotAllowedError, UnknownModelError
from models.store import ModelStore, export_bundle
from tests.support.random_gguf import write_random_gguf


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "policy.toml", (tmp_path / "machine",)).ensure()


@pytest.fixture
def here(paths):
    return ModelsHere(paths, DEFAULT, who="tanaka")


@pytest.fixture
def other_model(tmp_path):
    return write_random_gguf(tmp_path / "別の　模型.gguf")


def test_the_list_names_own_machine_and_built_in_models_and_the_default(paths, here, other_model):
    machine = ModelStore(paths.machine_models_dirs[0])
    card = replace(choose_model(paths, DEFAULT).card, id="shared", sha256="", size_bytes=0)
    shared = machine.import_file(other_model, card)
    machine.set_default(shared.key)
    assert [(m.card.id, m.place, m.is_default) for m in here.list().models] == [
        ("shared", Place.MACHINE, True),
        (DEMO_MODEL_ID, Place.BUILT_IN, False),
    ]
    own = here.take_in(demo_model_path())
    assert here.list().models[0].key == own.key
    assert here.list().models[0].is_default, "the account's own default comes before the machine's"
    assert choose_model(paths, DEFAULT).sha256 == own.manifest.card.sha256


def test_the_demonstration_model_is_known_under_any_name(here, tmp_path):
    other_name = tmp_path / "普通のモデル.gguf"
    other_name.write_bytes(demo_model_path().read_bytes())
    assert here.take_in(other_name).manifest.card.is_demo


def test_giving_up_the_own_choice_leads_to_what_it_gave_all_accounts(paths, here, other_model):
    here.take_in(other_model)
    here.take_in(demo_model_path())
    here.forget_choice()
    (default,) = [m for m in here.list().models if m.is_default]
    assert default.place is Place.BUILT_IN and default.is_fallback
    assert choose_model(paths, DEFAULT).path == default.path


def test_going_back_leads_to_the_default_before_and_ends_with_a_refusal(paths, here, other_model):
    first, second = here.take_in(demo_model_path()), here.take_in(other_model)
    assert choose_model(paths, DEFAULT).sha256 == first.manifest.card.sha256
    here.choose(second.key)
    assert choose_model(paths, DEFAULT).sha256 == second.manifest.card.sha256
    assert here.roll_back().sha256 == first.manifest.card.sha256
    assert here.roll_back().card.id == DEMO_MODEL_ID
    with pytest.raises(UnknownModelError):
        here.roll_back()


def test_a_removal_stands_beside_the_models_and_in_the_audit_log(paths, here, other_model):
    model = here.take_in(other_model)
    here.remove(model.key)
    assert model.key in (paths.models_dir / "removed.jsonl").read_text("utf-8")
    with closing(AuditLog(paths.audit_db, backups_dir=paths.backups_dir)) as audit:
        entry = audit.records()[-1].entry
    assert (entry.event, entry.who, entry.outcome) == (AuditEvent.DELETED, "tanaka", "model")
    assert (entry.model_id, entry.model_sha256) == (model.model_id, model.manifest.card.sha256)


def signed_bundle(here, tmp_path, key):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    model = here.take_in(demo_model_path())
    return export_bundle(model, tmp_path / "bundle", private_key_pem=pem)


def test_a_bundle_signed_with_a_key_of_the_policy_comes_in_and_one_of_another_key_does_not(
    paths, here, tmp_path
):
    key, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    bundle = signed_bundle(here, tmp_path, key)
    for signer, is_taken in ((key, True), (stranger, False)):
        raw = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        policy = replace(
            DEFAULT,
            sharing_trusted_keys=(base64.b64encode(raw).decode(),),
            sharing_require_signature=True,
        )
        strict = ModelsHere(paths, policy, who="tanaka", folder=tmp_path / "strict")
        if is_taken:
            assert strict.take_in(bundle).model_id == DEMO_MODEL_ID
        else:
            with pytest.raises(BundleBrokenError):
                strict.take_in(bundle)


def test_a_bare_file_carries_no_signature(paths):
    strict = ModelsHere(paths, replace(DEFAULT, sharing_require_signature=True), who="tanaka")
    with pytest.raises(ForbiddenByPolicyError) as caught:
        strict.take_in(demo_model_path())
    assert caught.value.rule == "sharing.require_signature"


def test_what_the_policy_does_not_name_is_refused_and_shown_as_such(paths, here, other_model):
    model = here.take_in(other_model)
    strict = ModelsHere(paths, replace(DEFAULT, models_allowed=("qwen3-4b",)), who="tanaka")
    with pytest.raises(ModelNotAllowedError):
        strict.take_in(other_model)
    with pytest.raises(ModelNotAllowedError):
        strict.choose(model.key)
    shown = {m.key: m.is_allowed for m in strict.list().models}
    assert shown[model.key] is False
    assert choose_model(paths, strict._policy).card.id == DEMO_MODEL_ID


def test_a_folder_that_the_installer_was_given_and_that_is_gone_is_named(tmp_path):
    gone = tmp_path / "share"
    paths = Paths(tmp_path / "data", tmp_path / "policy.toml", given_models=(gone,)).ensure()
    (lost,) = ModelsHere(paths, DEFAULT, who="tanaka").list().unreachable
    assert (lost.reason, lost.folder) == ("models", str(gone))


@pytest.mark.parametrize(
    ("names", "dropped", "expected"),
    [
        (["a.GGUF"], "a.GGUF", True),
        (["b/manifest.json", "b/model.gguf"], "b", True),
        (["c/manifest.json"], "c", False),
        (["d/x.prompt.md"], "d", False),
        (["e.prompt.md"], "e.prompt.md", False),
    ],
)
def test_what_was_dropped_is_a_model_or_something_else(tmp_path, names, dropped, expected):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert is_model(tmp_path / dropped) is expected
