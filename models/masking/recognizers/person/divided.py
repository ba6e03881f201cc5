"""Full names that a space divides, with a surname or a given name the dictionary lacks: 沼 喜平, 椎葉 ゆめ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import Morphology, WordClass
from models.masking.recognizers.person.shape import KANJI, name_words, office_end
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_PAIR = re.compile(
    rf"(?<![{KANJI}ァ-ヶーぁ-んA-Za-z0-9])([{KANJI}]{{1,3}})(?= ([{KANJI}]{{1,3}}|[ぁ-ん]{{2,5}}|[ァ-ヶー]{{2,5}})(?![{KANJI}ァ-ヶーぁ-ん]))"
)
_CLOSED = re.compile(r"[\s、,(（/|」)]|$")
_OTHER = WordClass.PLACE | WordClass.NOUN | WordClass.VERB | WordClass.OTHER | WordClass.PROPER


class DividedNameRecognizer(OfficeRecognizer):
    """Full names that a space divides: 沼 喜平, 椎葉 ゆめ, 白銀 悟議員."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield pairs of a possible surname and a given name."""
        for match in _PAIR.finditer(page.text):
            end = match.end(2)
            score = _score(
                match.group(1), match.group(2), page.morphology, is_closed=bool(_CLOSED.match(page.text, end))
            )
            if score:
                yield match.start(), end, EntityType.PERSON, score
        for match in _titled().finditer(page.text):
            if len(match.group(3)) > 1 and _is_titled(match.group(1), match.group(2), page.morphology):
                yield match.start(), match.end(2), EntityType.PERSON, 0.93


@cache
def _titled() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![{KANJI}ァ-ヶーぁ-んA-Za-z0-9])([{KANJI}]{{1,3}}) ([{KANJI}]{{1,3}}?)({title_pattern().pattern})"
    )


def _score(surname: str, given: str, words: Morphology, *, is_closed: bool) -> float:
    if is_no_name(given) or title_pattern().fullmatch(given) or not _may_be_surname(surname, words):
        return 0.0
    is_listed = words.is_surname(surname)
    known = words.word_classes(given)
    if given[0] < "一":
        is_name = is_listed and (not known or words.is_given(given))
        is_word_as_name = is_listed and is_closed and len(surname) > 1 and 2 <= len(given) <= 3
        if is_name or (len(surname) == 1 and words.is_given(given)):
            return 0.75
        return 0.7 if is_word_as_name and given not in name_words("kana_words") else 0.0
    if len(given) == 1 or not words.is_given(given):
        return 0.0
    is_sure = not known & _OTHER or is_listed or (len(surname) == 1 and not known & WordClass.PLACE)
    return 0.75 if is_sure else 0.0


def _is_titled(surname: str, given: str, words: Morphology) -> bool:
    """Whether a given name before a title has a surname before it that the dictionary lacks: 白銀 悟議員."""
    if is_no_name(surname) or office_end().search(surname) or title_pattern().fullmatch(surname):
        return False
    if not words.is_surname(surname) and any(
        words.is_surname(surname[size:]) for size in range(1, len(surname))
    ):
        return False
    return words.is_given(given) and not is_no_name(given)


def _may_be_surname(word: str, words: Morphology) -> bool:
    """Whether a word is a surname or could be one that is not listed."""
    if is_no_name(word) or office_end().search(word) or title_pattern().fullmatch(word):
        return False
    if words.is_surname(word):
        return True
    if len(word) == 1:
        return word not in name_words("no_surname")
    return not words.word_classes(word) & ~WordClass.GIVEN
