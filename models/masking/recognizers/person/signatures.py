"""Names that sign or speak: 「…」大和田受, 事務局(由良), 楠より, and the speaker of a line of minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.morphology import NAME_CLASSES
from models.masking.recognizers.person.shape import KANJI, split_name
from models.masking.recognizers.person.titles import is_no_name

_INITIALS = re.compile(
    rf"[」。、) 　\t](?![受記確対])([{KANJI}]{{1,4}})(?=(?:受|記|印|対応|受付|応対|架電|入力|確認済?)(?:[\n)。、 ]|$))"
)
_IN_BRACKETS = re.compile(
    rf"(?:[課係室局部署所校園館]|事務局|担当|センター|会長|委員|係員|職員)[(]([{KANJI}]{{1,4}})(?=[)、・,])"
)
_ONLY_NAMES = re.compile(rf"[(（「]((?:[{KANJI}]{{1,4}}[・、,]){{1,5}}[{KANJI}]{{1,4}})[)）」]")
_ONE_NAME = re.compile(r"[^・、,]+")
_SIGN_OFF = re.compile(
    rf"(?:^|\n)[ 　]*([{KANJI}]{{1,4}}(?: [{KANJI}ぁ-ん]{{1,4}})?)(?=(?:より|拝|記|謹白)?[ ]*(?:より|拝|記)[ ]*(?:\n|$))"
)
_KANA_LINE = re.compile(r"(?:^|\n)[>＞ ]{0,4}([ぁ-ん]{3,5})(?=\n|$)")
"""A line of kana that no dictionary knows: who signs a short mail."""

_SPEAKER = re.compile(
    rf"(?:^|\n)[○◯●・>＞ ]{{0,3}}(?:[\[(【]?[0-9]{{1,4}}[:/][0-9]{{2}}(?:[:/][0-9]{{2}})?(?: [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?[\])】]?)?[ \t]{{0,3}}([{KANJI}]{{1,5}}(?: [{KANJI}ぁ-ん]{{1,4}})?)[ ]?[:>＞][ 　「]?"  # noqa: E501
)


def marks(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield initials of staff: 「…」大和田受, 事務局(由良), a line that says only 楠より."""
    words = page.morphology
    for match in _ONLY_NAMES.finditer(page.text):
        found = list(_ONE_NAME.finditer(page.text, *match.span(1)))
        if all(words.is_surname(piece.group()) and not is_no_name(piece.group()) for piece in found):
            for piece in found:
                yield *piece.span(), 0.75
    for match in _KANA_LINE.finditer(page.text):
        if not words.word_classes(match.group(1)) & ~NAME_CLASSES:
            yield *match.span(1), 0.65
    for pattern in (_INITIALS, _IN_BRACKETS, _SIGN_OFF):
        for match in pattern.finditer(page.text):
            word = match.group(1)
            if not is_no_name(word) and (words.is_surname(word) or split_name(word, words)[1] >= 0.9):
                yield *match.span(1), 0.75


def speakers(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield who speaks at the head of a line: 山田：…, [10:32] 佐藤> …."""
    words = page.morphology
    for match in _SPEAKER.finditer(page.text):
        word = match.group(1)
        if is_no_name(word) or any(
            hit.end == match.end(1) for hit in page.labels_between(match.start(1), match.end(1))
        ):
            continue
        if words.is_surname(word) or split_name(word.replace(" ", ""), words)[1] >= 0.7:
            yield *match.span(1), 0.78
