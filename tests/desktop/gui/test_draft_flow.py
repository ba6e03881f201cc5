from dataclasses import replace

import docx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.drafting.errors import DataFolderUnwritableError
from desktop.drafting.session import State
from desktop.gui.clients.engine_client import EngineState

REQUEST = "山田太郎さん（電話0123-45-6789）と山田太郎の長男（12歳、男性）への案内"


def begin(window, request=REQUEST):
    window.draft_flow.begin("0d3c6f0e-6a53-5d0b-9d0c-6e5b8f5a2c11")
    window.draft_flow.form.editors["request"].set_value(request)
    window.draft_flow.form._level_check.setChecked(True)
    return window.draft_flow.controller


def review_of(qtbot, window, request=REQUEST):
    controller = begin(window, request)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    return controller


def draft_of(qtbot, window, request=REQUEST):
    controller = review_of(qtbot, window, request)
    window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING)
    return controller


def test_a_draft_goes_its_whole_way(qtbot, window, parts, tmp_path):
    controller = draft_of(qtbot, window)
    assert window.screen_in_front is window.draft_flow.draft
    assert REQUEST in window.draft_flow.draft.paper.text
    assert window.draft_flow.draft.primary.isEnabled()
    window.draft_flow.draft.primary.click()
    assert "まだ確かめていない" in window.draft_flow.draft.banner.text
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    assert controller.state is State.CONFIRMED
    assert controller.session.confirmed_by == parts.person
    window.draft_flow.draft.save_to(tmp_path / "案内.docx")
    text = "\n".join(p.text for p in docx.Document(str(tmp_path / "案内.docx")).paragraphs)
    assert "山田太郎さん（電話0123-45-6789）" in text
    assert controller.draft_id not in parts.unsent.draft_ids()


def test_nothing_but_masked_text_reaches_the_history(qtbot, window):
    draft_of(qtbot, window)
    window.home.history_asked.emit()
    shown = window.history.paper.text
    assert "<氏名1>さん（電話<電話番号1>）" in shown
    assert "山田太郎" not in shown


def test_the_analyzers_hint_is_shown_but_cannot_be_confirmed(qtbot, window):
    controller = begin(window, "山田太郎、0123-45-6789、ゆっくり探す")
    with qtbot.waitSignal(controller.review_shown) as waiting:
        window.draft_flow.form.primary.click()
    assert waiting.args[1] is False
    assert [m.label for m in window.draft_flow.review.source_view.marks] == ["電話番号1"]
    assert not window.draft_flow.review.primary.isEnabled()
    assert not window.draft_flow.review.press_primary()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    assert [m.label for m in window.draft_flow.review.source_view.marks] == ["氏名1", "電話番号1"]
    assert window.draft_flow.review.primary.isEnabled()


def test_an_individual_number_stops_the_way(qtbot, window):
    controller = review_of(qtbot, window, "番号は123456789018です")
    assert "個人番号" in window.draft_flow.review.stop_banner.text
    assert not window.draft_flow.review.primary.isEnabled()
    controller.confirm_review()
    assert controller.state is State.REVIEW
    window.draft_flow.review.toggle()
    assert not window.draft_flow.review.primary.isEnabled()
    window.draft_flow._show_save_failure(DataFolderUnwritableError("full"))
    assert "空き容量" in window.draft_flow.review.banner.text
    assert "先へは進めません" in window.draft_flow.review.stop_banner.text, (
        "what is said later does not cover the stop"
    )
    window.draft_flow.review.stop_banner.action_button.click()
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.form.editors["request"].value() == "番号は123456789018です"


def test_a_typed_follow_up_is_masked_and_reviewed_like_everything_else(qtbot, window):
    controller = draft_of(qtbot, window)
    window.draft_flow.draft.follow_up.edit.setPlainText("宛先を佐藤花子さんにしてください")
    window.draft_flow.draft.follow_up.ask_button.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    assert window.screen_in_front is window.draft_flow.review
    assert "<氏名2>さん" in window.draft_flow.review.masked_view.toPlainText()
    window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING)
    assert "佐藤花子" in window.draft_flow.draft.paper.text
    assert len(controller.session.turns) == 2


def test_a_follow_up_can_be_given_up_and_the_answer_is_still_there(qtbot, window):
    controller = draft_of(qtbot, window)
    before = window.draft_flow.draft.paper.text
    window.draft_flow.draft.follow_up.edit.setPlainText("佐藤花子さんにも")
    window.draft_flow.draft.follow_up.ask_button.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    window.draft_flow.review.go_back()
    assert window.screen_in_front is window.draft_flow.draft
    assert window.draft_flow.draft.paper.text == before
    assert window.draft_flow.draft.follow_up.edit.toPlainText() == "佐藤花子さんにも"


