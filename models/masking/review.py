"""The review: a person's decisions about the finds in one text, with undo.

The analyzer proposes, the person decides. Nothing is masked or sent from here; `masker` takes
what `Review.confirm` hands out and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models.masking.entities import QUASI_IDENTIFIERS, EntityType, Span
from models.masking.vault import LITERAL_NOUN, Vault


class Origin(StrEnum):
    """Who put an item into the review."""

    FOUND = "found"
    MANUAL = "manual"
    VERBATIM = "verbatim"
    LOOKALIKE = "lookalike"


@dataclass(frozen=True)
class ValueRange:
    """A stretch of the prompt that a person filled in; only there is anything masked.

    Attributes:
        start: First code point.
        end: One past the last.
        noun: The field's label, the noun of a verbatim placeholder.
        is_verbatim: Whether the model must not alter the value, so that it travels as placeholders.
    """

    start: int
    end: int
    noun: str = ""
    is_verbatim: bool = False


@dataclass(frozen=True)
class ReviewItem:
    """One find with the person's decision about it."""

    span: Span
    origin: Origin
    is_masked: bool = True

    @property
    def is_hard_stop(self) -> bool:
        """個人番号: nobody can change it here; it has to leave the form."""
        return self.span.entity_type is EntityType.MY_NUMBER

    @property
    def may_be_unmasked(self) -> bool:
        """個人番号 and look-alikes of placeholders are never sent as they stand."""
        return not self.is_hard_stop and self.origin is not Origin.LOOKALIKE


@dataclass(frozen=True)
class ConfirmedReview:
    """What the person confirmed: the text and the spans to mask, and those left visible by hand."""

    text: str
    masked: tuple[Span, ...]
    unmasked: tuple[Span, ...]


