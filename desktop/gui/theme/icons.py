"""Icons: one line-icon family (Phosphor, MIT) through qtawesome. The only door to qtawesome."""

from __future__ import annotations

from enum import StrEnum

import qtawesome
from PySide6.QtGui import QIcon


class IconName(StrEnum):
    """What an icon is for; the value is Phosphor's name."""

    SEARCH = "ph.magnifying-glass"
    BACK = "ph.arrow-left"
    SETTINGS = "ph.gear-six"
    RULES = "ph.book-open"
    HISTORY = "ph.clock-counter-clockwise"
    HELP = "ph.question"
    STAR = "ph.star"
    STAR_ON = "ph.star-fill"
    CLOSE = "ph.x"
    WRITE = "ph.pencil-line"
    STOP = "ph.stop-circle"
    AGAIN = "ph.arrows-clockwise"
    COPY = "ph.copy"
    SAVE = "ph.file-arrow-down"
    FILE = "ph.paperclip"
    SHIELD = "ph.shield-check"
    WARNING = "ph.warning"
    INFO = "ph.info"
    CHECK = "ph.check-circle"
    TRASH = "ph.trash"
    UNDO = "ph.arrow-u-up-left"
    REDO = "ph.arrow-u-up-right"
    PLUS = "ph.plus"
    FORWARD = "ph.caret-right"
    NEXT = "ph.caret-down"
    PREVIOUS = "ph.caret-up"
    EXAMPLE = "ph.lightbulb"
    CALENDAR = "ph.calendar-blank"
    MODEL = "ph.cpu"
    CHART = "ph.chart-bar-horizontal"
    # One for each category of tasks, in the order of `prompts.template.Category`.
    IDEAS = "ph.lightbulb-filament"
    DRAFTING = "ph.file-text"
    SUMMARY = "ph.list-bullets"
    MAIL = "ph.envelope-simple"
    MEETING = "ph.users-three"
    PUBLICITY = "ph.megaphone-simple"
    SPREADSHEET = "ph.table"
    TRANSLATION = "ph.translate"
    REVIEW = "ph.check-square-offset"
    RESIDENTS = "ph.chats"


def icon(name: IconName, color: str, *, disabled: str = "") -> QIcon:
    """The icon in one colour (`#RRGGBB`), and in another while disabled."""
    made: QIcon = qtawesome.icon(name.value, color=color, color_disabled=disabled or color)
    return made
