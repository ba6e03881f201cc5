"""The slow vote: GiNZA's named entities, names of persons only.

The model is loaded by its path, never downloaded; parser, morphologizer and bunsetsu are left out.
Unlike the other recognizers this one is asked after them, and only for lines where its vote can
still change something.
"""

from __future__ import annotations

import importlib.util
import re
import warnings
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
            for (start, _), doc in zip(
                batch, self._nlp.pipe([text[a:b] for a, b in batch], batch_size=_BATCH), strict=True
            ):
                found.extend(
                    NamedSpan(start + entity.start_char, start + entity.end_char)
                    for entity in doc.ents
                    if entity.label_ in _PERSON_LABELS
                )
        return found


def _model_path() -> Path:
    spec = importlib.util.find_spec("ja_ginza")
    if spec is None or spec.origin is None:
        raise AnalyzerUnavailableError(part="ja-ginza")
    for candidate in sorted(Path(spec.origin).parent.glob("ja_ginza-*")):
        if (candidate / "meta.json").is_file():
            return candidate
    raise AnalyzerUnavailableError(part="ja-ginza")
