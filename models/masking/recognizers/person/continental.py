"""Chinese and Korean names in kanji: a surname of one character and a given name Sudachi does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import WordClass
from models.masking.recognizers.person.evidence import is_token
from models.masking.recognizers.person.shape import KANJI, name_words, office_end
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_THREE = re.compile(rf"(?<![{KANJI}ァ-ヶー0-9])([{KANJI}]) ?([{KANJI}]{{2}})(?![{KANJI}ァ-ヶー])")
_OTHER = WordClass.NOUN | WordClass.VERB | WordClass.PLACE | WordClass.OTHER | WordClass.PROPER


class ContinentalNameRecognizer(OfficeRecognizer):
    """Three kanji that stand alone, the first a Chinese or Korean surname: 朴賛浩, 陳 雨桐."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names of three characters that no dictionary word covers."""
        words = page.morphology
        for match in _THREE.finditer(page.text):
            surname, given = match.groups()
            if surname not in name_words("continental_surnames"):
                continue
            if words.word_classes(surname + given) or words.word_classes(given) & _OTHER:
                continue
            if is_no_name(given) or office_end().search(given) or title_pattern().fullmatch(given, 1):
                continue
            if is_token(page, *match.span(1)):
                yield match.start(), match.end(), EntityType.PERSON, 0.75
