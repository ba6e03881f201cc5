"""Names written with a space after each character: 山 田　太 郎, ヤ マ ダ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.person.grammar import read_name
from models.masking.recognizers.person.shape import KANJI, split_name
from models.masking.recognizers.person.titles import title_pattern

_SPACED = re.compile(
    rf"(?<![{KANJI}ァ-ヶぁ-んA-Za-z0-9])(?:[{KANJI}ぁ-ん] {{1,3}}){{2,7}}[{KANJI}ぁ-ん](?![{KANJI}ァ-ヶぁ-ん])"
)
_SPACED_KANA = re.compile(r"(?<![ァ-ヶー一-龠])(?:[ァ-ヶー] {1,2}){3,12}[ァ-ヶー](?![ァ-ヶー一-龠])")


class SpacedNameRecognizer(OfficeRecognizer):
    """Names written with a space after each character: 山 田　太 郎, ヤ マ ダ."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield letter-spaced names."""
        for match in _SPACED.finditer(page.text):
            begin = _after_label(page, match)
            run, compact = _before_title(page.text[begin : match.end()])
            if len(compact) < 2 or len(run) < 3:
                continue
            is_labelled = page.has_label(begin, ("person", "role", "relation"), within=6)
            if _is_name(page, compact, is_labelled=is_labelled):
                yield begin, begin + len(run), EntityType.PERSON, 0.99 if is_labelled else 0.8
        for match in _SPACED_KANA.finditer(page.text):
            if page.has_label(match.start(), ("person", "kana", "role"), within=6):
                yield match.start(), match.end(), EntityType.PERSON, 0.97


def _after_label(page: OfficeArtifacts, match: re.Match[str]) -> int:
    """Where the spaced run begins behind a label that is spaced like it: 氏 名 山 田."""
    begin = match.start()
    for hit in page.labels_between(match.start(), match.end()):
        if len(hit.word) > 1 and (hit.start == match.start() or hit.is_field):
            begin = max(begin, min(hit.end, match.end()))
    while begin < match.end() and page.text[begin] == " ":
        begin += 1
    return begin


def _before_title(run: str) -> tuple[str, str]:
    """The run without a title at its end, and its characters without spaces."""
    offsets = [index for index, char in enumerate(run) if char != " "]
    compact = "".join(run[index] for index in offsets)
    title = next((size for size in range(1, len(compact)) if title_pattern().fullmatch(compact, size)), 0)
    return (run[: offsets[title - 1] + 1], compact[:title]) if title else (run, compact)


def _is_name(page: OfficeArtifacts, compact: str, *, is_labelled: bool) -> bool:
    score = split_name(compact, page.morphology)[1] if len(compact) <= 7 else 0.0
    if score >= (0.5 if is_labelled else 0.9):
        return True
    if score or not is_labelled:
        return False
    shape = read_name(compact, 0, len(compact), page.morphology, is_certain=True)
    return shape is not None and shape.end == len(compact)
