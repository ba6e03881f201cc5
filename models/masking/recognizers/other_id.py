"""Numbers by which an office keeps a person: 宛名番号, ケース番号, お客様番号 …; only with a label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds

_VALUE = re.compile(r"[A-Za-z]{0,4}[-]?[0-9][0-9A-Za-z\-]{2,20}")


class OtherIdRecognizer(OfficeRecognizer):
    """The value of a field whose label names a person's number."""

    finds = kinds(EntityType.OTHER_ID)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield labelled numbers."""
        for field in page.fields():
            if "other_id" not in field.kinds:
                continue
            match = _VALUE.match(page.text, field.start, field.end)
            if match:
                yield match.start(), match.end(), EntityType.OTHER_ID, 0.7
