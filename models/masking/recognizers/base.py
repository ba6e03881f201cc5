"""The base of this project's recognizers: presidio's `EntityRecognizer`, for Japanese office text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts

CLAIM = "CLAIM_"
"""Prefix of entity types that stand for what is *not* personal."""


class OfficeRecognizer(EntityRecognizer):
    """Finds spans in the folded text of one block.

    A subclass names what it finds in `finds` and yields `(start, end, kind, score)` from `find`.
    """

    finds: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        name = type(self).__name__
        super().__init__(supported_entities=list(self.finds), name=name, supported_language="ja")
        self._metadata = {RecognizerResult.RECOGNIZER_NAME_KEY: name}

    def load(self) -> None:
        """Nothing to load; what recognizers share is in the artifacts."""

    @abstractmethod
    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield `(start, end, entity type or claim, score)` in the folded text."""

    def analyze(
        self, text: str, entities: Iterable[str] | None, nlp_artifacts: NlpArtifacts | None
    ) -> list[RecognizerResult]:
        """Presidio's interface; `nlp_artifacts` must be an `OfficeArtifacts` of `text`."""
        if not isinstance(nlp_artifacts, OfficeArtifacts):
            raise TypeError("OfficeRecognizer needs OfficeArtifacts")
        wanted = None if entities is None else set(entities)
        return [
            RecognizerResult(kind, start, end, score, recognition_metadata=self._metadata)
            for start, end, kind, score in self.find(nlp_artifacts)
            if wanted is None or kind in wanted
        ]


def kinds(*types: EntityType) -> tuple[str, ...]:
    """Entity types as presidio's strings."""
    return tuple(str(entity_type) for entity_type in types)


def digits_of(value: str) -> str:
    """The ASCII digits of a value."""
    return "".join(char for char in value if "0" <= char <= "9")
