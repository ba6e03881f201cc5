"""The form builder: a template is written at the left; its form and the request stand at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.errors import DraftingError
from desktop.gui.controllers.autosave import Autosave
from desktop.gui.controllers.parts import Parts
from desktop.gui.controllers.template_edit import Problem, TemplateEdit
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.field_card import FieldCard, lines_of
from desktop.gui.widgets.fields import make_editor
from desktop.gui.widgets.fields.base import PERSONAL_INFORMATION_WORDS
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.template_details import TemplateDetails
from desktop.gui.widgets.text import button, card, empty, label, measured, minutes_box, set_tone, wear_icon
from prompts.errors import PromptsError, TemplateNotFoundError
from prompts.library import Shelf
from prompts.template import Accuracy, Category, PersonalInformation, PromptTemplate

PREVIEW_DELAY_MS = 200
REVEAL_DELAY_MS = 50
MAX_MINUTES = 100_000


class BuilderScreen(Screen):
    """Edits one template.

    Signals:
        saved: (template id) it is in the library.
    """

    saved = Signal(str)
    help_text = (
        "左でひな形を作り、右で入力画面とモデルに渡る文を確かめます。"
        "本文に {{名前}} と書くと、そこに項目の値が入ります。\n\n"
        "Ctrl+Enter　保存する（新しい版になり、前の版も残ります）\n"
        "F6　左・本文・右のあいだを移る\nEsc　ひな形の管理に戻る（編集の途中は残ります）"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="ひな形の編集", back="ひな形の管理", primary="保存する")
        self._parts = parts
        self.autosave = Autosave(parts.unsent, parent=self)
        self.edit = TemplateEdit(_NOTHING)
        self.cards: list[FieldCard] = []
        self.primary.setText("保存する　Ctrl+Enter")
        self.primary.clicked.connect(self.save)
        self._problems = label("", "caption")
        self._fix = button("この名前の項目を作る", "plain")
        self._fix.clicked.connect(self._add_missing)
        self._drop = button("この編集をやめて消す")
        wear_icon(self._drop, theme, IconName.TRASH)
        self._drop.clicked.connect(self.drop)
        self.footer_row.insertWidget(0, self._drop)
        self.footer_row.insertWidget(1, self._fix)
        self.footer_row.insertWidget(self.footer_row.count() - 1, self._problems)
        self._left = _scroll_area()
        self._form = _scroll_area()
        self._request = QPlainTextEdit()
        self._request.setReadOnly(True)
        self._request.setProperty("role", "bare")
        self._request.setAccessibleName("モデルに渡る文")
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("できあがりの確認")
        self.tabs.addTab(self._form, "入力画面")
        self.tabs.addTab(self._request, "モデルに渡る文")
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(Space.M)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._left)
        self._split.addWidget(self.tabs)
        self._split.setSizes([780, 540])
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        row.addWidget(self._split)
        self.body.addLayout(row, 1)
        self._timer = QTimer(self, singleShot=True, interval=PREVIEW_DELAY_MS)
        self._timer.timeout.connect(self.show_preview)
        self._reveal = QTimer(self, singleShot=True, interval=REVEAL_DELAY_MS)
        self._reveal.timeout.connect(self._show_details)
        self.autosave.failed.connect(self._say)

    # --- what the window calls ----------------------------------------------------------------

    def show_edit(self, edit: TemplateEdit) -> None:
        """Open an edit; what waited of the one before is saved first."""
        self.autosave.flush()
        self.edit.deleteLater()
        self.edit = edit
        edit.setParent(self)
        self.banner.clear()
        edit.changed.connect(self._changed)
        edit.fields_changed.connect(self._lay_out_fields)
        self.autosave.follow(edit.draft_id, edit.content)
        self._build_left()
        self.show_preview()

    def entered(self) -> None:
        """The cursor on the title."""
        self.title_edit.setFocus()

    def go_back(self) -> None:
        """Esc asks nothing: the edit stays, encrypted, until it is saved or thrown away."""
        self._take_names()
        self.autosave.flush()
        self.back_requested.emit()

    def panes(self) -> Sequence[QWidget]:
        """Head, body, preview."""
        return (self.title_edit, self.body_edit, self.tabs)

    def save(self) -> None:
        """Save as a new revision, unless something is wrong; then say what, at its place."""
        self._timer.stop()
        self._take_names()
        self.show_preview()
        fatal = [problem for problem in self.edit.problems() if problem.is_fatal]
        if fatal:
            self._go_to(fatal[0])
            return
        library, template_id = self._parts.library, self.edit.template.id
        try:
            try:
                present: PromptTemplate | None = library.get(template_id)
                at = library.card(template_id).shelf
            except TemplateNotFoundError:
                present, at = None, self.edit.shelf
            if at is not self.edit.shelf:
                library.move(template_id, self.edit.shelf)
            library.save(self.edit.to_save(present), shelf=self.edit.shelf, by=self._parts.person)
            self.edit.is_settled = True
            self.autosave.forget()
        except (PromptsError, DraftingError) as error:
            self._say(error)
            return
        self.saved.emit(template_id)

    def drop(self) -> None:
        """Throw the edit away; what the library holds stays."""
        self.edit.is_settled = True
        try:
            self.autosave.forget()
        except DraftingError as error:
            self._say(error)
            return
        self.back_requested.emit()

    # --- building -----------------------------------------------------------------------------

    def _build_left(self) -> None:
        page = QWidget()
        page.setProperty("role", "ground")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, Space.S, 0)
        column.setSpacing(Space.M)
        column.addWidget(self._head_card())
        column.addWidget(self._body_card())
        column.addWidget(label("項目（入力欄）", "section"))
        self._field_column = QVBoxLayout()
        self._field_column.setSpacing(Space.S)
        column.addLayout(self._field_column)
        add = button("項目を足す")
        wear_icon(add, self.theme, IconName.PLUS, tone="green")
        add.clicked.connect(lambda: self.edit.add_field())
        holder = QHBoxLayout()
        holder.addWidget(add)
        holder.addStretch(1)
        column.addLayout(holder)
        column.addWidget(self._notes_card())
        self.details = TemplateDetails(self.theme, self.edit)
        # It unfolds at the lower end: what was asked for is brought into sight once it has its place.
        self.details.toggle.toggled.connect(lambda _: self._reveal.start())
        column.addWidget(self.details)
        column.addStretch(1)
        self._left.setWidget(page)
        self._lay_out_fields()

    def _show_details(self) -> None:
        if self.details.toggle.isChecked():
            self._left.ensureWidgetVisible(self.details)

    def _head_card(self) -> QWidget:
        sheet, edit, template = card(), self.edit, self.edit.template
        grid = QGridLayout(sheet)
        grid.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        grid.setSpacing(Space.S)
        self.title_edit = _line(template.title, "題名", 120)
        self.title_edit.textChanged.connect(lambda text: edit.put(title=text.strip()))
        self._description = _line(template.description, "説明")
        self._description.textChanged.connect(lambda text: edit.put(description=text.strip()))
        self._tags = _line("、".join(template.tags), "検索のための言葉")
        self._tags.textChanged.connect(lambda text: edit.put(tags=_words(text)))
        self.shelf = _picks("保存する棚", {"個人": Shelf.PERSONAL, "課": Shelf.SECTION}, edit.shelf)
        self.shelf.currentIndexChanged.connect(lambda _: edit.set_shelf(Shelf(self.shelf.currentData())))
        category = _picks("用途", {c.value: c for c in Category}, template.category)
        category.currentIndexChanged.connect(lambda _: edit.put(category=Category(category.currentData())))
        accuracy = _picks("正確性の水準", {a.value: a for a in Accuracy}, template.accuracy)
        accuracy.currentIndexChanged.connect(lambda _: edit.put(accuracy=Accuracy(accuracy.currentData())))
        levels = {f"機密性{n}まで": n for n in (1, 2, 3)}
        level = _picks("機密性", levels, template.confidentiality)
        level.currentIndexChanged.connect(lambda _: edit.put(confidentiality=int(level.currentData())))
        rules = {PERSONAL_INFORMATION_WORDS[p].removeprefix("個人情報: "): p for p in PersonalInformation}
        personal = _picks("個人情報", rules, template.personal_information)
        personal.currentIndexChanged.connect(
            lambda _: edit.put(personal_information=PersonalInformation(personal.currentData()))
        )
        minutes = minutes_box("手で書くときの時間", most=MAX_MINUTES, unknown="わからない")
        minutes.setValue(template.minutes_by_hand)
        minutes.valueChanged.connect(lambda value: edit.put(minutes_by_hand=value))
        issuer = _line(template.issuer, "作成した課", 120)
        issuer.textChanged.connect(lambda text: edit.put(issuer=text.strip()))
        wide = (
            ("題名", self.title_edit),
            ("説明", self._description),
            ("検索の言葉", self._tags),
            ("作成した課", issuer),
        )
        for row, (words, widget) in enumerate(wide):
            grid.addWidget(label(words, "fieldlabel"), row, 0)
            grid.addWidget(widget, row, 1, 1, 3)
        pairs = (
            ("用途", category, "棚", self.shelf),
            ("正確性", accuracy, "機密性", level),
            ("個人情報", personal, "手で書くと", minutes),
        )
        for row, (first, left, second, right) in enumerate(pairs, start=len(wide)):
            grid.addWidget(label(first, "fieldlabel"), row, 0)
            grid.addWidget(left, row, 1)
            grid.addWidget(label(second, "fieldlabel"), row, 2)
            grid.addWidget(right, row, 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return sheet

    def _body_card(self) -> QWidget:
        edit, template = self.edit, self.edit.template
        self.body_edit = self._area(template.body, "本文（指示）", 190)
        self.body_edit.textChanged.connect(lambda: edit.put(body=self.body_edit.toPlainText().strip("\n")))
        system = self._area(template.system, "はじめの指示", 74)
        system.textChanged.connect(lambda: edit.put(system=system.toPlainText().strip()))
        self._areas = {"system": system, "body": self.body_edit}
        return _sheet(
            (
                "本文（指示）",
                "{{名前}} のところに項目の値が入ります。指示を先に、資料を後に書きます。",
                self.body_edit,
            ),
            ("はじめの指示", "役割や文体など、いつも同じ指示です。{{ }} は使えません。", system),
        )

    def _notes_card(self) -> QWidget:
        edit, template = self.edit, self.edit.template
        cautions = self._area("\n".join(template.cautions), "注意", 62)
        cautions.textChanged.connect(lambda: edit.put(cautions=lines_of(cautions)))
        checks = self._area("\n".join(template.checklist), "確認すること", 62)
        checks.textChanged.connect(lambda: edit.put(checklist=lines_of(checks)))
        self._areas |= {"cautions": cautions, "checklist": checks}
        return _sheet(
            ("注意", "下書きの横に出る注意です。1行に1つ書きます。", cautions),
            ("確認すること", "職員が印を付ける項目です。1行に1つ書きます。", checks),
        )

    def _area(self, text: str, name: str, height_px: int) -> QPlainTextEdit:
        made = QPlainTextEdit(text)
        made.setAccessibleName(name)
        made.setTabChangesFocus(True)
        measured(made, self.theme, lambda: made.setFixedHeight(self.theme.px(height_px)))
        return made

    def _lay_out_fields(self) -> None:
        empty(self._field_column)
        self.cards = []
        for index in range(len(self.edit.template.fields)):
            made = FieldCard(self.theme, self.edit, index)
            made.insert_asked.connect(self._insert)
            self.cards.append(made)
            self._field_column.addWidget(made)
        self._show_body()

    # --- inside -------------------------------------------------------------------------------

    def _changed(self) -> None:
        self.autosave.touch()
        self._timer.start()
        self._show_body()

    def _take_names(self) -> None:
        for made in self.cards:
            made.take_name()

    def _show_body(self) -> None:
        """A renamed or removed field changed the body under the person's hands."""
        if self.body_edit.toPlainText().strip("\n") != self.edit.template.body:
            self.body_edit.setPlainText(self.edit.template.body)

    def _insert(self, name: str) -> None:
        self.body_edit.insertPlainText(f"{{{{{name}}}}}")
        self.body_edit.setFocus()

    def _add_missing(self) -> None:
        missing = [problem.missing for problem in self.edit.problems() if problem.missing]
        for name in missing:
            self.edit.add_field(name)

    def show_preview(self) -> None:
        """Form, request and problems as they stand now."""
        self._request.setPlainText(self.edit.preview())
        page = QWidget()
        page.setProperty("role", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(label(self.edit.template.title or "（題名なし）", "heading", wraps=True))
        for found in self.edit.template.fields:
            editor = make_editor(found, self.theme, self._parts.read_file)
            editor.set_value(found.example or found.default)
            editor.setEnabled(False)
            column.addWidget(editor)
        column.addStretch(1)
        bar = self._form.verticalScrollBar()
        at = bar.value()
        self._form.setWidget(page)
        bar.setValue(at)
        self._show_problems(self.edit.problems())

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        fatal = [problem for problem in problems if problem.is_fatal]
        shown = (fatal or problems)[:1]
        self._problems.setText(shown[0].words if shown else "問題は見つかりません。")
        self._problems.setToolTip("\n".join(problem.words for problem in problems))
        set_tone(self._problems, role="problem" if fatal else "caption")
        self._fix.setVisible(any(problem.missing for problem in fatal))
        by_field = {p.key.split(".")[1]: p.words for p in fatal if p.key.startswith("fields.")}
        for made, found in zip(self.cards, self.edit.template.fields, strict=False):
            made.show_problem(by_field.get(found.name, ""))
        for key, area in (*self._areas.items(), ("title", self.title_edit), ("tags", self._tags)):
            set_tone(area, invalid="true" if any(p.key == key for p in fatal) else "false")

    def _go_to(self, problem: Problem) -> None:
        """Say what is wrong where it is wrong."""
        self.banner.say("このままでは保存できません。", problem.words, tone="amber")
        target: QWidget = self.title_edit if problem.key == "title" else self.body_edit
        if problem.key in self._areas:
            target = self._areas[problem.key]
        elif problem.key.startswith("fields."):
            names = [found.name for found in self.edit.template.fields]
            name = problem.key.split(".")[1]
            target = self.cards[names.index(name)].name if name in names else target
        target.setFocus()
        self._left.ensureWidgetVisible(target)

    def _say(self, error: Exception) -> None:
        notice = message_for(error)
        self.banner.say(notice.title, notice.what)


_NOTHING = PromptTemplate(schema=1, id="", version="1.0", title="", category=Category.DRAFTING, body="")


def _scroll_area() -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _sheet(*entries: tuple[str, str, QWidget]) -> QWidget:
    """A card of areas, each under its name and a line of help."""
    sheet = card()
    column = QVBoxLayout(sheet)
    column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
    column.setSpacing(Space.S)
    for words, help_words, area in entries:
        column.addWidget(label(words, "fieldlabel"))
        column.addWidget(label(help_words, "caption", wraps=True))
        column.addWidget(area)
    return sheet


def _line(text: str, name: str, limit: int = 2_000) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    made.setMaxLength(limit)
    made.setCursorPosition(0)
    return made


def _picks(name: str, options: dict[str, Any], current: object) -> PickList:
    made = PickList()
    made.setAccessibleName(name)
    for words, value in options.items():
        made.addItem(words, value)
    made.setCurrentIndex(max(0, made.findData(current)))
    return made


def _words(text: str) -> tuple[str, ...]:
    parts = text.replace(",", "、").replace("，", "、").split("、")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
