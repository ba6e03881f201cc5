"""Vehicle plates: region, class, hiragana, number; and the municipal plates of small motorcycles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.labels import trie_pattern

_SERIAL = r"(?:[0-9]{2} ?- ?[0-9]{2}|[・.] ?[・.]? ?[・.]? ?[0-9] ?-? ?[0-9]{0,2}|[・.]{1,3}[0-9]{1,3}|[0-9]{1,4})(?![0-9])"
_MUNICIPAL = re.compile(rf"[一-龠々ヶケノ]{{1,6}}[市区町村] ?[あ-んア-ンA-Z] ?{_SERIAL}(?! ?[年月日号条])")
_LOOSE = re.compile(rf"[一-龠々ぁ-んヶケ]{{1,5}} ?[0-9][0-9A-Z]{{0,2}} ?[ぁ-んA-Z] ?{_SERIAL}")


@cache
def _plate() -> re.Pattern[str]:
    words = files("models.masking").joinpath("data/plates.txt").read_text("utf-8").split()
    return re.compile(rf"(?:{trie_pattern(words)}) ?[0-9][0-9A-Z]{{0,2}} ?[ぁ-んA-Z] ?{_SERIAL}")


class VehiclePlateRecognizer(OfficeRecognizer):
    """Plates by the list of regions; other regions and municipal plates with a label."""

    finds = kinds(EntityType.VEHICLE_PLATE)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield plates."""
        for match in _plate().finditer(page.text):
            yield match.start(), match.end(), EntityType.VEHICLE_PLATE, 0.95
        for pattern, score in ((_LOOSE, 0.85), (_MUNICIPAL, 0.85)):
            for match in pattern.finditer(page.text):
                if page.has_label(match.start(), ("plate",), within=12):
                    yield match.start(), match.end(), EntityType.VEHICLE_PLATE, score
