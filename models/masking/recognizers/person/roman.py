"""Names in Latin letters that read as Japanese: YAMADA Taro, Taro Yamada."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.person.shape import name_words

_SYLLABLES = re.compile(
    r"(?:[aiueo](?:h(?![aiueo]))?|(?:kk?|ss?|tt?|pp?|h|m|r|g|z|d|b|n|k|s)(?:[aiueo]|y[auo])|(?:ssh|sh|tch|cch|ch|j|ts|f|w|y|jj)[aiueo]|ty[aiueo]|jy[auo]|n(?![aiueoy])|m(?=[bpm])|[aiueo]h|-|')+",
    re.IGNORECASE,
)
_ROMAN = re.compile(
    r"(?<![A-Za-z0-9@._/\-])[A-Z][A-Za-z'’\-]{1,20}(?:(?: ?, ?| |　)[A-Z][A-Za-z'’.\-]{0,20}){1,4}(?![A-Za-z0-9@_/])"
)
_IN_FILE = re.compile(
    r"(?<=[_(【\-])([A-Z][A-Za-z]{3,14})(?=[_)】.][^\s/\\]{0,40}(?<=\.)(?:pdf|docx?|xlsx?|csv|txt|jpe?g|png|zip|pptx?|msg|eml))"
)
_JOINTS = re.compile(r"[ ,　]+")


def is_romaji(word: str) -> bool:
    """Whether a Latin word can be read as Japanese syllables."""
    return len(word) >= 2 and _SYLLABLES.fullmatch(word) is not None


class RomanNameRecognizer(OfficeRecognizer):
    """Two or more capitalised words that all read as Japanese: YAMADA Taro, Taro Yamada."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield Latin names."""
        english = name_words("english_like_romaji")
        for match in _IN_FILE.finditer(page.text):
            word = match.group(1).lower()
            if is_romaji(word) and word not in english:
                yield *match.span(1), EntityType.PERSON, 0.7
        for match in _ROMAN.finditer(page.text):
            parts = [part for part in _JOINTS.split(match.group()) if part]
            if len(parts) > 3 or not all(is_romaji(part) and len(part) >= 3 for part in parts[:2]):
                continue
            if english.isdisjoint(part.lower() for part in parts):
                yield match.start(), match.end(), EntityType.PERSON, 0.72
