"""What all recognizers share about one block of text: tokens, labels, table cells, fields.

`OfficeArtifacts` is presidio's `NlpArtifacts`, made by `SudachiNlpEngine`, presidio's `NlpEngine`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, cast

from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from models.masking.recognizers.labels import LabelHit, find_labels
from models.masking.recognizers.morphology import Morphology, Tokens
from models.masking.recognizers.tables import Cell, find_cells


@dataclass(frozen=True, slots=True)
class Field:
    """A value and what its label says it is. `text[start:end]` is the value, trimmed."""

    start: int
    end: int
    kinds: frozenset[str]
    is_cell: bool


_GAP = re.compile(
    r"(?:[0-9A-D①-⑨](?=[ :]))?(?:\([^()\n]{0,16}\))?[\"'』」】\])〕]{0,2}[ \t]{0,12}(?:(?:[:=|>／/→;]|\t|は|欄)[ \t]{0,12})?[\"'「『（(\[【<]{0,2}[ ]{0,8}"  # noqa: E501
)
_LATIN_COMMA = re.compile(r"[A-Za-z'\-]{2,20}, ?[A-Za-z'\-]{2,20}(?=[ \n\"'|]|$)")
_FIELD_END = re.compile(r"[\n\t|;、。」』】<>\"]|,|  +")


class OfficeArtifacts(NlpArtifacts):
    """Tokens, labels and cells of one folded text, with the lookups recognizers need.

    Attributes:
        text: The folded text.
        tokens_of: Sudachi's tokens.
        labels: Label words in order.
        cells: Cells of the tables found, with the kinds their heads announce.
        morphology: For dictionary questions.
        claims: Spans that are not personal, by kind; filled by the claiming recognizers.
        addresses: Address spans; filled by the address recognizer for those after it.
        name_ends: Where the names found so far end.
    """

    def __init__(self, text: str, morphology: Morphology, engine: NlpEngine) -> None:
        super().__init__([], cast(Any, None), [], [], engine, "ja")
        self.text = text
        self.morphology = morphology
        self.tokens_of: Tokens = morphology.tokenize(text)
        self.labels: list[LabelHit] = find_labels(text)
        self.cells: list[Cell] = find_cells(text)
        self.claims: list[RecognizerResult] = []
        self.addresses: list[tuple[int, int]] = []
        self.name_ends: set[int] = set()
        self.name_starts: set[int] = set()
        self._label_ends = [hit.end for hit in self.labels]
        self._label_starts = [hit.start for hit in self.labels]
        self._cell_starts = [cell.start for cell in self.cells]
        self._fields: list[Field] | None = None
        self._blanked = (0, text)
        self._newlines = [index for index, char in enumerate(text) if char == "\n"]
        self._newlines.append(len(text))

    @property
    def text_without_addresses(self) -> str:
        """The text with the addresses found so far blanked out; the length stays."""
        key = len(self.addresses)
        if self._blanked[0] != key:
            text = self.text
            for start, end in self.addresses:
                text = text[:start] + "〓" * (end - start) + text[end:]
            self._blanked = (key, text)
        return self._blanked[1]

    def line_of(self, position: int) -> tuple[int, int]:
        """Start and end of the line around a position."""
        index = bisect_left(self._newlines, position)
        start = self._newlines[index - 1] + 1 if index else 0
        return start, self._newlines[index] if index < len(self._newlines) else len(self.text)

    def cell_at(self, position: int) -> Cell | None:
        """The table cell around a position."""
        index = bisect_right(self._cell_starts, position) - 1
        if index >= 0 and position < self.cells[index].end:
            return self.cells[index]
        return None

    def labels_between(self, start: int, end: int) -> list[LabelHit]:
        """Labels that begin in `text[start:end]`."""
        return self.labels[bisect_left(self._label_starts, start) : bisect_left(self._label_starts, end)]

    def label_before(self, position: int, *, within: int = 24) -> LabelHit | None:
        """The nearest label left of a position in its cell or line, or alone on the line above.

        Args:
            position: Where the value begins.
            within: How many characters may stand between.

        Returns:
            The label; a column head where nothing nearer stands.
        """
        line_start, _ = self.line_of(position)
        cell = self.cell_at(position)
        low = max(line_start, cell.start if cell else 0)
        index = bisect_right(self._label_ends, position) - 1
        while index >= 0 and self._label_ends[index] > low - 1:
            hit = self.labels[index]
            gap = position - hit.end
            if gap > within or hit.start < low:
                break
            if hit.is_field or gap <= 10 or len(hit.word) >= 4:
                return hit
            index -= 1
        if cell is not None:
            return LabelHit(position, position, "", cell.kinds, True)
        if line_start and not self.text[line_start:position].strip(" \t「『(\"'"):
            return self._label_on_line_above(line_start)
        return None

    def _label_on_line_above(self, line_start: int) -> LabelHit | None:
        above = self.text[: line_start - 1].rfind("\n") + 1 if line_start > 1 else 0
        head = self.text[above : line_start - 1]
        if len(head) > 24:
            return None
        for hit in reversed(self.labels_between(above, line_start)):
            rest = self.text[hit.end : line_start - 1]
            if not rest.strip(" :=)】」]>(欄"):
                return hit
        return None

    def has_label(self, position: int, kinds: Iterable[str], *, within: int = 24) -> bool:
        """Whether the nearest label left of a position announces one of the kinds."""
        hit = self.label_before(position, within=within)
        return hit is not None and not hit.kinds.isdisjoint(kinds)

    def fields(self) -> list[Field]:
        """Values after labels and in table cells; computed once."""
        if self._fields is None:
            self._fields = [*self._label_fields(), *self._cell_fields()]
        return self._fields

    def _cell_fields(self) -> Generator[Field]:
        for cell in self.cells:
            start, end = self._trim(cell.start, cell.end)
            if start < end:
                yield Field(start, end, cell.kinds, True)

    def _label_fields(self) -> Generator[Field]:
        text = self.text
        for hit in self.labels:
            if not hit.is_field:
                continue
            gap = _GAP.match(text, hit.end)
            start = gap.end() if gap else hit.end
            if start < len(text) and text[start] == "\n":
                start += 1
                while start < len(text) and text[start] in " \t":
                    start += 1
            if any(
                label.start == start and label.is_field and not label.kinds & {"role", "relation"}
                for label in self.labels_between(start, start + 1)
            ):
                continue
            comma = _LATIN_COMMA.match(text, start)
            stop = _FIELD_END.search(text, comma.end() if comma else start)
            end = min(stop.start() if stop else len(text), start + 120)
            for label in self.labels_between(start + 1, end):
                if (
                    label.is_field
                    and text[label.start - 1] in " (/・"
                    and label.end <= end
                    and (not label.word.isascii() or text[label.end : label.end + 1] in (":", "=", " "))
                ):
                    end = label.start
                    break
            start, end = self._trim(start, end)
            if start < end:
                yield Field(start, end, hit.kinds, False)

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        text = self.text
        while start < end and text[start] in " \t\"'":
            start += 1
        while end > start and text[end - 1] in " \t\"'(":
            end -= 1
        return start, end

    def token_index(self, position: int) -> int:
        """Index of the token that covers a position (or the next one)."""
        return bisect_right(self.tokens_of.ends, position)

    def is_claimed(self, start: int, end: int, *kinds: str) -> bool:
        """Whether a claim of one of the kinds (any kind if none is given) covers the span."""
        return any(
            claim.start <= start and end <= claim.end and (not kinds or claim.entity_type in kinds)
            for claim in self.claims
        )


class SudachiNlpEngine(NlpEngine):
    """Presidio's engine interface over Sudachi; nothing is ever downloaded."""

    engine_name = "sudachi"
    is_available = True

    def __init__(self) -> None:
        self.morphology: Morphology | None = None

    def load(self) -> None:
        """Open Sudachi's dictionary."""
        if self.morphology is None:
            self.morphology = Morphology()

    def is_loaded(self) -> bool:
        """Whether the dictionary is open."""
        return self.morphology is not None

    def process_text(self, text: str, language: str = "ja") -> OfficeArtifacts:
        """Read one folded text."""
        self.load()
        assert self.morphology is not None
        return OfficeArtifacts(text, self.morphology, self)

    def process_batch(
        self,
        texts: Iterable[str],
        language: str = "ja",
        batch_size: int = 1,
        n_process: int = 1,
        **kwargs: Any,
    ) -> Generator[tuple[str, OfficeArtifacts]]:
        """Read several texts."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str = "ja") -> bool:
        """Japanese office text has no stop words here."""
        return False

    def is_punct(self, word: str, language: str = "ja") -> bool:
        """Whether a word has no letter or digit."""
        return not any(char.isalnum() for char in word)

    def get_supported_entities(self) -> list[str]:
        """The engine itself names no entities; recognizers do."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Japanese."""
        return ["ja"]
