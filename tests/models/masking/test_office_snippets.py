"""The table `office_snippets.txt`: what is marked must be found as that kind, nothing else may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.masking.analyzer import MaskingAnalyzer

KINDS = {
    "P": "PERSON", "A": "ADDRESS", "T": "PHONE", "E": "EMAIL", "M": "MY_NUMBER", "D": "DATE_OF_BIRTH", "B": "BANK_ACCOUNT",
    "C": "CREDIT_CARD", "L": "DRIVERS_LICENSE", "S": "PASSPORT", "H": "HEALTH_INSURANCE_ID", "N": "PENSION_NUMBER",
    "R": "RESIDENCE_CARD", "V": "VEHICLE_PLATE", "I": "IP_ADDRESS", "Z": "POSTAL_CODE", "J": "RESIDENT_CODE",
}  # fmt: skip
LINES = [
    line.replace("\\n", "\n").replace("\\t", "\t")
    for line in Path(__file__).with_name("office_snippets.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def parse(line: str) -> tuple[str, set[tuple[str, str, int]]]:
    text, expected, position = "", set(), 0
    for match in re.finditer(r"\{([A-Z]):([^}]*)\}", line):
        text += line[position : match.start()]
        expected.add((match[2], KINDS[match[1]], len(text)))
        text += match[2]
        position = match.end()
    return text + line[position:], expected


@pytest.mark.parametrize("line", LINES)
def test_every_marked_value_and_nothing_else_is_found(fast_analyzer: MaskingAnalyzer, line: str) -> None:
    text, expected = parse(line)
    found = {
        (text[span.start : span.end], span.entity_type.value, span.start)
        for span in fast_analyzer.analyze_fast(text)
    }
    assert found == expected
