"""A small screen with the largest text: 1024 x 600, as an old notebook has it."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea

from desktop.gui.controllers.free_writing import free_template
from desktop.gui.theme import TextSize
from desktop.gui.widgets.hint import Hint

SMALL, USUAL = QSize(1024, 600), QSize(1366, 768)


@pytest.fixture(scope="module")
def small(window, theme):
    theme.choose(size=TextSize.EXTRA_LARGE)
    window.resize(SMALL)
    yield window
    theme.choose(size=TextSize.STANDARD)
    window.resize(USUAL)


def screens(window, template_id):
    window.draft_flow.begin(template_id("通知文"))
    yield window.draft_flow.form
    window.draft_flow.begin(free_template().id)
    yield window.draft_flow.form
    for screen in window.screens:
        if screen not in (
            window.draft_flow.form,
            window.draft_flow.review,
            window.draft_flow.draft,
            window.flow.builder,
        ):
            window.go_to(screen)
            yield screen
    window.flow.edit(template_id("通知文"))
    yield window.flow.builder
    window.flow.builder.drop()


def test_no_button_is_cut_off_and_no_screen_is_wider_than_the_window(qtbot, small, template_id):
    assert small.size() == SMALL
    for screen in screens(small, template_id):
        QTest.qWait(30)
        assert small.width() == SMALL.width(), f"{screen.accessibleName()} widens the window"
        for made in screen.findChildren(QAbstractButton):
            if made.isVisible() and made.text() and made.window() is small:
                wanted = made.minimumSizeHint().width()
                assert made.width() >= wanted - 2, f"{screen.accessibleName()}: {made.text()}"


def test_the_form_does_not_scroll_sideways_and_says_where_the_tick_is(qtbot, small, template_id):
    small.draft_flow.begin(free_template().id)
    QTest.qWait(30)
    form = small.draft_flow.form
    assert form._area.horizontalScrollBar().maximum() == 0
    assert form._side_area.isHidden() and form._level_check.isVisibleTo(form)
    assert form._why_not.text().startswith("下の")
    form._level_check.setChecked(True)
    assert form.primary.isEnabled()
    small.resize(QSize(1900, 900))
    QTest.qWait(30)
    assert not form._side_area.isHidden()
    assert form._level_check.isChecked(), "moving what stands beside the fields changes nothing in it"
    small.resize(SMALL)


def test_home_shows_its_tiles_one_below_the_other_at_once(small):
    small.go_home()
    QTest.qWait(1)
    tiles = [tile.geometry() for tile in small.home._tiles]
    assert not any(a.intersects(b) for n, a in enumerate(tiles) for b in tiles[n + 1 :])


def test_a_banner_shows_all_its_lines(qtbot, small):
    small.go_to(small.settings)
    small.settings.banner.say("題", "とても長い知らせ。" * 12)
    QTest.qWait(30)
    for words in small.settings.banner.findChildren(QLabel):
        if words.isVisible() and words.wordWrap():
            assert words.height() >= words.heightForWidth(words.width())
    small.settings.banner.clear()


def test_a_hint_gives_way_and_keeps_its_words_in_the_tooltip(qtbot):
    hint = Hint("ファイルをここに落としても取り込めます。")
    qtbot.addWidget(hint)
    hint.resize(60, 30)
    hint.grab()
    assert hint.toolTip() == hint.text()
    hint.resize(900, 30)
    hint.grab()
    assert hint.toolTip() == ""


def test_the_settings_scroll_to_their_end(small):
    small.go_to(small.settings)
    QTest.qWait(30)
    area = small.settings.findChild(QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0
