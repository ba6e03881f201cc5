import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QMenu

from desktop.drafting.session import State
from desktop.gui.controllers.free_writing import free_template

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
TEXT = "山田太郎さんと佐藤花子さん、そして山田太郎さんの電話0123-45-6789"


@pytest.fixture(autouse=True)
def in_front(qtbot, window):
    with qtbot.waitActive(window):
        window.activateWindow()
    window.go_home()
    window.home.go_back()


def press(qtbot, key, modifiers=Qt.KeyboardModifier.NoModifier):
    target = QApplication.focusWidget()
    assert target is not None, "nothing has the focus"
    qtbot.keyClick(target, key, modifiers)


def to_review(qtbot, window):
    press(qtbot, Qt.Key.Key_N, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), "x")
    window.draft_flow.form.editors["request"].set_value(TEXT)
    window.draft_flow.form._level_check.setChecked(True)
    press(qtbot, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW)
    return window.draft_flow.controller.session.review


def test_a_whole_draft_is_made_from_the_keyboard(qtbot, window):
    to_review(qtbot, window)
    press(qtbot, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.CHECKING)
    window.draft_flow.draft.panel.boxes[0].box.setFocus()
    for box in window.draft_flow.draft.panel.boxes:
        box.box.setFocus()
        press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_Return, CTRL)
    assert window.draft_flow.controller.state is State.CONFIRMED


def test_return_is_a_new_line_and_never_sends(qtbot, window):
    press(qtbot, Qt.Key.Key_N, CTRL)
    editor = window.draft_flow.form.editors["request"]
    window.draft_flow.form._level_check.setChecked(True)
    qtbot.keyClicks(editor.area, "a")
    press(qtbot, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.area, "b")
    assert editor.value() == "a\nb"
    assert window.screen_in_front is window.draft_flow.form


def test_nothing_is_sent_while_the_input_method_is_composing(qtbot, window):
    press(qtbot, Qt.Key.Key_N, CTRL)
    editor = window.draft_flow.form.editors["request"]
    window.draft_flow.form._level_check.setChecked(True)
    editor.set_value("案内文")
    editor.area.setFocus()
    QApplication.sendEvent(editor.area, QInputMethodEvent("やまだ", []))
    assert window.ime.is_composing
    press(qtbot, Qt.Key.Key_Return, CTRL)
    press(qtbot, Qt.Key.Key_Escape)
    assert window.screen_in_front is window.draft_flow.form
    committed = QInputMethodEvent("", [])
    committed.setCommitString("山田")
    QApplication.sendEvent(editor.area, committed)
    assert not window.ime.is_composing
    press(qtbot, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.screen_in_front is window.draft_flow.review)


def test_n_goes_through_the_finds_and_round(qtbot, window):
    review = to_review(qtbot, window)
    places = []
    for _ in range(len(review.items)):
        places.append(window.draft_flow.review.source_view.current)
        press(qtbot, Qt.Key.Key_N)
    assert places == [0, 1, 2, 3]
    assert window.draft_flow.review.source_view.current == 0
    press(qtbot, Qt.Key.Key_N, SHIFT)
    assert window.draft_flow.review.source_view.current == 3


def test_space_changes_one_mention_and_a_all_of_them(qtbot, window):
    review = to_review(qtbot, window)
    press(qtbot, Qt.Key.Key_Space)
    assert [item.is_masked for item in review.items] == [False, True, True, True]
    press(qtbot, Qt.Key.Key_A)
    assert [item.is_masked for item in review.items] == [True, True, True, True]
    press(qtbot, Qt.Key.Key_A)
    assert [item.is_masked for item in review.items] == [False, True, False, True]
    assert "山田太郎" in window.draft_flow.review.masked_view.toPlainText()


def test_decisions_are_taken_back_and_made_again(qtbot, window):
    review = to_review(qtbot, window)
    press(qtbot, Qt.Key.Key_Space)
    press(qtbot, Qt.Key.Key_Z, CTRL)
    assert all(item.is_masked for item in review.items)
    press(qtbot, Qt.Key.Key_Y, CTRL)
    assert not review.items[0].is_masked


