import csv
import io
from datetime import UTC, date, datetime

import docx
import pytest

from desktop.drafting.records.drafts import EffectAnswer
from desktop.drafting.records.effect_report import EffectReport, minutes_words, summary_lines
from desktop.drafting.records.effects import METHOD, effect_figures, effect_figures_by_template
from desktop.drafting.records.periods import Period, day_begins

USED = datetime(2026, 11, 1, tzinfo=UTC)


def answer(number, template, by_hand, helped, taken):
    return EffectAnswer(f"d{number}", template, "1.0", USED, by_hand, helped, taken)


ANSWERS = (
    answer(1, "notice", 60, True, 10),
    answer(2, "notice", 60, None, None),
    answer(3, "mail", 10, False, 25),
)


@pytest.fixture
def report():
    return EffectReport(
        "今年度",
        date(2026, 11, 22),
        effect_figures(ANSWERS),
        effect_figures_by_template(ANSWERS),
        {"notice": "=通知文"},
    )


def test_the_table_names_templates_defuses_cells_and_prints_the_method(report):
    rows = list(csv.reader(io.StringIO(report.csv_bytes().decode("utf-8-sig"))))
    assert rows[1] == ["'=通知文", "2", "1", "1", "1", "50"]
    assert rows[2] == ["mail", "1", "1", "0", "1", "-15"]
    assert rows[3] == ["合計", "3", "2", "1", "2", "35"]
    assert rows[-1] == [METHOD]


def test_the_report_is_a_word_document_with_figures_table_and_method(report):
    word = docx.Document(io.BytesIO(report.docx_bytes()))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "今年度" in text and METHOD in text and "35分" in text
    assert [cell.text for cell in word.tables[0].rows[2].cells] == ["mail", "1", "1", "0", "1", "-15"]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0分"), (45, "45分"), (60, "1時間"), (200, "3時間20分"), (-10, "－10分"), (-0.2, "0分")],
)
def test_minutes_are_said_as_one_says_them(minutes, words):
    assert minutes_words(minutes) == words


def test_the_figures_are_told_with_what_they_rest_on():
    assert summary_lines(effect_figures(ANSWERS)) == (
        "利用した回数：3回",
        "役に立ったという答え：1件（答えのあった2件のうち）",
        "削減時間：35分（時間を答えた2件の合計）",
    )


@pytest.mark.parametrize(
    ("period", "today", "start", "end"),
    [
        (Period.THIS_MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (Period.LAST_MONTH, date(2027, 1, 15), date(2026, 12, 1), date(2027, 1, 1)),
        (Period.THIS_YEAR, date(2027, 3, 31), date(2026, 4, 1), date(2027, 4, 1)),
        (Period.THIS_YEAR, date(2027, 4, 1), date(2027, 4, 1), date(2028, 4, 1)),
        (Period.LAST_YEAR, date(2026, 11, 22), date(2025, 4, 1), date(2026, 4, 1)),
    ],
)
def test_a_fiscal_year_begins_in_april(period, today, start, end):
    assert period.bounds(today) == (day_begins(start), day_begins(end))


def test_all_time_holds_everything():
    start, end = Period.ALL.bounds(date(2026, 11, 22))
    assert start < USED < end
