"""Stretches of time that figures and exports are asked for; a fiscal year (年度) begins on 1 April."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum

FISCAL_YEAR_BEGINS = 4
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9999, 1, 1, tzinfo=UTC)


class Period(StrEnum):
    """A stretch of time; the value is what a person reads."""

    THIS_MONTH = "今月"
    LAST_MONTH = "先月"
    THIS_YEAR = "今年度"
    LAST_YEAR = "昨年度"
    ALL = "すべての期間"

    def bounds(self, today: date) -> tuple[datetime, datetime]:
        """From when until before when, local time, as of `today`."""
        month = today.replace(day=1)
        year = date(today.year - (today.month < FISCAL_YEAR_BEGINS), FISCAL_YEAR_BEGINS, 1)
        match self:
            case Period.THIS_MONTH:
                return day_begins(month), day_begins(_months_on(month, 1))
            case Period.LAST_MONTH:
                return day_begins(_months_on(month, -1)), day_begins(month)
            case Period.THIS_YEAR:
                return day_begins(year), day_begins(_months_on(year, 12))
            case Period.LAST_YEAR:
                return day_begins(_months_on(year, -12)), day_begins(year)
            case Period.ALL:
                return _BEGINNING, _END


def day_begins(day: date) -> datetime:
    """Local midnight at the beginning of a day."""
    return datetime.combine(day, time()).astimezone()


def _months_on(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
