"""Turns the IT handbook into a PDF for the bundle: whoever opens the folder needs no Markdown viewer.

    python installer/bundle/handbook_pdf.py docs/it-handbook.md OUTPUT.pdf

Qt lays the whole text out on one endless page; here it is cut between lines and rows only, so that no row
of a table is torn in two, a heading stays with what follows, and a table's head is repeated.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QPointF, QRectF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextDocument,
    QTextFrame,
    QTextTable,
)

FONT = "Noto Sans CJK JP"
MONOSPACED = "Noto Sans Mono CJK JP"
TITLE = "起案 導入の手引き"
STYLE = (
    "th { background-color: #eeeeee; } pre, code { font-family: '" + MONOSPACED + "'; }"
    "pre { background-color: #f3f3f3; }"
)
MARGIN_MM = 18
FOOT_PX = 24
CELL_PX = 4


@dataclass(frozen=True)
class Piece:
    """What is not torn apart: a block of text, or a row of a table. Heights in pixels of the long page.

    Attributes:
        top: Where it begins.
        bottom: Where it ends.
        head: The piece that is repeated above it at the top of a page, for rows of a table.
        is_heading: Whether it must not stand last on a page.
    """

    top: float
    bottom: float
    head: Piece | None = None
    is_heading: bool = False


def write_pdf(source: Path, target: Path) -> None:
    """Write `source` (Markdown) as an A4 PDF."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication([])
    writer = QPdfWriter(str(target))
    writer.setTitle(TITLE)
    writer.setResolution(96)
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    orientation = QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(size, orientation, margins, QPageLayout.Unit.Millimeter))
    area = writer.pageLayout().paintRectPixels(writer.resolution())
    document = _document(source.read_text("utf-8"), area.width())
    pages = paginate(list(_pieces(document)), area.height() - FOOT_PX)
    painter = QPainter(writer)
    for number, page in enumerate(pages, start=1):
        if number > 1:
            writer.newPage()
        y = 0.0
        for piece in page:
            _paint(painter, document, piece, y)
            y += piece.bottom - piece.top
        painter.setFont(QFont(FONT, 8))
        painter.drawText(QPointF(0, area.height()), f"{TITLE}　{number} / {len(pages)}")
    painter.end()
    del application


def paginate(pieces: list[Piece], height: float) -> list[list[Piece]]:
    """Spread pieces over pages of `height`: nothing is torn, heads are repeated, headings stay."""
    pages: list[list[Piece]] = [[]]
    used = 0.0
    for piece in pieces:
        if pages[-1] and used + piece.bottom - piece.top > height:
            carried: list[Piece] = []
            while len(pages[-1]) > 1 and pages[-1][-1].is_heading:
                carried.insert(0, pages[-1].pop())
            if piece.head is not None and not carried:
                carried = [piece.head]
            pages.append(carried)
            used = sum(one.bottom - one.top for one in carried)
        pages[-1].append(piece)
        used += piece.bottom - piece.top
    return pages


def joined(markdown: str) -> str:
    """Without comments, and without line ends inside Japanese sentences: they would become spaces."""
    plain = re.sub(r"<!--.*?-->\n*", "", markdown, flags=re.DOTALL)
    return re.sub(r"(?<=[^\x00-\x7f])\n *(?=[^\x00-\x7f\s])", "", plain)


def _document(markdown: str, width: int) -> QTextDocument:
    draft = QTextDocument()
    draft.setMarkdown(joined(markdown))
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(QFont(FONT, 9))
    # Qt's own HTML of the Markdown, with lines around the cells.
    document.setDefaultStyleSheet(STYLE)
    attributes = f'width="100%" border="1" cellspacing="0" cellpadding="{CELL_PX}" '
    attributes += 'style="border-collapse: collapse; border-color: #888888;"'
    html = re.sub(r"<table [^>]*>", f"<table {attributes}>", draft.toHtml())
    html = re.sub(r"(<h[1-4][^>]*?)margin-top:\d+px", r"\1margin-top:18px", html)
    document.setHtml(html)
    document.setTextWidth(width)
    return document


def _pieces(document: QTextDocument) -> Iterator[Piece]:
    """The pieces in order, without gaps: each reaches to where the next begins."""
    found = sorted(_found(document), key=lambda piece: piece.top)
    starts = [piece.top for piece in found[1:]] + [document.size().height()]
    kept: dict[float, Piece] = {}
    top = 0.0
    for piece, start in zip(found, starts, strict=True):
        head = kept.get(piece.head.top) if piece.head is not None else None
        end = max(start, piece.bottom)  # Qt puts an empty block beside the last row of a table
        made = Piece(top, end, head, piece.is_heading)
        kept[piece.top] = made
        if end > top:
            yield made
        top = max(top, end)


def _found(document: QTextDocument) -> Iterator[Piece]:
    layout = document.documentLayout()
    walk = document.rootFrame().begin()
    while not walk.atEnd():
        frame: QTextFrame | None = walk.currentFrame()
        if isinstance(frame, QTextTable):
            yield from _rows(frame, layout)
        else:
            block: QTextBlock = walk.currentBlock()
            rect = layout.blockBoundingRect(block)
            yield Piece(rect.top(), rect.bottom(), None, block.blockFormat().headingLevel() > 0)
        walk += 1


def _rows(table: QTextTable, layout: QAbstractTextDocumentLayout) -> Iterator[Piece]:
    head: Piece | None = None
    for row in range(table.rows()):
        cells = [table.cellAt(row, column) for column in range(table.columns())]
        rects = [layout.blockBoundingRect(cell.firstCursorPosition().block()) for cell in cells]
        top = min(rect.top() for rect in rects) - CELL_PX - 2
        piece = Piece(top, max(rect.bottom() for rect in rects) + CELL_PX + 2, head, head is None)
        head = head or piece
        yield piece


def _paint(painter: QPainter, document: QTextDocument, piece: Piece, y: float) -> None:
    height = piece.bottom - piece.top
    painter.save()
    painter.translate(0, y - piece.top)
    painter.setClipRect(QRectF(-1, piece.top, document.textWidth() + 2, height + 1))
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = QRectF(0, piece.top, document.textWidth(), height)
    document.documentLayout().draw(painter, context)
    painter.restore()


if __name__ == "__main__":
    write_pdf(Path(sys.argv[1]), Path(sys.argv[2]))
