"""Quasi-identifiers: coordinates, gender, family relation.

AGE, LAND_LOT and FACILITY come from their neighbours' recognizers (dates, address, organizations).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds

_DECIMAL = re.compile(
    r"(?<![0-9.])(?:[23][0-9]|4[0-6])\.[0-9]{3,10}(?: ?[,、/ ] ?|、経度 ?:? ?|[ ,]{1,3}(?:東経|経度|lng|lon|longitude)[ :=]{0,3})1[2-5][0-9]\.[0-9]{3,10}(?![0-9])"  # noqa: E501
)
_LABELLED = re.compile(
    r"(?:北緯|東経|緯度|経度|lat(?:itude)?|lng|lon(?:gitude)?)[ \"':=]{0,4}([0-9]{2,3}(?:\.[0-9]{2,10}|度[0-9]{1,2}分(?:[0-9]{1,2}(?:\.[0-9]{1,4})?秒)?|°[0-9]{1,2}['′][0-9.]{1,7}[\"″]?))",  # noqa: E501
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r"[0-9]{2,3}(?:度|°) ?[0-9]{1,2}(?:分|['′]) ?(?:[0-9]{1,2}(?:\.[0-9]{1,4})?(?:秒|[\"″]))?[NENSEW]?"
)
_GENDER_VALUE = re.compile(
    r"(?:男性|女性|男児|女児|男|女|その他|無回答|male|female)(?![一-龠])", re.IGNORECASE
)
_GENDER_TEXT = re.compile(
    r"(?<![一-龠])(?:男性|女性|男児|女児|男子|女子)(?=[、。)(]|が|は|で|の方|から|より|$)"
)
_GENDER_LABEL = re.compile(r"(?:性別|sex|gender)[\"'」】]?[ \t]{0,6}[:=|\t]?[ \t\"']{0,6}$", re.IGNORECASE)
_GENDER_AFTER_AGE = re.compile(r"(?<=[歳才生)]) ?[・、,( ]? ?(男性?|女性?)(?![一-龠])")


class QuasiIdentifierRecognizer(OfficeRecognizer):
    """Places on the map, gender and family relations; reported only when they are asked for."""

    finds = kinds(EntityType.COORDINATES, EntityType.GENDER, EntityType.FAMILY_RELATION)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield quasi-identifiers."""
        text = page.text
        for pattern in (_DECIMAL, _DEGREES):
            for match in pattern.finditer(text):
                yield match.start(), match.end(), EntityType.COORDINATES, 0.85
        for match in _LABELLED.finditer(text):
            yield match.start(1), match.end(1), EntityType.COORDINATES, 0.9
        for match in _GENDER_VALUE.finditer(text):
            if _GENDER_LABEL.search(text, max(0, match.start() - 16), match.start()):
                yield match.start(), match.end(), EntityType.GENDER, 0.9
        for pattern in (_GENDER_TEXT, _GENDER_AFTER_AGE):
            for match in pattern.finditer(text):
                group = 1 if pattern.groups else 0
                yield match.start(group), match.end(group), EntityType.GENDER, 0.7
        boundaries = frozenset(page.tokens_of.begins)
        for hit in page.labels:
            if (
                "relation" in hit.kinds
                and hit.start in boundaries
                and (hit.end in boundaries or hit.end == len(text))
            ) and hit.word not in (
                "続柄",
                "家族",
                "知人",
                "友人",
                "隣人",
                "隣家",
                "近隣",
                "大家",
                "家主",
                "亡",
                "子",
                "おめい",
                "めい",
                "おい",
            ):
                yield hit.start, hit.end, EntityType.FAMILY_RELATION, 0.65
