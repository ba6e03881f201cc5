"""The line at the foot of every screen: what leaves (nothing, or masked text for one server), model, masking."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.drafting.model_choice import SERVER_NOTICE
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.text import label

MASKING_WORDS = {
    MaskingState.LOADING: ("○", "マスキング 準備中（入力は始められます）"),
    MaskingState.READY: ("●", "マスキング 準備完了"),
    MaskingState.FAILED: ("×", "マスキング 使えません"),
}
ENGINE_WORDS = {
    EngineState.NO_MODEL: "モデルがありません",
    EngineState.LOADING: "読み込み中",
    EngineState.READY: "準備完了",
    EngineState.RESTING: "休止中",
    EngineState.FAILED: "使えません",
}
SERVER_WORDS = {
    **ENGINE_WORDS,
    EngineState.LOADING: "確認中",
    EngineState.FAILED: "つながりません",
}


class StatusStrip(QFrame):
    """A promise kept on every screen, and the state of both workers. Never by colour alone.

    Args:
        theme: The look.
        model_title: The model that writes.
        server: Name of the server in the building that runs it; empty where this PC does.
    """

    def __init__(self, theme: Theme, *, model_title: str, server: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._model_title, self._server = model_title, server
        self._engine, self._masking = EngineState.LOADING, MaskingState.LOADING
        self.setProperty("role", "status")
        self._dot = label("▲" if server else "●", "caption")
        self._promise = label("", "caption")
        self._model_label = label("", "caption")
        for words in (self._promise, self._model_label):
            words.setMinimumWidth(1)  # a long name is shortened; it does not widen the window
        self._masking_label = label("", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.XL, Space.XS, Space.XL, Space.XS)
        row.setSpacing(Space.XL)
        row.addWidget(self._dot)
        row.addSpacing(Space.S - Space.XL)
        row.addWidget(self._promise)
        row.addStretch(1)
        row.addWidget(self._masking_label)
        row.addWidget(self._model_label)
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def words(self) -> str:
        """All it says."""
        return "　".join((self._promise_words, self._masking_label.text(), self._model_words))

    @property
    def _promise_words(self) -> str:
        if not self._server:
            return "端末内だけで動いています　外部通信なし"
        return f"{SERVER_NOTICE}（{self._server}）　送るのは伏せた文だけ"

    @property
    def _model_words(self) -> str:
        words = SERVER_WORDS if self._server else ENGINE_WORDS
        return f"モデル: {self._model_title}（{words[self._engine]}）"

    def show_engine(self, state: EngineState) -> None:
        """Show where the model stands."""
        self._engine = state
        self._draw()

    def show_masking(self, state: MaskingState) -> None:
        """Show where masking stands."""
        self._masking = state
        self._draw()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Shorten names that do not fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What leaves is said first and in full; of long names the middle is left out."""
        taken = self._dot.sizeHint().width() + self._masking_label.sizeHint().width()
        room = self.width() - taken - 5 * Space.XL
        wanted = self._promise.fontMetrics().horizontalAdvance(self._promise_words) + Space.S
        promise_room = min(wanted, round(room * 0.7))
        for widget, words, width in (
            (self._promise, self._promise_words, promise_room),
            (self._model_label, self._model_words, room - promise_room),
        ):
            shown = widget.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, max(width, 1))
            widget.setText(shown)
            widget.setToolTip("" if shown == words else words)
            widget.setAccessibleName(words)

    def _draw(self) -> None:
        tokens = self._theme.tokens
        self._dot.setStyleSheet(f"color: {tokens.amber if self._server else tokens.green};")
        self._promise.setStyleSheet(f"color: {tokens.amber}; font-weight: bold;" if self._server else "")
        mark, words = MASKING_WORDS[self._masking]
        self._masking_label.setText(f"{mark} {words}")
        for widget, is_bad in (
            (self._masking_label, self._masking is MaskingState.FAILED),
            (self._model_label, self._engine in (EngineState.FAILED, EngineState.NO_MODEL)),
        ):
            widget.setStyleSheet(f"color: {tokens.vermilion};" if is_bad else "")
        self._fit()
