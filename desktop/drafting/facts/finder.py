"""All facts of a text. Numbering (１, (1), ①) and placeholders are none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.drafting.facts import mentions, quantities
from desktop.drafting.facts.values import FactKind, Value, fold

_PLACEHOLDER = re.compile(r"[<〈《\[【〔][^<>〈〉《》\[\]【】〔〕\d\s]{1,12}\s?\d{1,5}[>〉》\]】〕]")
_NUMERIC_FINDERS = (
    quantities.find_contacts,
    quantities.find_articles,
    quantities.find_dates,
    quantities.find_times,
    quantities.find_phones,
    quantities.find_amounts,
    quantities.find_numbers,
)


@dataclass(frozen=True)
class Fact:
    """One fact: where it stands in the original text (code points), its kind and canonical value."""

    start: int
    end: int
    kind: FactKind
    value: Value


def find_facts(text: str) -> tuple[Fact, ...]:
    """All facts of a text in its order. Numbers never overlap; laws and names may hold numbers."""
    folded = fold(text)
    taken = bytearray(len(folded.text))

    def take(start: int, end: int) -> None:
        taken[start:end] = b"\1" * (end - start)

    for match in _PLACEHOLDER.finditer(folded.text):
        take(*match.span())
    found: list[tuple[int, int, FactKind, Value]] = []
    for finder in _NUMERIC_FINDERS:
        for fact in finder(folded):
            if not any(taken[fact[0] : fact[1]]):
                take(fact[0], fact[1])
                found.append(fact)
    found += [*mentions.find_laws(folded), *mentions.find_names(folded)]
    facts = [
        Fact(folded.starts[start], folded.ends[end - 1], kind, value) for start, end, kind, value in found
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end)))
