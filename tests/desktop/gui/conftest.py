"""A real window on folders of its own, with quick worker processes in place of the heavy ones."""

import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest

from desktop.app import Workers, build_parts, build_window
from desktop.drafting.paths import Paths
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState
from desktop.gui.theme import ColorScheme, Theme

HERE = Path(__file__).parent
PATIENCE_MS = 60_000
WORKERS = Workers(
    masking=(sys.executable, str(HERE / "window_workers.py"), "masking"),
    engine=(sys.executable, str(HERE / "window_workers.py"), "engine"),
)


def pytest_collection_modifyitems(items):
    """What the offscreen platform cannot do means nothing here."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture
def qtbot(qtbot):
    """pytest-qt's, patient: its bound of five seconds is there for a hang and no expectation of a busy machine."""
    qtbot.waitSignal = partial(qtbot.waitSignal, timeout=PATIENCE_MS)
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=PATIENCE_MS)
    return qtbot


@pytest.fixture(scope="module", autouse=True)
def quick_workers_find_our_packages():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE.parents[2]))
        yield


@pytest.fixture(scope="module")
def theme(qapp):
    look = Theme(scheme=ColorScheme.LIGHT)
    look.apply()
    return look


@pytest.fixture(scope="module")
def shared_paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kian")
    return Paths(folder / "data", folder / "policy.toml").ensure()


@pytest.fixture(scope="module")
def parts(shared_paths):
    with ExitStack() as stack:
        yield build_parts(shared_paths, stack)


@pytest.fixture(scope="module")
def window(qapp, parts, theme):
    """One window for all tests of a file: its worker processes take seconds to start."""
    made = opened(parts, theme)
    yield made
    close(made)


def opened(parts, theme):
    """A window with quick workers, both ready, Home in front."""
    made = build_window(parts, workers=WORKERS, theme=theme)
    made.show()
    made.activateWindow()
    made.rules.agreed.emit()
    deadline = time.monotonic() + 20
    while made._masking.state is not MaskingState.READY or made._engine.state is not EngineState.READY:
        assert time.monotonic() < deadline, "the workers did not start"
        QTest.qWait(10)
    return made


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "policy.toml").ensure()


@pytest.fixture
def own_window(qapp, paths, theme):
    """A window of this test alone, for tests that change its processes or its folders."""
    with ExitStack() as stack:
        made = opened(build_parts(paths, stack), theme)
        yield made
        close(made)


def close(window):
    """Close a window and free its widgets: a new style sheet visits every one that still lives."""
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def template_id(parts):
    def of(title):
        return next(card.id for card in parts.library.list() if card.title.startswith(title))

    return of
