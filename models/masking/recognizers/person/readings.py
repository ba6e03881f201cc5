"""The reading, romaji or other name in brackets (or after a slash) right after a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.person.roman import is_romaji
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_READING = re.compile(
    r"(?:様|さん|氏|殿)?[ ]?(?P<open>[(（〔\[/／]|[ ])[ ]?(?:(?:旧姓|通称|読み|よみ|フリガナ|ふりがな|本名)[: ]?)?(?P<value>[ァ-ヶー]{1,12}(?:[ ・=][ァ-ヶー]{1,12}){0,4}|[ぁ-んー]{1,8}(?: [ぁ-んー]{1,8})?|[A-Za-z][A-Za-z'’.\-]{1,20}(?:(?:, ?| )[A-Za-z][A-Za-z'’.\-]{0,20}){0,5})(?P<close>[)）〕\]]|(?=[ \n\t,、()/]|$))?"  # noqa: E501
)
_JOINTS = re.compile(r"[ ,・]+")
_NO_READING = frozenset(("tel", "fax", "mail", "email", "e-mail", "id", "no", "dv"))
_COMMON = WordClass.NOUN | WordClass.VERB | WordClass.OTHER


class ReadingRecognizer(OfficeRecognizer):
    """The reading, romaji or other name in brackets (or after a slash) right after a name."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield readings after the names found so far."""
        for end in sorted(page.name_ends):
            match = _READING.match(page.text, end)
            if match is None:
                continue
            is_bracket = match.group("open") in "(（〔["
            if is_bracket and not match.group("close"):
                continue
            if not is_bracket and not _is_free_reading(page, match):
                continue
            if _may_be_name(page, match.group("value")):
                yield match.start("value"), match.end("value"), EntityType.PERSON, 0.93 if is_bracket else 0.8


def _may_be_name(page: OfficeArtifacts, value: str) -> bool:
    if value.isascii() and (not value[0].isupper() or value.lower() in _NO_READING):
        return False
    if is_no_name(value):
        return False
    known = page.morphology.word_classes(value)
    if known & NAME_CLASSES:
        return True
    if known & _COMMON and " " not in value and len(value) < 4:
        return False
    is_title = known & (WordClass.NOUN | WordClass.PARTICLE) and title_pattern().fullmatch(value)
    return not known & WordClass.PLACE and not is_title


def _is_free_reading(page: OfficeArtifacts, match: re.Match[str]) -> bool:
    """After a space or slash only two-part readings count."""
    value = match.group("value")
    parts = _JOINTS.split(value)
    if len(parts) != 2 or min(map(len, parts)) < 2 or match.group("close") is None:
        return False
    if value[0].isascii():
        return all(is_romaji(part) for part in parts)
    return not (page.morphology.is_common(parts[0]) and not page.morphology.is_name(parts[0]))
