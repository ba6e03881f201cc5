"""Names in fields and table cells: 氏名：山田太郎, 申請者 山田, フリガナ ヤマダ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.person.evidence import CLOSING, PERSON_KINDS, skip_common
from models.masking.recognizers.person.grammar import read_name
from models.masking.recognizers.person.titles import title_pattern

_MOST_NAMES = 6
_NEXT = re.compile(r"(?:様|さん|氏|殿)?[ ]?[・,、/&と][ ]?")
_CLOSING_OR_TITLE = frozenset([*CLOSING, "", "様", "さ", "氏", "殿"])


class LabelledNameRecognizer(OfficeRecognizer):
    """Names in fields and cells whose label expects one (氏名, 申請者, 妻, フリガナ, name …)."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names at the start of labelled values."""
        for field in page.fields():
            if field.kinds & PERSON_KINDS:
                yield from self._value(page, field.start, field.end, field.kinds)

    def _value(
        self, page: OfficeArtifacts, position: int, end: int, found: frozenset[str]
    ) -> Iterator[tuple[int, int, str, float]]:
        text = page.text
        is_certain = bool(found & {"person", "kana", "romaji"})
        for _ in range(_MOST_NAMES):
            position = skip_common(page, _skip_role(page, position, end))
            shape = read_name(text, position, end, page.morphology, is_certain=is_certain)
            if shape is None or _is_everyone(page, position):
                return
            following = text[shape.end : shape.end + 1]
            if not is_certain and shape.end - position == 1 and following not in _CLOSING_OR_TITLE:
                return
            score = min(1.0, shape.score + (0.02 if is_certain else 0.0))
            if not following or following in CLOSING or title_pattern().match(text, shape.end):
                score = max(score, 0.95 if is_certain and shape.split else 0.85)
            yield position, shape.end, EntityType.PERSON, score
            match = _NEXT.match(text, shape.end, end + 1)
            if match is None:
                return
            position = match.end()
            end = min(page.line_of(position)[1], max(end, position + 20))


def _is_everyone(page: OfficeArtifacts, position: int) -> bool:
    """Whether a value goes to all of a kind: 各町内会長. The surnames 各務 and 各和 are names."""
    head = page.text[position : position + 2]
    return head.startswith("各") and not page.morphology.is_surname(head)


def _skip_role(page: OfficeArtifacts, position: int, end: int) -> int:
    """Step over a role between the label and the name: 申請者 亡 佐藤, 続柄・氏名 妻 和子."""
    for _ in range(2):
        moved = False
        for hit in page.labels_between(position, position + 1):
            if (
                hit.kinds & {"relation", "role"}
                and hit.end < end
                and (page.text[hit.end] in " :の　" or len(hit.word) > 1)
            ):
                position = hit.end + (page.text[hit.end] in " :の　")
                moved = True
                break
        if not moved:
            break
    while position < end and page.text[position] in " :「\"'":
        position += 1
    return position
