"""Hard-wrapped lines (pasted mail, PDF text): a second reading without the breaks.

What the second reading finds across a break is taken over. A text whose lines all stop at one column
is wrapped for sure and read again as a whole; a single long line before a shorter one is in doubt, and
only the two lines around it are read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from models.masking.entities import EntityType
from models.masking.normalize import NormalizedText, join_lines
from models.masking.overlap import Candidate, unvetoed
from models.masking.reading import Reading

_NEAR = 24
"""How far from a doubtful break a number may stand and still be taken from the second reading."""

_KEPT_CLAIMS = frozenset(("CLAIM_ORGANIZATION", "CLAIM_PLACE"))
_CONTINUES = re.compile(
    r"[0-9A-Za-z一-鿿々ァ-ヶーぁ-ん\-./@(]\n(?![-0-9]{1,2}[.．) 　、]|[・●○■□◆※【「(])[0-9A-Za-z一-鿿々ァ-ヶーぁ-ん\-./@)]"
)
_TOP_LEVEL = re.compile(r"\.(?:jp|com|net|org|info|biz|io)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a folded text whose breaks are removed for a second reading."""

    start: int
    end: int
    breaks: tuple[int, ...]

    def joined(self, whole: NormalizedText) -> NormalizedText:
        """The stretch in one line."""
        inside = slice(self.start, self.end)
        piece = NormalizedText(whole.text[inside], whole.starts[inside], whole.ends[inside])
        return join_lines(piece, [line_break - self.start for line_break in self.breaks])

    def moved(self, item: Candidate) -> Candidate:
        """A find of the joined line at its place in the whole text."""
        return replace(item, start=self._back(item.start), end=self._back(item.end - 1) + 1)

    def crosses(self, item: Candidate) -> bool:
        """Whether a find of the whole text runs over a removed break."""
        return any(item.start < line_break < item.end for line_break in self.breaks)

    def _back(self, position: int) -> int:
        place = self.start + position
        for line_break in self.breaks:
            if line_break > place:
                break
            place += 1
        return place


def add_joined(
    reading: Reading,
    breaks: list[int],
    recognize: Callable[[NormalizedText], Reading],
    *,
    is_wrapped: bool,
) -> None:
    """Read wrapped lines a second time without their breaks; take what crosses a break.

    Args:
        reading: The first reading; its finds and claims are replaced.
        breaks: Line ends that look like a wrap, ascending.
        recognize: The fast layers on a folded text.
        is_wrapped: Whether the lines bear witness to one column.
    """
    crossing: list[Candidate] = []
    others: list[Candidate] = []
    # A claim of one reading has no say in the other.
    reading.finds = unvetoed(reading.finds, reading.claims)
    for window in _windows(reading.source.text, breaks, is_wrapped=is_wrapped):
        joined = recognize(window.joined(reading.source))
        claims = [claim for claim in map(window.moved, joined.claims) if window.crosses(claim)]
        for item in [*map(window.moved, unvetoed(joined.finds, joined.claims)), *claims]:
            if window.crosses(item):
                if is_wrapped or item.is_claim or _may_cross(reading, item, window.breaks[0]):
                    crossing.append(item)
            elif is_wrapped or _is_new_number(reading, item, window.breaks[0]):
                others.append(item)
    reading.finds = [
        find
        for find in reading.finds
        if not any(c.start <= find.start and find.end <= c.end and not c.is_claim for c in crossing)
    ]
    added = [*crossing, *others]
    reading.finds.extend(item for item in added if not item.is_claim)
    claims = [*reading.claims, *(item for item in added if item.is_claim)]
    reading.claims = [claim for claim in claims if claim.kind in _KEPT_CLAIMS]


def _windows(text: str, breaks: list[int], *, is_wrapped: bool) -> list[_Window]:
    """Where to read again: the whole text when it is wrapped, else the two lines around a break."""
    if is_wrapped:
        return [_Window(0, len(text), tuple(breaks))]
    windows = []
    for line_break in breaks:
        if not _CONTINUES.match(text, line_break - 1):
            continue
        end = text.find("\n", line_break + 1)
        start = text.rfind("\n", 0, line_break) + 1
        windows.append(_Window(start, len(text) if end < 0 else end, (line_break,)))
    return windows


def _may_cross(reading: Reading, item: Candidate, line_break: int) -> bool:
    """Whether a find over a single doubtful wrap is to be believed.

    Not when a sure find of its kind ends with the line above or begins the line below, and a name
    only when both halves are of one script.
    """
    text = reading.source.text
    if item.kind == EntityType.EMAIL:
        return bool(_TOP_LEVEL.search(text[item.start : item.end].replace("\n", "")))
    if item.kind == EntityType.PERSON:
        return _script(text[line_break - 1]) == _script(text[line_break + 1])
    return item.kind in (EntityType.ADDRESS, EntityType.PHONE) or not any(
        find.kind == item.kind and (find.end == line_break or find.start == line_break + 1)
        for find in reading.finds
        if find.score >= 0.8
    )


def _is_new_number(reading: Reading, item: Candidate, line_break: int) -> bool:
    """Whether a find beside a doubtful wrap is a number the first reading did not see."""
    if item.is_claim or item.kind in (EntityType.PERSON, EntityType.ADDRESS):
        return False
    if min(abs(item.end - line_break), abs(item.start - line_break)) > _NEAR:
        return False
    return not any(find.start < item.end and item.start < find.end for find in reading.finds)


def _script(char: str) -> str:
    if "ァ" <= char <= "ー":
        return "katakana"
    if "ぁ" <= char <= "ん":
        return "hiragana"
    return "latin" if char.isascii() else "kanji"
