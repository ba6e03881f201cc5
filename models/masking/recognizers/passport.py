"""Passport and residence card numbers: fixed forms of letters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds

_RESIDENCE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[- ]?[0-9]{8}[- ]?[A-Za-z]{2}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])[A-Z]{2}[- ]?[0-9]{4}[- ][0-9]{4}[- ]?[A-Z]{2}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])[A-Z] [A-Z](?: [0-9]){8} [A-Z] [A-Z](?![A-Za-z0-9])"
)
_PASSPORT = re.compile(r"(?<![A-Za-z0-9\-])[A-Za-z]{2}[- ]?[0-9]{7}(?![A-Za-z0-9])(?!-[0-9])")
_FOREIGN = re.compile(
    r"(?<![A-Za-z0-9\-])(?:[A-Za-z]{1,3}[- ]?[0-9]{6,9}|[0-9]{2}[A-Za-z]{2}[0-9]{5}|[0-9]{8,9})(?![A-Za-z0-9])"
)
_NEAR = re.compile(r"旅券|パスポート|passport", re.IGNORECASE)


class ResidenceCardRecognizer(OfficeRecognizer):
    """Two letters, eight digits, two letters (在留カード and 特別永住者証明書)."""

    finds = kinds(EntityType.RESIDENCE_CARD)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield residence card numbers."""
        for match in _RESIDENCE.finditer(page.text):
            yield match.start(), match.end(), EntityType.RESIDENCE_CARD, 0.97


class PassportRecognizer(OfficeRecognizer):
    """Two letters and seven digits; other countries' forms only with a label."""

    finds = kinds(EntityType.PASSPORT)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield passport numbers."""
        for match in _PASSPORT.finditer(page.text):
            is_near = bool(_NEAR.search(page.text, max(0, match.start() - 60), match.start()))
            label = page.label_before(match.start())
            if is_near or (label is not None and "passport" in label.kinds):
                yield match.start(), match.end(), EntityType.PASSPORT, 0.97
            elif (
                match.group()[0] in "TM"
                and match.group()[:2].isupper()
                and (label is None or "receipt" not in label.kinds)
            ):
                yield match.start(), match.end(), EntityType.PASSPORT, 0.7
        if _NEAR.search(page.text):
            for match in _FOREIGN.finditer(page.text):
                if page.has_label(match.start(), ("passport",)):
                    yield match.start(), match.end(), EntityType.PASSPORT, 0.9
