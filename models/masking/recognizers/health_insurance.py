"""記号, 番号 and 被保険者番号 of health, long-term care and late-stage insurance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds

_VALUE = re.compile(
    r"[ :=は\"'「(第]{0,4}(?P<symbol>[一-龠ぁ-んァ-ヶA-Za-z]{0,3} ?[0-9]{1,8}(?:[-の][0-9]{1,8}){0,2})(?P<rest>(?: ?[・/,、\-―] ?| {1,3})(?:番号 ?:? ?)?(?P<number>[0-9]{1,10}))?(?![0-9])"  # noqa: E501
)
_DOTTED = re.compile(
    r"[ :=は\"'「(]{0,4}([一-龠ぁ-んァ-ヶA-Za-z]{0,3} ?[0-9]{1,8}・[0-9]{1,8})(?=[ ・,、)]{0,3}(?:番号|$|\n))"
)
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z\-])(?:[A-Z]?[0-9]{4,10}|[0-9]{1,4}-[0-9]{1,8}|[0-9](?: [0-9]){5,9})(?![0-9A-Za-z])(?!-[0-9])(?! ?[年月日円歳人件])"
)
_INSURANCE = re.compile(r"保険|受給者|国保|被保|資格|社保|後期|受給者証|医療証|介護|健保")
_POSTAL = re.compile(r"ゆうちょ|通帳|貯金|口座|振込|振替")
_BRANCH = re.compile(r"枝番 ?[):：]? ?([0-9]{2})(?![0-9])")
_CARE = re.compile(r"被保険者|受給者")


class HealthInsuranceRecognizer(OfficeRecognizer):
    """Values after insurance labels; 記号 and 番号 are spans of their own."""

    finds = kinds(EntityType.HEALTH_INSURANCE_ID)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield symbols and numbers."""
        if (
            not _INSURANCE.search(page.text)
            and "記号" not in page.text
            and "nsur" not in page.text
            and "hok" not in page.text
        ):
            return
        yield from self._after_labels(page)
        for cell in page.cells:
            if cell.kinds & {"insurance", "insurance_symbol"}:
                match = re.compile(r"[ \"']*([^\s\"']*[0-9][^\s\"']*)").match(page.text, cell.start, cell.end)
                if match:
                    yield match.start(1), match.end(1), EntityType.HEALTH_INSURANCE_ID, 0.9
        for match in _NUMBER.finditer(page.text):
            label = page.label_before(match.start())
            if (
                label is not None
                and "insurance" in label.kinds
                and self._is_insurance(page, label.start, label.word)
            ):
                yield match.start(), match.end(), EntityType.HEALTH_INSURANCE_ID, 0.92

    def _is_insurance(self, page: OfficeArtifacts, position: int, word: str) -> bool:
        """Whether a bare 記号 or 番号 speaks of insurance and not of a bank book or a list."""
        if word not in ("記号", "番号", "記号番号", "記号・番号", "記号及び番号", "枝番"):
            return True
        line_start, _ = page.line_of(position)
        near = page.text[max(0, line_start - 60, position - 90) : position]
        if _POSTAL.search(near):
            insurance, postal = [*_INSURANCE.finditer(near)], [*_POSTAL.finditer(near)]
            if not insurance or insurance[-1].start() < postal[-1].start():
                return False
        if word == "番号":
            return bool(_INSURANCE.search(near)) or "記号" in near
        return bool(_INSURANCE.search(page.text)) or "番号" in page.text[position : position + 40]

    def _after_labels(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        text = page.text
        for index, label in enumerate(page.labels):
            if not label.kinds & {"insurance", "insurance_symbol"} or page.cell_at(label.start) is not None:
                continue
            if not self._is_insurance(page, label.start, label.word):
                continue
            following = page.labels[index + 1] if index + 1 < len(page.labels) else None
            match = _VALUE.match(text, label.end)
            dotted = _DOTTED.match(text, label.end) if "番号" not in label.word else None
            if dotted and dotted.group(1)[0] not in "記番第":
                yield dotted.start(1), dotted.end(1), EntityType.HEALTH_INSURANCE_ID, 0.94
                continue
            if match is None or (
                following is not None
                and following.start < match.start("symbol")
                and following.kinds & {"insurance"}
            ):
                continue
            if match.group("symbol").startswith(("記号", "番号", "第")):
                continue
            if re.match(r"[0-9]{1,4}[年月日人件円歳]", text[match.start("symbol") : match.end("symbol") + 1]):
                continue
            takes_pair = ("記号" in label.word and "番号" in label.word) or label.word in (
                "保険証",
                "被保険者証",
                "健康保険証",
                "資格確認書",
            )
            is_symbol = "insurance_symbol" in label.kinds
            yield match.start("symbol"), match.end("symbol"), EntityType.HEALTH_INSURANCE_ID, 0.93
            if match.group("number") and (takes_pair or (is_symbol and "番号" in match.group("rest"))):
                yield match.start("number"), match.end("number"), EntityType.HEALTH_INSURANCE_ID, 0.93
        for match in _BRANCH.finditer(text):
            yield match.start(1), match.end(1), EntityType.HEALTH_INSURANCE_ID, 0.8
