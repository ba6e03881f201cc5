"""Names in other scripts and spacings: readings beside a name, romaji, letter-spaced names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.name_grammar import KANJI, is_no_name, read_name, split_name, title_pattern

_SYLLABLES = re.compile(
    r"(?:[aiueo](?:h(?![aiueo]))?|(?:kk?|ss?|tt?|pp?|h|m|r|g|z|d|b|n|k|s)(?:[aiueo]|y[auo])|(?:ssh|sh|tch|cch|ch|j|ts|f|w|y|jj)[aiueo]|ty[aiueo]|jy[auo]|n(?![aiueoy])|m(?=[bpm])|[aiueo]h|-|')+",
    re.IGNORECASE,
)
_ROMAN = re.compile(
    r"(?<![A-Za-z0-9@._/\-])[A-Z][A-Za-z'’\-]{1,20}(?:(?: ?, ?| |　)[A-Z][A-Za-z'’.\-]{0,20}){1,4}(?![A-Za-z0-9@_/])"
)
_READING = re.compile(
    r"(?:様|さん|氏|殿)?[ ]?(?P<open>[(（〔\[/／]|[ ])[ ]?(?:(?:旧姓|通称|読み|よみ|フリガナ|ふりがな|本名)[: ]?)?(?P<value>[ァ-ヶー]{1,12}(?:[ ・=][ァ-ヶー]{1,12}){0,4}|[ぁ-んー]{1,8}(?: [ぁ-んー]{1,8})?|[A-Za-z][A-Za-z'’.\-]{1,20}(?:(?:, ?| )[A-Za-z][A-Za-z'’.\-]{0,20}){0,5})(?P<close>[)）〕\]]|(?=[ \n\t,、()/]|$))?"  # noqa: E501
)
_SPACED = re.compile(
    rf"(?<![{KANJI}ァ-ヶぁ-んA-Za-z0-9])(?:[{KANJI}ぁ-ん] {{1,3}}){{2,7}}[{KANJI}ぁ-ん](?![{KANJI}ァ-ヶぁ-ん])"
)
_SPACED_KANA = re.compile(r"(?<![ァ-ヶー一-龠])(?:[ァ-ヶー] {1,2}){3,12}[ァ-ヶー](?![ァ-ヶー一-龠])")


def is_romaji(word: str) -> bool:
    """Whether a Latin word can be read as Japanese syllables."""
    return len(word) >= 2 and _SYLLABLES.fullmatch(word) is not None


class RomanNameRecognizer(OfficeRecognizer):
    """Two or more capitalised words that all read as Japanese: YAMADA Taro, Taro Yamada."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield Latin names."""
        for match in _ROMAN.finditer(page.text):
            parts = [part for part in re.split(r"[ ,　]+", match.group()) if part]
            if len(parts) > 3 or not all(is_romaji(part) and len(part) >= 3 for part in parts[:2]):
                continue
            if any(part.lower() in _ENGLISH for part in parts):
                continue
            yield match.start(), match.end(), EntityType.PERSON, 0.72


_ENGLISH = frozenset(
    [
        "no",
        "to",
        "me",
        "he",
        "be",
        "we",
        "so",
        "do",
        "go",
        "the",
        "one",
        "some",
        "same",
        "here",
        "there",
        "more",
        "tokyo",
        "osaka",
        "kyoto",
        "japan",
        "nara",
        "kobe",
        "nagoya",
        "sapporo",
        "sendai",
        "hiroshima",
        "fukuoka",
        "are",
        "ware",
        "wire",
        "use",
        "zone",
        "home",
        "time",
        "name",
        "data",
        "base",
        "note",
        "site",
        "store",
        "line",
        "page",
        "mode",
        "code",
        "video",
        "audio",
        "radio",
        "photo",
        "menu",
        "media",
        "guide",
        "game",
        "share",
        "safe",
        "made",
        "make",
        "take",
        "type",
        "user",
        "image",
        "file",
        "size",
        "are",
        "tie",
        "tone",
        "to",
        "zero",
        "hero",
        "pine",
        "rise",
        "rose",
        "wise",
        "like",
        "bike",
        "name",
        "date",
        "rate",
        "gate",
        "state",
        "note",
        "vote",
        "none",
        "done",
        "gone",
        "june",
        "joke",
        "pose",
        "nose",
        "use",
        "case",
        "base",
        "size",
        "fire",
        "tire",
        "wire",
        "hire",
        "care",
        "share",
        "rare",
        "zoo",
        "too",
        "tea",
        "sea",
        "pizza",
        "sauna",
        "soda",
        "sofa",
        "taxi",
    ]
)


