import csv
import datetime
import sqlite3
from contextlib import ExitStack, closing

import docx
import pytest
from PySide6.QtCore import Qt, QTimer

from desktop.app import EXIT_REOPEN, build_parts, make_theme, show_window
from desktop.drafting.handover import Handover
from desktop.drafting.records.drafts import NewDraft
from desktop.drafting.records.periods import Period
from desktop.gui.theme import TextSize
from desktop.gui.widgets.bar_chart import Bar, BarChart
from desktop.gui.windows.main_window import MainWindow
from models.masking.text import seal
from tests.desktop.gui.conftest import WORKERS, close, opened


@pytest.fixture
def drafts(parts, template_id):
    """Three uses: two of a notice, one that helped and one that took longer, and one of a mail."""
    store = parts.archive._drafts
    store.delete_all()
    made = []
    for title, by_hand in (("通知文", 60), ("通知文", 60), ("案内メール", 10)):
        new = NewDraft(template_id(title), "1.0", title, minutes_by_hand=by_hand)
        made.append(store.create(new, seal("<氏名1>様"), state="checking"))
        store.set_completion(made[-1], 0, seal(f"{title}の下書き <氏名1>様"), finish_reason="stop")
    store.answer_effect(made[0], has_helped=True, minutes_taken=15)
    store.answer_effect(made[2], has_helped=False, minutes_taken=25)
    return made


@pytest.fixture
def effects(window, drafts):
    window.settings_flow.open()
    window.settings.effects_button.click()
    screen = window.settings_flow.effects
    assert window.screen_in_front is screen
    return screen


# --- effect figures -------------------------------------------------------------------------------


def figures(screen):
    return {name: value.text() for name, (value, _basis) in screen._figures.items()}


def test_the_figures_stand_with_their_method_and_a_chart(effects):
    total = effects.report.total
    assert figures(effects)["利用した回数"] == f"{total.uses}回"
    assert "目安であり、実測ではありません" in "".join(
        found.text() for found in effects.findChildren(type(effects.title_label))
    )
    assert effects.chart.bars[0] == Bar(
        "通知文（記書き）", effects.chart.bars[0].value, effects.chart.bars[0].words
    )
    effects.saved_choice.click()
    assert [bar.value for bar in effects.chart.bars] == sorted(
        (b.value for b in effects.chart.bars), reverse=True
    )
    assert effects.chart.bars[-1].value < 0
    assert "通知文" in effects.chart.accessibleDescription()
    effects.uses_choice.click()


def test_a_period_without_uses_says_so(effects):
    effects.period.setCurrentIndex(effects.period.findData(Period.LAST_YEAR))
    assert not effects._nothing.isHidden()
    assert not effects.primary.isEnabled() and not effects.csv_button.isEnabled()
    effects.period.setCurrentIndex(effects.period.findData(Period.THIS_YEAR))
    assert effects._nothing.isHidden()


