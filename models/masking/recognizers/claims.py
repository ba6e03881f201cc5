"""What looks personal and is not: corporate, document and receipt numbers, money, laws, versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer
from models.masking.recognizers.check_digits import is_corporate_number

_CORPORATE = re.compile(
    r"(?<![0-9A-Za-z])T?([0-9]{13}|[0-9]-[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9] [0-9]{4} [0-9]{4} [0-9]{4})(?![0-9A-Za-z])"
)
_CLAIMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "MONEY",
        re.compile(
            r"[¥\\][0-9][0-9,]*|(?<![0-9,])[0-9][0-9,]*(?:\.[0-9]+)? ?(?:円|千円|万円|百万円|億円|ドル)"
        ),
    ),
    (
        "LAW",
        re.compile(
            r"第 ?[0-9一二三四五六七八九十百千]+(?:条|項|号|款|章|編|節)(?:の[0-9一二三四五六七八九十]+)*(?:第[0-9一二三四五六七八九十]+[項号])*"
        ),
    ),
    (
        "DOCUMENT",
        re.compile(
            r"(?:(?:明治|大正|昭和|平成|令和|[令平昭])?[0-9元]{0,4}[^\s\n、。(),第0-9]{0,12})第 ?[0-9]{1,6} ?(?:-[0-9]{1,3})?号"
        ),
    ),
    ("VERSION", re.compile(r"(?:[Vv]er(?:sion)?\.? ?|バージョン ?:? ?|v)[0-9]+(?:\.[0-9]+){1,3}")),
    (
        "MEASURE",
        re.compile(
            r"(?<![0-9.])[0-9][0-9,.]*(?:㎡|m2|平方メートル|ha|km|kg|g|cm|mm|m(?![a-z])|%|％|ポイント|℃|度(?!目))"
        ),
    ),
)


class ClaimRecognizer(OfficeRecognizer):
    """Spans that no recognizer may mask except with a higher score."""

    finds = (CLAIM + "CORPORATE_NUMBER", *(CLAIM + kind for kind, _ in _CLAIMS), CLAIM + "NUMBER")

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield claims."""
        text = page.text
        for match in _CORPORATE.finditer(text):
            digits = re.sub(r"[- ]", "", match.group(1))
            label = page.label_before(match.start())
            if (
                is_corporate_number(digits)
                or match.group()[0] == "T"
                or (label is not None and "corporate" in label.kinds)
            ):
                yield match.start(), match.end(), CLAIM + "CORPORATE_NUMBER", 0.97
        for kind, pattern in _CLAIMS:
            for match in pattern.finditer(text):
                yield match.start(), match.end(), CLAIM + kind, 0.7