class ReadingRecognizer(OfficeRecognizer):
    """The reading, romaji or other name in brackets (or after a slash) right after a name."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield readings after the names found so far."""
        for end in sorted(page.name_ends):
            match = _READING.match(page.text, end)
            if match is None:
                continue
            value = match.group("value")
            if value.isascii() and not value[0].isupper():
                continue
            is_bracket = match.group("open") in "(（〔["
            if is_bracket and not match.group("close"):
                continue
            if not is_bracket and not self._is_free_reading(page, match, value):
                continue
            if is_no_name(value) or (
                value.isascii()
                and value.lower() in ("tel", "fax", "mail", "email", "e-mail", "id", "no", "dv")
            ):
                continue
            known = page.morphology.word_classes(value)
            if (
                known & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER)
                and not known & NAME_CLASSES
                and " " not in value
                and len(value) < 4
            ):
                continue
            if known & WordClass.PLACE and not known & NAME_CLASSES:
                continue
            if (
                known & (WordClass.NOUN | WordClass.PARTICLE)
                and not known & NAME_CLASSES
                and title_pattern().fullmatch(value)
            ):
                continue
            yield match.start("value"), match.end("value"), EntityType.PERSON, 0.93 if is_bracket else 0.8

    def _is_free_reading(self, page: OfficeArtifacts, match: re.Match[str], value: str) -> bool:
        """After a space or slash only two-part readings count."""
        parts = re.split(r"[ ,・]+", value)
        if len(parts) != 2 or min(map(len, parts)) < 2 or match.group("close") is None:
            return False
        if value[0].isascii():
            return all(is_romaji(part) for part in parts)
        return not (page.morphology.is_common(parts[0]) and not page.morphology.is_name(parts[0]))


class SpacedNameRecognizer(OfficeRecognizer):
    """Names written with a space after each character: 山 田　太 郎, ヤ マ ダ."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield letter-spaced names."""
        for match in _SPACED.finditer(page.text):
            begin = match.start()
            for hit in page.labels_between(match.start(), match.end()):
                if len(hit.word) > 1 and (hit.start == match.start() or hit.is_field):
                    begin = max(begin, min(hit.end, match.end()))
            while begin < match.end() and page.text[begin] == " ":
                begin += 1
            run = page.text[begin : match.end()]
            offsets = [index for index, char in enumerate(run) if char != " "]
            compact = "".join(run[index] for index in offsets)
            title = next(
                (size for size in range(1, len(compact)) if title_pattern().fullmatch(compact, size)), 0
            )
            if title:
                compact = compact[:title]
                run = run[: offsets[title - 1] + 1]
            if len(compact) < 2 or len(run) < 3:
                continue
            is_labelled = page.has_label(begin, ("person", "role", "relation"), within=6)
            score = split_name(compact, page.morphology)[1] if len(compact) <= 7 else 0.0
            shape = None if score else read_name(compact, 0, len(compact), page.morphology, is_certain=True)
            if score >= (0.5 if is_labelled else 0.9) or (
                is_labelled and shape is not None and shape.end == len(compact)
            ):
                yield begin, begin + len(run), EntityType.PERSON, 0.99 if is_labelled else 0.8
        for match in _SPACED_KANA.finditer(page.text):
            if page.has_label(match.start(), ("person", "kana", "role"), within=6):
                yield match.start(), match.end(), EntityType.PERSON, 0.97
