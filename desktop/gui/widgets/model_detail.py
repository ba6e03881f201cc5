"""What is known of the chosen model, and the three things that can be done with it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.drafting.doctor import ModelVerdict
from desktop.drafting.models_here import ModelHere, Place
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.model_facts import facts_of, judgement_lines
from desktop.gui.widgets.text import button, label, measured, wear_icon

WIDTH_PX, WIDTH_MOST_PX = 360, 400


class ModelDetail(QFrame):
    """The card at the right of the models.

    Signals:
        choice_asked: Use this model from the next start on.
        proof_asked: See whether it was changed.
        removal_asked: Delete it.
    """

    choice_asked = Signal()
    proof_asked = Signal()
    removal_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "card")
        measured(self, theme, lambda: self.setFixedWidth(min(theme.px(WIDTH_PX), WIDTH_MOST_PX)))
        self._facts = QScrollArea()
        self._facts.setWidgetResizable(True)
        self._facts.setFrameShape(QFrame.Shape.NoFrame)
        self._facts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._facts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, Space.M, 1, Space.M)
        outer.setSpacing(Space.S)
        outer.addWidget(self._facts, 1)
        actions = QVBoxLayout()
        actions.setContentsMargins(Space.L, 0, Space.L, 0)
        actions.setSpacing(Space.S)
        self.default_button = self._action("次回からこのモデルを使う", IconName.CHECK, self.choice_asked)
        self.verify_button = self._action("改変がないか調べる", IconName.SHIELD, self.proof_asked)
        self.remove_button = self._action("削除する", IconName.TRASH, self.removal_asked)
        for made in (self.default_button, self.verify_button, self.remove_button):
            actions.addWidget(made)
        outer.addLayout(actions)

    def show_model(
        self, model: ModelHere | None, verdict: ModelVerdict | None, verified_at: datetime | None
    ) -> None:
        """Show what is known of a model; nothing for None."""
        page = QWidget()
        page.setProperty("role", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.L, 0, Space.L, Space.S)
        column.setSpacing(Space.XS)
        if model is not None:
            column.addWidget(label(model.card.title, "section", wraps=True))
            for words in judgement_lines(verdict) if verdict else ():
                column.addWidget(label(words, wraps=True))
            for name, value in facts_of(model, verified_at):
                column.addSpacing(Space.XS)
                column.addWidget(label(name, "caption"))
                fact = label(value, wraps=True)
                fact.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(fact)
        column.addStretch(1)
        self._facts.setWidget(page)

    def allow(self, model: ModelHere | None, *, is_in_use: bool, is_busy: bool) -> None:
        """Enable what can be done with a model just now."""
        is_own = model is not None and model.place is Place.OWN
        can_choose = (
            model is not None and (is_own or model.is_fallback) and model.is_allowed and not model.is_default
        )
        self.default_button.setEnabled(can_choose and not is_busy)
        self.verify_button.setEnabled(model is not None and not is_busy)
        self.remove_button.setEnabled(is_own and not is_in_use and not is_busy)
        why = ""
        if model is not None and not is_own:
            why = "この利用者のモデルだけを消せます。"
        elif is_in_use:
            why = "使用中のモデルは消せません。ほかのモデルにして開き直してから消してください。"
        self.remove_button.setToolTip(why)

    def _action(self, words: str, name: IconName, signal: SignalInstance) -> QPushButton:
        made = button(words)
        wear_icon(made, self._theme, name)
        made.clicked.connect(signal)
        return made
