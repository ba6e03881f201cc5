"""Signed packs against IT's policy as it is written: one key serves packs, models and bundles."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.drafting.errors import ForbiddenByPolicyError
from desktop.drafting.policy import parse_policy
from desktop.drafting.sharing import plan_paths
from prompts.builtin import load_builtin
from prompts.library import PromptLibrary
from prompts.sharing.kianpack import write_kianpack

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def policy():
    listed = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
    return parse_policy(f'schema = 1\n[sharing]\nrequire_signature = true\ntrusted_keys = ["{listed}"]\n')


@pytest.fixture
def plan(tmp_path, policy):
    def of(key):
        path = tmp_path / "set.kianpack"
        path.write_bytes(
            write_kianpack(
                load_builtin()[:2], title="庁内標準", issuer="総務課", created="2026-11-22", key=key
            )
        )
        with PromptLibrary(tmp_path / "library.sqlite3") as library:
            return plan_paths([path], library, policy=policy)

    return of


def test_a_pack_signed_with_a_listed_key_may_come_in(plan):
    assert len(plan(KEY).new) == 2


@pytest.mark.parametrize("key", [None, STRANGER])
def test_a_pack_without_signature_or_of_a_stranger_is_refused(plan, key):
    with pytest.raises(ForbiddenByPolicyError):
        plan(key)
