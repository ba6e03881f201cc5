"""IT's policy: obeyed to the letter, or the strictest."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from pathlib import Path

import jsonschema
import pytest

from desktop.drafting.errors import (
    ForbiddenByPolicyError,
    PersonCapReachedError,
    PolicyUnreadableError,
)
from desktop.drafting.policy import (
    DEFAULT,
    STRICTEST,
    MaskingProfile,
    Permission,
    Policy,
    load_policy,
    parse_policy,
    policy_in_force,
    policy_keys,
    policy_schema,
)
from models.errors import ModelNotAllowedError
from models.masking.entities import QUASI_IDENTIFIERS, EntityType

SAMPLE = Path(__file__).parents[3] / "docs" / "policy.sample.toml"


def test_the_schema_is_a_json_schema_and_the_policy_has_a_field_for_each_of_its_keys() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_schema())
    keys = {key.name.replace(".", "_") for key in policy_keys()} - {"schema", "changeable"}
    keys = {"masking_operators" if name.startswith("masking_operators_") else name for name in keys}
    assert keys == {field.name for field in dataclasses.fields(Policy)} - {"locked"}


def test_the_kinds_of_the_schema_are_those_a_recognizer_can_find() -> None:
    kinds = set(policy_schema()["$defs"]["kind"]["enum"])
    assert kinds == {kind.value for kind in EntityType} - {"CUSTOM", "VERBATIM"}
    quasi = policy_schema()["properties"]["masking"]["properties"]["quasi_kinds"]["items"]["enum"]
    assert {EntityType(kind) for kind in quasi} == QUASI_IDENTIFIERS


def test_the_sample_names_every_key_and_is_obeyed() -> None:
    text = SAMPLE.read_text("utf-8")
    policy = parse_policy(text)
    document = tomllib.loads(text)
    jsonschema.validate(document, policy_schema())
    for key in policy_keys():
        value = document
        for part in key.name.split("."):
            value = value[part]
        assert policy.is_locked(key.name) is (key.name not in ("schema", "changeable", "records.keep_unsent"))
    assert EntityType.RESIDENT_CODE in policy.forbidden_kinds


def test_without_a_file_the_defaults_hold_and_nothing_is_locked(tmp_path: Path) -> None:
    assert load_policy(tmp_path / "policy.toml") == DEFAULT
    assert load_policy(tmp_path / "no" / "folder" / "policy.toml") == DEFAULT
    assert DEFAULT.locked == frozenset()


BROKEN = [
    (b"[masking\nprofile = 1", "syntax", 1, ""),
    (b"[masking]\n\nprofil = '\xe6\xa8\x99\xe6\xba\x96'", "unknown_key", 3, "masking.profil"),
    (b"[maskin]\nx = 1", "unknown_key", 1, "maskin"),
    (b"masking = 1", "wrong_type", 1, "masking"),
    (b"[masking]\nprofile = 'strict'", "bad_value", 2, "masking.profile"),
    (b"[masking]\nprofile = 1", "wrong_type", 2, "masking.profile"),
    (b"[masking]\nperson_cap = true", "wrong_type", 2, "masking.person_cap"),
    (b"[masking]\nperson_cap = -1", "bad_value", 2, "masking.person_cap"),
    (b"[masking]\nperson_cap = 1.5", "wrong_type", 2, "masking.person_cap"),
    (b"[masking]\nstop_kinds = ['NAME']", "bad_value", 2, "masking.stop_kinds"),
    (b"[masking]\nstop_kinds = 'PERSON'", "wrong_type", 2, "masking.stop_kinds"),
    (b"[masking]\nstop_kinds = ['PERSON', 'PERSON']", "bad_value", 2, "masking.stop_kinds"),
    (b"[masking]\nquasi_kinds = ['PERSON']", "bad_value", 2, "masking.quasi_kinds"),
    (b"[masking.operators]\nADDRESS = 'age'", "bad_value", 2, "masking.operators.ADDRESS"),
    (b"[masking.operators]\nPERSON = 'placeholder'", "unknown_key", 2, "masking.operators.PERSON"),
    (b"[export]\nenabled = 'no'", "wrong_type", 2, "export.enabled"),
    (b"export.enabled = 0", "wrong_type", 1, "export.enabled"),
    (b"[models]\nallowed = ['']", "bad_value", 2, "models.allowed"),
    (b"[sharing]\ntrusted_keys = ['abc']", "bad_value", 2, "sharing.trusted_keys"),
    (b"[records]\nretention_days = 0", "bad_value", 2, "records.retention_days"),
    (b"schema = 2", "bad_value", 1, "schema"),
    (b"changeable = ['export']", "unknown_key", 1, "export"),
    (b"\n# \x8b\x40\x96\xa7\n", "encoding", 2, ""),
    (b"# " + b"a" * 300_000, "too_large", 0, ""),
    (b"a = " + b"[" * 5_000, "syntax", 0, ""),
]


@pytest.mark.parametrize(("content", "reason", "line", "key"), BROKEN)
def test_a_policy_that_cannot_be_obeyed_is_refused_with_its_place_and_the_strictest_holds(
    tmp_path: Path, content: bytes, reason: str, line: int, key: str
) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    with pytest.raises(PolicyUnreadableError) as caught:
        load_policy(path)
    assert (caught.value.reason, caught.value.line, caught.value.key) == (reason, line, key)
    policy, error = policy_in_force(path)
    assert policy is STRICTEST
    assert error is not None


@pytest.mark.parametrize("content", [content for content, reason, _, _ in BROKEN if "key" not in reason])
def test_our_reading_of_the_schema_agrees_with_jsonschema(content: bytes) -> None:
    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return
    has_fault = not jsonschema.Draft202012Validator(policy_schema()).is_valid(document)
    try:
        parse_policy(content.decode())
    except PolicyUnreadableError as error:
        assert has_fault or error.reason in ("too_large", "unknown_key")
    else:
        assert not has_fault


SERVER = """
[inference_server]
url = "https://llm.city.example:8443/v1"
model = "qwen"
allowed_addresses = ["10.20.30.40/32", "fd00::/8"]
ca_file = "/etc/kian/ca.pem"
"""


def test_a_server_is_used_only_where_the_policy_names_one() -> None:
    assert DEFAULT.inference_server is None
    assert STRICTEST.inference_server is None
    server = parse_policy(SERVER).inference_server
    assert server is not None
    assert (server.name, server.model) == ("llm.city.example:8443", "qwen")
    assert server.allowed_addresses == ("10.20.30.40/32", "fd00::/8")
    assert parse_policy(SERVER.replace("url", "# url")).inference_server is None


@pytest.mark.parametrize(
    ("old", "new", "reason", "key"),
    [
        ("https://", "http://", "bad_value", "url"),
        ("https://", "ftp://", "bad_value", "url"),
        ("https://llm.city", "https://user:pass@llm.city", "bad_value", "url"),
        ("/v1", "/v1?key=1", "bad_value", "url"),
        (":8443", ":99999", "bad_value", "url"),
        (":8443", ":0", "bad_value", "url"),
        ("llm.city.example", "庁内.example", "bad_value", "url"),
        ('model = "qwen"', "", "server_incomplete", "model"),
        ('["10.20.30.40/32", "fd00::/8"]', "[]", "server_incomplete", "allowed_addresses"),
        ('ca_file = "/etc/kian/ca.pem"', "", "server_incomplete", "ca_file"),
        ("10.20.30.40/32", "10.20.30.40/24", "bad_value", "allowed_addresses"),
        ("10.20.30.40/32", "10.20.30/32", "bad_value", "allowed_addresses"),
        ("10.20.30.40/32", "llm.city.example", "bad_value", "allowed_addresses"),
        ("https://llm.city.example", "http://localhost", "bad_value", "allowed_addresses"),
    ],
)
def test_a_server_that_is_not_wholly_described_makes_the_strictest_policy_and_no_server(
    tmp_path: Path, old: str, new: str, reason: str, key: str
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SERVER.replace(old, new), "utf-8")
    policy, error = policy_in_force(path)
    assert policy is STRICTEST
    assert error is not None
    assert (error.reason, error.key) == (reason, f"inference_server.{key}")
    assert error.line > 0


def test_without_encryption_only_this_pc_itself_may_be_the_server() -> None:
    text = SERVER.replace("https://llm.city.example", "http://127.0.0.1").replace("ca_file", "# ca_file")
    policy = parse_policy(text.replace('"10.20.30.40/32", "fd00::/8"', '"127.0.0.1/32", "::1/128"'))
    assert policy.inference_server is not None


def test_a_file_that_may_not_be_read_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    folder = tmp_path / "policy.toml"
    folder.mkdir()
    with pytest.raises(PolicyUnreadableError) as caught:
        load_policy(folder)
    assert caught.value.reason == "denied"


def test_a_file_saved_by_notepad_with_a_bom_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes("﻿[masking]\r\nprofile = '厳格'\r\n".encode())
    policy = load_policy(path)
    assert policy.masking_profile is MaskingProfile.STRICT
    assert policy.locked == {"masking.profile"}
    assert policy.masked_quasi_kinds == QUASI_IDENTIFIERS


def test_the_individual_number_stops_under_every_policy() -> None:
    for policy in (DEFAULT, STRICTEST, parse_policy("[masking]\nstop_kinds = []")):
        assert EntityType.MY_NUMBER in policy.forbidden_kinds
    assert DEFAULT.forbidden_kinds == {EntityType.MY_NUMBER}


def test_the_profile_of_prohibition_stops_every_personal_kind_and_no_quasi_identifier() -> None:
    policy = parse_policy("[masking]\nprofile = '禁止'")
    assert EntityType.PERSON in policy.forbidden_kinds
    assert not policy.forbidden_kinds & QUASI_IDENTIFIERS
    assert EntityType.VERBATIM not in policy.forbidden_kinds


def test_the_strictest_policy_lets_nothing_out_and_deletes_nothing() -> None:
    assert STRICTEST.records_retention_days >= DEFAULT.records_retention_days
    assert not STRICTEST.records_keep_unsent
    with pytest.raises(ForbiddenByPolicyError):
        STRICTEST.check_export()
    with pytest.raises(ForbiddenByPolicyError):
        STRICTEST.check_confidentiality(2)
    with pytest.raises(ModelNotAllowedError):
        STRICTEST.check_model("some-model", "0" * 64)
    with pytest.raises(PersonCapReachedError):
        STRICTEST.check_persons(0, more=1)
    STRICTEST.check_model("kian-demo", "")
    assert all(STRICTEST.is_locked(key.name) for key in policy_keys()[2:])


def test_models_are_allowed_by_name_or_by_hash() -> None:
    policy = parse_policy(f"[models]\nallowed = ['good-model', '{'AB' * 32}']")
    policy.check_model("good-model", "")
    policy.check_model("renamed", "ab" * 32)
    with pytest.raises(ModelNotAllowedError):
        policy.check_model("other", "cd" * 32)
    with pytest.raises(ModelNotAllowedError):
        policy.check_model("", "")


@pytest.mark.parametrize(
    ("so_far", "more", "is_allowed"), [(0, 1000, True), (999, 1, True), (1000, 1, False), (1000, 0, True)]
)
def test_persons_are_counted_up_to_the_cap(so_far: int, more: int, is_allowed: bool) -> None:
    if is_allowed:
        DEFAULT.check_persons(so_far, more=more)
    else:
        with pytest.raises(PersonCapReachedError) as caught:
            DEFAULT.check_persons(so_far, more=more)
        assert caught.value.persons == so_far + more


def test_levels_of_confidentiality_have_their_permission() -> None:
    assert [DEFAULT.check_confidentiality(level) for level in (1, 2)] == [
        Permission.ALLOWED,
        Permission.CONFIRM,
    ]
    with pytest.raises(ForbiddenByPolicyError) as caught:
        DEFAULT.check_confidentiality(3)
    assert caught.value.value == "3"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_policy_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("")
    path.chmod(0)
    assert policy_in_force(path)[0] is STRICTEST
