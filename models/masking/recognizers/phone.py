"""Telephone numbers of persons; an office's number is claimed as not personal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, digits_of, kinds
from models.masking.recognizers.ownership import is_office

_SEP = r"(?: ?[\-‐.・/] ?| )"
_PHONE = re.compile(
    rf"(?:(?<![0-9A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=FAX)|(?<=[Ff]ax)|(?<=fax))(?<![0-9][\-.])"
    r"(?<![^0-9 \-][0-9]/)(?<![^0-9 \-][0-9]{2}/)(?<![^0-9 \-][0-9]{4}/)(?:"
    rf"\(?(?:\+|00|010-?)81\)?[\- ]?(?:\(0\))?[\- ]?[1-9][0-9]{{0,4}}[\- ]?[0-9]{{1,4}}[\- ]?[0-9]{{3,4}}"
    rf"|\(?0[5-9]0\)?{_SEP}?[0-9]{{4}}{_SEP}?[0-9]{{4}}"
    rf"|0[5-9]0 ?\([0-9]{{4}}\) ?-?[0-9]{{4}}"
    rf"|0[5-9]0{_SEP}?[0-9]{{3}}{_SEP}?[0-9]{{5}}|0[5-9]0{_SEP}[0-9]{{2}}{_SEP}[0-9]{{2}}{_SEP}[0-9]{{4}}"
    rf"|(?:0120|0800|0570|0180|0990){_SEP}?[0-9]{{2,3}}{_SEP}?[0-9]{{3,4}}"
    rf"|0[1-9][0-9]{{0,3}}{_SEP}[0-9]{{1,4}}{_SEP}[0-9]{{4}}"
    rf"|0[1-9][0-9]{{0,3}} ?\( ?[0-9]{{1,4}} ?\) ?-?[0-9]{{4}}"
    rf"|\( ?0[1-9][0-9]{{0,3}} ?\) ?-? ?[0-9]{{1,4}}{_SEP}[0-9]{{4}}"
    rf"|0[1-9][0-9]{{0,3}}局[の ]?[0-9]{{1,4}}[の番 ][0-9]{{4}}番?"
    rf"|0(?: [0-9]){{9,10}}"
    rf"|0[1-9][0-9]{{8}}"
    rf")(?![0-9A-Za-z])(?!-[0-9])(?!/[0-9]{{1,4}}(?![0-9 \-]))"
)
_LOCAL = re.compile(r"(?<![0-9A-Za-z\-.])[1-9][0-9]{1,3}[-( ][0-9]{4}(?![0-9A-Za-z\-])(?! ?円)")
_TOLL_FREE = re.compile(r"0120|0800(?![0-9])|0570|0180|0990")
_MOBILE = re.compile(r"0[5-9]0|81[5-9]0")
_NOT_PHONE = frozenset(
    {
        "receipt",
        "corporate",
        "insurer",
        "my_number",
        "license",
        "card",
        "bank",
        "pension",
        "insurance",
        "other_id",
        "money",
        "resident_code",
    }
)


class PhoneRecognizer(OfficeRecognizer):
    """Mobile, fixed and international notations, in brackets, with or without separators."""

    finds = (*kinds(EntityType.PHONE), CLAIM + "OFFICE_PHONE")

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield numbers of persons, and claims for those of offices."""
        text = page.text
        for match in _PHONE.finditer(text):
            score = self._score(page, match)
            if not score:
                continue
            start, end = match.span()
            if match.group().startswith("(") and match.group().count("(") > match.group().count(")"):
                start += 1
            yield start, end, self._kind(page, start, end), score
        for match in _LOCAL.finditer(text):
            label = page.label_before(match.start(), within=10)
            if label is not None and "phone" in label.kinds and "postal" not in label.kinds:
                yield match.start(), match.end(), self._kind(page, match.start(), match.end()), 0.7

    def _score(self, page: OfficeArtifacts, match: re.Match[str]) -> float:
        value = match.group()
        digits = digits_of(value)
        is_plain = value.isdigit()
        if (
            value[0] != "+"
            and not digits.startswith(("81", "0081", "01081"))
            and len(digits) != (11 if _MOBILE.match(digits) else 10)
        ):
            return 0.0
        label = page.label_before(match.start())
        if label is not None and label.kinds & {"phone", "org_phone"}:
            return 0.99
        is_vague = label is not None and label.word == "番号" and not is_plain
        if label is not None and not is_vague and label.kinds & _NOT_PHONE and match.start() - label.end <= 8:
            return 0.0
        if is_plain:
            return 0.9 if len(digits) == 11 else 0.62
        return 0.95 if "-" in value or "(" in value else 0.75

    def _kind(self, page: OfficeArtifacts, start: int, end: int) -> str:
        digits = digits_of(page.text[start:end])
        if _TOLL_FREE.match(page.text, start) or is_office(
            page, start, end, is_mobile=bool(_MOBILE.match(digits))
        ):
            return CLAIM + "OFFICE_PHONE"
        return EntityType.PHONE
