"""How far the reading is, before the first word and through the parts of a long text."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.drafting.long_input.reading import StepKind
from desktop.drafting.requests import PartProgress
from desktop.gui.controllers.pace import about
from desktop.gui.theme import Space
from desktop.gui.widgets.text import label

_STEPS = 100
"""Steps of the bar for one part."""


class ReadingBar(QWidget):
    """Words and a bar beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._part: PartProgress | None = None
        self._left = ""
        self._words = label("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("読み込みの進み")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(self._words)
        row.addWidget(self._bar, 1)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    @property
    def is_in_parts(self) -> bool:
        """Whether a part of a long text is being read."""
        return self._part is not None

    @property
    def is_condensing(self) -> bool:
        """Whether points are being brought together: what is written then is not for the person."""
        return self._part is not None and self._part.kind is StepKind.CONDENSE

    def end(self) -> None:
        """Nothing is read any more."""
        self._part = None
        self.hide()

    def begin(self, words: str) -> None:
        """Something begins whose length is not known yet."""
        self._part = None
        self._words.setText(words)
        self._bar.setRange(0, 0)
        self.show()

    def begin_part(self, part: PartProgress, seconds_left: float | None) -> None:
        """A part begins.

        Args:
            part: Which one.
            seconds_left: Until all parts are read; None where nobody knows.
        """
        self._part = part
        self._left = "" if seconds_left is None else f"　残り{about(seconds_left)}"
        self._bar.setRange(0, part.total * _STEPS)
        self._bar.setValue((part.number - 1) * _STEPS)
        self._words.setText(f"{self._place}{self._left}")
        self.show()

    def show_tokens(self, read: int, total: int, seconds_left: float | None) -> None:
        """So many tokens of the prompt are read."""
        if self._part is not None:
            share = read / max(1, total)
            self._bar.setValue(int((self._part.number - 1 + share * 0.7) * _STEPS))
            doing = f"読み込み中 {share:.0%}" if read < total else "要点を書いています"
            self._words.setText(f"{self._place}　{doing}{self._left}")
            return
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(read)
        left = f"・約{max(1, round(seconds_left))}秒" if seconds_left is not None and read < total else ""
        words = f"{read:,} / {total:,} 読み込み中{left}" if read < total else "書き始めます…"
        self._words.setText(words)

    @property
    def _place(self) -> str:
        if self._part is None:
            return ""
        doing = "要点をまとめています　" if self._part.kind is StepKind.CONDENSE else ""
        return f"{doing}{self._part.number} / {self._part.total}　{self._part.mark}"
