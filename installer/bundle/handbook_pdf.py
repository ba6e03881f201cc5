"""Turns the IT handbook into a PDF for the bundle: whoever opens the folder needs no Markdown viewer.

python installer/bundle/handbook_pdf.py docs/it-handbook.md OUTPUT.pdf
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QFont, QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QTextDocument

FONT = "Noto Sans CJK JP"
STYLE = "table { border-collapse: collapse; } td, th { border: 1px solid #888888; padding: 3px; }"


def write_pdf(source: Path, target: Path) -> None:
    """Write `source` (Markdown) as an A4 PDF."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    writer = QPdfWriter(str(target))
    writer.setTitle("起案 導入の手引き")
    writer.setResolution(96)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(18, 18, 18, 18),
            QPageLayout.Unit.Millimeter,
        )
    )
    markdown = re.sub(r"<!--.*?-->", "", source.read_text("utf-8"), flags=re.DOTALL)
    draft = QTextDocument()
    draft.setMarkdown(markdown)
    document = QTextDocument()
    document.setDefaultFont(QFont(FONT, 9))
    # Qt's own HTML of the Markdown, with lines around the cells.
    document.setDefaultStyleSheet(STYLE)
    document.setHtml(
        draft.toHtml().replace("<table ", '<table width="100%" cellspacing="0" cellpadding="3" ')
    )
    area = writer.pageLayout().paintRectPixels(writer.resolution())
    document.setPageSize(QSizeF(area.size()))
    document.print_(writer)
    del application


if __name__ == "__main__":
    write_pdf(Path(sys.argv[1]), Path(sys.argv[2]))