def test_a_chip_asks_at_once(qtbot, window):
    controller = draft_of(qtbot, window)
    with qtbot.waitSignal(controller.answered):
        window.draft_flow.draft.follow_up.chips[0].click()
    assert "半分ほどの長さ" in window.draft_flow.draft.paper.text


def test_another_answer_can_be_asked_for(qtbot, window):
    controller = draft_of(qtbot, window)
    with qtbot.waitSignal(controller.answered):
        window.draft_flow.draft.again_button.click()
    assert len(controller.session.turns) == 1


def test_what_stands_in_no_source_is_marked_and_can_be_gone_to(qtbot, window):
    draft_of(qtbot, window, "架空の日付を入れて")
    panel = window.draft_flow.draft.panel
    assert panel._title.text() == "確認すること　1件"
    assert len(window.draft_flow.draft.paper.extraSelections()) == 1
    panel.place_chosen.emit(0)
    assert window.draft_flow.draft.paper.textCursor().selectedText() == "令和99年9月9日"


def test_a_corrected_text_is_checked_again_and_kept(qtbot, window):
    controller = draft_of(qtbot, window, "架空の日付を入れて")
    paper = window.draft_flow.draft.paper
    paper.go_to(0)
    paper.textCursor().insertText("後日")
    qtbot.waitUntil(lambda: window.draft_flow.draft.panel._title.text() == "確認すること")
    assert controller.answer_text.endswith("後日に開催します。")


def test_corrections_outlive_ticks_and_follow_ups_that_were_given_up(qtbot, window):
    controller = draft_of(qtbot, window)
    paper = window.draft_flow.draft.paper
    paper.insertPlainText("書き足した文。")
    corrected = paper.text
    window.draft_flow.draft.panel.boxes[0].box.click()
    assert paper.text == corrected
    window.draft_flow.draft.follow_up.edit.setPlainText("佐藤花子さんにも")
    window.draft_flow.draft.follow_up.ask_button.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    window.draft_flow.review.go_back()
    assert paper.text == corrected
    assert controller.answer_text == corrected


def test_a_tick_keeps_the_focus_on_its_box(qtbot, window):
    draft_of(qtbot, window)
    with qtbot.waitActive(window):
        window.activateWindow()
    box = window.draft_flow.draft.panel.boxes[1].box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert box.hasFocus()
    assert window.draft_flow.draft.panel.boxes[1].box is box
    assert window.draft_flow.controller.session.ticked == {1}


def test_back_from_the_draft_leads_to_the_filled_form_and_forward_again(qtbot, window):
    draft_of(qtbot, window)
    text = window.draft_flow.draft.paper.text
    window.draft_flow.draft.go_back()
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.form.editors["request"].value() == REQUEST
    window.draft_flow.form._draft_button.click()
    assert window.screen_in_front is window.draft_flow.draft
    assert window.draft_flow.draft.paper.text == text


def test_a_text_too_long_for_the_model_is_told_with_the_way_back(qtbot, window):
    controller = review_of(qtbot, window, "長すぎる資料")
    with qtbot.waitSignal(controller.failed):
        window.draft_flow.review.primary.click()
    assert controller.state is State.FAILED
    banner = window.screen_in_front.banner
    assert "長" in banner.text
    banner.action_button.click()
    assert window.screen_in_front is window.draft_flow.form
    assert window.draft_flow.form.editors["request"].value() == "長すぎる資料"


def test_a_crash_of_the_engine_costs_nothing_but_a_second_try(qtbot, tmp_path, monkeypatch, request):
    monkeypatch.setenv("CRASHED_ONCE", str(tmp_path / "crashed"))
    window = request.getfixturevalue("own_window")
    controller = review_of(qtbot, window, "異常終了のあとの山田太郎さん")
    with qtbot.waitSignal(controller.failed):
        window.draft_flow.review.primary.click()
    assert "engine" not in window.draft_flow.draft.banner.text
    window.screen_in_front.banner.action_button.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING, timeout=15_000)
    assert "山田太郎さん" in window.draft_flow.draft.paper.text


def test_an_engine_that_hangs_is_ended_and_the_draft_is_written_with_the_next_one(
    qtbot, tmp_path, monkeypatch, request
):
    monkeypatch.setenv("CRASHED_ONCE", str(tmp_path / "hung"))
    window = request.getfixturevalue("own_window")
    window._engine._client._silence._floor_s = 0.5
    controller = review_of(qtbot, window, "返事がないあとの山田太郎さん")
    with qtbot.waitSignal(controller.failed, timeout=15_000) as failed:
        window.draft_flow.review.primary.click()
    assert failed.args[0].code == "worker_timeout"
    assert "残っています" in window.screen_in_front.banner.text
    window.screen_in_front.banner.action_button.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING, timeout=15_000)
    assert "山田太郎さん" in window.draft_flow.draft.paper.text


