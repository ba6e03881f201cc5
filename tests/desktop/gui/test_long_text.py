"""A text too long for the model, through a real window and worker processes over the real pipes."""

from contextlib import ExitStack
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.app import build_parts
from desktop.drafting.session import State
from desktop.gui.theme import TextSize
from tests.desktop.gui.conftest import close, opened

WAIT_MS = 60_000
"""A bound for a hang, no expectation."""
SUMMARY = "ce419a17-52bd-5918-80b6-eeaf8c886053"
ARTICLE = (
    "第{n}条　担当は山田太郎とする。市長は、{n}号様式による申請があったときは、{a}円を限度として交付する。\n"
)


def ordinance(articles, odd=""):
    return "".join(
        ARTICLE.format(n=n, a=10_000 + n) + (odd if n == 150 else "") for n in range(1, articles + 1)
    )


@pytest.fixture
def large_window(qapp, paths, theme):
    """A window whose model is not the demonstration model."""
    with ExitStack() as stack:
        parts = build_parts(paths, stack)
        card = replace(parts.model.card, is_demo=False)
        made = opened(replace(parts, model=replace(parts.model, card=card)), theme)
        yield made
        close(made)


def planned(qtbot, window, document=""):
    window.draft_flow.begin(SUMMARY)
    window.draft_flow.form.editors["document"].set_value(document or ordinance(200))
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    controller = window.draft_flow.controller
    qtbot.waitUntil(lambda: controller.state is State.REVIEW, timeout=WAIT_MS)
    window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.PLANNED, timeout=WAIT_MS)
    return controller


def read_on(qtbot, window):
    with qtbot.waitSignal(window.draft_flow.controller.answered, timeout=WAIT_MS):
        window.draft_flow.draft.primary.click()


def test_a_long_text_goes_its_whole_way_in_parts(qtbot, large_window):
    window, seen = large_window, []
    controller = planned(qtbot, window)
    total = len(controller.parts)
    assert total > 2
    assert f"{total}つに分けて読みます" in window.draft_flow.draft.banner.text
    assert window.draft_flow.draft.primary.text().startswith("分けて読む")
    assert controller.parts[0].mark in window.draft_flow.draft.paper.text
    controller.part_begun.connect(lambda part: seen.append(window.draft_flow.draft.reading.text))
    read_on(qtbot, window)
    assert seen[0].startswith(f"1 / {total}　第1条〜第")
    assert seen[total - 1].startswith(f"{total} / {total}")
    assert "残り約" in seen[total - 1]
    assert controller.state is State.CHECKING
    assert window.draft_flow.draft.part_list.isVisible()
    window.draft_flow.draft.part_list.toggle.click()
    assert "第200条" in window.draft_flow.draft.part_list.text
    assert "山田太郎" in window.draft_flow.draft.part_list.text
    assert "<氏名1>" not in window.draft_flow.draft.part_list.text
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    assert controller.state is State.CONFIRMED


def test_the_person_can_go_back_and_shorten(qtbot, large_window):
    controller = planned(qtbot, large_window)
    large_window.draft_flow.draft.banner.action_button.click()
    assert large_window.screen_in_front is large_window.draft_flow.form
    assert controller.state is State.FORM
    planned(qtbot, large_window)
    with qtbot.waitActive(large_window):
        large_window.activateWindow()
    qtbot.keyClick(large_window, Qt.Key.Key_Escape)
    assert large_window.screen_in_front is large_window.draft_flow.form


@pytest.fixture
def slow_large_window(monkeypatch, request):
    monkeypatch.setenv("WRITING_DELAY_S", "0.02")
    return request.getfixturevalue("large_window")


def stopped_in_the_second_part(qtbot, window):
    controller = planned(qtbot, window)
    window.draft_flow.draft.primary.click()
    qtbot.waitUntil(lambda: controller.parts[0].points != (), timeout=WAIT_MS)
    window.draft_flow.draft.stop_button.click()
    qtbot.waitUntil(lambda: controller.state is State.PLANNED, timeout=WAIT_MS)
    return controller


def test_stopping_keeps_the_points_and_going_on_reads_the_rest(qtbot, slow_large_window):
    window = slow_large_window
    controller = stopped_in_the_second_part(qtbot, window)
    assert "つを読み終えています" in window.draft_flow.draft.banner.text
    assert window.draft_flow.draft.primary.text().startswith("続きから読む")
    assert "【第1条〜" in window.draft_flow.draft.paper.text
    begun = []
    controller.part_begun.connect(lambda part: begun.append(part.number))
    window.draft_flow.draft.primary.click()
    qtbot.waitUntil(lambda: bool(begun), timeout=WAIT_MS)
    assert begun[0] == 2


