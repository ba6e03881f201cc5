"""The theme in force: which colours, which text size. Widgets that paint themselves ask it."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.gui.theme import tokens as t
from desktop.gui.theme.stylesheet import stylesheet


class TextSize(StrEnum):
    """The person's choice of text size."""

    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"
    EXTRA_LARGE = "extra_large"

    @property
    def factor(self) -> float:
        """What every type size is multiplied by."""
        return {"small": 0.9, "standard": 1.0, "large": 1.2, "extra_large": 1.45}[self.value]

    @property
    def label(self) -> str:
        """The choice as the person reads it."""
        return {"small": "小", "standard": "標準", "large": "大", "extra_large": "特大"}[self.value]


class ColorScheme(StrEnum):
    """The person's choice of colours."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"

    @property
    def label(self) -> str:
        """The choice as the person reads it."""
        return {"system": "端末の設定に合わせる", "light": "明るい", "dark": "暗い"}[self.value]


class Theme(QObject):
    """Colours and type in force, and the application's style sheet made from them.

    Signals:
        changed: Colours or sizes are others now; what is painted by hand has to be painted again.
    """

    changed = Signal()

    def __init__(
        self,
        *,
        scheme: ColorScheme = ColorScheme.SYSTEM,
        size: TextSize = TextSize.STANDARD,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scheme, self._size = scheme, size
        self._tokens = self._choose()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)

    @property
    def tokens(self) -> t.Tokens:
        """The colours in force."""
        return self._tokens

    @property
    def scheme(self) -> ColorScheme:
        """The person's choice of colours."""
        return self._scheme

    @property
    def size(self) -> TextSize:
        """The person's choice of text size."""
        return self._size

    def px(self, size: int) -> int:
        """A type size or a measure that grows with it, in pixels."""
        return round(size * self._size.factor)

    def font(self, size: int = t.BODY_PX, *, bold: bool = False, fixed: bool = False) -> QFont:
        """A font of ours; `size` in pixels at standard size."""
        font = QFont()
        font.setFamilies(list(t.FIXED_FAMILIES if fixed else t.FAMILIES))
        font.setPixelSize(self.px(size))
        font.setBold(bold)
        return font

    def line_distance(self, size: int, *, line_height: float) -> float:
        """What to put between lines, pixels, for lines of `line_height` times the type size.

        Fonts differ in their own line spacing (BIZ UDGothic 1.0, Noto Sans CJK 1.45), so a
        percentage of it would look loose in one and tight in the other.
        """
        wanted = line_height * self.px(size)
        return max(0.0, wanted - QFontMetricsF(self.font(size)).lineSpacing())

    def choose(self, *, scheme: ColorScheme | None = None, size: TextSize | None = None) -> None:
        """Take another scheme or size and apply it."""
        self._scheme = scheme or self._scheme
        self._size = size or self._size
        self._tokens = self._choose()
        self.apply()

    def apply(self) -> None:
        """Give the application its font, palette and style sheet."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setFont(self.font())
            app.setPalette(_palette(self._tokens))
            app.setStyleSheet(stylesheet(self._tokens, self._size.factor, images=_images()))
        self.changed.emit()

    def _follow_system(self) -> None:
        if self._scheme is ColorScheme.SYSTEM:
            self._tokens = self._choose()
            self.apply()

    def _choose(self) -> t.Tokens:
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
            system = QGuiApplication.palette()
            roles = QPalette.ColorRole
            return t.high_contrast(
                *(
                    system.color(role).name()
                    for role in (roles.Base, roles.Text, roles.Highlight, roles.HighlightedText)
                )
            )
        dark = self._scheme is ColorScheme.DARK or (
            self._scheme is ColorScheme.SYSTEM and hints.colorScheme() is Qt.ColorScheme.Dark
        )
        return t.DARK if dark else t.LIGHT


def _images() -> str:
    """Folder of the pictures the style sheet names; Qt wants `/` on every system."""
    return str(resources.files("desktop.gui") / "resources").replace("\\", "/")


def _palette(tokens: t.Tokens) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, color in (
        (roles.Window, tokens.ground),
        (roles.Base, tokens.paper),
        (roles.AlternateBase, tokens.ground),
        (roles.Button, tokens.paper),
        (roles.Text, tokens.ink),
        (roles.WindowText, tokens.ink),
        (roles.ButtonText, tokens.ink),
        (roles.PlaceholderText, tokens.quiet),
        (roles.Highlight, tokens.selection),
        (roles.HighlightedText, tokens.on_green if tokens.name == "high_contrast" else tokens.ink),
        (roles.ToolTipBase, tokens.paper),
        (roles.ToolTipText, tokens.ink),
        (roles.Link, tokens.green),
    ):
        palette.setColor(role, color)
    return palette