def test_a_model_at_rest_is_said_at_the_foot_and_comes_back_with_a_template(qtbot, own_window):
    engine = own_window._engine
    engine._idle_timer.setInterval(100)
    engine._rest_later()
    qtbot.waitUntil(lambda: engine.state is EngineState.RESTING, timeout=15_000)
    assert "休止中" in own_window.status.words
    controller = review_of(qtbot, own_window, "防災訓練のお知らせ")
    assert "休止中" not in own_window.status.words
    own_window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING, timeout=15_000)


def test_without_an_answer_of_the_masker_nothing_is_sent(qtbot, window):
    controller = begin(window, "マスキング異常終了")
    with qtbot.waitSignal(controller.failed, timeout=15_000):
        window.draft_flow.form.primary.click()
    assert controller.state is State.FAILED
    assert not window.draft_flow.review.primary.isEnabled()
    controller.confirm_review()
    assert controller.state is State.FAILED
    window.draft_flow.review.go_back()
    assert window.draft_flow.form.editors["request"].value() == "マスキング異常終了"


@pytest.fixture
def slow_window(monkeypatch, request):
    monkeypatch.setenv("WRITING_DELAY_S", "0.05")
    return request.getfixturevalue("own_window")


def test_stopping_keeps_what_was_written_so_far(qtbot, slow_window):
    controller = review_of(qtbot, slow_window, REQUEST * 3)
    with qtbot.waitSignal(controller.text_appended):
        slow_window.draft_flow.review.primary.click()
    assert slow_window.draft_flow.draft.stop_button.isVisible()
    slow_window.draft_flow.draft.stop_button.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING)
    assert 0 < len(slow_window.draft_flow.draft.paper.text) < len(REQUEST) * 3
    assert "途中で止めました" in slow_window.draft_flow.draft.banner.text
    assert not slow_window.draft_flow.draft.stop_button.isVisible()


