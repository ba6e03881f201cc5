"""Fields of many lines: long text and attachments, both of which take a dropped file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit

from desktop.drafting.errors import DraftingError
from desktop.drafting.messages import note_for
from desktop.gui.controllers.parts import ReadFile, ReadText
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.text import button, label, measured, wear_icon
from prompts.template import MAX_VALUE_CHARS, Field, FieldType

FILE_FILTER = "文書 (*.docx *.xlsx *.csv *.pdf *.txt *.md);;すべてのファイル (*)"


class _Read(QObject):
    """The outcome of reading a file, carried over from the pool's thread."""

    done = Signal(object)
    failed = Signal(object)


class _ReadJob(QRunnable):
    """Reads one file off the window's thread."""

    def __init__(self, read_file: ReadFile, path: Path) -> None:
        super().__init__()
        self.signals = _Read()
        self._read_file, self._path = read_file, path

    def run(self) -> None:
        """Read; tell how it went."""
        try:
            read = self._read_file(self._path)
        except DraftingError as error:
            self.signals.failed.emit(error)
        except Exception as error:  # noqa: BLE001 - the pool's thread is where bugs are caught
            self.signals.failed.emit(error)
        else:
            self.signals.done.emit(read)


class DropArea(QPlainTextEdit):
    """Many lines; a dropped file is handed on instead of its path being written in.

    Signals:
        file_dropped: (path).
    """

    file_dropped = Signal(object)

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        """Take files as well as text."""
        if _local_file(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent, /) -> None:
        """Take files as well as text."""
        if _local_file(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent, /) -> None:
        """Hand a file on; let the base class take text."""
        path = _local_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.file_dropped.emit(path)
        else:
            super().dropEvent(event)

    def insertFromMimeData(self, source: QMimeData, /) -> None:
        """A pasted file is read, not named."""
        path = _local_file(source)
        if path:
            self.file_dropped.emit(path)
        else:
            super().insertFromMimeData(source)

    def canInsertFromMimeData(self, source: QMimeData, /) -> bool:
        """Files and text."""
        return bool(_local_file(source)) or super().canInsertFromMimeData(source)


def _local_file(mime: QMimeData) -> Path | None:
    urls = [url for url in mime.urls() if url.isLocalFile()] if mime.hasUrls() else []
    return Path(urls[0].toLocalFile()) if urls else None


class AreaField(FieldEditor):
    """Many lines of text; a file dropped here is read and its text put in.

    Signals:
        file_failed: (error) the file could not be read.
    """

    file_failed = Signal(object)

    def __init__(self, field: Field, theme: Theme, read_file: ReadFile) -> None:
        super().__init__(field, theme)
        self._read_file = read_file
        self._job: _ReadJob | None = None
        self.area = DropArea()
        self.area.setTabChangesFocus(True)
        height = 180 if field.type is FieldType.ATTACHMENT else 128
        measured(self.area, theme, lambda: self.area.setFixedHeight(theme.px(height)))
        self.area.setPlaceholderText(self._hint())
        self.area.textChanged.connect(self._touched)
        self.area.file_dropped.connect(self.read)
        self._set_edit(self.area)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.choose_button = button(
            "ファイルから読み込む", "plain", name=f"{field.label}をファイルから読み込む"
        )
        wear_icon(self.choose_button, theme, IconName.FILE, tone="green")
        self.choose_button.clicked.connect(self._choose)
        self._count = label("", "caption")
        row.addWidget(self.choose_button)
        row.addStretch(1)
        row.addWidget(self._count)
        self.column.insertLayout(self.column.indexOf(self.area) + 1, row)

    def value(self) -> str:
        """The text as typed or read."""
        return self.area.toPlainText()

    def read(self, path: Path) -> None:
        """Read a file and put its text in; what was typed stays above it."""
        if self._job is not None:
            return
        self._job = _ReadJob(self._read_file, path)
        self._job.signals.done.connect(self._take_text)
        self._job.signals.failed.connect(self._take_failure)
        self._say("ファイルを読み込んでいます…")
        self.choose_button.setEnabled(False)
        QThreadPool.globalInstance().start(self._job)

    def _put(self, value: str) -> None:
        self.area.setPlainText(value)

    def _touched(self) -> None:
        length = len(self.area.toPlainText())
        self._count.setText(f"{length:,}字" if length else "")
        super()._touched()
        if length > MAX_VALUE_CHARS:
            self.validate(is_final=False)

    def _hint(self) -> str:
        if self.field.type is FieldType.ATTACHMENT:
            return "ここにファイルを置くか、文を貼り付けてください（Word・Excel・CSV・PDF・テキスト）"
        shown = self.field.example.replace("\n", " ")
        return f"例: {shown}" if shown else "文を入力するか、ここにファイルを置いてください"

    def _choose(self) -> None:
        dialog = QFileDialog(self, "読み込むファイルを選ぶ")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(FILE_FILTER.split(";;"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.open()

    def _take_text(self, read: ReadText) -> None:
        self._job_done()
        typed = self.area.toPlainText()
        cursor = self.area.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(("\n" if typed.strip() else "") + read.text)
        self.area.setTextCursor(cursor)
        notes = "".join(note_for(note) for note in read.notes)
        self._say(f"ファイルの文を読み込みました。不要な部分は消してください。{notes}")

    def _take_failure(self, error: Exception) -> None:
        self._job_done()
        self._note.hide()
        self.say_problem(message_for(error).line)
        self.file_failed.emit(error)

    def _job_done(self) -> None:
        self._job = None
        self.choose_button.setEnabled(True)

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.show()
