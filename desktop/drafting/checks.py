"""What in an answer stands in none of its sources, and what else a person must look at.

The check compares facts (see `facts.finder`) by value, not by spelling, and says 「資料に無い」 where an
answer's fact is in no source. It does not say that the rest is right: it knows no meaning.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from desktop.drafting.facts.finder import Fact, find_facts
from desktop.drafting.facts.values import CalendarDate, ClockTime, FactKind, Quantity, squeeze


@dataclass(frozen=True)
class Unsupported:
    """A fact of the answer that stands in none of the sources: `completion[start:end]`, code points."""

    start: int
    end: int
    text: str
    kind: FactKind


@dataclass(frozen=True)
class Repetition:
    """A stretch the model wrote over and over: from the second time on, code points."""

    start: int
    end: int


@dataclass(frozen=True)
class CheckReport:
    """All that was found in one answer.

    Attributes:
        unsupported: Facts that stand in none of the sources.
        missing_placeholders: Placeholders of the prompt that the answer lacks.
        unknown_placeholders: Placeholders in the answer that stand for nothing.
        repetitions: Stretches written over and over.
        has_ended: Whether the model ended by itself.
        unread_parts: Places of a long text that could not be read; nothing of them is in the answer.
        cut_parts: Places of a long text whose points are not complete.
    """

    unsupported: tuple[Unsupported, ...] = ()
    missing_placeholders: tuple[str, ...] = ()
    unknown_placeholders: tuple[str, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    has_ended: bool = True
    unread_parts: tuple[str, ...] = ()
    cut_parts: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found. Never to be shown as 「確認済み」."""
        found = self.unsupported or self.missing_placeholders or self.unknown_placeholders
        parts = self.unread_parts or self.cut_parts
        return self.has_ended and not found and not self.repetitions and not parts


def check_completion(
    completion: str,
    sources: Sequence[str] | Sources,
    *,
    missing_placeholders: Sequence[str] = (),
    unknown_placeholders: Sequence[str] = (),
    has_ended: bool = True,
) -> CheckReport:
    """Check one answer.

    Args:
        completion: The answer, values restored.
        sources: Everything the answer may draw on: the filled prompt, attachments, follow-ups; for long
            texts best as `Sources`, which are read once.
        missing_placeholders: From restoring.
        unknown_placeholders: From restoring.
        has_ended: Whether the engine's finish reason was `stop`.
    """
    return CheckReport(
        find_unsupported(completion, sources),
        tuple(missing_placeholders),
        tuple(unknown_placeholders),
        find_repetitions(completion),
        has_ended,
    )


def find_unsupported(completion: str, sources: Sequence[str] | Sources) -> tuple[Unsupported, ...]:
    """Every date, amount, number, article, law and name of the answer that stands in no source."""
    known = sources if isinstance(sources, Sources) else Sources(sources)
    return tuple(
        Unsupported(fact.start, fact.end, completion[fact.start : fact.end], fact.kind)
        for fact in find_facts(completion)
        if not known.support(fact)
    )


_LOOP = re.compile(r"(.{4,80}?)\1{3,}", re.DOTALL)


def find_repetitions(text: str) -> tuple[Repetition, ...]:
    """Lines that stand three times or more, and shorter pieces repeated four times in a row."""
    found: list[Repetition] = []
    for match in _LOOP.finditer(text):
        if any(character.isalnum() for character in match[1]):
            found.append(Repetition(match.start() + len(match[1]), match.end()))
    places: dict[str, list[tuple[int, int]]] = {}
    at = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if len(stripped) >= 8 and any(character.isalnum() for character in stripped):
            start = at + line.index(stripped)
            places.setdefault(stripped, []).append((start, start + len(stripped)))
        at += len(line)
    for spans in places.values():
        if len(spans) >= 3:
            outside = (s for s in spans[1:] if not any(r.start <= s[0] < r.end for r in found))
            found += [Repetition(*span) for span in outside]
    return tuple(sorted(found, key=lambda repetition: repetition.start))


