"""A real window on folders of its own, with quick worker processes in place of the heavy ones."""

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from desktop.app import Workers, build_parts, build_window
from desktop.drafting.paths import Paths
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState
from desktop.gui.theme import ColorScheme, Theme

HERE = Path(__file__).parent
WORKERS = Workers(
    masking=(sys.executable, str(HERE / "window_workers.py"), "masking"),
    engine=(sys.executable, str(HERE / "window_workers.py"), "engine"),
)


def pytest_collection_modifyitems(items):
    """The offscreen platform says this of every top-level window; it means nothing."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture(autouse=True)
def quick_workers_find_our_packages(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[2]))


@pytest.fixture
def theme(qapp):
    look = Theme(scheme=ColorScheme.LIGHT)
    look.apply()
    return look


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "policy.toml").ensure()


@pytest.fixture
def parts(paths):
    with ExitStack() as stack:
        yield build_parts(paths, stack)


@pytest.fixture
def window(qtbot, parts, theme):
    made = build_window(parts, workers=WORKERS, theme=theme)
    qtbot.addWidget(made)
    made.show()
    made.rules.agreed.emit()
    qtbot.waitUntil(
        lambda: made._masking.state is MaskingState.READY and made._engine.state is EngineState.READY,
        timeout=15_000,
    )
    yield made
    made.close()


@pytest.fixture
def template_id(parts):
    def of(title):
        return next(card.id for card in parts.library.list() if card.title.startswith(title))

    return of
