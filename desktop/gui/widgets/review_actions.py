"""What can be done with the chosen find: buttons, keys and menus, all saying the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.text import button, wear_icon
from models.masking.entities import NOUNS, EntityType
from models.masking.review import ReviewItem

KINDS_TO_CHOOSE: Final = tuple(
    kind for kind in EntityType if kind not in (EntityType.VERBATIM, EntityType.MY_NUMBER)
)
WORDS: Final = {
    "toggle": ("そのままにする  Space", "そのまま"),
    "mask": ("伏せる  Space", "伏せる"),
    "all": ("同じものすべて  A", "すべて"),
    "kind": ("種類を変える  K", "種類"),
    "select": ("選んだ文字を伏せる  +", "選択を伏せる"),
}
"""What stands on a button, and what where the window is narrow."""


class ReviewActions(QWidget):
    """The row of buttons below the review.

    Signals:
        toggle_asked: (all mentions) mask or un-mask.
        kind_asked: (EntityType) the chosen find is of this kind.
        mask_asked: (EntityType) mask the selected characters as this kind.
        step_asked: (backwards) go to the next find.
    """

    toggle_asked = Signal(bool)
    kind_asked = Signal(object)
    mask_asked = Signal(object)
    step_asked = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._buttons = {name: button(WORDS[name][0]) for name in ("toggle", "all", "kind", "select")}
        back = button("前へ", "plain", name="前の箇所（Shift+N）")
        forward = button("次へ  N", "plain", name="次の箇所（N）")
        wear_icon(back, theme, IconName.PREVIOUS, tone="green")
        wear_icon(forward, theme, IconName.NEXT, tone="green")
        self._steps = (back, forward)
        back.clicked.connect(lambda: self.step_asked.emit(True))
        forward.clicked.connect(lambda: self.step_asked.emit(False))
        self._buttons["toggle"].clicked.connect(lambda: self.toggle_asked.emit(False))
        self._buttons["all"].clicked.connect(lambda: self.toggle_asked.emit(True))
        self._buttons["kind"].clicked.connect(lambda: self._pop_kinds("kind"))
        self._buttons["select"].clicked.connect(lambda: self._pop_kinds("select"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        for made in (*self._steps, *self._buttons.values()):
            row.addWidget(made)

    def button_of(self, name: str) -> QPushButton:
        """The button `toggle`, `all`, `kind` or `select`."""
        return self._buttons[name]

    def show_item(
        self, item: ReviewItem | None, *, can_decide: bool, has_selection: bool, is_narrow: bool
    ) -> None:
        """Name and enable the buttons for the chosen find."""
        for name, made in self._buttons.items():
            is_unmasked = item is not None and not item.is_masked
            words = WORDS["mask" if name == "toggle" and is_unmasked else name]
            made.setText(words[int(is_narrow)])
            made.setToolTip(words[0])
            made.setAccessibleName(words[0])
            made.setEnabled(has_selection if name == "select" else can_decide and item is not None)
        for step in self._steps:
            step.setEnabled(item is not None)

    def take_key(self, event: QKeyEvent) -> None:
        """Do what a key stands for, and accept it; leave every other key."""
        modifiers = Qt.KeyboardModifier
        if event.modifiers() & (modifiers.ControlModifier | modifiers.AltModifier):
            return
        match event.key():
            case Qt.Key.Key_Space:
                self.toggle_asked.emit(False)
            case Qt.Key.Key_A:
                self.toggle_asked.emit(True)
            case Qt.Key.Key_K:
                self._pop_kinds("kind")
            case Qt.Key.Key_Plus | Qt.Key.Key_Semicolon:
                self._pop_kinds("select")
            case Qt.Key.Key_N:
                self.step_asked.emit(bool(event.modifiers() & modifiers.ShiftModifier))
            case _:
                return
        event.accept()

    def pop_menu(self, place: QPoint) -> None:
        """The same as a menu, at a place of the screen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("toggle", "all"):
            source = self._buttons[name]
            action = menu.addAction(source.toolTip())
            action.setEnabled(source.isEnabled())
            action.triggered.connect(source.click)
        for name, title in (("kind", "種類を変える"), ("select", "選んだ文字を伏せる")):
            if self._buttons[name].isEnabled():
                kinds = self._kind_menu(name)
                kinds.setTitle(title)
                menu.addMenu(kinds)
        menu.popup(place)

    def _pop_kinds(self, name: str) -> None:
        anchor = self._buttons[name]
        if anchor.isEnabled():
            menu = self._kind_menu(name)
            menu.popup(anchor.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _kind_menu(self, name: str) -> QMenu:
        ask: Callable[[EntityType], None] = self.kind_asked.emit if name == "kind" else self.mask_asked.emit
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in KINDS_TO_CHOOSE:
            action = QAction(NOUNS[kind], menu)
            action.triggered.connect(lambda _=False, k=kind: ask(k))
            menu.addAction(action)
        menu.setActiveAction(menu.actions()[0])
        return menu