class Review:
    """The editable list of finds of one text.

    Items never overlap and stand in the order of the text. Every change is one step of undo.
    """

    def __init__(self, text: str, items: Iterable[ReviewItem]) -> None:
        self.text = text
        self._items = tuple(sorted(items, key=lambda item: item.span.start))
        self._undo: list[tuple[ReviewItem, ...]] = []
        self._redo: list[tuple[ReviewItem, ...]] = []

    @classmethod
    def of(
        cls,
        text: str,
        finds: Sequence[Span],
        *,
        vault: Vault,
        ranges: Sequence[ValueRange] | None = None,
        mask_quasi: frozenset[EntityType] = frozenset(),
    ) -> Review:
        """Build the review of a text from the analyzer's finds.

        Args:
            text: The prompt as it was rendered, unmasked.
            finds: The analyzer's spans over `text`.
            vault: The draft's vault; its nouns decide what looks like a placeholder.
            ranges: Where the person's values stand; the whole text when None. Finds are clipped to
                them: a template's fixed words are the office's own.
            mask_quasi: Quasi-identifiers that are masked, not just pointed out.
        """
        ranges = [ValueRange(0, len(text))] if ranges is None else ranges
        items: list[ReviewItem] = []
        for value in ranges:
            inside = _clip(finds, value)
            if value.is_verbatim:
                items += _verbatim_items(text, value, inside)
                continue
            lookalikes = [
                Span(value.start + a, value.start + b, EntityType.CUSTOM, noun=LITERAL_NOUN)
                for a, b in vault.find_lookalikes(text[value.start : value.end])
            ]
            items += [ReviewItem(span, Origin.LOOKALIKE) for span in lookalikes]
            for span in inside:
                if not any(span.overlaps(other) for other in lookalikes):
                    is_masked = span.entity_type not in QUASI_IDENTIFIERS or span.entity_type in mask_quasi
                    items.append(ReviewItem(span, Origin.FOUND, is_masked))
        return cls(text, items)

    @property
    def items(self) -> tuple[ReviewItem, ...]:
        """All items in the order of the text."""
        return self._items

    @property
    def counts(self) -> dict[EntityType, int]:
        """Number of masked mentions per kind."""
        return dict(Counter(item.span.entity_type for item in self._items if item.is_masked))

    @property
    def person_count(self) -> int:
        """Number of distinct persons among the masked names."""
        return len(
            {
                item.span.person or self.value_of(item)
                for item in self._items
                if item.is_masked and item.span.entity_type is EntityType.PERSON
            }
        )

    @property
    def my_number_count(self) -> int:
        """How many individual numbers stand in the text (a hard stop when not zero)."""
        return sum(item.span.entity_type is EntityType.MY_NUMBER for item in self._items)

    @property
    def low_confidence_count(self) -> int:
        """How many finds deserve a second look."""
        return sum(item.span.is_low_confidence for item in self._items)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._redo)

    def value_of(self, item: ReviewItem) -> str:
        """The characters an item covers."""
        return self.text[item.span.start : item.span.end]

    def item_at(self, offset: int) -> int | None:
        """Index of the item that covers a code point, or None."""
        for index, item in enumerate(self._items):
            if item.span.start <= offset < item.span.end:
                return index
        return None

    def mentions(self, index: int) -> list[int]:
        """Indices of all items with the same characters or the same person as item `index`."""
        chosen = self._items[index]
        value, person = self.value_of(chosen), chosen.span.person
        return [
            i
            for i, item in enumerate(self._items)
            if self.value_of(item) == value or (person and item.span.person == person)
        ]

    def toggle(self, index: int, *, all_mentions: bool = False) -> bool:
        """Mask or un-mask an item (or all its mentions). False when the item must stay masked."""
        wanted = not self._items[index].is_masked
        chosen = set(self.mentions(index)) if all_mentions else {index}
        if not wanted and not all(self._items[i].may_be_unmasked for i in chosen):
            return False
        self._change(lambda i, item: replace(item, is_masked=wanted) if i in chosen else item)
        return True

    def change_kind(self, index: int, entity_type: EntityType, *, all_mentions: bool = False) -> None:
        """Say what an item really is. The item is masked afterwards; a 個人番号 stays what it is."""
        chosen = set(self.mentions(index)) if all_mentions else {index}

        def changed(i: int, item: ReviewItem) -> ReviewItem:
            if i not in chosen or item.is_hard_stop or item.origin is Origin.LOOKALIKE:
                return item
            span = replace(item.span, entity_type=entity_type, score=1.0, noun="", person="")
            return replace(item, span=span, is_masked=True)

        self._change(changed)

    def mask_selection(
        self, start: int, end: int, entity_type: EntityType, *, all_mentions: bool = False
    ) -> int:
        """Mask characters the analyzer did not find. Returns how many places were masked.

        Items that the selection covers in part are replaced by it. A selection over a 個人番号 masks
        nothing: that is a hard stop.
        """
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start >= end:
            return 0
        places = [(start, end)]
        if all_mentions:
            value, at = self.text[start:end], self.text.find(self.text[start:end])
            while at != -1:
                if at != start:
                    places.append((at, at + len(value)))
                at = self.text.find(value, at + len(value))
        new = [ReviewItem(Span(a, b, entity_type, sources=("person",)), Origin.MANUAL) for a, b in places]
        if any(item.is_hard_stop and item.span.overlaps(n.span) for item in self._items for n in new):
            return 0
        kept = [item for item in self._items if not any(item.span.overlaps(n.span) for n in new)]
        self._set(tuple(sorted((*kept, *new), key=lambda item: item.span.start)))
        return len(new)

    def undo(self) -> None:
        """Take the last change back."""
        if self._undo:
            self._redo.append(self._items)
            self._items = self._undo.pop()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._redo:
            self._undo.append(self._items)
            self._items = self._redo.pop()

    def confirm(self) -> ConfirmedReview:
        """The person's word that the masking was looked at. `Masker.mask` still has the last say."""
        return ConfirmedReview(
            self.text,
            tuple(item.span for item in self._items if item.is_masked),
            tuple(item.span for item in self._items if not item.is_masked),
        )

    def _change(self, changed: Callable[[int, ReviewItem], ReviewItem]) -> None:
        self._set(tuple(changed(i, item) for i, item in enumerate(self._items)))

    def _set(self, items: tuple[ReviewItem, ...]) -> None:
        if items != self._items:
            self._undo.append(self._items)
            self._redo.clear()
            self._items = items


def _clip(finds: Sequence[Span], value: ValueRange) -> list[Span]:
    clipped = (
        replace(span, start=max(span.start, value.start), end=min(span.end, value.end))
        for span in finds
        if span.start < value.end and value.start < span.end
    )
    return sorted(clipped, key=lambda span: span.start)


def _verbatim_items(text: str, value: ValueRange, inside: Sequence[Span]) -> list[ReviewItem]:
    """One item per line of a verbatim value; a line that is one find keeps that find's kind."""
    items = []
    start = value.start
    for line in text[value.start : value.end].splitlines(keepends=True):
        bare = line.strip()
        body = bare.lstrip("・-*●■◆○ 　\t") or bare
        a = start + line.find(body)
        b = a + len(body)
        start += len(line)
        if not body:
            continue
        finds = [span for span in inside if a <= span.start and span.end <= b]
        stops = [span for span in finds if span.entity_type is EntityType.MY_NUMBER]
        whole = [span for span in finds if (span.start, span.end) == (a, b)]
        if stops:
            # The number has to leave the form; until then the line shows every find.
            items += [ReviewItem(span, Origin.FOUND) for span in finds]
        elif whole:
            items.append(ReviewItem(whole[0], Origin.FOUND))
        else:
            items.append(ReviewItem(Span(a, b, EntityType.VERBATIM, noun=value.noun), Origin.VERBATIM))
    return items
