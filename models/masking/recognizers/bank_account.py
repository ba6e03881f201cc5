"""Bank account numbers, ゆうちょ symbol and number; an office's own account is left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z\-])(?<![0-9][,.])(?:[0-9]{4,8}|[0-9]{3}-[0-9]{4}|[0-9](?: [0-9]){5,7})(?![0-9A-Za-z])(?![,.\-][0-9])(?! ?(?:円|千円|年|月|日|%|人|件|名(?!義)|号室|歳|才))"  # noqa: E501
)
_BRANCHED = re.compile(r"(?<![0-9A-Za-z\-])[0-9]{3}-[0-9]{7}(?![0-9A-Za-z-])")
_YUCHO = re.compile(
    r"(?<![0-9A-Za-z\-])(1[0-9]{4})(?:-[0-9])? ?(?:-|の|/|・| ) ?([0-9]{2,8})(?![0-9A-Za-z-])"
)
_CONTEXT = re.compile(
    r"口座|普通|当座|貯蓄|預金|貯金|振込|振替|銀行|信用金庫|信金|信用組合|信組|農協|漁協|労働金庫|労金|ゆうちょ|支店|営業部|出張所|\(普\)|普\)|account|bank",
    re.IGNORECASE,
)
_STRONG = re.compile(r"口座番号|口座|普通|当座|貯蓄預金|\(普\)|普\)|account|通帳", re.IGNORECASE)
_POSTAL = re.compile(r"ゆうちょ|郵便局|通帳|貯金|口座|振込|振替|yucho", re.IGNORECASE)
_OFFICE = re.compile(
    r"会計管理者|出納|株式会社|有限会社|合同会社|\(株\)|\(有\)|法人|協議会|組合|委員会|自治会|(?<![ァ-ヶー])カ\)|(?<![ァ-ヶー])ユ\)|\(カ\)|\(ユ\)|役所|役場|[市町村]長|事務局|歳入|本市|当市|[市町村区]の(?:指定)?口座|(?<![ァ-ヶー])(?:ザイ|フク|ク|ド|シヤ|イ)\)"
)
_OTHER_LABELS = frozenset(
    {
        "receipt",
        "phone",
        "org_phone",
        "insurance",
        "insurance_symbol",
        "pension",
        "corporate",
        "insurer",
        "money",
        "postal",
        "date",
        "birth",
        "license",
        "passport",
        "my_number",
        "other_id",
        "plate",
    }
)


class BankAccountRecognizer(OfficeRecognizer):
    """Numbers of 4 to 8 digits where the words around speak of an account."""

    finds = (*kinds(EntityType.BANK_ACCOUNT), CLAIM + "OFFICE_ACCOUNT")

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield account numbers, and claims for an office's account."""
        if not _CONTEXT.search(page.text):
            return
        text = page.text
        for match in _YUCHO.finditer(text):
            if _POSTAL.search(
                text, max(page.line_of(match.start())[0] - 30, match.start() - 40, 0), match.start()
            ):
                kind = self._kind(page, match.start(), match.end())
                yield match.start(1), match.end(1), kind, 0.93
                yield match.start(2), match.end(2), kind, 0.93
        for match in _BRANCHED.finditer(text):
            if page.has_label(match.start(), ("bank",)):
                yield match.start(), match.end(), self._kind(page, match.start(), match.end()), 0.9
        for match in _NUMBER.finditer(text):
            score = self._score(page, match.start(), match.group())
            if score:
                yield match.start(), match.end(), self._kind(page, match.start(), match.end()), score

    def _score(self, page: OfficeArtifacts, position: int, value: str) -> float:
        label = page.label_before(position, within=28)
        size = sum(char.isdigit() for char in value)
        line_start, _ = page.line_of(position)
        cell = page.cell_at(position)
        left = page.text[max(line_start, position - 36, cell.start if cell else 0) : position]
        if label is not None:
            if "bank_symbol" in label.kinds:
                return 0.95
            if "bank" in label.kinds and (size >= 5 or cell is not None or position - label.end <= 4):
                return 0.97 if size >= 6 else 0.75
            if label.word in ("記号", "番号") and _POSTAL.search(
                page.text, max(0, line_start - 50, position - 90), position
            ):
                return 0.96
            if label.kinds & _OTHER_LABELS and position - label.end <= 10 and "普通" not in left:
                return 0.0
        if size == 7 and cell is None and self._is_in_column(page, position, value):
            return 0.75
        if size in (7, 8) and _CONTEXT.search(left):
            return 0.85 if _STRONG.search(left) else 0.8
        if size == 6 and _STRONG.search(left):
            return 0.7
        return 0.0

    def _is_in_column(self, page: OfficeArtifacts, position: int, value: str) -> bool:
        """Whether a number stands alone between spaces below a head that names accounts."""
        text = page.text
        around = (
            text[max(position - 1, 0) : position] + text[position + len(value) : position + len(value) + 1]
        )
        if around.strip(" \t\n") or position == 0:
            return False
        top = text.rfind("\n\n", 0, position) + 1
        return any(
            hit.is_field and "bank" in hit.kinds and hit.start < page.line_of(position)[0] - 1
            for hit in page.labels_between(max(top, position - 600), position)
        )

    def _kind(self, page: OfficeArtifacts, start: int, end: int) -> str:
        line_start, line_end = page.line_of(start)
        around = page.text[max(line_start, start - 40) : min(end + 40, line_end)]
        if _OFFICE.search(around) and "様" not in around:
            return CLAIM + "OFFICE_ACCOUNT"
        return EntityType.BANK_ACCOUNT
