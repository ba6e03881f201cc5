"""The fast layers on one block: folding, Sudachi, presidio's registry of our recognizers, wrapped lines."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from models.errors import AnalyzerUnavailableError
from models.masking.blocks import Block
from models.masking.entities import EntityType
from models.masking.gazetteer import load_gazetteer
from models.masking.layers import RECOGNIZERS_OF, Layer
from models.masking.normalize import NormalizedText, normalize, soft_breaks, unfolded
from models.masking.overlap import Candidate
from models.masking.reading import LEAST_SCORE, Reading, ReadingCache
from models.masking.recognizers.morphology import Morphology
from models.masking.wraps import add_joined

if TYPE_CHECKING:
    from models.masking.recognizers.artifacts import OfficeArtifacts, SudachiNlpEngine
    from models.masking.recognizers.base import OfficeRecognizer


class BlockReader:
    """Reads blocks and remembers what it read.

    Args:
        disabled: Layers to leave out; for measuring only.

    Raises:
        AnalyzerUnavailableError: A part is missing or broken.
    """

    def __init__(self, *, disabled: frozenset[Layer] = frozenset()) -> None:
        self._disabled = disabled
        self._engine, recognizers = _load()
        left_out = {name for layer in disabled for name in RECOGNIZERS_OF.get(layer, ())}
        self._recognizers = [r for r in recognizers if type(r).__name__ not in left_out]
        self._cache = ReadingCache()

    @property
    def morphology(self) -> Morphology:
        """Sudachi's dictionary."""
        assert self._engine.morphology is not None
        return self._engine.morphology

    def read(self, block: Block) -> Reading:
        """What the fast layers find in a block; read anew only when the block is new."""
        key = (block.text, block.head)
        known = self._cache.get(key)
        return known if known is not None else self._cache.add(key, self._read_anew(block))

    def forget(self) -> None:
        """Drop what is kept of blocks read so far."""
        self._cache.clear()

    def _read_anew(self, block: Block) -> Reading:
        source = unfolded(block.text) if Layer.FOLDING in self._disabled else normalize(block.text)
        reading = self._recognize(source)
        while reading.head < len(source.starts) and source.starts[reading.head] < block.head:
            reading.head += 1
        breaks, is_wrapped = soft_breaks(source.text)
        if breaks and Layer.WRAPS not in self._disabled:
            add_joined(reading, breaks, self._recognize, is_wrapped=is_wrapped)
        return reading

    def _recognize(self, source: NormalizedText) -> Reading:
        """Ask every recognizer in the order of the registry; later ones see what earlier ones found."""
        page = self._engine.process_text(source.text, "ja")
        finds: list[Candidate] = []
        claims: list[Candidate] = []
        labels = _field_labels(page)
        for recognizer in self._recognizers:
            name = (type(recognizer).__name__,)
            for result in recognizer.analyze(source.text, None, page):
                if result.entity_type == EntityType.PERSON and labels.find(0, result.start, result.end) < 0:
                    continue
                candidate = Candidate(result.start, result.end, result.entity_type, result.score, name)
                if candidate.is_claim:
                    page.claims.append(result)
                    claims.append(candidate)
                    continue
                finds.append(candidate)
                if candidate.kind == EntityType.PERSON and candidate.score >= LEAST_SCORE:
                    page.name_ends.add(candidate.end)
                    page.name_starts.add(candidate.start)
        tokens = page.tokens_of
        return Reading(source, finds, claims, frozenset(tokens.begins), frozenset(tokens.ends))


def _field_labels(page: OfficeArtifacts) -> bytearray:
    """Marks the characters of labels: the name of a field is not the name of a person."""
    marked = bytearray(len(page.text) + 1)
    for hit in page.labels:
        if hit.is_field and not hit.kinds & {"role", "relation"} and len(hit.word) > 1:
            marked[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    return marked


def _load() -> tuple[SudachiNlpEngine, list[OfficeRecognizer]]:
    try:
        with warnings.catch_warnings():
            # presidio and spaCy warn about their own dependencies while they are imported.
            warnings.simplefilter("ignore", category=DeprecationWarning)
            warnings.simplefilter("ignore", category=FutureWarning)
            from models.masking.recognizers.artifacts import SudachiNlpEngine
            from models.masking.recognizers.base import OfficeRecognizer
            from models.masking.recognizers.registry import build_registry
    except ImportError as error:
        raise AnalyzerUnavailableError(part="presidio-analyzer") from error
    engine = SudachiNlpEngine()
    engine.load()
    found = build_registry(load_gazetteer()).get_recognizers(language="ja", all_fields=True)
    return engine, [recognizer for recognizer in found if isinstance(recognizer, OfficeRecognizer)]
