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


_MUNICIPALITY = re.compile(
    r"(?<![一-龠々ァ-ヴー])([一-龠々ヶケァ-ヴー]{2,4})([市町村])"
    r"(長)?(?=(?(3)(?=[^一-龠々]|$)|(?:役所|役場|立|議会|教育委員会|職員|条例|規則|告示|公告|消防|広報|福祉事務所)))"
)


_KANA_FIRM = re.compile(
    r"(?:株式会社|有限会社|合同会社|組合法人|福祉法人|医療法人|学校法人)[ぁ-ん]{2,10}(?=[\s、。)」]|$)"
)
_FOLLOWING = re.compile(r"[ 　]*([一-龠々]{1,3})[ 　]?([一-龠々ぁ-んァ-ヶ]{1,3})(?![一-龠々])")


def _full_name_follows(page: OfficeArtifacts, end: int) -> bool:
    """Whether surname and given name stand behind a title: in 桜浜市長 山田太郎 the mayor is 山田."""
    match = _FOLLOWING.match(page.text, end)
    if match is None:
        return False
    run = match.group(1) + match.group(2)
    return any(
        page.morphology.is_surname(run[:cut]) and page.morphology.is_given(run[cut:])
        for cut in range(1, len(run))
    )


class ClaimRecognizer(OfficeRecognizer):
    """Spans that no recognizer may mask except with a higher score."""

    finds = (
        CLAIM + "CORPORATE_NUMBER",
        CLAIM + "ORGANIZATION",
        *(CLAIM + kind for kind, _ in _CLAIMS),
        CLAIM + "NUMBER",
    )

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
        for match in _MUNICIPALITY.finditer(text):
            # 佐藤市長 is a mayor called 佐藤, 桜浜市長 the mayor of a town: a surname stays in doubt.
            is_mayor = match.group(3) and page.morphology.is_surname(match.group(1))
            if not is_mayor or _full_name_follows(page, match.end()):
                yield match.start(), match.end(2), CLAIM + "ORGANIZATION", 0.9
        for match in _KANA_FIRM.finditer(text):
            yield match.start(), match.end(), CLAIM + "ORGANIZATION", 0.9
        for kind, pattern in _CLAIMS:
            for match in pattern.finditer(text):
                yield match.start(), match.end(), CLAIM + kind, 0.7
