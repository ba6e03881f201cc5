"""The whole way with the real workers: the masking layer, llama.cpp and the demonstration model."""

from contextlib import ExitStack

import docx
import pytest

from desktop.app import build_parts, build_window
from desktop.drafting.session import State
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState

VALUES = {
    "subject": "防災訓練の実施について",
    "sender": "桜浜市危機管理課　田中花子",
    "points": "雨天決行とする\n車での来場は控えること",
}
PERSON = "田中花子"


@pytest.fixture(scope="module")
def real_window(qapp, shared_paths, theme):
    with ExitStack() as stack:
        window = build_window(build_parts(shared_paths, stack), theme=theme)
        window.show()
        window.rules.agreed.emit()
        yield window
        window.close()


def test_a_notice_is_masked_written_restored_checked_and_saved(qtbot, real_window, tmp_path):
    window, controller = real_window, real_window.draft_flow.controller
    title = "通知文"
    card = next(c for c in window._parts.library.list() if c.title.startswith(title))
    window.draft_flow.begin(card.id)
    window.draft_flow.form.fill_example()
    for name, value in VALUES.items():
        if name in window.draft_flow.form.editors:
            window.draft_flow.form.editors[name].set_value(value)
    qtbot.waitUntil(lambda: window._masking.state is not MaskingState.LOADING, timeout=90_000)
    assert window._masking.state is MaskingState.READY, window._masking.load_error
    qtbot.waitUntil(lambda: window._engine.state is not EngineState.LOADING, timeout=30_000)
    assert window._engine.state is EngineState.READY, window._engine.load_error
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW, timeout=30_000)
    assert PERSON in window.draft_flow.review.source_view.toPlainText()
    assert PERSON not in window.draft_flow.review.masked_view.toPlainText()
    read = []
    controller.reading_progressed.connect(lambda n, total, _left: read.append((n, total)))
    with qtbot.waitSignal(controller.answered, timeout=60_000):
        window.draft_flow.review.primary.click()
    assert read and read[-1][0] == read[-1][1]
    assert "田中花子" in window.draft_flow.draft.paper.text
    assert "<氏名" not in window.draft_flow.draft.paper.text
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    window.draft_flow.draft.save_to(tmp_path / "通知.docx")
    text = "\n".join(p.text for p in docx.Document(str(tmp_path / "通知.docx")).paragraphs)
    assert "防災訓練の実施について" in text
    stored = window._parts.archive.search("")[0]
    assert PERSON not in window._parts.archive.get(stored.id).turns[-1].completion


def test_a_fixed_follow_up_is_answered_too(qtbot, real_window):
    controller = real_window.draft_flow.controller
    card = next(c for c in real_window._parts.library.list() if c.title.startswith("お礼状"))
    real_window.draft_flow.begin(card.id)
    real_window.draft_flow.form.fill_example()
    real_window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW, timeout=30_000)
    with qtbot.waitSignal(controller.answered, timeout=60_000):
        real_window.draft_flow.review.primary.click()
    with qtbot.waitSignal(controller.answered, timeout=60_000):
        real_window.draft_flow.draft.follow_up.chips[0].click()
    assert len(controller.session.turns) == 2


def test_the_windows_process_holds_no_engine_and_no_analyzer(real_window):
    import subprocess
    import sys

    code = (
        "import sys, desktop.app;"
        "bad = {'llama_cpp', 'spacy', 'presidio_analyzer', 'sudachipy', 'ginza'} & set(sys.modules);"
        "sys.exit(repr(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
