"""What holds for the whole suite: no internet socket, nothing unexpected in the log, folders of its own."""

import os
import socket

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, nothing of the code.
settings.register_profile("kian", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kian")

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class SocketOpenedError(AssertionError):
    """Kian never opens an internet socket."""


@pytest.fixture(autouse=True)
def no_internet_socket(monkeypatch):
    """Any AF_INET or AF_INET6 socket of this process fails the test."""
    real = socket.socket.__init__

    def refuse(self, family=-1, *args, **kwargs):
        if (
            family in (-1, socket.AF_INET, socket.AF_INET6)
            and kwargs.get("fileno") is None
            and not (len(args) > 2)
        ):
            raise SocketOpenedError(f"socket family {family}")
        real(self, family, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "__init__", refuse)


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Every test has data folders of its own and sees none of the person's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("KIAN_DATA_DIR", str(home / "kian"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home
