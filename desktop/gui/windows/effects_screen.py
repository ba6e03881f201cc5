"""効果の記録: what the program was used for, whether it helped, and what it saved, with the method beside it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.documents.atomic import write_atomically
from desktop.drafting.errors import DraftingError
from desktop.drafting.records.effect_report import EffectReport, minutes_words
from desktop.drafting.records.effects import METHOD, effect_figures, effect_figures_by_template
from desktop.drafting.records.periods import Period
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.parts import Parts
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.bar_chart import Bar, BarChart
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import button, card, label, measured, titled_card, wear_icon
from prompts.errors import PromptsError

SHEET_PX = 940
BARS, REPORT_BARS = 12, 8
USES, SAVED = "利用した回数", "削減時間"
NOTHING = "この期間の記録はまだありません。下書きを確認済みにしたあとの「役に立ちましたか」の答えが、ここに集まります。"


class EffectsScreen(Screen):
    """Figures, a chart and two files.

    Signals:
        written: A report was written.
    """

    written = Signal()
    help_text = (
        "この端末の、この利用者の記録です。下書きの本文は入っていません。"
        "削減時間は目安です。求め方を必ず添えてお使いください。\n\n"
        "Ctrl+Enter　報告書（Word）を作る\nF6　期間・グラフの切り替えを移る\nEsc　設定に戻る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="効果の記録", back="設定", primary="報告書（Word）を作る")
        self._parts = parts
        self.report: EffectReport | None = None
        self.period = PickList()
        self.period.setAccessibleName("期間")
        for period in Period:
            self.period.addItem(period.value, period)
        self.period.setCurrentIndex(self.period.findData(Period.THIS_YEAR))
        self.period.currentIndexChanged.connect(lambda _: self.refresh())
        self.header_row.insertWidget(2, self.period)
        self.header_row.addWidget(label("この端末の、この利用者の記録です", "caption"))
        self.chart = BarChart(theme)
        self._build_body()
        self.csv_button = button("表（CSV）に書き出す")
        wear_icon(self.csv_button, theme, IconName.SPREADSHEET)
        self.csv_button.clicked.connect(lambda: self._ask_where(".csv"))
        self.footer_row.insertWidget(0, self.csv_button)
        self.primary.clicked.connect(lambda: self._ask_where(".docx"))

    # --- what the window calls ----------------------------------------------------------------

    def entered(self) -> None:
        """The newest figures, the keyboard on the period."""
        self.banner.clear()
        self.refresh()
        self.period.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Period, chart's choice."""
        return (self.period, self.uses_choice)

    def refresh(self) -> None:
        """Reckon anew."""
        period, today = Period(self.period.currentData()), datetime.date.today()
        try:
            answers = self._parts.archive.effects(*period.bounds(today))
        except DraftingError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        by_template = effect_figures_by_template(answers)
        titles = {name: self._title_of(name) for name in by_template}
        self.report = EffectReport(period.value, today, effect_figures(answers), by_template, titles)
        self._show()

    def write_to(self, path: Path) -> None:
        """Write the table (`.csv`) or the report (`.docx`)."""
        report = self.report
        if report is None:
            return
        is_table = path.suffix.lower() == ".csv"
        try:
            content = report.csv_bytes() if is_table else report.docx_bytes(self._picture(report))
            write_atomically(path, content)
        except DraftingError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        self.banner.say(
            "書き出しました。", "削減時間は目安です。求め方の説明とともにお使いください。", tone="green"
        )
        self.written.emit()

    # --- building -----------------------------------------------------------------------------

    def _build_body(self) -> None:
        page = QWidget()
        page.setProperty("role", "ground")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        holder = QWidget()
        measured(holder, self.theme, lambda: holder.setMaximumWidth(self.theme.px(SHEET_PX)))
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        self._nothing = label(NOTHING, wraps=True)
        column.addWidget(self._nothing)
        self._figures: dict[str, tuple[QLabel, QLabel]] = {}
        self._boxes = QWidget()
        boxes = FlowLayout(self._boxes, spacing=Space.M)
        for name in (USES, "役に立った", SAVED):
            boxes.addWidget(self._figure(name))
        column.addWidget(self._boxes)
        self._chart_card = self._build_chart()
        column.addWidget(self._chart_card)
        method, method_column = titled_card("削減時間の求め方")
        method_column.addWidget(label(METHOD, wraps=True))
        column.addWidget(method)
        column.addStretch(1)
        outer.addStretch(1)
        outer.addWidget(holder, 100)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        self.body.addWidget(area)

    def _figure(self, name: str) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(Space.L, Space.M, Space.XL, Space.M)
        column.setSpacing(Space.XS)
        column.addWidget(label(name, "caption"))
        value, basis = label("", "title"), label("", "caption")
        column.addWidget(value)
        column.addWidget(basis)
        self._figures[name] = (value, basis)
        return sheet

    def _build_chart(self) -> QWidget:
        sheet, column = titled_card("ひな形ごと", spacing=Space.M)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        group = QButtonGroup(self)
        self.uses_choice, self.saved_choice = self._choice(USES, group), self._choice(SAVED, group)
        self.uses_choice.setChecked(True)
        row.addWidget(self.uses_choice)
        row.addWidget(self.saved_choice)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.chart)
        self._rest = label("", "caption", wraps=True)
        column.addWidget(self._rest)
        return sheet

    def _choice(self, words: str, group: QButtonGroup) -> QPushButton:
        made = button(words, "chip", name=f"グラフ: {words}")
        made.setCheckable(True)
        made.clicked.connect(self._show_chart)
        group.addButton(made)
        return made

    # --- showing ------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.report is None:
            return
        total = self.report.total
        has_any = bool(total.uses)
        rate = f"{round(100 * total.helped / total.rated)}%" if total.rated else "―"
        saved = minutes_words(total.minutes_saved) if total.timed else "―"
        for name, value, basis in (
            (USES, f"{total.uses:,}回", "モデルに渡した下書き"),
            ("役に立った", rate, f"答えのあった{total.rated:,}件のうち{total.helped:,}件"),
            (SAVED, saved, f"答えのあった{total.timed:,}件の合計（目安）"),
        ):
            self._figures[name][0].setText(value)
            self._figures[name][1].setText(basis)
        self._nothing.setVisible(not has_any)
        self._boxes.setVisible(has_any)
        self._chart_card.setVisible(has_any)
        self.csv_button.setEnabled(has_any)
        self.primary.setEnabled(has_any)
        self._show_chart()

    def _show_chart(self) -> None:
        if self.report is None:
            return
        is_saved = self.saved_choice.isChecked()
        bars = self._bars(self.report, is_saved=is_saved)
        self.chart.show_bars(bars[:BARS], name=f"ひな形ごとの{SAVED if is_saved else USES}")
        rest = len(bars) - BARS
        words = f"ほかに{rest:,}件のひな形があります。書き出す表には、すべて入ります。" if rest > 0 else ""
        if is_saved and not bars:
            words = "時間の答えがまだありません。"
        self._rest.setText(words)
        self._rest.setVisible(bool(words))

    def _bars(self, report: EffectReport, *, is_saved: bool) -> list[Bar]:
        if is_saved:
            timed = [(name, figures.minutes_saved) for name, figures in report.rows() if figures.timed]
            timed.sort(key=lambda row: -row[1])
            return [Bar(name, minutes, minutes_words(minutes)) for name, minutes in timed]
        return [Bar(name, figures.uses, f"{figures.uses:,}回") for name, figures in report.rows()]

    def _picture(self, report: EffectReport) -> bytes:
        """The chart of uses, whichever is on the screen."""
        chart = BarChart(self.theme)
        chart.show_bars(self._bars(report, is_saved=False)[:REPORT_BARS], name=USES)
        picture = chart.png()
        chart.deleteLater()
        return picture

    def _title_of(self, template_id: str) -> str:
        if template_id == free_template().id:
            return free_template().title
        try:
            return self._parts.library.get(template_id).title
        except PromptsError:
            return "（いまはないひな形）"

    def _ask_where(self, suffix: str) -> None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "書き出す先", documents)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("表 (*.csv)" if suffix == ".csv" else "Word文書 (*.docx)")
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(f"{datetime.date.today():%Y%m%d}_起案の効果{suffix}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.write_to(Path(chosen)))
        dialog.open()
