"""Commands called inside the tests' own process."""

import pytest


@pytest.fixture(autouse=True)
def no_fence_for_good(monkeypatch):
    """The fence around a process can never be taken down: later tests of this process serve a hub on loopback."""
    monkeypatch.setattr("desktop.cli.main.forbid_internet", lambda: None)
