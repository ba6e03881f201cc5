"""The window while a server in the building writes: the real worker, a server on loopback, quick masking."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from desktop.app import build_parts, build_window
from desktop.drafting.session import State
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState
from tests.desktop.gui.conftest import WORKERS, close
from tests.support.inference_servers import MODEL, running

POLICY = """
[inference_server]
url = "http://127.0.0.1:{port}/{script}/v1"
model = "{model}"
allowed_addresses = ["127.0.0.1/32"]
timeout_s = 60
"""


@contextmanager
def window_with(port, script, paths, theme, qtbot, *, state=EngineState.READY):
    """A window under a policy that names the server."""
    paths.policy_file.write_text(POLICY.format(port=port, script=script, model=MODEL))
    with ExitStack() as stack:
        made = build_window(build_parts(paths, stack), workers=replace(WORKERS, engine=None), theme=theme)
        stack.callback(close, made)
        made.show()
        made.rules.agreed.emit()
        qtbot.waitUntil(
            lambda: made._masking.state is MaskingState.READY and made._engine.state is state, timeout=60_000
        )
        yield made


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def begin_and_review(window, qtbot):
    card = next(c for c in window._parts.library.list() if c.title.startswith("通知文"))
    window.draft_flow.begin(card.id)
    window.draft_flow.form.fill_example()
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW, timeout=60_000)


def banner_of(screen):
    return " ".join(words.text() for words in screen.banner.findChildren(QLabel))


def test_every_screen_says_that_a_server_is_used_and_the_review_says_where_the_text_goes(
    paths, theme, qtbot, log
):
    with (
        running("scripted_inference_server.py", log) as port,
        window_with(port, "whole", paths, theme, qtbot) as window,
    ):
        for screen in window.screens:
            window.stack.setCurrentWidget(screen)
            assert window.status.isVisible()
            assert f"庁内サーバー利用中（127.0.0.1:{port}）" in window.status.words
            assert "外部通信なし" not in window.status.words
        begin_and_review(window, qtbot)
        assert window.draft_flow.review.primary.text().startswith("確認して送る")
        assert "庁内サーバーに送る" in window.draft_flow.review.primary.accessibleName()
        titles = [words.text() for words in window.draft_flow.review.findChildren(QLabel)]
        assert f"庁内サーバー（127.0.0.1:{port}）に送る文" in titles
        assert "庁内サーバー" in window.draft_flow.review.help_text
        window.draft_flow.review.primary.click()
        qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.CHECKING, timeout=60_000)
        assert "令和" in window.draft_flow.draft.paper.text


def test_the_rules_of_use_do_not_promise_what_is_not_so(paths, theme, qtbot, log):
    with (
        running("scripted_inference_server.py", log) as port,
        window_with(port, "whole", paths, theme, qtbot) as window,
    ):
        assert "この端末の中だけで動きます" not in window._parts.guideline
        assert "庁内サーバーを使います" in window._parts.guideline
        words = " ".join(label.text() for label in window.settings.findChildren(QLabel))
        assert "この端末の中だけで動き" not in words
        assert f"庁内サーバー利用中（127.0.0.1:{port}）" in words


def test_when_the_server_goes_the_draft_stays_and_the_person_is_told(paths, theme, qtbot, log):
    with ExitStack() as server:
        port = server.enter_context(running("scripted_inference_server.py", log))
        with window_with(port, "whole", paths, theme, qtbot) as window:
            begin_and_review(window, qtbot)
            values = dict(window.draft_flow.controller.session.values)
            server.close()
            window.draft_flow.review.primary.click()
            qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.FAILED, timeout=60_000)
            assert "庁内サーバーを使えません" in banner_of(window.screen_in_front)
            assert dict(window.draft_flow.controller.session.values) == values
            window.go_to(window.draft_flow.form)
            assert {k: e.value() for k, e in window.draft_flow.form.editors.items() if e.value()} == {
                k: v for k, v in values.items() if v
            }


def test_a_server_that_cannot_be_reached_at_the_start_can_be_tried_again(paths, theme, qtbot, log):
    with running("scripted_inference_server.py", log) as port:
        pass
    with window_with(port, "whole", paths, theme, qtbot, state=EngineState.FAILED) as window:
        assert "つながりません" in window.status.words
        assert "庁内サーバーを使えません" in banner_of(window.screen_in_front)
        assert "接続を断りました" in banner_of(window.screen_in_front)
