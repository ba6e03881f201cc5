"""「くわしい設定」 of the form builder: what most templates never need, folded away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.gui.controllers.template_edit import TemplateEdit
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.number_box import NumberBox
from desktop.gui.widgets.text import button, card, label, wear_icon

UNSET = "おまかせ"
MOST_LETTERS = 100_000
MOST_SEED = 2**31 - 1


class TemplateDetails(QWidget):
    """For whom, on what terms, and how the model writes."""

    def __init__(self, theme: Theme, edit: TemplateEdit) -> None:
        super().__init__()
        self._theme, self._edit = theme, edit
        self.toggle = button("くわしい設定", "plain", name="くわしい設定を開く・閉じる")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show)
        self.sheet = self._build()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.sheet)
        self._show(False)

    def _show(self, is_open: bool) -> None:
        self.sheet.setVisible(is_open)
        name = IconName.NEXT if is_open else IconName.FORWARD
        wear_icon(self.toggle, self._theme, name, tone="green")

    def _build(self) -> QWidget:
        template = self._edit.template
        sheet = card()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        grid.setSpacing(Space.S)
        self.audience = _line(template.audience, "使う人")
        self.audience.textChanged.connect(lambda text: self._edit.put(audience=text.strip()))
        self.license = _line(template.license, "利用条件")
        self.license.textChanged.connect(lambda text: self._edit.put(license=text.strip()))
        for row, (words, widget, hint) in enumerate(
            (
                ("使う人", self.audience, "例：全職員、窓口の職員"),
                ("利用条件", self.license, "ほかの団体に渡すときの条件。例：CC0-1.0"),
            )
        ):
            widget.setPlaceholderText(hint)
            grid.addWidget(label(words, "fieldlabel"), row, 0)
            grid.addWidget(widget, row, 1, 1, 3)
        hint = "モデルの書き方を変えます。分からないときは「おまかせ」のままにしてください。"
        grid.addWidget(label(hint, "caption", wraps=True), 2, 0, 1, 4)
        params = template.params
        self.numbers = {
            "temperature": NumberBox(
                "ばらつき", least=0, most=2, step=0.05, value=params.temperature, unset=UNSET
            ),
            "top_p": NumberBox("語の絞り込み", least=0, most=1, step=0.05, value=params.top_p, unset=UNSET),
            "max_tokens": NumberBox(
                "長さの上限", least=1, most=MOST_LETTERS, step=1, value=params.max_tokens, unset=UNSET
            ),
            "seed": NumberBox(
                "乱数の種", least=0, most=MOST_SEED, step=1, value=params.seed, unset="毎回変える"
            ),
        }
        for place, (key, box) in enumerate(self.numbers.items()):
            box.number_changed.connect(lambda value, k=key: self._put(k, value))
            row, column = 3 + place // 2, 2 * (place % 2)
            grid.addWidget(label(f"{box.accessibleName()}\n（{key}）", "caption"), row, column)
            grid.addWidget(box, row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return sheet

    def _put(self, key: str, value: float | None) -> None:
        whole = key in ("max_tokens", "seed") and value is not None
        number: Any = int(value) if whole and value is not None else value
        self._edit.put(params=replace(self._edit.template.params, **{key: number}))


def _line(text: str, name: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setMaxLength(120)
    made.setCursorPosition(0)
    return made