def test_the_figures_go_out_as_a_table_and_as_a_report_with_the_chart(effects, tmp_path):
    effects.write_to(tmp_path / "効果.csv")
    with (tmp_path / "効果.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][0] == "通知文（記書き）"
    effects.write_to(tmp_path / "効果.docx")
    word = docx.Document(str(tmp_path / "効果.docx"))
    assert len(word.inline_shapes) == 1
    assert "書き出しました" in effects.banner.text
    effects.write_to(tmp_path / "none" / "効果.docx")
    assert "保存できません" in effects.banner.text


def test_a_chart_is_painted_with_bars_to_both_sides_and_none_at_all(qtbot, theme):
    chart = BarChart(theme)
    qtbot.addWidget(chart)
    assert chart.png() == b""
    chart.show_bars([Bar("長い" * 60, -5, "－5分"), Bar("短い", 10, "10分")], name="削減時間")
    assert chart.png().startswith(b"\x89PNG")
    chart.resize(400, chart.sizeHint().height())
    picture = chart.grab().toImage()
    colors = {
        picture.pixelColor(x, y).name().upper() for x in range(0, 400, 2) for y in range(picture.height())
    }
    assert {theme.tokens.green, theme.tokens.vermilion} <= colors


# --- the log --------------------------------------------------------------------------------------


def test_the_log_is_vouched_for_and_written_out_from_the_settings(qtbot, window, drafts, parts, tmp_path):
    window.settings_flow.open()
    card = window.settings.audit
    parts.archive.discard(drafts[0])
    card.verify_button.click()
    qtbot.waitUntil(lambda: "改変は見つかりませんでした" in card.outcome.text())
    card.write_to(tmp_path / "記録.csv")
    qtbot.waitUntil(lambda: "書き出しました" in card.outcome.text())
    assert "削除" in (tmp_path / "記録.csv").read_text("utf-8-sig")
    parts.archive.put_back(drafts[0])


def test_a_changed_log_is_told_and_staff_may_not_write_it_out_where_it_forbids_that(qtbot, paths, theme):
    paths.policy_file.write_text("[records]\naudit_export = false\n", encoding="utf-8")
    with ExitStack() as stack:
        parts = build_parts(paths, stack)
        parts.archive.delete_all()
        made = opened(parts, theme)
        made.settings_flow.open()
        card = made.settings.audit
        assert not card.export_button.isVisible()
        assert "管理者により固定" in card._fixed.text()
        with closing(sqlite3.connect(paths.audit_db)) as db:
            db.execute("DROP TRIGGER entries_stay")
            db.execute("UPDATE entries SET who = 'x'")
            db.commit()
        card.verify_button.click()
        qtbot.waitUntil(lambda: "つながりが切れています" in card.outcome.text())
        close(made)


# --- history --------------------------------------------------------------------------------------


@pytest.fixture
def history(window, drafts):
    window.activateWindow()
    window.go_home()
    window.home.history_asked.emit()
    window.history.table.setFocus()
    return window.history


def rows(history):
    return [history.model.row_at(row).id for row in range(history.model.rowCount())]


def test_a_draft_goes_to_the_bin_is_read_there_and_comes_back(qtbot, history, drafts):
    history.table.selectRow(rows(history).index(drafts[1]))
    qtbot.keyClick(history.table, Qt.Key.Key_Delete)
    assert drafts[1] not in rows(history)
    history.bin_choice.click()
    assert rows(history) == [drafts[1]]
    assert "通知文の下書き" in history.paper.text
    assert not history.search.isVisible()
    history.restore_button.click()
    assert rows(history) == [] and "ごみ箱は空です" in history._nothing.text()
    history.list_choice.click()
    assert drafts[1] in rows(history)


def test_the_bin_is_emptied_only_after_a_question_and_the_log_knows(history, drafts, parts):
    history.table.selectRow(rows(history).index(drafts[2]))
    history._bin.click()
    history.bin_choice.click()
    history.purge_button.click()
    history.question.no.click()
    assert rows(history) == [drafts[2]]
    history.purge_button.click()
    history.question.yes.click()
    assert rows(history) == []
    with closing(parts.open_audit()) as log:
        assert log.records()[-1].entry.outcome == "bin:1"


def test_everything_is_deleted_only_after_a_question_what_was_typed_too(
    history, window, drafts, parts, template_id
):
    window.draft_flow.begin(template_id("通知文"))
    window.draft_flow.form.fill_example()
    window.go_home()
    assert parts.unsent.draft_ids()
    parts.unsent.save("template-x", {"kind": "template"})
    window.home.history_asked.emit()
    history.delete_all_button.click()
    history.question.no.click()
    assert len(rows(history)) == 3
    history.delete_all_button.click()
    history.question.yes.click()
    assert rows(history) == [] and parts.archive.binned() == ()
    assert parts.unsent.draft_ids() == ("template-x",), "a template under work is no draft"
    assert not window.draft_flow.controller.is_open
    assert "すべて消しました" in history.banner.text
    with closing(parts.open_audit()) as log:
        assert log.records()[-1].entry.outcome == "all:3"
    start, end = Period.ALL.bounds(datetime.date.today())
    assert parts.archive.effects(start, end), "answers hold no text and stay"
    parts.unsent.delete("template-x")


# --- look and reopening ---------------------------------------------------------------------------


def test_a_larger_text_takes_hold_everywhere_at_once(window, theme):
    window.home.settings_asked.emit()
    before = window.settings.header.height(), window.flow.library.table.verticalHeader().defaultSectionSize()
    chips = {b.property("value"): b for b in window.settings._sizes.buttons()}
    chips[TextSize.EXTRA_LARGE.value].click()
    try:
        after = (
            window.settings.header.height(),
            window.flow.library.table.verticalHeader().defaultSectionSize(),
        )
        assert after == tuple(round(height * TextSize.EXTRA_LARGE.factor) for height in before)
        assert window.home.search.maximumWidth() == theme.px(620)
    finally:
        chips[TextSize.STANDARD.value].click()
    assert window.settings.header.height() == before[0]


def windows(qapp):
    return {widget for widget in qapp.topLevelWidgets() if isinstance(widget, MainWindow)}


def test_the_window_closes_for_another_one_and_the_program_goes_on(qapp, paths):
    before = windows(qapp)

    def press():
        (window,) = windows(qapp) - before
        window.settings_flow.models.reopen_asked.emit()

    theme = make_theme(paths.settings_file)
    for _ in range(2):
        QTimer.singleShot(0, press)
        assert show_window(qapp, paths, theme, Handover(paths.data_dir), workers=WORKERS) == EXIT_REOPEN
        assert windows(qapp) == before
