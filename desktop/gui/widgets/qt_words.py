"""Qt's own words in Japanese: its translation, and what that one leaves in English."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

LEFT_IN_ENGLISH = {
    "&Look in:": "場所(&L):",
    "Files of &type:": "種類(&T):",
    "Directory": "フォルダー",
    "Warning": "ご注意",
    "Drive": "ドライブ",
    "File": "ファイル",
    "%1 File": "%1 ファイル",
    "File Folder": "フォルダー",
    "Folder": "フォルダー",
    "Alias": "別名",
    "Shortcut": "ショートカット",
    "Unknown": "不明",
}
"""Words of Qt's file dialogs (contexts below) by their English."""
CONTEXTS = frozenset({"QFileDialog", "QFileIconProvider", "QAbstractFileIconProvider", "QFileSystemModel"})


class _Rest(QTranslator):
    """Answers for what Qt's Japanese translation does not know."""

    def isEmpty(self) -> bool:
        """Qt leaves empty translators out."""
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's own name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str:
        """The Japanese; an empty text for what others know."""
        return LEFT_IN_ENGLISH.get(sourceText, "") if context in CONTEXTS else ""


def install_japanese(app: QCoreApplication) -> None:
    """Have standard dialogs and menus speak Japanese."""
    app.installTranslator(_Rest(app))
    base = QTranslator(app)
    if base.load("qtbase_ja", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(base)  # the one installed last is asked first
