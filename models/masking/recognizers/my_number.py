"""個人番号 (12 digits with a check digit) and 住民票コード (11 digits with a check digit)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, digits_of, kinds
from models.masking.recognizers.check_digits import is_drivers_license, is_my_number, is_resident_code
from models.masking.recognizers.digits import NUMBER_BEGINS, NUMBER_ENDS

_TWELVE = re.compile(
    NUMBER_BEGINS + r"(?:[0-9]{4}([- .]?)[0-9]{4}\1[0-9]{4}|[0-9]{3}([- ])[0-9]{3}\2[0-9]{3}\2[0-9]{3}"
    r"|[0-9](?: [0-9]){11}|[0-9]{4}  ?[0-9]{4}  ?[0-9]{4})" + NUMBER_ENDS
)
_ELEVEN = re.compile(
    NUMBER_BEGINS
    + r"(?:[0-9]{11}|[0-9]{5}[- ][0-9]{6}|[0-9]{4}[- ][0-9]{4}[- ][0-9]{3}|[0-9]{3}[- ][0-9]{4}[- ][0-9]{4}"
    r"|[0-9]{1}[- ][0-9]{5}[- ][0-9]{5}|[0-9](?: [0-9]){10})" + NUMBER_ENDS
)
_ELSEWHERE = frozenset(
    {
        "receipt",
        "corporate",
        "insurer",
        "license",
        "bank",
        "card",
        "phone",
        "org_phone",
        "money",
        "other_id",
        "pension",
        "insurance",
    }
)


class MyNumberRecognizer(OfficeRecognizer):
    """Individual numbers; a right check digit is enough, a label is enough, both are certain."""

    finds = kinds(EntityType.MY_NUMBER)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield 12-digit finds."""
        for match in _TWELVE.finditer(page.text):
            label = page.label_before(match.start())
            is_labelled = label is not None and "my_number" in label.kinds
            digits = digits_of(match.group())
            if is_my_number(digits):
                if label is not None and not is_labelled and not label.kinds.isdisjoint(_ELSEWHERE):
                    if "license" in label.kinds and is_drivers_license(digits):
                        continue
                    if label.is_field or match.start() - label.end <= 6:
                        continue
                yield match.start(), match.end(), EntityType.MY_NUMBER, 1.0 if is_labelled else 0.9
            elif is_labelled:
                yield match.start(), match.end(), EntityType.MY_NUMBER, 0.75


class ResidentCodeRecognizer(OfficeRecognizer):
    """Resident record codes; without a label only with a right check digit."""

    finds = kinds(EntityType.RESIDENT_CODE)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield 11-digit finds."""
        for match in _ELEVEN.finditer(page.text):
            label = page.label_before(match.start())
            digits = digits_of(match.group())
            if label is not None and "resident_code" in label.kinds:
                yield (
                    match.start(),
                    match.end(),
                    EntityType.RESIDENT_CODE,
                    1.0 if is_resident_code(digits) else 0.75,
                )
            elif (
                len(match.group()) == 11
                and digits[0] != "0"
                and is_resident_code(digits)
                and (label is None or label.kinds.isdisjoint(_ELSEWHERE))
            ):
                yield match.start(), match.end(), EntityType.RESIDENT_CODE, 0.6
