"""The door to Sudachi: tokens with coarse classes, and what its dictionary knows about a word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import sudachipy

from models.errors import AnalyzerUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable


class WordClass:
    """Coarse classes of Sudachi's parts of speech as bits; a token has one, a looked-up word the union."""

    NONE = 0
    SURNAME = 1
    GIVEN = 2
    PERSON = 4
    PLACE = 8
    PROPER = 16
    NOUN = 32
    SUFFIX = 64
    PREFIX = 128
    PARTICLE = 256
    NUMBER = 512
    SYMBOL = 1024
    SPACE = 2048
    VERB = 4096
    OTHER = 8192
    OOV = 16384


NAME_CLASSES = WordClass.SURNAME | WordClass.GIVEN | WordClass.PERSON

_ERAS = frozenset(("明治", "大正", "昭和", "平成", "令和", "西暦", "元年"))


def _words(name: str) -> frozenset[str]:
    lines = files("models.masking").joinpath("data", name).read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_MAX_BYTES = 45_000


@dataclass(slots=True)
class Tokens:
    """Sudachi's tokens of one text as parallel lists (offsets in its characters)."""

    begins: list[int]
    ends: list[int]
    surfaces: list[str]
    classes: list[int]

    def __len__(self) -> int:
        return len(self.begins)


def _class_of(pos: tuple[str, ...]) -> int:
    """The coarse class of a part of speech (UniDic's scheme, as in SudachiDict)."""
    first, second, third, fourth = pos[0], pos[1], pos[2], pos[3]
    if first == "名詞":
        if second == "固有名詞":
            if third == "人名":
                return {"姓": WordClass.SURNAME, "名": WordClass.GIVEN}.get(fourth, WordClass.PERSON)
            return WordClass.PLACE if third == "地名" else WordClass.PROPER
        return WordClass.NUMBER if second == "数詞" else WordClass.NOUN
    return {
        "代名詞": WordClass.OTHER,
        "接尾辞": WordClass.SUFFIX,
        "接頭辞": WordClass.PREFIX,
        "助詞": WordClass.PARTICLE,
        "助動詞": WordClass.PARTICLE,
        "補助記号": WordClass.SYMBOL,
        "記号": WordClass.SYMBOL,
        "空白": WordClass.SPACE,
        "動詞": WordClass.VERB,
        "形容詞": WordClass.VERB,
    }.get(first, WordClass.OTHER)


class Morphology:
    """Sudachi with the core dictionary.

    Raises:
        AnalyzerUnavailableError: The dictionary cannot be opened (`part="sudachi"`).
    """

    def __init__(self) -> None:
        try:
            dictionary = sudachipy.Dictionary(dict="core")
            self._tokenizer = dictionary.create(mode=sudachipy.SplitMode.C)
        except (OSError, RuntimeError, ValueError, ImportError) as error:
            raise AnalyzerUnavailableError(part="sudachi") from error
        self._dictionary: Any = dictionary
        self._surnames, self._given = _words("surnames.txt"), _words("given_names.txt")
        self._class_by_pos: dict[int, int] = {}
        self.word_classes: Callable[[str], int] = lru_cache(maxsize=100_000)(self._look_up)

    def tokenize(self, text: str) -> Tokens:
        """Tokens of a text of any length; long texts are read in pieces cut at line ends.

        Args:
            text: Text without lone surrogates.

        Returns:
            The tokens in order; offsets in characters of `text`.
        """
        tokens = Tokens([], [], [], [])
        position = 0
        limit = _MAX_BYTES // 4
        while position < len(text):
            end = min(len(text), position + limit)
            if end < len(text):
                cut = text.rfind("\n", position + 1, end)
                end = cut + 1 if cut > 0 else end
            self._read(text[position:end], position, tokens)
            position = end
        return tokens

    def _read(self, piece: str, offset: int, tokens: Tokens) -> None:
        known = self._class_by_pos
        for morpheme in self._tokenizer.tokenize(piece):
            pos_id = morpheme.part_of_speech_id()
            word_class = known.get(pos_id)
            if word_class is None:
                word_class = known[pos_id] = _class_of(morpheme.part_of_speech())
            if morpheme.is_oov():
                word_class |= WordClass.OOV
            tokens.begins.append(offset + morpheme.begin())
            tokens.ends.append(offset + morpheme.end())
            tokens.surfaces.append(morpheme.surface())
            tokens.classes.append(word_class)

    def _look_up(self, word: str) -> int:
        result = WordClass.NONE
        if word in _ERAS:
            return WordClass.NOUN
        if word in self._surnames:
            result |= WordClass.SURNAME
        if word in self._given:
            result |= WordClass.GIVEN
        if not word or len(word) > 24:
            return result
        for morpheme in self._dictionary.lookup(word):
            if morpheme.surface() == word:
                result |= _class_of(morpheme.part_of_speech())
        return result

    def is_surname(self, word: str) -> bool:
        """Whether the dictionary lists the word as a surname."""
        return bool(self.word_classes(word) & WordClass.SURNAME)

    def is_given(self, word: str) -> bool:
        """Whether the dictionary lists the word as a given name."""
        return bool(self.word_classes(word) & WordClass.GIVEN)

    def is_name(self, word: str) -> bool:
        """Whether the dictionary lists the word as any name of a person."""
        return bool(self.word_classes(word) & NAME_CLASSES)

    def is_common(self, word: str) -> bool:
        """Whether the dictionary lists the word as a common noun, verb or the like."""
        return bool(self.word_classes(word) & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER))
