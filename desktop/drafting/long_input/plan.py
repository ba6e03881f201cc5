"""Into which parts a long text is cut for one model: estimated by characters, then measured by its engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from desktop.drafting.long_input.boundaries import Piece, words_of
from desktop.drafting.long_input.splitting import Outline, Stretch
from desktop.drafting.long_input.wording import LongRequest
from models.engine.protocol import Message
from models.errors import ContextTooLongError
from models.masking.text import MaskedText

_MAX_ANSWER_TOKENS: Final = 640
_LEAST_ANSWER_TOKENS: Final = 48
_MARK_TOKENS: Final = 48
_MARGIN: Final = 0.95
_MAX_ROUNDS: Final = 12


@dataclass(frozen=True)
class Part:
    """One part of the long text.

    Attributes:
        stretch: Where it stands in the long text.
        mark: What a person calls it, masked.
        messages: The request for its points.
    """

    stretch: Stretch
    mark: MaskedText
    messages: tuple[Message, ...]

    @property
    def chars(self) -> int:
        """Its length, code points."""
        return self.stretch.end - self.stretch.start


class PartPlan:
    """Finds the parts. It asks for token counts (`to_count`) until every part is known to fit.

    Args:
        request: The request and its long text.
        refusal: How the engine refused the whole request.
        reserve_tokens: Room that the finished document needs.
    """

    def __init__(self, request: LongRequest, refusal: ContextTooLongError, *, reserve_tokens: int) -> None:
        self.request = request
        self.refusal = refusal
        self._reserve = reserve_tokens
        self._outline = Outline(request.long_text.text)
        self._fitting: list[Stretch] = []
        self._doubtful: list[Stretch] = []
        self._rounds = 0
        self._overhead = self._whole_overhead = 0
        self.answer_tokens = 0
        self.density = 1.0
        self.is_possible = True
        self.parts: tuple[Part, ...] = ()
        empty = request.fixed("")
        self.to_count: tuple[tuple[Message, ...], ...] = (
            request.ask_part(empty, empty),
            request.ask_whole(()),
        )

    @property
    def n_ctx(self) -> int:
        """What the model takes at once, tokens."""
        return self.refusal.n_ctx

    @property
    def part_room(self) -> int:
        """Tokens that one part, or points to be brought together, may have."""
        return self.n_ctx - self._overhead - self.answer_tokens - _MARK_TOKENS

    @property
    def whole_room(self) -> int:
        """Tokens that all points together may have in the last request."""
        return self.n_ctx - self._whole_overhead - self._reserve

    def counted(self, tokens: Sequence[int]) -> None:
        """Take the engine's counts of `to_count`; afterwards there is more to count, or the plan stands."""
        if not self._rounds:
            self._estimate(*tokens)
        else:
            self._sort_out(tokens)
        self._rounds += 1
        if self._doubtful and self._rounds > _MAX_ROUNDS:
            self.is_possible = False
        self.to_count = tuple(self._part(s).messages for s in self._doubtful) if self.is_possible else ()
        if self.is_possible and not self._doubtful:
            self.parts = tuple(self._marked(sorted(self._fitting, key=lambda s: s.start)))

    def mark_over(self, first: Part, last: Part) -> MaskedText:
        """What a person calls the text from one part to another."""
        if first is last:
            return first.mark
        return self._sealed(self._outline.mark(Stretch(first.stretch.start, last.stretch.end, 0)))

    def tokens_of(self, masked: MaskedText) -> int:
        """About how many tokens a short text of this kind has."""
        return int(len(masked) * max(1.0, self.density)) + 6

    def _estimate(self, part_overhead: int, whole_overhead: int) -> None:
        self._overhead, self._whole_overhead = part_overhead, whole_overhead
        room = self.n_ctx - part_overhead - _MARK_TOKENS
        self.answer_tokens = min(_MAX_ANSWER_TOKENS, self.n_ctx // 6, room // 4)
        length = len(self.request.long_text)
        needs = self.answer_tokens + _MARK_TOKENS
        if self.answer_tokens < _LEAST_ANSWER_TOKENS or self.whole_room < needs or not length:
            self.is_possible = False
            return
        self.density = max(0.02, (self.refusal.prompt_tokens - whole_overhead) / length)
        self._doubtful = list(self._outline.split(int(self.part_room / self.density * _MARGIN)))

    def _sort_out(self, tokens: Sequence[int]) -> None:
        doubtful, self._doubtful = self._doubtful, []
        for stretch, count in zip(doubtful, tokens, strict=True):
            if count <= self.n_ctx - self.answer_tokens:
                self._fitting.append(stretch)
                continue
            chars = stretch.end - stretch.lead
            share = self.part_room / max(1, count - self._overhead)
            smaller = self._outline.split(int(chars * share * _MARGIN), stretch)
            if len(smaller) < 2:
                self.is_possible = False
            self._doubtful += smaller

    def _marked(self, stretches: Sequence[Stretch]) -> Iterator[Part]:
        text = self.request.long_text.text
        marks = [self._outline.mark(stretch) for stretch in stretches]
        times = Counter(words_of(mark, text) for mark in marks)
        for stretch, mark in zip(stretches, marks, strict=True):
            if times[words_of(mark, text)] > 1:
                yield self._part(stretch, (*mark, "（", *self._outline.counted(stretch), "）"))
            else:
                yield self._part(stretch, mark)

    def _part(self, stretch: Stretch, mark: tuple[Piece, ...] | None = None) -> Part:
        sealed = self._sealed(self._outline.mark(stretch) if mark is None else mark)
        text = self.request.long_text.cut(stretch.lead, stretch.end)
        return Part(stretch, sealed, self.request.ask_part(sealed, text))

    def _sealed(self, label: tuple[Piece, ...]) -> MaskedText:
        long_text, fixed = self.request.long_text, self.request.fixed
        return MaskedText.joined(
            fixed(piece) if isinstance(piece, str) else long_text.cut(*piece) for piece in label
        )
