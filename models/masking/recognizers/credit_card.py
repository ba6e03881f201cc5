"""Credit card numbers: 14 to 19 digits with the Luhn check."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, digits_of, kinds
from models.masking.recognizers.check_digits import is_luhn

_CARD = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][\-.,])(?:[0-9]{4}([- ・.]{0,2})[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
    r"|3[0-9]{3}([- ]?)[0-9]{6}\2[0-9]{4,5}|[0-9](?: [0-9]){13,15})(?![0-9A-Za-z])(?!-[0-9])"
)
_ELSEWHERE = frozenset({"receipt", "corporate", "insurer", "money", "other_id"})


class CreditCardRecognizer(OfficeRecognizer):
    """Card numbers with a right check digit, or labelled as one."""

    finds = kinds(EntityType.CREDIT_CARD)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield card numbers."""
        for match in _CARD.finditer(page.text):
            digits = digits_of(match.group())
            if not 14 <= len(digits) <= 19:
                continue
            label = page.label_before(match.start(), within=32)
            is_labelled = label is not None and "card" in label.kinds
            if is_luhn(digits) and digits[0] in "23456":
                if label is not None and not is_labelled and not label.kinds.isdisjoint(_ELSEWHERE):
                    continue
                yield match.start(), match.end(), EntityType.CREDIT_CARD, 1.0 if is_labelled else 0.85
            elif is_labelled:
                yield match.start(), match.end(), EntityType.CREDIT_CARD, 0.7
