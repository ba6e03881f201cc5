"""Katakana words that no dictionary of common words knows: ランド・カルリジアン, アスカイ カズオ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.person.shape import name_words

_PARTS = re.compile(
    r"(?<![ァ-ヶー・=])[ァ-ヶー]{1,14}(?:(?:[・=＝][ァ-ヶー]{1,14}){1,5}|(?<=[ァ-ヶー]{2}) [ァ-ヶー]{2,12})(?![ァ-ヶー・]|社|軍|法|党|賞|杯|島|州|市|県|川|山|湖|駅|戦|級|型|系|語|族|式|号|線|記念|大学|病院|空港|公園|大会|選手権)"  # noqa: E501
)
_CERTAIN = re.compile(
    r"(?<![ァ-ヶー・A-Za-z])(?:(?:[ァ-ヶー]{2,14}・)+(?:[A-Z]\.?・)+[ァ-ヶー]{2,14}|(?:[A-Z]\.?・){1,3}[ァ-ヶー]{3,14}(?:・[ァ-ヶー]{2,14})*"
    r"|[ァ-ヶー]{3,14}(?:・[ァ-ヶー]{2,14})*(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})世(?![紀代帯界]))(?![ァ-ヶー・])"
)
"""An initial between katakana, or the number of a king: ジョン・H・バーハム, レオポルト6世."""

_JOINTS = re.compile(r"[・=＝ ]")
_AFTER_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{5,8}[ \t]{1,3}$")
_NOT_NAME = (
    WordClass.NOUN | WordClass.PLACE | WordClass.PROPER | WordClass.VERB | WordClass.OTHER | WordClass.SUFFIX
)


class KatakanaNameRecognizer(OfficeRecognizer):
    """Katakana words that no dictionary of common words knows: ランド・カルリジアン, アスカイ カズオ."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield katakana names of two or more parts."""
        for match in _CERTAIN.finditer(page.text):
            yield match.start(), match.end(), EntityType.PERSON, 0.97
        for match in _PARTS.finditer(page.text):
            score = _score(page, match)
            if score:
                yield match.start(), match.end(), EntityType.PERSON, score


def _score(page: OfficeArtifacts, match: re.Match[str]) -> float:
    parts = _JOINTS.split(match.group())
    has_space = " " in match.group()
    if not has_space and not name_words("katakana_particles").isdisjoint(parts[1:-1]):
        return 0.8
    if has_space and _AFTER_ACCOUNT.search(page.text, max(0, match.start() - 12), match.start()):
        return 0.85
    known = [page.morphology.word_classes(part) for part in parts]
    if any(k & _NOT_NAME and not k & NAME_CLASSES for k in known):
        return 0.0
    if any(part.endswith(tuple(name_words("katakana_no_name_ends"))) for part in parts):
        return 0.0
    named = sum(bool(k & NAME_CLASSES) for k in known)
    if has_space and (len(parts) > 2 or (named == 0 and any(known))):
        return 0.0
    if not named and sum(map(len, parts)) < 5:
        return 0.0
    return 0.85 if named else 0.62
