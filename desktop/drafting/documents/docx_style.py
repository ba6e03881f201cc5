"""Fonts, page and the few things python-docx has no words for.

Fonts: BIZ UD明朝 (part of Windows 10 since 1809, made for public documents), named in the font table
with 游明朝 as its alternative; headings in BIZ UDゴシック / 游ゴシック. Lines have an exact height: on
Word's line grid a font of other metrics would double the spacing.
"""

from __future__ import annotations

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

MINCHO, GOTHIC = "BIZ UDMincho Medium", "BIZ UDGothic"
_ALTERNATIVES = {MINCHO: "游明朝", GOTHIC: "游ゴシック"}
_SIZE_PT = 12
_LINE_PT = 18
_HEADINGS_PT = {"Heading 1": 14, "Heading 2": 13, "Heading 3": 12}


def set_up(word: WordDocument) -> None:
    """A4, margins, fonts, styles of an empty document."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(25), Mm(25)
    section.left_margin, section.right_margin = Mm(25), Mm(25)
    for part in word.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = _font_table()
    defaults = word.styles.element.find(qn("w:docDefaults"))
    if defaults is not None:
        for fonts in defaults.iter(qn("w:rFonts")):
            _name_fonts(fonts, MINCHO)
        for language in defaults.iter(qn("w:lang")):
            # Without it Word may take Chinese shapes of the characters.
            language.set(qn("w:val"), "en-US")
            language.set(qn("w:eastAsia"), "ja-JP")
    for each in word.styles:
        if isinstance(each, ParagraphStyle) and each.type is WD_STYLE_TYPE.PARAGRAPH:
            _set_style(each)
    _set_bullets(word)


def _set_style(each: ParagraphStyle) -> None:
    is_heading = each.name in _HEADINGS_PT
    if is_heading or each.name == "Normal":
        _name_fonts(each.element.get_or_add_rPr().get_or_add_rFonts(), GOTHIC if is_heading else MINCHO)
        each.font.size = Pt(_HEADINGS_PT.get(str(each.name), _SIZE_PT))
        each.font.color.rgb = RGBColor(0, 0, 0)
        each.font.bold = is_heading
        layout = each.paragraph_format
        layout.space_before, layout.space_after = Pt(8 if is_heading else 0), Pt(2 if is_heading else 0)
        for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
            # No gaps between kanji and digits: 令和8年10月1日 stays one word to the eye.
            layout._element.get_or_add_pPr().insert_element_before(_off(name), *_AFTER_AUTO_SPACE)
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE_PT)


# What may follow autoSpaceDE/DN in w:pPr (ECMA-376, CT_PPrBase).
_AFTER_AUTO_SPACE = (
    "w:autoSpaceDN",
    "w:bidi",
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:textboxTightWrap",
    "w:outlineLvl",
    "w:divId",
    "w:cnfStyle",
    "w:rPr",
    "w:sectPr",
    "w:pPrChange",
)


def _off(name: str) -> BaseOxmlElement:
    element = OxmlElement(name)
    element.set(qn("w:val"), "0")
    return element


def _name_fonts(fonts: BaseOxmlElement, name: str) -> None:
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]  # theme fonts would win over names
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _font_table() -> bytes:
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{alternative}"/><w:charset w:val="80"/>'
        f'<w:family w:val="{"roman" if name == MINCHO else "modern"}"/><w:pitch w:val="fixed"/></w:font>'
        for name, alternative in _ALTERNATIVES.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<w:fonts {nsdecls('w')}>{entries}</w:fonts>".encode()


def _set_bullets(word: WordDocument) -> None:
    """Bullets are 「・」, one character wide, one character further in per level."""
    numbering = word.part.numbering_part.element
    for level, name in enumerate(("List Bullet", "List Bullet 2", "List Bullet 3")):
        named = word.styles[name]
        number_id = named.element.pPr.numPr.numId.val
        abstract_id = numbering.num_having_numId(number_id).abstractNumId.val
        for abstract in numbering.findall(qn("w:abstractNum")):
            if int(abstract.get(qn("w:abstractNumId"))) == abstract_id:
                first = abstract.find(qn("w:lvl"))
                for child in list(first):
                    if child.tag in (qn("w:lvlText"), qn("w:rPr"), qn("w:pPr")):
                        first.remove(child)
                # The mark is as wide as the indent: a tab after it would jump to the next stop.
                suffix = OxmlElement("w:suff")
                suffix.set(qn("w:val"), "nothing")
                first.find(qn("w:lvlJc")).addprevious(suffix)
                text = OxmlElement("w:lvlText")
                text.set(qn("w:val"), "・")
                first.find(qn("w:lvlJc")).addprevious(text)
                fonts = f'w:ascii="{MINCHO}" w:hAnsi="{MINCHO}" w:eastAsia="{MINCHO}" w:hint="eastAsia"'
                first.append(
                    parse_xml(f"<w:pPr {nsdecls('w')}>{_indent_xml(left=level + 2, hanging=1)}</w:pPr>")
                )
                first.append(parse_xml(f"<w:rPr {nsdecls('w')}><w:rFonts {fonts}/></w:rPr>"))
        # The style's own indent would win over the list's.
        for own in named.element.pPr.findall(qn("w:ind")):
            named.element.pPr.remove(own)


def _indent_xml(*, left: int, hanging: int) -> str:
    unit = _SIZE_PT * 20
    return (
        f'<w:ind w:left="{left * unit}" w:leftChars="{left * 100}"'
        f' w:hanging="{hanging * unit}" w:hangingChars="{hanging * 100}"/>'
    )


def indent(
    paragraph: Paragraph,
    *,
    left: int = 0,
    right: int = 0,
    first_line: int = 0,
    hanging: int = 0,
    tab: bool = False,
) -> None:
    """Indent by whole characters, so that it follows the font size."""
    element = paragraph._p.get_or_add_pPr().get_or_add_ind()
    unit = _SIZE_PT * 20
    sizes = {"left": left, "right": right, "firstLine": first_line, "hanging": hanging}
    for name, characters in sizes.items():
        if characters:
            element.set(qn(f"w:{name}"), str(characters * unit))
            element.set(qn(f"w:{name}Chars"), str(characters * 100))
    if tab:
        paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(left * _SIZE_PT))


def as_code(paragraph: Paragraph) -> None:
    """Set a paragraph in the monospaced Gothic font."""
    for run in paragraph.runs:
        _name_fonts(run._r.get_or_add_rPr().get_or_add_rFonts(), GOTHIC)
        run.font.size = Pt(10)


def shade(cell: _Cell) -> None:
    """Grey the background of a header cell."""
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="E7E6E6"/>'))


def repeat_header(row: _Row) -> None:
    """Repeat a row on every page the table runs over."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def add_page_number(paragraph: Paragraph) -> None:
    """Put 「1 / 3」 into a paragraph, counted by Word."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for instruction, following in (("PAGE", " / "), ("NUMPAGES", "")):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), instruction)
        run = parse_xml(f'<w:r {nsdecls("w")}><w:rPr><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r>')
        field.append(run)
        paragraph._p.append(field)
        if following:
            paragraph.add_run(following).font.size = Pt(9)
