"""Postal codes of persons; an office's own is claimed as not personal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.gazetteer import Gazetteer, fold_place
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds
from models.masking.recognizers.labels import trie_pattern
from models.masking.recognizers.ownership import is_office

POSTAL_CODE = re.compile(
    r"(?P<mark>〒 ?)?(?<![0-9A-Za-z])(?<![0-9]-)(?P<code>[0-9]{3} ?[-ー] ?[0-9]{4}|[0-9]{7}|[0-9](?: [0-9]){2} ?-? ?[0-9](?: [0-9]){3})(?![0-9A-Za-z])(?!-[0-9])"  # noqa: E501
)


class PostalCodeRecognizer(OfficeRecognizer):
    """Postal codes by mark, label, or an address after them."""

    finds = (*kinds(EntityType.POSTAL_CODE), CLAIM + "OFFICE_POSTAL")

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__()
        self._gazetteer = gazetteer
        self._municipal = re.compile(trie_pattern(sorted(gazetteer.prefectures | gazetteer.cities)))

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield codes; those of an office as claims."""
        text = page.text
        for match in POSTAL_CODE.finditer(text):
            digits = re.sub(r"[^0-9]", "", match.group("code"))
            start, end = match.span("code")
            label = page.label_before(start, within=10)
            is_labelled = bool(match.group("mark")) or (label is not None and "postal" in label.kinds)
            is_known = digits in self._gazetteer.postal_codes
            follow = re.compile(r"[ \t\n,、\"']{0,3}").match(text, end)
            after = follow.end() if follow else end
            has_address = bool(self._municipal.match(fold_place(text[after : after + 14]))) or any(
                0 <= address - end <= 3 for address, _ in page.addresses
            )
            if (
                label is not None
                and not is_labelled
                and label.kinds & {"phone", "bank", "receipt", "insurance", "insurance_symbol"}
                and not has_address
            ):
                continue
            if not (
                is_labelled
                or has_address
                or (
                    is_known
                    and "-" in match.group("code")
                    and label is not None
                    and label.kinds & {"address", "org_address"}
                )
            ):
                continue
            if is_office(page, start, end) or self._address_is_office(page, end):
                yield start, end, CLAIM + "OFFICE_POSTAL", 0.9
            else:
                yield start, end, EntityType.POSTAL_CODE, 0.98 if is_labelled else 0.85

    def _address_is_office(self, page: OfficeArtifacts, end: int) -> bool:
        return any(
            claim.entity_type == CLAIM + "OFFICE_ADDRESS" and 0 <= claim.start - end <= 3
            for claim in page.claims
        )
