"""Cutting a long text into parts that a model can read one by one.

The parts follow each other without gap or overlap. Where no better place than the middle of a sentence
exists, the part after the cut also shows how that sentence began (`lead`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from desktop.drafting.long_input.boundaries import (
    Boundary,
    Piece,
    Rank,
    find_boundaries,
    protected_spans,
    words_of,
)

LEAST_FILL: Final = 0.6
"""A part is filled at least so far before a good place may end it."""
MAX_LEAD_CHARS: Final = 80


@dataclass(frozen=True)
class Stretch:
    """One part of a text: `text[start:end]`, shown to the model from `lead` on (code points)."""

    start: int
    end: int
    lead: int


class Outline:
    """A text with the places where it may be cut.

    Args:
        text: Masked text; placeholders in it are never cut.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._boundaries = find_boundaries(text)
        self._offsets = [boundary.offset for boundary in self._boundaries]
        self._protected = protected_spans(text)
        self._named = [boundary for boundary in self._boundaries if boundary.label]
        self._named_offsets = [boundary.offset for boundary in self._named]
        self._lines = _line_starts(text)

    def split(self, limit_chars: int, within: Stretch | None = None) -> tuple[Stretch, ...]:
        """Cut the text, or a stretch of it, into stretches of `limit_chars` at most, leads included.

        Only a single placeholder that is longer than the limit makes a longer stretch.
        """
        start, end, lead = (within.start, within.end, within.lead) if within else (0, len(self.text), 0)
        limit_chars = max(1, limit_chars)
        lead = max(lead, start - limit_chars // 2)
        found: list[Stretch] = []
        while start < end:
            cut = self._cut(start, end, max(1, limit_chars - (start - lead)))
            if cut - lead > limit_chars:  # a placeholder as long as the part: its lead finds no room
                lead, cut = start, self._cut(start, end, limit_chars)
            found.append(Stretch(start, cut, lead))
            start = cut
            lead = self._lead(cut, limit_chars)
        return tuple(found)

    # --- where to cut -------------------------------------------------------------------------

    def _cut(self, start: int, end: int, room: int) -> int:
        """The end of the part that begins at `start`: even parts, at the best place there is."""
        left = end - start
        if left <= room:
            return end
        even = left / -(-left // room)
        lowest = start + max(1, int(even * LEAST_FILL))
        candidates = self._boundaries[
            bisect_left(self._offsets, lowest) : bisect_right(self._offsets, start + room)
        ]
        inside = [b for b in candidates if b.offset < end]
        if inside:
            return min(inside, key=lambda b: (b.rank, abs(b.offset - start - even))).offset
        return self._forced(start, start + max(1, int(even)), end)

    def _forced(self, start: int, cut: int, end: int) -> int:
        """A cut where nothing offers itself: between two characters, beside a placeholder."""
        index = bisect_right(self._protected, (cut, 0)) - 1
        if index >= 0:
            a, b = self._protected[index]
            if a < cut < b:
                return a if a > start else min(b, end)
        return cut

    def _lead(self, cut: int, limit_chars: int) -> int:
        """Where to begin showing the part after `cut`: with its sentence, where that one was cut."""
        index = bisect_left(self._offsets, cut)
        whole = Rank.SENTENCE, Rank.ROW
        if index < len(self._offsets) and self._offsets[index] == cut:
            rank = self._boundaries[index].rank
            if rank <= whole[0] or rank is whole[1]:
                return cut
        least = cut - min(MAX_LEAD_CHARS, limit_chars // 4)
        for boundary in reversed(self._boundaries[:index]):
            if boundary.offset < least:
                break
            if boundary.rank <= Rank.SENTENCE:
                return boundary.offset
        return self._forced(least, least, cut) if least > 0 and least < cut else cut

    # --- what a part is called ----------------------------------------------------------------

    def counted(self, stretch: Stretch) -> tuple[Piece, ...]:
        """A part by the number of its paragraphs or characters."""
        return self._counted(stretch.start, stretch.end)

    def mark(self, stretch: Stretch) -> tuple[Piece, ...]:
        """What a person calls the part: 第3条〜第5条, 「２　協議事項」, 段落12〜18."""
        start, end = stretch.start, stretch.end
        inside = self._named[bisect_left(self._named_offsets, start) : bisect_left(self._named_offsets, end)]
        begins_named = bool(inside) and not self.text[start : inside[0].offset].strip()
        if any(b.rank is Rank.ARTICLE for b in inside):
            # 第2章 with its articles is known by the articles.
            inside = [b for b in inside if not self._is_chapter(b)]
        enclosing = self._enclosing(start)
        if begins_named:
            return self._span(inside, end)
        if enclosing is not None and not inside:
            return (*enclosing.label, "の途中（", *self._counted(start, end), "）")
        if not inside:
            return self._counted(start, end)
        beginning = (*enclosing.label, "の途中") if enclosing is not None else ("冒頭",)
        return (*beginning, "〜", *self._full(self._last(inside, end, Rank.CHAPTER), inside))

    def _is_chapter(self, boundary: Boundary) -> bool:
        return boundary.rank <= Rank.SECTION and words_of(boundary.label, self.text).startswith("第")

    def _span(self, inside: list[Boundary], end: int) -> tuple[Piece, ...]:
        first = inside[0]
        last = self._last(inside, end, first.rank)
        return first.label if last is first else (*first.label, "〜", *self._full(last, inside))

    def _last(self, inside: list[Boundary], end: int, least: Rank) -> Boundary:
        """The last name that counts: as fine as the first one, or as the place of the cut after it."""
        index = bisect_left(self._offsets, end)
        after = self._boundaries[index].rank if index < len(self._offsets) else least
        limit = max(least, after)
        if any(b.rank is Rank.ARTICLE for b in inside):
            limit = max(limit, Rank.ARTICLE)
        return next((b for b in reversed(inside) if b.rank <= limit), inside[-1])

    def _full(self, last: Boundary, inside: list[Boundary]) -> tuple[Piece, ...]:
        """The last name; an article of another text that began inside the part with that text's heading."""
        if last.rank >= Rank.ARTICLE:
            for boundary in reversed(inside[: inside.index(last)]):
                if boundary.rank <= Rank.SECTION and boundary is not inside[0]:
                    return (*boundary.label, *last.label)
        return last.label

    def _enclosing(self, start: int) -> Boundary | None:
        index = bisect_left(self._named_offsets, start) - 1
        return self._named[index] if index >= 0 else None

    def _counted(self, start: int, end: int) -> tuple[Piece, ...]:
        """By number: paragraphs where the part is made of whole lines, characters otherwise."""
        first, last = bisect_right(self._lines, start), bisect_left(self._lines, end)
        is_whole = start == 0 or start in self._lines[first - 1 : first]
        ends_whole = end == len(self.text) or end in self._lines[last : last + 1]
        if is_whole and ends_whole and len(self._lines) > 1:
            rows = self.text[start:end].count("\t") > last - first
            word = "行" if rows else "段落"
            return (f"{word}{max(1, first)}",) if last <= first else (f"{word}{max(1, first)}〜{last}",)
        return (f"{start + 1:,}〜{end:,}字目",)


def _line_starts(text: str) -> list[int]:
    """Offsets of the lines that hold something."""
    starts, at = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            starts.append(at)
        at += len(line)
    return starts
