"""Writing a draft as a Word document: 公用文 layout where it is a letter, plain blocks otherwise."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from desktop.drafting.documents import docx_style as style
from desktop.drafting.documents.blocks import (
    Blank,
    Block,
    Code,
    Heading,
    Item,
    Paragraph,
    Table,
    parse_blocks,
    split_bold,
)
from desktop.drafting.documents.document import without_control_characters
from desktop.drafting.documents.label import DraftLabel
from desktop.drafting.documents.official import OfficialDocument, parse_official

_NUMERIC = re.compile(r"[¥\\]?[-−▲△]?[0-9０-９,，.．]+\s*(?:円|千円|人|名|件|%|％)?$")


def docx_bytes(text: str, *, label: DraftLabel, title: str = "") -> bytes:
    """The content of a .docx file.

    Args:
        text: The answer, values restored.
        label: The mark it carries in header, footer and properties.
        title: For the properties, where the text has no subject of its own.
    """
    plain, _ = without_control_characters(text)
    word = docx.Document()
    style.set_up(word)
    official = parse_official(plain)
    if official:
        _write_official(word, official)
    else:
        _write_blocks(word, parse_blocks(plain), is_letter=False)
    _write_label(word, label)
    _write_properties(word, label, official.title if official else without_control_characters(title)[0])
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _write_official(word: WordDocument, official: OfficialDocument) -> None:
    right, center = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
    for line in filter(None, (official.number, official.date)):
        _line(word, line, right)
    if official.addressees:
        _line(word, "")
    for line in official.addressees:
        style.indent(_line(word, line), left=1)
    if official.sender:
        _line(word, "")
    for line in official.sender:
        style.indent(_line(word, line, right), right=1)
    _line(word, "")
    _line(word, official.title, center)
    _line(word, "")
    _write_blocks(word, official.body, is_letter=True)
    if official.details:
        for line in ("", "記", ""):
            _line(word, line, center)
        _write_blocks(word, official.details, is_letter=True)
    if official.is_closed:
        _line(word, "以上", right)
    if official.after:
        _line(word, "")
        _write_blocks(word, official.after, is_letter=False)


def _line(word: WordDocument, text: str, alignment: WD_ALIGN_PARAGRAPH | None = None) -> WordParagraph:
    paragraph = word.add_paragraph()
    if alignment is not None:
        paragraph.alignment = alignment
    _runs(paragraph, text)
    return paragraph


def _runs(paragraph: WordParagraph, text: str) -> None:
    for piece, is_bold in split_bold(text):
        paragraph.add_run(piece).bold = is_bold or None


def _write_blocks(word: WordDocument, blocks: tuple[Block, ...], *, is_letter: bool) -> None:
    """Write blocks in order. In a letter empty lines are dropped and every paragraph is indented."""
    for block in blocks:
        match block:
            case Blank():
                if not is_letter:
                    _line(word, "")
            case Paragraph():
                paragraph = _line(word, block.text)
                is_remark = block.text.startswith(("（", "(", "※", "【", "■", "●", "◆", "▼", "○"))
                if block.is_indented or (is_letter and not is_remark):
                    style.indent(paragraph, first_line=1)
            case Heading():
                _runs(word.add_paragraph(style=f"Heading {block.level}"), block.text)
            case Item():
                _write_item(word, block)
            case Table():
                _write_table(word, block)
            case Code():
                for line in block.lines:
                    style.as_code(word.add_paragraph(line))


def _write_item(word: WordDocument, item: Item) -> None:
    if not item.marker:
        names = ("List Bullet", "List Bullet 2", "List Bullet 3")
        _runs(word.add_paragraph(style=names[item.level]), item.text)
        return
    # The number stays text: it is what the person checked, and Word must not count anew.
    width = 2 if item.level != 2 and len(item.marker) < 3 else 3 if item.level == 0 else 2
    paragraph = _line(word, f"{item.marker}\t{item.text}")
    style.indent(paragraph, left=width + item.level, hanging=width, tab=True)


def _write_table(word: WordDocument, table: Table) -> None:
    grid = word.add_table(rows=len(table.rows), cols=len(table.rows[0]), style="Table Grid")
    for number, row in enumerate(table.rows):
        is_header = table.has_header and number == 0
        for column, text in enumerate(row):
            cell = grid.cell(number, column)
            paragraph = cell.paragraphs[0]
            paragraph.add_run(text).bold = is_header or None
            if is_header:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                style.shade(cell)
            elif _NUMERIC.match(text):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if table.has_header:
        style.repeat_header(grid.rows[0])


def _write_label(word: WordDocument, label: DraftLabel) -> None:
    section = word.sections[0]
    if label.header:
        paragraph = section.header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(label.header)
        run.bold, run.font.size = True, Pt(9)
    first, *others = label.footer
    paragraphs = [section.footer.paragraphs[0], *(section.footer.add_paragraph() for _ in others)]
    for paragraph, line in zip(paragraphs, (first, *others), strict=True):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(line).font.size = Pt(9)
    style.add_page_number(section.footer.add_paragraph())
    section.header_distance = section.footer_distance = Mm(10)


def _write_properties(word: WordDocument, label: DraftLabel, title: str) -> None:
    properties = word.core_properties
    properties.title = title[:255]
    properties.author = properties.last_modified_by = "起案（AI生成）"
    properties.comments = "。".join(label.footer)[:255]
    properties.keywords = f"AI生成, {label.status}"
    properties.category = label.header or "AI生成・確認済み"
    properties.content_status = label.status
    properties.language = "ja-JP"
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
    properties.revision = 1
