"""The settings and the screens behind them: models, effect figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.gui.controllers.engine_line import EngineLine
from desktop.gui.controllers.parts import Parts
from desktop.gui.theme import Theme
from desktop.gui.widgets.screen import Screen
from desktop.gui.windows.effects_screen import EffectsScreen
from desktop.gui.windows.models_screen import ModelsScreen
from desktop.gui.windows.settings_screen import SettingsScreen


class SettingsFlow(QObject):
    """Connects the settings with what stands behind them.

    Signals:
        home_asked: Back to Home.
        changed: The person chose another look.
        reopen_asked: Open the window again, with the default model.

    Args:
        theme: The look.
        parts: Everything from below.
        line: The engine process, for the doctor.
        go_to: Brings a screen to the front.
        is_writing: Whether the engine writes a draft just now.
        parent: Qt's owner.
    """

    home_asked = Signal()
    changed = Signal()
    reopen_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        parts: Parts,
        line: EngineLine,
        *,
        go_to: Callable[[Screen], None],
        is_writing: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._go_to = go_to
        self.settings = SettingsScreen(theme, parts)
        self.models = ModelsScreen(theme, parts, line, is_writing=is_writing)
        self.effects = EffectsScreen(theme, parts)
        self.settings.back_requested.connect(self.home_asked)
        self.settings.changed.connect(self.changed)
        self.settings.models_asked.connect(self.open_models)
        self.settings.effects_asked.connect(lambda: go_to(self.effects))
        self.models.reopen_asked.connect(self.reopen_asked)
        for screen in (self.models, self.effects):
            screen.back_requested.connect(self.open)

    @property
    def screens(self) -> tuple[Screen, ...]:
        """All of them."""
        return (self.settings, self.models, self.effects)

    def open(self) -> None:
        """The settings."""
        self._go_to(self.settings)

    def open_models(self) -> None:
        """The models."""
        self._go_to(self.models)

    def take_in_models(self, sources: Sequence[Path]) -> None:
        """Import models that were dropped onto the window."""
        self.open_models()
        self.models.take_in(sources)

    def close(self) -> None:
        """Stop what runs."""
        self.models.stop()
