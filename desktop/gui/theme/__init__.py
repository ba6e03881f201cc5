"""How the window looks: colours, type, spacing and icons. The only place with a colour value in it."""

from desktop.gui.theme.icons import IconName, icon
from desktop.gui.theme.look import ColorScheme, TextSize, Theme
from desktop.gui.theme.tokens import KindColors, Space, Tokens, kind_group

__all__ = [
    "ColorScheme",
    "IconName",
    "KindColors",
    "Space",
    "TextSize",
    "Theme",
    "Tokens",
    "icon",
    "kind_group",
]
