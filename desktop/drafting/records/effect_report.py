"""Effect figures as files: a table for a spreadsheet, and one page for the person who asks what it saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from desktop.drafting.records.audit import defused
from desktop.drafting.records.effects import METHOD, EffectFigures

_HEADERS = ("ひな形", "利用回数", "答えた利用", "役に立った", "時間の答え", "削減（分）")

_WIDTHS_MM = (50, 22, 22, 22, 22, 22)
REPORT_ROWS = 10
"""As many rows as leave the report on one page."""


@dataclass(frozen=True)
class EffectReport:
    """What a report says.

    Attributes:
        period: The stretch of time, in words.
        made_on: The day it was made.
        total: Figures over all templates.
        by_template: Figures by template id, in the order of the rows.
        titles: Names of templates by id; an id without one stands for itself.
    """

    period: str
    made_on: date
    total: EffectFigures
    by_template: Mapping[str, EffectFigures]
    titles: Mapping[str, str]

    def rows(self) -> list[tuple[str, EffectFigures]]:
        """(template's name, figures), the most used first."""
        return [(self.titles.get(name) or name, figures) for name, figures in self.by_template.items()]

    def csv_bytes(self) -> bytes:
        """The table as CSV: UTF-8 with BOM, formula cells defused, the method in the last line."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(_HEADERS)
        for name, figures in [*self.rows(), ("合計", self.total)]:
            writer.writerow([defused(name), *_cells(figures)])
        writer.writerow([])
        writer.writerow([f"期間：{self.period}　作成日：{self.made_on:%Y-%m-%d}"])
        writer.writerow([METHOD])
        return buffer.getvalue().encode("utf-8-sig")

    def docx_bytes(self, chart_png: bytes = b"") -> bytes:
        """The report as a Word document.

        Args:
            chart_png: A picture of the chart; none when empty.
        """
        # Loaded with the first report: the library is large and most starts never need it.
        import docx
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Mm

        from desktop.drafting.documents import docx_style as style

        word = docx.Document()
        style.set_up(word)
        word.add_paragraph("起案（Kian）の利用と効果", style="Heading 1")
        day = self.made_on
        word.add_paragraph(f"期間　{self.period}　　作成日　{day.year}年{day.month}月{day.day}日")
        for line in summary_lines(self.total):
            word.add_paragraph(line)
        if chart_png:
            word.add_picture(io.BytesIO(chart_png), width=Mm(160))
            # Lines of an exact height would cut the picture off.
            word.paragraphs[-1].paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        word.add_paragraph("ひな形ごとの内訳", style="Heading 2")
        table = word.add_table(rows=1, cols=len(_HEADERS), style="Table Grid")
        for cell, words in zip(table.rows[0].cells, _HEADERS, strict=True):
            cell.text = words
            style.shade(cell)
        for name, figures in self.rows()[:REPORT_ROWS]:
            cells = table.add_row().cells
            cells[0].text = name
            for cell, value in zip(cells[1:], _cells(figures), strict=True):
                cell.text = f"{value:,}"
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        table.autofit = False
        for row in table.rows:
            for cell, width in zip(row.cells, _WIDTHS_MM, strict=True):
                cell.width = Mm(width)
        style.repeat_header(table.rows[0])
        rest = len(self.by_template) - REPORT_ROWS
        if rest > 0:
            word.add_paragraph(f"ほかに{rest:,}件のひな形があります（表の書き出しには、すべて入ります）。")
        word.add_paragraph("削減時間の求め方", style="Heading 2")
        word.add_paragraph(METHOD)
        buffer = io.BytesIO()
        word.save(buffer)
        return buffer.getvalue()


def summary_lines(figures: EffectFigures) -> tuple[str, ...]:
    """The figures in sentences, for the report and for a screen reader."""
    return (
        f"利用した回数：{figures.uses:,}回",
        f"役に立ったという答え：{figures.helped:,}件（答えのあった{figures.rated:,}件のうち）",
        f"削減時間：{minutes_words(figures.minutes_saved)}（時間を答えた{figures.timed:,}件の合計）",
    )


def minutes_words(minutes: float) -> str:
    """Minutes as one says them: 45分, 3時間20分, －10分."""
    whole = round(abs(minutes))
    hours, rest = divmod(whole, 60)
    words = f"{hours:,}時間{rest}分" if hours and rest else f"{hours:,}時間" if hours else f"{rest}分"
    return f"－{words}" if minutes < 0 and whole else words


def _cells(figures: EffectFigures) -> tuple[int, int, int, int, int]:
    return figures.uses, figures.rated, figures.helped, figures.timed, round(figures.minutes_saved)
