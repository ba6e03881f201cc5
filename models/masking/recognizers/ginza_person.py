"""The slow vote: GiNZA's named entities, names of persons only.

The model is loaded by its path, never downloaded; parser, morphologizer and bunsetsu are left out.
Unlike the other recognizers this one is asked after them, and only for lines where its vote can
still change something.
"""

from __future__ import annotations

import importlib.util
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import AnalyzerUnavailableError, CancelledError

_UNUSED = [
    "parser",
    "attribute_ruler",
    "morphologizer",
    "compound_splitter",
    "bunsetu_recognizer",
    "disable_sentencizer",
]
_PERSON_LABELS = frozenset(("Person", "PERSON"))
_NAME_CHAR = re.compile(
    r"[一-鿿々ァ-ヶ㐀-䶿\U00020000-\U0003ffffA-Z]{2}|[ぁ-ん]{2,}(?:さん|ちゃん|くん|様)|[一-鿿々]"
)
_SENTENCE = re.compile(r"[^。\n]{1,400}(?:。|\n|$|(?<=.{400}))|\n")
_BATCH = 32
_MOST_KEPT_CHARS = 2_000_000


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """A span GiNZA calls a person."""

    start: int
    end: int


class GinzaPersons:
    """ja-ginza's tok2vec and ner.

    Raises:
        AnalyzerUnavailableError: spaCy or the model is missing (`part="ja-ginza"`).
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or _model_path()
        try:
            with warnings.catch_warnings():
                # spaCy's imports and model version notes; nothing a person could act on.
                warnings.simplefilter("ignore", category=DeprecationWarning)
                warnings.simplefilter("ignore", category=FutureWarning)
                warnings.filterwarnings("ignore", message=r"\[W0", category=UserWarning)
                import spacy

                self._nlp: Any = spacy.load(path, exclude=_UNUSED)
                self._kept: OrderedDict[str, tuple[NamedSpan, ...]] = OrderedDict()
                self._kept_chars = 0
        except (ImportError, OSError, ValueError) as error:
            raise AnalyzerUnavailableError(part="ja-ginza") from error

    def find(
        self, text: str, is_open: Callable[[int, int], bool], is_cancelled: Callable[[], bool]
    ) -> list[NamedSpan]:
        """Persons in a folded text.

        Args:
            text: Folded text.
            is_open: Whether a sentence may still hold a name nobody found; others are not read.
            is_cancelled: Asked before every batch.

        Returns:
            Spans in `text`.

        Raises:
            CancelledError: `is_cancelled` said so.
        """
        pieces = [
            match.span()
            for match in _SENTENCE.finditer(text)
            if _NAME_CHAR.search(match.group()) and is_open(*match.span())
        ]
        found: list[NamedSpan] = []
        for first in range(0, len(pieces), _BATCH):
            if is_cancelled():
                raise CancelledError()
            batch = pieces[first : first + _BATCH]
            for (start, _), persons in zip(batch, self._read([text[a:b] for a, b in batch]), strict=True):
                found.extend(NamedSpan(start + span.start, start + span.end) for span in persons)
        return found

    def forget(self) -> None:
        """Drop the sentences read so far."""
        self._kept.clear()
        self._kept_chars = 0

    def _read(self, sentences: list[str]) -> list[tuple[NamedSpan, ...]]:
        """The persons of each sentence; a sentence is read alone, so what it says is kept for the next time."""
        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in self._kept]
        for sentence, doc in zip(new, self._nlp.pipe(new, batch_size=_BATCH), strict=True):
            self._kept_chars += len(sentence)
            self._kept[sentence] = tuple(
                NamedSpan(entity.start_char, entity.end_char)
                for entity in doc.ents
                if entity.label_ in _PERSON_LABELS
            )
        answers = [self._kept[sentence] for sentence in sentences]
        while self._kept_chars > _MOST_KEPT_CHARS:
            oldest, _ = self._kept.popitem(last=False)
            self._kept_chars -= len(oldest)
        return answers


def _model_path() -> Path:
    spec = importlib.util.find_spec("ja_ginza")
    if spec is None or spec.origin is None:
        raise AnalyzerUnavailableError(part="ja-ginza")
    for candidate in sorted(Path(spec.origin).parent.glob("ja_ginza-*")):
        if (candidate / "meta.json").is_file():
            return candidate
    raise AnalyzerUnavailableError(part="ja-ginza")
