"""A printable list of templates as a Word document, for people who look through them on paper."""

from __future__ import annotations

import io
from collections.abc import Iterable

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from prompts.template import Category, PromptTemplate

_FONT = "BIZ UDPゴシック"


def write_docx_list(templates: Iterable[PromptTemplate], *, title: str, created: str) -> bytes:
    """A4 pages: for each category its templates with purpose, fields, cautions and instructions."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    document.add_heading(_plain(title), level=0)
    document.add_paragraph(f"作成日　{_plain(created)}")
    listed = list(templates)
    for category in Category:
        of_category = [template for template in listed if template.category is category]
        if of_category:
            document.add_heading(category.value, level=1)
        for template in of_category:
            _add_template(document, template)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _add_template(document: Document, template: PromptTemplate) -> None:  # type: ignore[valid-type]
    add = document.add_paragraph  # type: ignore[attr-defined]
    document.add_heading(_plain(template.title), level=2)  # type: ignore[attr-defined]
    if template.description:
        add(_plain(template.description))
    add(
        f"版 {template.version}　正確性の水準 {template.accuracy.value}　機密性 {template.confidentiality}"
        f"　個人情報 {template.personal_information.value}"
        + (f"　作成 {_plain(template.issuer)}" if template.issuer else "")
    )
    if template.fields:
        add(
            "入力する項目："
            + "、".join(_plain(f"{f.label}{'（必須）' if f.required else ''}") for f in template.fields)
        )
    for caution in template.cautions:
        add("注意：" + _plain(caution))
    if template.system:
        add("前提：" + _plain(template.system))
    for line in template.body.split("\n"):
        add(_plain(line)).paragraph_format.left_indent = Mm(6)


def _plain(text: str) -> str:
    """XML 1.0 cannot hold these characters, wherever they came from."""
    return "".join(char for char in text if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff"))
