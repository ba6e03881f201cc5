"""One field of a template in the form builder: its name, kind and everything a form shows of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
)

from desktop.gui.controllers.template_edit import TemplateEdit
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.text import button, icon_button, label, measured, set_tone
from prompts.template import Field, FieldType

TYPE_WORDS = {
    FieldType.TEXT: "1行の文",
    FieldType.LONG_TEXT: "長い文",
    FieldType.CHOICE: "選択",
    FieldType.NUMBER: "数",
    FieldType.DATE: "日付",
    FieldType.TIME: "時刻",
    FieldType.CHECKBOX: "チェック",
    FieldType.TABLE: "表",
    FieldType.ATTACHMENT: "資料（ファイル可）",
}
_WITH_OPTIONS = (FieldType.CHOICE, FieldType.CHECKBOX)
_AREA_LINES_PX = 62


class FieldCard(QFrame):
    """Edits one field of a `TemplateEdit`.

    Signals:
        insert_asked: (name) put this field into the body at the cursor.
    """

    insert_asked = Signal(str)

    def __init__(self, theme: Theme, edit: TemplateEdit, index: int) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._edit, self.index = edit, index
        found = edit.template.fields[index]
        self.setAccessibleName(f"項目 {found.label}")
        self.name = _line(found.name, "名前（本文の {{ }} に書く）")
        self.label_edit = _line(found.label, "見出し")
        self.kind = PickList()
        self.kind.setAccessibleName("種類")
        for kind, words in TYPE_WORDS.items():
            self.kind.addItem(words, kind)
        self.kind.setCurrentIndex(self.kind.findData(found.type))
        self.options = _area(theme, "\n".join(found.options), "選択肢（1行に1つ）")
        self.help = _line(found.help, "説明")
        self.example = _area(theme, found.example, "例")
        self.default = _area(theme, found.default, "はじめの値")
        self.required = QCheckBox("必須")
        self.required.setChecked(found.required)
        self.pii = QCheckBox("個人情報が入る")
        self.pii.setChecked(found.pii)
        self.verbatim = QCheckBox("そのまま使う")
        self.verbatim.setChecked(found.verbatim)
        self.verbatim.setToolTip("日付・金額・氏名など、一字も変えてはいけない値に付けます。")
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        self._lay_out(theme)
        self._connect()
        self._show_options(found)

    def show_problem(self, words: str) -> None:
        """Say what is wrong with this field; an empty text takes it away."""
        self._problem.setText(words)
        self._problem.setVisible(bool(words))
        set_tone(self.name, invalid="true" if words else "false")

    def take_name(self) -> None:
        """Take the typed name over: once it is whole, for the body follows it."""
        if self.index < len(self._edit.template.fields):
            self._edit.put_field(self.index, name=self.name.text().strip())

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.M, Space.M)
        column.setSpacing(Space.S)
        head = QHBoxLayout()
        head.addWidget(label(f"項目 {self.index + 1}", "fieldlabel"))
        head.addStretch(1)
        insert = button("本文に入れる", "plain")
        insert.clicked.connect(lambda: self.insert_asked.emit(self._edit.template.fields[self.index].name))
        head.addWidget(insert)
        for name, tip, step in (
            (IconName.PREVIOUS, "上へ", -1),
            (IconName.NEXT, "下へ", 1),
        ):
            move = icon_button(theme, name, f"この項目を{tip}")
            move.clicked.connect(lambda _=False, s=step: self._edit.move_field(self.index, s))
            head.addWidget(move)
        drop = icon_button(theme, IconName.TRASH, "この項目を消す")
        drop.clicked.connect(lambda: self._edit.remove_field(self.index))
        head.addWidget(drop)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        rows = (
            ("見出し", self.label_edit, "名前", self.name),
            ("種類", self.kind, "説明", self.help),
        )
        for row, (left, left_edit, right, right_edit) in enumerate(rows):
            grid.addWidget(label(left, "caption"), row, 0)
            grid.addWidget(left_edit, row, 1)
            grid.addWidget(label(right, "caption"), row, 2)
            grid.addWidget(right_edit, row, 3)
        self._options_label = label("選択肢\n（1行に1つ）", "caption")
        grid.addWidget(self._options_label, 2, 0)
        grid.addWidget(self.options, 2, 1, 1, 3)
        grid.addWidget(label("例", "caption"), 3, 0)
        grid.addWidget(self.example, 3, 1)
        grid.addWidget(label("はじめの値", "caption"), 3, 2)
        grid.addWidget(self.default, 3, 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        ticks = QHBoxLayout()
        for box in (self.required, self.pii, self.verbatim):
            ticks.addWidget(box)
        ticks.addStretch(1)
        column.addLayout(ticks)
        column.addWidget(self._problem)

    def _connect(self) -> None:
        edit, at = self._edit, self.index
        self.name.editingFinished.connect(self.take_name)
        self.label_edit.textChanged.connect(lambda text: edit.put_field(at, label=text.strip()))
        self.help.textChanged.connect(lambda text: edit.put_field(at, help=text.strip()))
        self.example.textChanged.connect(lambda: edit.put_field(at, example=self.example.toPlainText()))
        self.default.textChanged.connect(lambda: edit.put_field(at, default=self.default.toPlainText()))
        self.options.textChanged.connect(lambda: edit.put_field(at, options=lines_of(self.options)))
        self.kind.currentIndexChanged.connect(lambda _: self._change_kind())
        self.required.toggled.connect(lambda on: edit.put_field(at, required=on))
        self.pii.toggled.connect(lambda on: edit.put_field(at, pii=on))
        self.verbatim.toggled.connect(lambda on: edit.put_field(at, verbatim=on))

    def _change_kind(self) -> None:
        kind = FieldType(self.kind.currentData())
        options = lines_of(self.options) if kind in _WITH_OPTIONS else ()
        self._edit.put_field(self.index, type=kind, options=options)
        self._show_options(self._edit.template.fields[self.index])

    def _show_options(self, found: Field) -> None:
        for widget in (self.options, self._options_label):
            widget.setVisible(found.type in _WITH_OPTIONS)


def lines_of(area: QPlainTextEdit) -> tuple[str, ...]:
    """The lines of an area, without empty ones."""
    return tuple(line.strip() for line in area.toPlainText().splitlines() if line.strip())


def _line(text: str, name: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setCursorPosition(0)
    return made


def _area(theme: Theme, text: str, name: str) -> QPlainTextEdit:
    made = QPlainTextEdit(text)
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    measured(made, theme, lambda: made.setFixedHeight(theme.px(_AREA_LINES_PX)))
    return made