def test_k_changes_the_kind_at_every_mention(qtbot, window):
    review = to_review(qtbot, window)
    press(qtbot, Qt.Key.Key_K)
    (menu,) = [m for m in window.draft_flow.review.findChildren(QMenu) if m.isVisible()]
    actions = [action.text() for action in menu.actions()]
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert review.items[0].span.entity_type.value == "ADDRESS"
    assert review.items[2].span.entity_type.value == "ADDRESS"
    assert actions[:2] == ["氏名", "住所"]
    assert "個人番号" not in actions


def test_plus_masks_the_selection(qtbot, window):
    review = to_review(qtbot, window)
    view = window.draft_flow.review.source_view
    view.moveCursor(view.textCursor().MoveOperation.Start)
    at = view.toPlainText().index("そして")
    cursor = view.textCursor()
    cursor.setPosition(at)
    cursor.setPosition(at + 3, cursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    press(qtbot, Qt.Key.Key_Plus)
    (menu,) = [m for m in window.draft_flow.review.findChildren(QMenu) if m.isVisible()]
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert len(review.items) == 5
    assert "そして" not in window.draft_flow.review.masked_view.toPlainText()


def test_the_keys_also_work_in_the_list(qtbot, window):
    review = to_review(qtbot, window)
    window.draft_flow.review.find_view.setFocus()
    press(qtbot, Qt.Key.Key_A)
    assert [item.is_masked for item in review.items] == [False, True, False, True]


def test_f6_goes_through_the_panes(qtbot, window):
    to_review(qtbot, window)
    seen = []
    for _ in range(3):
        press(qtbot, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert seen == [
        window.draft_flow.review.masked_view,
        window.draft_flow.review.find_view,
        window.draft_flow.review.source_view,
    ]
    press(qtbot, Qt.Key.Key_F6, SHIFT)
    assert QApplication.focusWidget() is window.draft_flow.review.find_view


def test_escape_goes_back_step_by_step_and_loses_nothing(qtbot, window):
    to_review(qtbot, window)
    press(qtbot, Qt.Key.Key_Escape)
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.form.editors["request"].value() == TEXT
    press(qtbot, Qt.Key.Key_Escape)
    assert window.screen_in_front is window.home


def test_alt_and_a_number_opens_a_tile(qtbot, window):
    press(qtbot, Qt.Key.Key_2, ALT)
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.controller.template.id != free_template().id


def test_ctrl_f_leads_to_the_search_from_anywhere(qtbot, window):
    window.go_to(window.settings)
    press(qtbot, Qt.Key.Key_F, CTRL)
    assert window.screen_in_front is window.home
    assert window.home.search.hasFocus()
    window.go_to(window.history)
    press(qtbot, Qt.Key.Key_F, CTRL)
    assert window.history.search.hasFocus()


@pytest.mark.parametrize("index", range(7))
def test_f1_helps_on_every_screen_and_escape_closes_it(qtbot, window, index):
    screen = window.screens[index]
    if screen in (window.draft_flow.form, window.draft_flow.review, window.draft_flow.draft):
        window.draft_flow.begin(free_template().id)
    window.stack.setCurrentWidget(screen)
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    assert len(window.help.text) > 20
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.help.isVisible()


def test_search_leads_to_a_form_without_the_mouse(qtbot, window):
    window.home.focus_search()
    window.home.search.insert("お礼")
    press(qtbot, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: window.home.result_view.hasFocus())
    press(qtbot, Qt.Key.Key_Return)
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.controller.template.title == "お礼状"


def test_every_control_has_a_name_for_a_screen_reader(qtbot, window):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

    to_review(qtbot, window)
    for screen in window.screens:
        for kind in (QAbstractButton, QComboBox, QLineEdit, QTextEdit, QPlainTextEdit):
            for widget in screen.findChildren(kind):
                is_ours = widget.objectName() == "" and widget.isVisibleTo(screen)
                if is_ours and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    text = widget.text() if isinstance(widget, QAbstractButton) else ""
                    assert widget.accessibleName() or text, (screen.accessibleName(), widget)


def test_ctrl_z_and_ctrl_y_take_back_and_do_again_in_a_field(qtbot, window):
    press(qtbot, Qt.Key.Key_N, CTRL)
    area = window.draft_flow.form.editors["request"].area
    area.setFocus()
    qtbot.keyClicks(area, "abc")
    press(qtbot, Qt.Key.Key_Z, CTRL)
    assert window.draft_flow.form.editors["request"].value() == ""
    press(qtbot, Qt.Key.Key_Y, CTRL)
    assert window.draft_flow.form.editors["request"].value() == "abc"
