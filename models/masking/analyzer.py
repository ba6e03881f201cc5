"""The door to everything that finds personal information.

A text is cut into blocks (`blocks`); each block is folded, read by Sudachi and by the recognizers of an
explicit presidio registry (`reader`, `wraps`); ja-ginza votes last and only in `analyze` (`slow_vote`);
finds and claims are resolved (`overlap`); a consistency pass joins the blocks (`mentions`); policy and
person have the last word (`settings`). Readings of blocks are kept, so that a typed change costs one block.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from models.masking.blocks import Block, split_blocks
from models.masking.consistency import person_keys
from models.masking.dictionary import DictionaryEntry
from models.masking.entities import QUASI_IDENTIFIERS, EntityType, Span
from models.masking.layers import Layer
from models.masking.mentions import add_mentions, find_names
from models.masking.overlap import Candidate, resolve
from models.masking.reader import BlockReader
from models.masking.reading import LEAST_SCORE, Reading
from models.masking.settings import AnalyzerSettings, apply_settings

if TYPE_CHECKING:
    from models.masking.recognizers.ginza_person import GinzaPersons

__all__ = ["AnalyzerSettings", "DictionaryEntry", "Layer", "MaskingAnalyzer"]

_JOINTS = re.compile(r"[\s　・=＝,]+")
_BLANK = " \t\n"


def _never() -> bool:
    return False


class MaskingAnalyzer:
    """Finds personal information in Japanese office text.

    Args:
        settings: Dictionaries and kinds; the defaults when None.
        disabled: Layers to leave out; for measuring only.
    """

    def __init__(
        self, settings: AnalyzerSettings | None = None, *, disabled: frozenset[Layer] = frozenset()
    ) -> None:
        self.settings = settings or AnalyzerSettings()
        self._disabled = disabled
        self._reader: BlockReader | None = None
        self._ginza: GinzaPersons | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the fast layers are ready."""
        return self._reader is not None

    def load(self) -> None:
        """Load Sudachi, the gazetteer and ja-ginza; about three seconds.

        Raises:
            AnalyzerUnavailableError: A part is missing or broken.
        """
        self._loaded_reader()
        self._loaded_ginza()

    def load_fast(self) -> None:
        """Load what `analyze_fast` needs; under two seconds.

        Raises:
            AnalyzerUnavailableError: A part is missing or broken.
        """
        self._loaded_reader()

    def with_settings(self, settings: AnalyzerSettings) -> MaskingAnalyzer:
        """The same loaded analyzer with other settings; what is cached is shared.

        Args:
            settings: The new settings.

        Returns:
            Another analyzer; nothing is loaded again.
        """
        other = MaskingAnalyzer(settings, disabled=self._disabled)
        other._reader, other._ginza = self._reader, self._ginza
        return other

    def forget(self) -> None:
        """Drop what is kept of texts read so far (at the end of a draft; the policy may ask for it)."""
        if self._reader is not None:
            self._reader.forget()
        if self._ginza is not None:
            self._ginza.forget()

    def analyze_fast(self, text: str) -> list[Span]:
        """Every layer but the slow named entities.

        Args:
            text: Any string.

        Returns:
            Spans of the original text, sorted, without overlap.
        """
        reader = self._loaded_reader()
        blocks = split_blocks(text)
        return self._join(text, blocks, [reader.read(block) for block in blocks], reader)

    def analyze(self, text: str, *, is_cancelled: Callable[[], bool] = _never) -> list[Span]:
        """Every layer.

        Args:
            text: Any string.
            is_cancelled: Asked between batches; makes the analysis stop.

        Returns:
            Spans of the original text, sorted, without overlap.

        Raises:
            CancelledError: `is_cancelled` said so.
        """
        from models.masking.slow_vote import ask_ginza

        reader, ginza = self._loaded_reader(), self._loaded_ginza()
        blocks = split_blocks(text)
        readings = []
        for block in blocks:
            reading = reader.read(block)
            if Layer.GINZA not in self._disabled:
                ask_ginza(reading, ginza, reader.morphology, is_cancelled)
            readings.append(reading)
        return self._join(text, blocks, readings, reader, with_slow=True)

    def _loaded_reader(self) -> BlockReader:
        if self._reader is None:
            self._reader = BlockReader(disabled=self._disabled)
        return self._reader

    def _loaded_ginza(self) -> GinzaPersons:
        if self._ginza is None:
            from models.masking.recognizers.ginza_person import GinzaPersons

            self._ginza = GinzaPersons()
        return self._ginza

    def _join(
        self,
        text: str,
        blocks: list[Block],
        readings: list[Reading],
        reader: BlockReader,
        *,
        with_slow: bool = False,
    ) -> list[Span]:
        """Resolve each block, join them by what they mention, and hand out spans of the original text."""
        resolved = [self._resolve(reading, with_slow=with_slow) for reading in readings]
        names = find_names(readings, resolved, reader.morphology)
        if Layer.CONSISTENCY not in self._disabled:
            add_mentions(readings, resolved, names, reader.morphology)
        keys = person_keys(names)
        spans: list[Span] = []
        for block, reading, finds in zip(blocks, readings, resolved, strict=True):
            offset = block.start - block.head
            spans.extend(_span(reading, find, offset, keys) for find in finds if find.start >= reading.head)
        return apply_settings(text, spans, self.settings)

    def _resolve(self, reading: Reading, *, with_slow: bool) -> list[Candidate]:
        finds = reading.finds
        if not self.settings.include_quasi:
            finds = [find for find in finds if find.kind not in QUASI_IDENTIFIERS]
        slow = reading.persons if with_slow and reading.persons else []
        text = reading.source.text
        return [
            _trimmed(find, text)
            for find in resolve([*finds, *reading.claims, *slow])
            if find.score >= LEAST_SCORE and text[find.start : find.end].strip()
        ]


def _trimmed(find: Candidate, text: str) -> Candidate:
    """A find without the spaces at its ends."""
    start, end = find.start, find.end
    while text[start] in _BLANK:
        start += 1
    while text[end - 1] in _BLANK:
        end -= 1
    return find if (start, end) == (find.start, find.end) else replace(find, start=start, end=end)


def _span(reading: Reading, find: Candidate, offset: int, keys: dict[str, str]) -> Span:
    """A find as a span of the original text, with the key of the person it names."""
    start, end = reading.source.to_original(find.start, find.end)
    kind = EntityType(find.kind)
    person = ""
    if kind is EntityType.PERSON:
        value = _JOINTS.sub("", reading.source.text[find.start : find.end])
        person = keys.get(value, value)
    return Span(offset + start, offset + end, kind, round(find.score, 3), find.sources, person=person)
