"""When a bug shows itself: a report without a single word of the person's, and a plain sentence."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.gui.theme import Space
from desktop.gui.widgets.text import button, label


def report_of(error: BaseException, *, version: str = "") -> str:
    """Types, modules and lines of an exception and of those behind it. No message, no value, no path."""
    lines = [
        f"Kian {version}".strip(),
        f"Python {sys.version_info.major}.{sys.version_info.minor} {sys.platform}",
    ]
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(type(current).__name__)
        lines += [
            f"  {_module_of(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    return "\n".join(lines)


def _module_of(file_name: str) -> str:
    """The dotted module of a source file, without the folders above our packages."""
    parts = Path(file_name).with_suffix("").parts
    for package in ("desktop", "models", "prompts"):
        if package in parts:
            at = len(parts) - 1 - parts[::-1].index(package)
            return ".".join(parts[at:])
    return parts[-1] if parts else "?"


class CrashDialog(QDialog):
    """Says that something went wrong, and shows the report that may be passed on."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("起案 — 不具合")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 420)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(label("プログラムの不具合が起きました。", "heading"))
        column.addWidget(
            label(
                "入力した内容は、この端末に保存されています。続けて使えますが、"
                "おかしな動きがあれば、いったん閉じて開き直してください。"
                "下の記録には、文書の内容も氏名も含まれません。情報政策の担当にお渡しください。",
                wraps=True,
            )
        )
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setAccessibleName("不具合の記録")
        column.addWidget(self.report, 1)
        row = QHBoxLayout()
        copy = button("記録をコピー")
        copy.clicked.connect(self._copy)
        close = button("閉じる", "primary")
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)

    def _copy(self) -> None:
        self.report.selectAll()
        self.report.copy()


class CrashHandler(QObject):
    """Takes `sys.excepthook`, and keeps Qt's own messages off the terminal.

    Signals:
        crashed: (report) emitted on the window's thread.
    """

    crashed = Signal(str)

    def __init__(self, *, version: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._version = version
        self._dialog: CrashDialog | None = None
        self._window: QWidget | None = None
        self.crashed.connect(self._show)

    def install(self, window: QWidget | None) -> None:
        """Take the hooks."""
        self._window = window
        sys.excepthook = self._take
        qInstallMessageHandler(_drop_qt_text)

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            raise SystemExit(130)
        self.crashed.emit(report_of(error.with_traceback(trace), version=self._version))

    def _show(self, report: str) -> None:
        if self._dialog is not None:
            return  # one dialog is enough for a fault that repeats itself
        self._dialog = CrashDialog(report, self._window)
        self._dialog.finished.connect(self._closed)
        self._dialog.open()

    def _closed(self, _result: int) -> None:
        self._dialog = None


def _drop_qt_text(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's messages may quote text or paths: only a fatal one is named, by its place."""
    if kind is QtMsgType.QtFatalMsg:
        print(f"Qt fatal: {context.category}:{context.line}", file=sys.stderr)  # noqa: T201
