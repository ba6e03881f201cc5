"""The form of one template: what the task needs to know, and nothing about prompts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.policy import Permission
from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.pace import about
from desktop.gui.controllers.parts import Parts
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.fields import FieldEditor, make_editor
from desktop.gui.widgets.fields.base import PERSONAL_INFORMATION_WORDS
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.hint import Hint
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import (
    button,
    card,
    icon_button,
    label,
    measured,
    rule,
    titled_card,
    wear_icon,
)
from prompts.errors import FieldValueError, MissingFieldError, PromptsError
from prompts.template import PromptTemplate

LEVEL_WORDS = {1: "機密性1（公開してよい情報）", 2: "機密性2（庁内の情報）", 3: "機密性3（秘密の情報）"}
COLUMN_PX = 940
ROOMY_PX = 560
SIDE_PX = 380
SIDE_MOST_PX = 440


class FormScreen(Screen):
    """Fields at the left, what to know about the task at the right.

    Signals:
        masking_asked: The form is complete.
        draft_asked: Back to the draft that was made from this form.
        models_asked: How to get another model.
    """

    masking_asked = Signal()
    draft_asked = Signal()
    models_asked = Signal()
    help_text = (
        "「必須」の欄を埋めて、右下の「マスキングへ進む」を押します。"
        "入力はこの端末の中に自動で保存され、消えません。\n\n"
        "Ctrl+Enter　マスキングへ進む（Enter は改行です）\nEsc　ひな形の選択に戻る\n"
        "F6　入力欄と説明のあいだを移る"
    )

    def __init__(self, theme: Theme, parts: Parts, controller: DraftController) -> None:
        super().__init__(theme, title="入力", back="ひな形", primary="マスキングへ進む")
        self._parts, self._controller = parts, controller
        self.editors: dict[str, FieldEditor] = {}
        self._side_page: QWidget | None = None
        self._build_header()
        self._saved = label("", "caption")
        self.footer_row.insertWidget(0, self._saved)
        self._draft_button = button("下書きに戻る")
        self._draft_button.clicked.connect(self.draft_asked)
        self._draft_button.hide()
        controller.state_changed.connect(self._show_way_back)
        self.footer_row.insertWidget(2, self._draft_button)
        self._duration = label("", "caption")
        self._duration.setToolTip("先に作った下書きの速さから見た目安です。文の長さによって変わります。")
        self.footer_row.insertWidget(self.footer_row.count() - 1, self._duration)
        self._why_not = Hint()
        self.footer_row.insertWidget(self.footer_row.count() - 1, self._why_not)
        self.primary.setText("マスキングへ進む　Ctrl+Enter")
        self.primary.setAccessibleName("マスキングへ進む")
        self.primary.clicked.connect(self._go_on)
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side_area = QScrollArea()
        self._side_area.setWidgetResizable(True)
        self._side_area.setFrameShape(QFrame.Shape.NoFrame)
        measured(
            self._side_area,
            theme,
            lambda: self._side_area.setFixedWidth(min(theme.px(SIDE_PX), SIDE_MOST_PX)),
        )
        self._side_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        columns.addWidget(self._area, 1)
        columns.addWidget(self._side_area)
        self.body.addLayout(columns)

    # --- what the window calls ----------------------------------------------------------------

    def show_template(self, template: PromptTemplate) -> None:
        """Build the form of the controller's open draft."""
        self.say_saved("")
        self.title_label.setText(template.title)
        self.setAccessibleName(f"入力: {template.title}")
        self.banner.clear()
        self.editors = {}
        page = QWidget()
        page.setProperty("role", "ground")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(Space.XL, Space.L, Space.M, Space.L)
        sheet = card()
        measured(sheet, self.theme, lambda: sheet.setMaximumWidth(self.theme.px(COLUMN_PX)))
        column = QVBoxLayout(sheet)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.XL)
        column.setSpacing(Space.L)
        column.addLayout(self._head(template))
        for field in template.fields:
            editor = make_editor(field, self.theme, self._parts.read_file)
            editor.set_value(self._controller.values.get(field.name, ""))
            editor.changed.connect(
                lambda name=field.name, e=editor: self._controller.set_value(name, e.value())
            )
            editor.changed.connect(self._tell_duration)
            self.editors[field.name] = editor
            column.addWidget(editor)
        self._below = QVBoxLayout()
        self._below.addWidget(sheet)
        self._below.addStretch(1)
        outer.addLayout(self._below, 100)
        outer.addStretch(1)
        self._area.setWidget(page)
        self._side_page = self._side(template)
        self._place_side()
        self._star.setVisible(template.id != free_template().id)
        self._star.setChecked(any(c.id == template.id for c in self._parts.library.favourites()))
        self._draw_star()
        self._levels.setCurrentIndex(max(0, self._levels.findData(self._controller.confidentiality)))
        self._level_changed()
        self._warn_of_model(template)

    def entered(self) -> None:
        """The cursor into the first empty field."""
        self._show_way_back()
        self._tell_duration()
        empty = [e for e in self.editors.values() if not e.value().strip()]
        for editor in (*empty, *self.editors.values()):
            editor.focus_edit()
            return

    def _tell_duration(self) -> None:
        seconds = self._controller.seconds_expected
        where = "この端末" if self._parts.model.server is None else "庁内サーバー"
        self._duration.setText("" if seconds is None else f"下書きまで {about(seconds)}（{where}）")

    def panes(self) -> Sequence[QWidget]:
        """The first field, the example button, the confidentiality."""
        first = [e.edit for e in self.editors.values()][:1]
        return (*first, self.example_button, self._levels)

    def say_saved(self, text: str) -> None:
        """Where autosave stands."""
        self._saved.setText(text)

    def show_refusal(self, error: FieldValueError | MissingFieldError) -> None:
        """A field is wrong: say so at the field and go there."""
        editor = self.editors.get(error.name)
        if editor is not None:
            editor.show_problem(error)
            editor.focus_edit()
            self._area.ensureWidgetVisible(editor)

    def fill_example(self) -> None:
        """「例を入れる」: the worked example into the empty fields; over typed ones after asking."""
        values = self._controller.template.example_values
        typed = [
            name
            for name in values
            if (now := self.editors[name].value().strip())
            and now not in (values[name], self.editors[name].field.default)
        ]
        if typed:
            self.banner.say(
                "入力した内容があります。",
                "空いている欄だけに例を入れました。すべて例に置き換えることもできます。",
                tone="amber",
                action="すべて例に置き換える",
                on_action=lambda: self._put_values(values),
            )
        self._put_values({name: value for name, value in values.items() if name not in typed})

    # --- inside -------------------------------------------------------------------------------

    def _show_way_back(self) -> None:
        self._draft_button.setVisible(self._controller.is_open and bool(self._controller.session.turns))

    def _build_header(self) -> None:
        self._star = icon_button(self.theme, IconName.STAR, "よく使うひな形に入れる")
        self._star.setCheckable(True)
        self._star.toggled.connect(self._toggle_star)
        self.header_row.insertWidget(2, self._star)
        self._levels = PickList()
        for level, words in LEVEL_WORDS.items():
            self._levels.addItem(words, level)
        self._levels.setAccessibleName("入力する情報の機密性")
        self._levels.currentIndexChanged.connect(self._level_changed)
        self.header_row.addWidget(label("入力する情報", "caption"))
        self.header_row.addWidget(self._levels)

    def _head(self, template: PromptTemplate) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(label(template.description, wraps=True), 1)
        self.example_button = button("例を入れる")
        wear_icon(self.example_button, self.theme, IconName.EXAMPLE, tone="green")
        self.example_button.clicked.connect(self.fill_example)
        if not template.example_values:
            self.example_button.hide()
        row.addWidget(self.example_button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _side(self, template: PromptTemplate) -> QWidget:
        page = QWidget()
        page.setProperty("role", "ground")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.M, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        self._rule_card = card()
        rule_column = QVBoxLayout(self._rule_card)
        rule_column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        rule_column.setSpacing(Space.S)
        rule_column.addWidget(label("入力の前に", "section"))
        self._rule_text = label("", wraps=True)
        rule_column.addWidget(self._rule_text)
        self._level_check = QCheckBox("ルールを確かめました")
        self._level_check.toggled.connect(self._update_primary)
        rule_column.addWidget(self._level_check)
        rule_column.addWidget(rule())
        rule_column.addWidget(label(PERSONAL_INFORMATION_WORDS[template.personal_information], wraps=True))
        column.addWidget(self._rule_card)
        about, about_column = titled_card("このひな形について")
        facts = [f"正確性の水準: {template.accuracy.value}"]
        if template.minutes_by_hand:
            facts.append(f"手で書くときの目安: 約{template.minutes_by_hand}分")
        for line in (*facts, *(f"作成: {x}" for x in [template.issuer] if x)):
            about_column.addWidget(label(line, "caption"))
        for caution in template.cautions:
            about_column.addWidget(label(f"・{caution}", wraps=True))
        column.addWidget(about)
        sample = next((e.output for e in template.examples if e.output), "")
        if sample:
            sheet = card()
            sheet_column = QVBoxLayout(sheet)
            sheet_column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
            sheet_column.addWidget(label("できる文の見本", "section"))
            sheet_column.addWidget(label(sample, wraps=True))
            column.addWidget(sheet)
        column.addStretch(1)
        return page

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Where the window is narrow, what to know stands below the fields instead of beside them."""
        super().resizeEvent(event)
        if self._side_page is not None and self._is_narrow != self._side_area.isHidden():
            self._place_side()

    @property
    def _is_narrow(self) -> bool:
        return self.width() - self._side_area.width() < self.theme.px(ROOMY_PX)

    def _place_side(self) -> None:
        side = self._side_page
        if side is None:
            return
        self._side_area.takeWidget()
        self._side_area.setHidden(self._is_narrow)
        if self._is_narrow:
            self._below.insertWidget(1, side)
        else:
            self._below.removeWidget(side)
            self._side_area.setWidget(side)
        side.show()
        self._update_primary()

    def _put_values(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.editors[name].set_value(value)

    def _warn_of_model(self, template: PromptTemplate) -> None:
        if self._parts.model.is_demo and not template.demo_model:
            self.banner.say(
                "いまのモデル（動作確認用の見本）では、このひな形の下書きを作れません。",
                "入力とマスキングの確認はできますが、正しい文にはなりません。"
                "実務用のモデルは、情報政策の担当が「設定」の「モデル」か「kian models」で入れられます。",
                tone="amber",
                action="モデルの画面を開く",
                on_action=self.models_asked.emit,
            )

    def _toggle_star(self, is_on: bool) -> None:
        if self._controller.is_open:
            try:
                self._parts.library.set_favourite(self._controller.template.id, is_on)
            except PromptsError as error:
                notice = message_for(error)
                self.banner.say(notice.title, notice.what, tone="amber")
            self._draw_star()

    def _draw_star(self) -> None:
        is_on = self._star.isChecked()
        wear_icon(self._star, self.theme, IconName.STAR_ON if is_on else IconName.STAR, tone="green")
        tip = "よく使うひな形から外す" if is_on else "よく使うひな形に入れる"
        self._star.setToolTip(tip)
        self._star.setAccessibleName(tip)

    def _level_changed(self) -> None:
        if not self._controller.is_open or not self.editors:
            return
        level = int(self._levels.currentData())
        self._controller.set_confidentiality(level)
        policy, template = self._parts.policy, self._controller.template
        permission = policy.permission(level)
        words = {
            Permission.ALLOWED: f"機密性{level}の情報は、マスキングを確かめて使えます。",
            Permission.CONFIRM: f"機密性{level}の情報は、ルールを確かめてから使います。",
            Permission.FORBIDDEN: f"機密性{level}の情報は、この端末では使えません。",
        }[permission]
        if level > template.confidentiality:
            words += f" このひな形は機密性{template.confidentiality}までの情報のためのものです。"
        if policy.confidentiality_rule:
            words += f"\n{policy.confidentiality_rule}"
        self._rule_text.setText(words)
        self._level_check.setChecked(False)
        self._level_check.setVisible(permission is Permission.CONFIRM)
        self._update_primary()

    def _update_primary(self) -> None:
        level = int(self._levels.currentData())
        permission = self._parts.policy.permission(level)
        fits = level <= self._controller.template.confidentiality
        is_confirmed = permission is Permission.ALLOWED or (
            permission is Permission.CONFIRM and self._level_check.isChecked()
        )
        self.primary.setEnabled(fits and is_confirmed)
        if not fits or permission is Permission.FORBIDDEN:
            why = "選んだ機密性の情報は、このひな形では使えません。"
        elif not is_confirmed:
            where = "下" if self._side_area.isHidden() else "右"
            why = f"{where}の「ルールを確かめました」に印を付けると進めます。"
        else:
            why = ""
        self._why_not.setText(why)
        self.primary.setToolTip(why or "Ctrl+Enter")

    def _go_on(self) -> None:
        bad = [editor for editor in self.editors.values() if not editor.validate(is_final=True)]
        if bad:
            bad[0].focus_edit()
            self._area.ensureWidgetVisible(bad[0])
            return
        self.masking_asked.emit()
