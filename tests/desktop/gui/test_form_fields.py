from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication

from desktop.drafting.documents.notes import Note
from desktop.drafting.documents.reading import read_document
from desktop.drafting.errors import DocumentUnreadableError
from desktop.gui.widgets.fields import make_editor
from desktop.gui.widgets.fields.line import in_both_calendars
from prompts.template import Field, FieldType


@pytest.fixture
def make(qtbot, theme):
    def made(kind, read_file=read_document, **extra):
        editor = make_editor(Field("f", "項目", kind, **extra), theme, read_file)
        qtbot.addWidget(editor)
        editor.show()
        return editor

    return made


@pytest.mark.parametrize(
    ("kind", "value", "extra"),
    [
        (FieldType.TEXT, "防災訓練 𠮷田", {}),
        (FieldType.LONG_TEXT, "一行目\n二行目", {}),
        (FieldType.CHOICE, "電話", {"options": ("窓口", "電話")}),
        (FieldType.NUMBER, "1,200", {}),
        (FieldType.DATE, "令和9年1月17日", {}),
        (FieldType.TIME, "午前9時30分", {}),
        (FieldType.CHECKBOX, "はい", {}),
        (FieldType.TABLE, "月\t件数\n4月\t12", {}),
        (FieldType.ATTACHMENT, "資料の本文", {}),
    ],
)
def test_every_field_type_gives_back_what_was_put_in(make, qtbot, kind, value, extra):
    editor = make(kind, **extra)
    with qtbot.waitSignal(editor.changed):
        editor.set_value(value)
    assert editor.value() == value
    assert editor.validate(is_final=True)
    assert editor.edit.accessibleName() == "項目"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.NUMBER, "百二十"),
        (FieldType.DATE, "令和9年2月30日"),
        (FieldType.DATE, "令和9年1月17日（月）"),
        (FieldType.TIME, "25時"),
        (FieldType.TEXT, "制御\x01文字"),
    ],
)
def test_a_wrong_value_is_told_at_the_field_and_forgotten_when_it_changes(make, kind, value):
    editor = make(kind)
    editor.set_value(value)
    assert not editor.validate(is_final=False)
    assert editor.problem_text
    assert editor.edit.property("invalid") == "true"
    editor.line.insert("1")
    assert editor.problem_text == ""


def test_an_empty_required_field_is_wrong_only_when_the_form_is_left(make):
    editor = make(FieldType.TEXT, required=True)
    assert editor.validate(is_final=False)
    assert not editor.validate(is_final=True)
    assert "必須" in editor.edit.accessibleName()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("R9.1.17", "令和9年1月17日 ＝ 2027年1月17日（日）"),
        ("2019/5/1", "令和元年5月1日 ＝ 2019年5月1日（水）"),
        ("平成31年4月30日", "2019年4月30日（火）"),
        ("1月17日", ""),
        ("いつか", ""),
    ],
)
def test_a_date_is_shown_in_both_calendars_beside_the_field(make, typed, shown):
    editor = make(FieldType.DATE)
    editor.line.setText(typed)
    assert editor.beside.text() == shown


def test_both_calendars_begin_with_reiwa():
    import datetime

    assert in_both_calendars(datetime.date(2019, 4, 30)).startswith("2019")


def drop(area, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    area.dropEvent(event)


def test_a_dropped_file_is_read_and_its_path_is_not_written_in(make, qtbot, tmp_path):
    path = tmp_path / "田中　太郎~メモ.txt"
    path.write_bytes("資料の本文です。".encode("cp932"))
    editor = make(FieldType.ATTACHMENT)
    editor.set_value("前書き")
    with qtbot.waitSignal(editor.changed):
        drop(editor.area, path)
    assert editor.value() == "前書き\n資料の本文です。"


def test_what_the_reader_left_out_is_said(make, qtbot, tmp_path):
    editor = make(
        FieldType.ATTACHMENT, read_file=lambda _: SimpleNamespace(text="本文", notes=(Note.HIDDEN_SHEETS,))
    )
    with qtbot.waitSignal(editor.changed):
        editor.read(tmp_path / "a.xlsx")
    assert "非表示のシート" in editor._note.text()


def test_a_file_that_cannot_be_read_is_told_and_what_was_typed_stays(make, qtbot, tmp_path):
    editor = make(FieldType.LONG_TEXT)
    editor.set_value("入力した文")
    with qtbot.waitSignal(editor.file_failed) as waiting:
        editor.read(tmp_path / "古い.doc")
    assert isinstance(waiting.args[0], DocumentUnreadableError)
    assert editor.value() == "入力した文"
    assert "読み込めません" in editor.problem_text
    assert editor.choose_button.isEnabled()


def test_cells_copied_in_excel_are_pasted_into_the_table(make, qtbot):
    editor = make(FieldType.TABLE)
    QGuiApplication.clipboard().setText("月\t件数\n4月\t12\n5月\t9")
    editor.table.setCurrentIndex(editor.model.index(0, 0))
    qtbot.keyClick(editor.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert editor.value() == "月\t件数\n4月\t12\n5月\t9"
    editor.table.selectAll()
    qtbot.keyClick(editor.table, Qt.Key.Key_Delete)
    assert editor.value() == ""


def test_return_in_a_long_text_is_a_new_line(make, qtbot):
    editor = make(FieldType.LONG_TEXT)
    qtbot.keyClicks(editor.area, "a")
    qtbot.keyClick(editor.area, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.area, "b")
    assert editor.value() == "a\nb"


def test_the_wheel_over_a_choice_scrolls_the_form_and_not_the_choice(make, qtbot):
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QWheelEvent

    editor = make(FieldType.CHOICE, options=("窓口", "電話"))
    editor.set_value("窓口")
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    editor.box.wheelEvent(event)
    assert editor.value() == "窓口"
    assert not event.isAccepted()


def test_two_megabytes_of_pasted_text_are_refused_at_the_field_and_stay_there(make):
    editor = make(FieldType.LONG_TEXT)
    QGuiApplication.clipboard().setText("あ" * 700_000)
    editor.area.paste()
    assert "200,000 文字以内" in editor.problem_text
    assert len(editor.value()) == 700_000
    assert not editor.validate(is_final=True)


def test_a_line_that_does_not_fit_is_told_and_not_cut_in_silence(make, qtbot):
    editor = make(FieldType.TEXT)
    QGuiApplication.clipboard().setText("あ" * 40_000)
    editor.line.paste()
    qtbot.waitUntil(lambda: "入っていません" in editor.problem_text)


def test_line_breaks_pasted_into_a_line_become_spaces(make):
    editor = make(FieldType.TEXT)
    QGuiApplication.clipboard().setText("一行目\n二行目")
    editor.line.paste()
    assert editor.value() == "一行目 二行目"
    assert editor.validate(is_final=True)
