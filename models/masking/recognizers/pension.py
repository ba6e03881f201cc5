"""基礎年金番号: four and six digits, with a label or the word near."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.digits import NUMBER_BEGINS, NUMBER_ENDS

_TEN = re.compile(
    NUMBER_BEGINS
    + r"[0-9]{4}[- ]?[0-9]{6}"
    + NUMBER_ENDS
    + r"|(?<![0-9A-Za-z ])[0-9](?: [0-9]){3} ?-? ?[0-9](?: [0-9]){5}(?![0-9A-Za-z])"
)
_CERTIFICATE = re.compile(r"(?<![0-9A-Za-z-])[0-9]{4}[- ][0-9]{6}[- ][0-9]{4}(?![0-9A-Za-z-])")
_ELSEWHERE = frozenset(
    {
        "receipt",
        "phone",
        "org_phone",
        "insurance",
        "corporate",
        "insurer",
        "bank",
        "other_id",
        "money",
        "insurance_symbol",
    }
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


class PensionRecognizer(OfficeRecognizer):
    """Basic pension numbers, and the four digits of a pension certificate after one."""

    finds = kinds(EntityType.PENSION_NUMBER)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield pension numbers."""
        for match in _CERTIFICATE.finditer(page.text):
            if page.has_label(match.start(), ("pension",)):
                yield match.start(), match.end(), EntityType.PENSION_NUMBER, 0.98
        for match in _TEN.finditer(page.text):
            label = page.label_before(match.start(), within=20)
            if label is not None and "pension" in label.kinds:
                yield match.start(), match.end(), EntityType.PENSION_NUMBER, 0.98
                continue
            if label is not None and label.word != "番号" and not label.kinds.isdisjoint(_ELSEWHERE):
                continue
            line_start, line_end = page.line_of(match.start())
            is_near = "年金" in page.text[max(line_start - 40, 0) : line_end]
            if is_near and not match.group().startswith("0"):
                yield match.start(), match.end(), EntityType.PENSION_NUMBER, 0.9
            elif "-" in match.group() and not _YEAR.match(match.group()) and match.group()[0] != "0":
                yield match.start(), match.end(), EntityType.PENSION_NUMBER, 0.6
