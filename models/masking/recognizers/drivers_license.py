"""Driver's licence numbers: 12 digits, check digit in the eleventh place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, digits_of, kinds
from models.masking.recognizers.check_digits import is_drivers_license, is_my_number
from models.masking.recognizers.digits import NUMBER_BEGINS, NUMBER_ENDS

_TWELVE = re.compile(
    NUMBER_BEGINS + r"(?:[0-9]{4}([- ]?)[0-9]{4}\1[0-9]{4}|[0-9]{2}([- ])[0-9]{2}\2[0-9]{6}\2[0-9]{2}"
    r"|[0-9]{2}([- ])[0-9]{10}|[0-9](?: [0-9]){11})" + NUMBER_ENDS
)
_NEAR = re.compile(r"免許")


class DriversLicenseRecognizer(OfficeRecognizer):
    """Licence numbers with a label, or near the word with a right check digit."""

    finds = kinds(EntityType.DRIVERS_LICENSE)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield licence numbers."""
        for match in _TWELVE.finditer(page.text):
            digits = digits_of(match.group())
            label = page.label_before(match.start(), within=32)
            if label is not None and "license" in label.kinds:
                yield (
                    match.start(),
                    match.end(),
                    EntityType.DRIVERS_LICENSE,
                    1.0 if is_drivers_license(digits) else 0.8,
                )
                continue
            is_near = bool(_NEAR.search(page.text, max(0, match.start() - 60), match.start()))
            is_other = label is not None and not label.kinds.isdisjoint(
                {"receipt", "corporate", "insurer", "my_number", "other_id", "bank", "card", "phone", "money"}
            )
            if is_near and (is_drivers_license(digits) or not is_other):
                if not is_my_number(digits) or is_drivers_license(digits):
                    yield match.start(), match.end(), EntityType.DRIVERS_LICENSE, 0.92
            elif is_drivers_license(digits) and not is_other and not is_my_number(digits):
                yield match.start(), match.end(), EntityType.DRIVERS_LICENSE, 0.6
