"""Dates and times as Japanese offices write them: 和暦 and 西暦, both digit widths."""

from __future__ import annotations

import datetime
import re
import unicodedata
from enum import StrEnum

_ERAS = {
    # First day of each era (元号): Cabinet orders of 1868, 1912, 1926, 1989 and 2019. The day on
    # which an era ends belongs to both it and the next one only in 1912 and 1926.
    "明治": (datetime.date(1868, 1, 25), datetime.date(1912, 7, 30)),
    "大正": (datetime.date(1912, 7, 30), datetime.date(1926, 12, 25)),
    "昭和": (datetime.date(1926, 12, 25), datetime.date(1989, 1, 7)),
    "平成": (datetime.date(1989, 1, 8), datetime.date(2019, 4, 30)),
    "令和": (datetime.date(2019, 5, 1), datetime.date.max),
}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_WEEKDAYS = "月火水木金土日"

_YEAR = r"(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\s*(?P<era_year>元|\d{1,2})|(?P<year>\d{4}))"
_WEEKDAY = rf"\s*(?:\((?P<weekday>[{_WEEKDAYS}])(?:曜日?)?\)|(?P<weekday2>[{_WEEKDAYS}])曜日?)?"
_FORMS = (
    re.compile(rf"(?:{_YEAR}\s*年\s*)?(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_WEEKDAY}"),
    re.compile(rf"{_YEAR}\s*(?P<sep>[./-])\s*(?P<month>\d{{1,2}})\s*(?P=sep)\s*(?P<day>\d{{1,2}}){_WEEKDAY}"),
)
_TIME = re.compile(
    r"(?:(?P<half>午前|午後)\s*)?(?P<hour>\d{1,2})\s*(?:時\s*(?:(?P<minute>\d{1,2})\s*分|(?P<half_hour>半))?"
    r"|:\s*(?P<minute2>\d{2}))"
)


class DateProblem(StrEnum):
    """Why a text is no date; the words are those of `errors.VALUE_REASONS`."""

    NOT_A_DATE = "not_a_date"
    NO_SUCH_DAY = "no_such_day"
    WEEKDAY_MISMATCH = "weekday_mismatch"


def read_date(text: str) -> datetime.date | DateProblem | None:
    """Reads one date.

    Args:
        text: `令和9年1月17日（日）`, `R9.1.17`, `2027-01-17`, `2027/1/17`, `1月17日` …

    Returns:
        The date; None for a good month and day without a year; or why it is none. An era's year
        outside that era, a day that does not exist and a weekday that does not belong to the
        date are all refused.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = next((found for form in _FORMS if (found := form.fullmatch(plain))), None)
    if match is None:
        return DateProblem.NOT_A_DATE
    year = _year(match)
    try:
        # A leap year stands in where none is written, so that 2月29日 is possible.
        date = datetime.date(year or 2000, int(match["month"]), int(match["day"]))
    except ValueError:
        return DateProblem.NO_SUCH_DAY
    if year is None:
        return None
    if match["era"]:
        first, last = _ERAS[_LETTERS.get(match["era"], match["era"])]
        if not first <= date <= last:
            return DateProblem.NO_SUCH_DAY
    weekday = match["weekday"] or match["weekday2"]
    if weekday and _WEEKDAYS[date.weekday()] != weekday:
        return DateProblem.WEEKDAY_MISMATCH
    return date


def _year(match: re.Match[str]) -> int | None:
    if match.groupdict().get("year"):
        return int(match["year"])
    if not match.groupdict().get("era"):
        return None
    first = _ERAS[_LETTERS.get(match["era"], match["era"])][0]
    return first.year + (1 if match["era_year"] == "元" else int(match["era_year"])) - 1


def is_time(text: str) -> bool:
    """True for one time of day: `9時`, `９時３０分`, `9:30`, `午後1時半`, `正午`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain == "正午":
        return True
    match = _TIME.fullmatch(plain)
    if match is None:
        return False
    hour, minute = int(match["hour"]), int(match["minute"] or match["minute2"] or 0)
    return minute < 60 and hour <= (12 if match["half"] else 24) and (hour < 24 or minute == 0)