def test_another_day_only_the_rest_is_read(qtbot, slow_large_window):
    window = slow_large_window
    draft_id = stopped_in_the_second_part(qtbot, window).draft_id
    window.go_home()
    window.draft_flow.begin(SUMMARY)
    window.draft_flow.take_up(draft_id)
    assert window.screen_in_front is window.draft_flow.form
    assert "途中まで読んであります" in window.draft_flow.form.banner.text
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    controller = window.draft_flow.controller
    qtbot.waitUntil(lambda: controller.state is State.REVIEW, timeout=WAIT_MS)
    window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.PLANNED, timeout=WAIT_MS)
    assert controller.parts[0].points
    assert "つを読み終えています" in window.draft_flow.draft.banner.text


def test_the_notes_of_parts_lie_encrypted_and_without_names(qtbot, slow_large_window, paths):
    window = slow_large_window
    draft_id = stopped_in_the_second_part(qtbot, window).draft_id
    window.draft_flow.autosave.flush()
    content = window._parts.unsent.load(draft_id).content
    assert content["session"]["notes"]
    assert "山田" not in str(content["session"]["notes"])
    (file,) = (paths.data_dir / "unsent").iterdir()
    assert b"notes" not in file.read_bytes()


def test_a_crash_costs_one_part_and_it_is_read_again(qtbot, large_window, monkeypatch, tmp_path):
    window = large_window
    monkeypatch.setenv("CRASHED_ONCE", str(tmp_path / "crashed"))
    window._engine._client.stop()
    window._engine._client.start()
    controller = planned(qtbot, window, ordinance(200, "異常終了させる。\n"))
    window.draft_flow.draft.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.FAILED, timeout=WAIT_MS)
    assert "異常終了しました" in window.draft_flow.draft.banner.text
    done = [part for part in controller.parts if part.points]
    assert 0 < len(done) < len(controller.parts)
    assert "【第1条〜" in window.draft_flow.draft.paper.text
    with qtbot.waitSignal(controller.answered, timeout=WAIT_MS):
        window.draft_flow.draft.banner.action_button.click()
    assert all(part.points for part in controller.parts)


def test_a_part_that_cannot_be_read_is_told_beside_the_draft(qtbot, large_window):
    window = large_window
    controller = planned(qtbot, window, ordinance(200, "要点なし\n"))
    read_on(qtbot, window)
    (left_out,) = controller.session.turns[0].report.unread_parts
    qtbot.waitUntil(lambda: f"{left_out}は読めませんでした" in words_beside(window))
    assert "読めなかった部分です" in window.draft_flow.draft.part_list.text


def test_the_demonstration_model_says_what_it_always_said(qtbot, own_window):
    own_window.draft_flow.begin(SUMMARY)
    own_window.draft_flow.form.editors["document"].set_value(ordinance(200))
    own_window.draft_flow.form._level_check.setChecked(True)
    own_window.draft_flow.form.primary.click()
    controller = own_window.draft_flow.controller
    qtbot.waitUntil(lambda: controller.state is State.REVIEW, timeout=WAIT_MS)
    own_window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.FAILED, timeout=WAIT_MS)
    assert "文章が長すぎて、モデルが読み切れません" in own_window.draft_flow.draft.banner.text


def words_beside(window):
    return "\n".join(
        line.text() for line in window.draft_flow.draft.panel.findChildren(QLabel) if not line.isHidden()
    )


def test_the_primary_button_is_whole_with_the_largest_text_on_a_small_screen(qtbot, large_window, theme):
    window = large_window
    theme.choose(size=TextSize.EXTRA_LARGE)
    try:
        window.resize(1024, 600)
        controller = planned(qtbot, window)
        assert is_whole(qtbot, window.draft_flow.draft)
        read_on(qtbot, window)
        assert is_whole(qtbot, window.draft_flow.draft)
        window.draft_flow.draft.copy()
        assert is_whole(qtbot, window.draft_flow.draft)
        assert window.draft_flow.draft._more.isVisible()
        window.resize(1800, 900)
        qtbot.waitUntil(lambda: window.draft_flow.draft.again_button.isVisible())
        assert controller.state is State.CHECKING
    finally:
        theme.choose(size=TextSize.STANDARD)


def is_whole(qtbot, screen):
    qtbot.wait(50)  # the layout follows in the event loop
    primary = screen.primary
    return (
        primary.geometry().right() < screen.footer.width() and primary.width() >= primary.sizeHint().width()
    )
