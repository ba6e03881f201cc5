"""Which finds stay when they overlap, and what a claim may veto.

1. A claim that a span is an organisation, a facility or a place vetoes names inside it.
2. A claim for an office's address, telephone, e-mail, postal code or account vetoes every find
   inside it that is not surer than the claim.
3. A claim for a number (corporate number, document number, law, money, version) vetoes finds inside
   it whose score is lower than the claim's.
4. Of two finds that overlap, the heavier stays: score plus 0.01 for each character up to 30 (names:
   0.03 up to 6), so that an address beats the name in its building and a full name its surname.
5. What sticks out of the winner of a sure find (0.8 or more) by two characters or more is kept as a
   find of its own: in doubt it is masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

CLAIM = "CLAIM_"
_SCOPE = {"CLAIM_ORGANIZATION", "CLAIM_PLACE"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A find or a claim before resolution; offsets in whatever text the caller works in."""

    start: int
    end: int
    kind: str
    score: float
    sources: tuple[str, ...] = ()

    @property
    def is_claim(self) -> bool:
        """Whether this says what is *not* personal."""
        return self.kind.startswith(CLAIM)

    @property
    def weight(self) -> float:
        """What decides between overlapping finds."""
        if self.kind == "PERSON":
            return self.score + 0.03 * min(self.end - self.start, 6)
        return self.score + 0.01 * min(self.end - self.start, 30)


def is_vetoed(find: Candidate, claim: Candidate) -> bool:
    """Whether a claim takes a find away."""
    if not (claim.start <= find.start and find.end <= claim.end):
        if claim.kind.startswith("CLAIM_OFFICE") and find.start < claim.end and claim.start < find.end:
            return find.score < claim.score and find.kind != "PERSON"
        return False
    if claim.kind in _SCOPE:
        return find.kind == "PERSON" or (claim.kind == "CLAIM_PLACE" and find.score <= claim.score)
    if claim.kind.startswith("CLAIM_OFFICE"):
        return find.score <= claim.score + 0.02
    if find.kind == "PERSON":
        return False
    return find.score < claim.score


def resolve(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The finds that stay, sorted and without overlap.

    Args:
        candidates: Finds and claims in any order.

    Returns:
        Finds only.
    """
    items = list(candidates)
    claims = sorted((item for item in items if item.is_claim), key=lambda item: item.start)
    finds = _merge_equal(item for item in items if not item.is_claim)
    finds = _without_vetoed(finds, claims)
    finds.sort(key=lambda item: (-item.weight, item.start))
    return _greedy(finds)


def unvetoed(finds: Iterable[Candidate], claims: Iterable[Candidate]) -> list[Candidate]:
    """The finds no claim takes away; overlaps among them stay."""
    return _without_vetoed(list(finds), sorted(claims, key=lambda item: item.start))


def _merge_equal(finds: Iterable[Candidate]) -> list[Candidate]:
    """Join votes for the same span and kind; each further vote adds to the score."""
    merged: dict[tuple[int, int, str], Candidate] = {}
    for find in finds:
        key = (find.start, find.end, find.kind)
        known = merged.get(key)
        if known is None:
            merged[key] = find
            continue
        sources = known.sources + tuple(source for source in find.sources if source not in known.sources)
        bonus = 0.05 if len(sources) > len(known.sources) else 0.0
        merged[key] = replace(known, score=min(1.0, max(known.score, find.score) + bonus), sources=sources)
    return list(merged.values())


def _without_vetoed(finds: list[Candidate], claims: Sequence[Candidate]) -> list[Candidate]:
    if not claims:
        return finds
    finds.sort(key=lambda item: item.start)
    longest = max(claim.end - claim.start for claim in claims)
    kept: list[Candidate] = []
    low = 0
    for find in finds:
        while low < len(claims) and claims[low].start + longest <= find.start:
            low += 1
        index = low
        vetoed = False
        while index < len(claims) and claims[index].start < find.end:
            if is_vetoed(find, claims[index]):
                vetoed = True
                break
            index += 1
        if not vetoed:
            kept.append(find)
    return kept


def _greedy(finds: list[Candidate]) -> list[Candidate]:
    """Take the heaviest first; a bytearray over the text marks what is taken."""
    size = max((find.end for find in finds), default=0)
    taken = bytearray(size)
    chosen: list[Candidate] = []
    for find in finds:
        free = taken.find(0, find.start, find.end) if find.end <= size else -1
        if free < 0:
            continue
        if taken.find(1, find.start, find.end) < 0:
            chosen.append(find)
            taken[find.start : find.end] = b"\1" * (find.end - find.start)
        elif find.score >= 0.8:
            for start, end in _free_runs(taken, find.start, find.end):
                if end - start >= 2:
                    chosen.append(replace(find, start=start, end=end))
                    taken[start:end] = b"\1" * (end - start)
    chosen.sort(key=lambda item: item.start)
    return chosen


def _free_runs(taken: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    position = start
    while position < end:
        first = taken.find(0, position, end)
        if first < 0:
            break
        last = taken.find(1, first, end)
        last = end if last < 0 else last
        runs.append((first, last))
        position = last
    return runs