def test_stopping_while_it_is_read_leads_back_to_the_review(qtbot, slow_window):
    controller = review_of(qtbot, slow_window)
    with qtbot.waitActive(slow_window):
        slow_window.activateWindow()
    with qtbot.waitSignal(controller.reading_progressed):
        slow_window.draft_flow.review.primary.click()
    qtbot.keyClick(slow_window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    assert slow_window.screen_in_front is slow_window.draft_flow.review
    assert slow_window.draft_flow.review.primary.isEnabled()


def test_a_copy_carries_its_mark_until_it_is_confirmed(qtbot, window):
    draft_of(qtbot, window)
    window.draft_flow.draft.copy()
    copied = QGuiApplication.clipboard().text()
    assert "下書き（AI生成・未確認）" in copied
    assert "動作確認用の見本モデルです。実務には使えません" in copied
    assert REQUEST in copied


def test_a_file_that_cannot_be_written_is_told_and_the_text_stays(qtbot, window, tmp_path):
    draft_of(qtbot, window)
    text = window.draft_flow.draft.paper.text
    window.draft_flow.draft.save_to(tmp_path / "missing" / "a.docx")
    assert window.draft_flow.draft.banner.text
    assert window.draft_flow.draft.paper.text == text


def test_taking_out_is_forbidden_where_it_fixed_that(qtbot, paths, theme):
    from contextlib import ExitStack

    from desktop.app import build_parts
    from desktop.gui.windows.draft_screen import FORBIDDEN_EXPORT
    from desktop.gui.windows.main_window import MainWindow

    paths.policy_file.write_text("schema = 1\n[export]\nenabled = false\n", "utf-8")
    from desktop.gui.clients.engine_client import EngineClient
    from desktop.gui.clients.masking_client import MaskingClient
    from desktop.gui.clients.worker_client import WorkerClient
    from desktop.gui.controllers.engine_line import EngineLine

    with ExitStack() as stack:
        parts = build_parts(paths, stack)
        masking = MaskingClient(WorkerClient("masking"))
        engine = EngineClient(WorkerClient("engine"))
        line = EngineLine(WorkerClient("engine"), wake=lambda: None)
        window = MainWindow(parts, theme, masking=masking, engine=engine, line=line)
        qtbot.addWidget(window)
        assert window.draft_flow.draft.save_button.toolTip() == FORBIDDEN_EXPORT
        assert not window.draft_flow.draft._may_take_out()
        window.close()


def test_no_widget_ever_flashes_as_a_window_of_its_own(qtbot, window, qapp):
    from PySide6.QtCore import QEvent, QObject

    seen = []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
                seen.append(type(watched).__name__)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    draft_of(qtbot, window)
    window.go_home()
    window.home.history_asked.emit()
    qapp.removeEventFilter(watch)
    assert seen == []


def test_a_follow_up_with_control_characters_is_refused_with_a_sentence(qtbot, window):
    controller = draft_of(qtbot, window)
    controller.follow_up("短く\x00して", is_fixed=False)
    assert controller.state is State.CHECKING
    assert window.draft_flow.draft.banner.text


class FullDisk:
    """An archive on a disk that is full from one step on."""

    def __init__(self, archive, first_failing):
        self._archive, self._failing = archive, {first_failing}

    def __getattr__(self, name):
        if name in self._failing:
            return self._refuse
        return getattr(self._archive, name)

    def _refuse(self, *args, **kwargs):
        raise DataFolderUnwritableError("full")


@pytest.fixture
def on_full_disk(window):
    archive = window._parts.archive

    def fail(step):
        window.draft_flow.controller._parts = replace(window._parts, archive=FullDisk(archive, step))

    yield fail
    window.draft_flow.controller._parts = window._parts


def test_what_cannot_be_recorded_is_not_sent(qtbot, window, on_full_disk):
    controller = review_of(qtbot, window)
    on_full_disk("review_confirmed")
    window.draft_flow.review.primary.click()
    assert controller.state is State.FAILED
    assert not controller._talk.is_busy
    assert "空き容量" in window.screen_in_front.banner.text
    window.draft_flow.review.go_back()
    assert window.draft_flow.form.editors["request"].value() == REQUEST


def test_an_answer_that_cannot_be_stored_is_shown_all_the_same(qtbot, window, on_full_disk):
    review_of(qtbot, window)
    on_full_disk("answered")
    with qtbot.waitSignal(window.draft_flow.controller.answered):
        window.draft_flow.review.primary.click()
    assert REQUEST in window.draft_flow.draft.paper.text
    assert "空き容量" in window.draft_flow.draft.banner.text


def test_what_is_not_in_the_log_does_not_leave(qtbot, window, on_full_disk):
    draft_of(qtbot, window)
    QGuiApplication.clipboard().setText("before")
    on_full_disk("taken_out")
    window.draft_flow.draft.copy()
    assert QGuiApplication.clipboard().text() == "before"
    assert "空き容量" in window.draft_flow.draft.banner.text


def test_a_confirmed_draft_stays_as_it_is_when_its_form_is_used_again(qtbot, window, parts, tmp_path):
    controller = draft_of(qtbot, window)
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    confirmed = parts.archive.search("")[0]
    window.draft_flow.draft.save_to(tmp_path / "案内.docx")
    window.draft_flow.draft.go_back()
    assert not window.draft_flow.form._draft_button.isHidden()
    window.draft_flow.form.editors["request"].set_value("次の案内。連絡先は佐藤花子")
    assert window.draft_flow.form._draft_button.isHidden()
    window.draft_flow.autosave.flush()
    stored = parts.unsent.load(controller.draft_id)
    assert stored is not None
    assert stored.content["values"]["request"] == "次の案内。連絡先は佐藤花子"
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.REVIEW)
    window.draft_flow.review.primary.click()
    qtbot.waitUntil(lambda: controller.state is State.CHECKING)
    assert parts.archive.get(confirmed.id).state == State.CONFIRMED
    assert parts.archive.search("")[0].id != confirmed.id


def test_a_draft_at_work_is_shown_again_and_not_begun_again(qtbot, slow_window):
    controller = review_of(qtbot, slow_window)
    slow_window.go_home()
    slow_window.draft_flow.take_up(controller.draft_id)
    assert slow_window.screen_in_front is slow_window.draft_flow.review
    with qtbot.waitSignal(controller.text_appended):
        slow_window.draft_flow.review.primary.click()
    slow_window.go_home()
    slow_window.draft_flow.take_up(controller.draft_id)
    assert slow_window.screen_in_front is slow_window.draft_flow.draft
    assert controller.state is State.GENERATING
    qtbot.waitUntil(lambda: controller.state is State.CHECKING)
    assert REQUEST in slow_window.draft_flow.draft.paper.text


def test_a_confirmed_draft_that_was_not_taken_out_comes_back_confirmed(qtbot, window, tmp_path):
    controller = draft_of(qtbot, window)
    window.draft_flow.draft.paper.setPlainText("直した文です。")
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    draft_id = controller.draft_id
    window.go_home()
    window.draft_flow.begin("0d3c6f0e-6a53-5d0b-9d0c-6e5b8f5a2c11")
    window.draft_flow.take_up(draft_id)
    assert controller.is_confirmed
    assert window.draft_flow.draft.paper.text == "直した文です。"
    assert window.draft_flow.draft.paper.isReadOnly()
    assert "Wordで保存" in window.draft_flow.draft.primary.text()
    assert controller.session.confirmed_by