class Sources:
    """The facts of all sources, arranged for the question whether they support one of an answer."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._text = ""
        self._dates: list[CalendarDate] = []
        self._clock: list[ClockTime] = []
        self._quantities: list[Quantity] = []
        self._articles: set[str] = set()
        self._digits: set[str] = set()
        self._numbers: set[Fraction] = set()
        self._bare: set[Fraction] = set()
        self._years: set[int] = set()
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """One more source, or a further piece of one that was cut between two lines."""
        self._text = f"{self._text}\n{squeeze(text)}" if self._text else squeeze(text)
        facts = find_facts(text)
        dates = [fact.value for fact in facts if isinstance(fact.value, CalendarDate)]
        quantities = [fact.value for fact in facts if isinstance(fact.value, Quantity)]
        codes = [str(f.value) for f in facts if f.kind is FactKind.NUMBER and isinstance(f.value, str)]
        phones = [str(f.value) for f in facts if f.kind is FactKind.PHONE]
        parts = {Fraction(part) for code in codes for part in code.split("-")}
        self._dates += dates
        self._clock += [fact.value for fact in facts if isinstance(fact.value, ClockTime)]
        self._quantities += quantities
        self._articles |= {str(f.value) for f in facts if f.kind is FactKind.ARTICLE}
        self._digits |= {re.sub(r"\D", "", code) for code in [*codes, *phones]}
        self._numbers |= {quantity.number for quantity in quantities} | parts
        self._bare |= {q.number for q in quantities if q.unit in ("", "?")} | parts
        self._years |= {date.year for date in dates if date.year is not None}

    def support(self, fact: Fact) -> bool:
        """Whether a fact of the answer stands in one of the sources."""
        value = fact.value
        if isinstance(value, CalendarDate):
            return self._has_date(value) and self._has_weekday(value)
        if isinstance(value, ClockTime):
            return any(_is_same_time(value, other) for other in self._clock)
        if isinstance(value, Quantity):
            return self._has_quantity(value)
        if fact.kind is FactKind.PHONE:
            return value in self._digits or Fraction(value) in self._numbers
        if fact.kind is FactKind.NUMBER:
            has_parts = all(Fraction(part) in self._numbers for part in value.split("-"))
            return re.sub(r"\D", "", value) in self._digits or has_parts
        if fact.kind is FactKind.ARTICLE:
            return any(re.match(rf"{value}(?![の\d])", article) for article in self._articles)
        if fact.kind is FactKind.LAW:
            return self._has_law(value)
        return squeeze(value) in self._text

    def _has_quantity(self, quantity: Quantity) -> bool:
        if quantity.unit in ("", "?"):
            return quantity.number in self._numbers
        same = any(q.number == quantity.number and q.unit == quantity.unit for q in self._quantities)
        return same or quantity.number in self._bare

    def _has_date(self, date: CalendarDate) -> bool:
        if date.month is None and date.day is None:
            return date.year in self._years
        if date.month is None:
            days = {d.day for d in self._dates} | self._bare | self._counted("day")
            return date.day in days
        if date.day is None:
            has_month = any(d.month == date.month for d in self._dates)
            return has_month and (date.year is None or date.year in self._years)
        same = [d for d in self._dates if (d.month, d.day) == (date.month, date.day)]
        if not same:
            # 10月24日から26日まで: the second date of a range leaves its month out.
            has_month = any(d.month == date.month for d in self._dates)
            is_day_only = any(d.month is None and d.day == date.day for d in self._dates)
            return has_month and is_day_only and (date.year is None or date.year in self._years)
        years = {d.year for d in same}
        is_open = None in years and date.year in self._years
        return date.year is None or date.year in years or is_open

    def _counted(self, unit: str) -> set[Fraction]:
        return {q.number for q in self._quantities if q.unit == unit}

    def _has_weekday(self, date: CalendarDate) -> bool:
        if date.weekday is None:
            return True
        same = [d for d in self._dates if d.day == date.day and d.month in (date.month, None)]
        stated = {d.weekday for d in same if d.weekday is not None}
        if stated:
            return date.weekday in stated
        years = {date.year} if date.year else {d.year for d in same if d.year} or self._years
        months = {date.month} if date.month else {d.month for d in self._dates if d.day == date.day}
        return any(
            _weekday(year, month, date.day) == date.weekday
            for year in years
            for month in months
            if year and month and date.day
        )

    def _has_law(self, name: str) -> bool:
        squeezed = squeeze(name)
        if squeezed in self._text:
            return True
        # 本市の介護保険条例: the words before the name may be the answer's own.
        tails = [squeezed[m.end() :] for m in re.finditer(r"の|及び|並びに|等|・", squeezed)]
        return any(len(tail) >= 4 and tail in self._text for tail in tails)


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return datetime.date(year, month, day).weekday()
    except ValueError:
        return None


def _is_same_time(one: ClockTime, other: ClockTime) -> bool:
    if one.is_ambiguous or other.is_ambiguous:
        return one.minutes % 720 == other.minutes % 720
    return one.minutes == other.minutes
