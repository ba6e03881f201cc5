"""Reading a long text part by part: which request comes next, and what came of those before.

Nothing here remembers where it stands: the next step follows from the notes that exist, so stopping, a
crash or another day changes nothing but the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.drafting.checks import find_repetitions
from desktop.drafting.long_input.notes import Note, Notes, key_of
from desktop.drafting.long_input.plan import Part, PartPlan
from desktop.drafting.long_input.wording import NOTHING
from models.engine.protocol import Completion, FinishReason, Message
from models.masking.masker import Masker
from models.masking.text import MaskedText


class StepKind(StrEnum):
    """What a request of a long reading is for."""

    PART = "part"
    CONDENSE = "condense"
    WHOLE = "whole"


class PartStatus(StrEnum):
    """How far a part got. `CUT` has points, but not up to its end."""

    WAITING = "waiting"
    READ = "read"
    CUT = "cut"
    UNREAD = "unread"


@dataclass(frozen=True)
class Step:
    """One request.

    Attributes:
        kind: What it is for.
        number: Which one of its kind, from 1.
        total: How many there are of its kind (in this round, for `CONDENSE`).
        mark: The place in the long text it is about, masked.
        messages: What is asked.
        max_tokens: Longest answer; 0 leaves that to the template.
        attempt: How often it was asked before.
    """

    kind: StepKind
    number: int
    total: int
    mark: MaskedText
    messages: tuple[Message, ...]
    max_tokens: int = 0
    attempt: int = 0


@dataclass(frozen=True)
class ReadPart:
    """A part and what is known of it. `points` is empty where nothing is."""

    part: Part
    status: PartStatus
    points: MaskedText | None = None


@dataclass(frozen=True)
class _Pile:
    """Points that stand for some parts in a row."""

    first: Part
    last: Part
    note: Note


class LongReading:
    """The parts of one long request and their notes.

    Args:
        plan: The parts.
        notes: The draft's notes; those of other requests do no harm.
        masker: Seals what the model wrote.
    """

    def __init__(self, plan: PartPlan, notes: Notes, masker: Masker) -> None:
        self.plan = plan
        self._notes = notes
        self._masker = masker
        self._tightened = 0

    @property
    def parts(self) -> tuple[ReadPart, ...]:
        """All parts in order, with what is known of each."""
        return tuple(self._read(part) for part in self.plan.parts)

    @property
    def tokens_left(self) -> tuple[int, int]:
        """About how many tokens are still to be read and written: parts fill half of their answer's room."""
        waiting = [read.part for read in self.parts if read.status is PartStatus.WAITING]
        read = sum(int(part.chars * self.plan.density) for part in waiting)
        points = len(self.plan.parts) * self.plan.answer_tokens // 2
        written = len(waiting) * self.plan.answer_tokens // 2
        return read + min(points, self.plan.whole_room), written + self.plan.answer_tokens

    def tighten(self) -> None:
        """The engine found the last request too long: leave it more room next time."""
        self._tightened += max(64, self.plan.whole_room // 5)

    def next_step(self) -> Step | None:
        """The next request; None where there is nothing to make a document of."""
        parts = self.plan.parts
        for number, part in enumerate(parts, 1):
            key = key_of(part.messages)
            if self._notes.get(key) is None and not self._notes.is_given_up(key):
                return self._asked(StepKind.PART, number, len(parts), part.mark, part.messages)
        piles = self._first_piles()
        while piles and not self._fit(piles):
            groups = self._groups(piles)
            if len(groups) == len(piles):
                return None
            step = self._condense(groups)
            if step is not None:
                return step
            condensed = [pile for group in groups if (pile := self._condensed(group)) is not None]
            if len(condensed) < len(groups):
                return None  # points that cannot be brought together are not left out in silence
            piles = condensed
        if not piles:
            return None
        mark = self.plan.mark_over(parts[0], parts[-1])
        messages = self.plan.request.ask_whole(self._listed(piles))
        return Step(StepKind.WHOLE, 1, 1, mark, messages)

    def take(self, step: Step, completion: Completion) -> None:
        """Keep what the model wrote to a request for points."""
        key = key_of(step.messages)
        text, is_cut = _usable(completion)
        is_loop = bool(find_repetitions(completion.text))
        if not text or (is_loop and not self._notes.failures(key)):
            self._notes.fail(key)
            return
        tokens = max(1, completion.usage.completion_tokens)
        self._notes.keep(key, Note(self._masker.completion(text), tokens, is_cut))

    def try_again(self) -> None:
        """The person asked again: what was given up is tried once more."""
        self._notes.forget_failures()

    def fail(self, step: Step) -> bool:
        """The engine could not answer a request; True where it is given up for good."""
        key = key_of(step.messages)
        self._notes.fail(key)
        return self._notes.is_given_up(key)

    # --- inside -------------------------------------------------------------------------------

    def _read(self, part: Part) -> ReadPart:
        key = key_of(part.messages)
        note = self._notes.get(key)
        if note is not None:
            return ReadPart(part, PartStatus.CUT if note.is_cut else PartStatus.READ, note.text)
        return ReadPart(part, PartStatus.UNREAD if self._notes.is_given_up(key) else PartStatus.WAITING)

    def _asked(
        self, kind: StepKind, number: int, total: int, mark: MaskedText, messages: tuple[Message, ...]
    ) -> Step:
        attempt = self._notes.failures(key_of(messages))
        return Step(kind, number, total, mark, messages, self.plan.answer_tokens, attempt)

    def _first_piles(self) -> list[_Pile]:
        notes = [(part, self._notes.get(key_of(part.messages))) for part in self.plan.parts]
        piles = [_Pile(part, part, note) for part, note in notes if note is not None]
        telling = [pile for pile in piles if pile.note.text.text.strip("・ 　。\n") != NOTHING]
        return telling or piles[:1]

    def _tokens(self, piles: Sequence[_Pile]) -> int:
        return sum(p.note.tokens + self.plan.tokens_of(self._mark(p)) for p in piles)

    def _fit(self, piles: Sequence[_Pile]) -> bool:
        room = self.plan.whole_room - self._tightened
        return len(piles) == 1 or self._tokens(piles) <= room

    def _groups(self, piles: Sequence[_Pile]) -> list[list[_Pile]]:
        """Neighbours whose points can be read together."""
        groups: list[list[_Pile]] = []
        for pile in piles:
            if groups and self._tokens([*groups[-1], pile]) <= self.plan.part_room:
                groups[-1].append(pile)
            else:
                groups.append([pile])
        return groups

    def _condense(self, groups: Sequence[Sequence[_Pile]]) -> Step | None:
        """The first group whose points were not brought together yet."""
        for number, group in enumerate(groups, 1):
            messages = self._condense_messages(group)
            key = key_of(messages)
            if len(group) > 1 and self._notes.get(key) is None and not self._notes.is_given_up(key):
                mark = self.plan.mark_over(group[0].first, group[-1].last)
                return self._asked(StepKind.CONDENSE, number, len(groups), mark, messages)
        return None

    def _condensed(self, group: Sequence[_Pile]) -> _Pile | None:
        if len(group) == 1:
            return group[0]
        note = self._notes.get(key_of(self._condense_messages(group)))
        return _Pile(group[0].first, group[-1].last, note) if note is not None else None

    def _condense_messages(self, group: Sequence[_Pile]) -> tuple[Message, ...]:
        return self.plan.request.ask_condense(self._listed(group))

    def _listed(self, piles: Sequence[_Pile]) -> list[tuple[MaskedText, MaskedText]]:
        return [(self._mark(pile), pile.note.text) for pile in piles]

    def _mark(self, pile: _Pile) -> MaskedText:
        return self.plan.mark_over(pile.first, pile.last)


def _usable(completion: Completion) -> tuple[str, bool]:
    """What of an answer are points, and whether its end is missing."""
    text, is_cut = completion.text, False
    repetitions = find_repetitions(text)
    if repetitions:
        text, is_cut = text[: repetitions[0].start], True
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if completion.finish_reason is not FinishReason.STOP or is_cut:
        is_cut = True
        lines = lines[:-1] or lines  # the last one ended in the middle
    return "\n".join(lines), is_cut
