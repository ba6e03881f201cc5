"""What an answer may draw on, read for its facts piece by piece.

Finding the facts of 200,000 characters takes seconds. While a long text is read in parts there is time for
it: a piece after each part, and nobody waits at the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from desktop.drafting.checks import Sources

_PIECE_CHARS: Final = 4_000
_QUICK_PIECES: Final = 4
"""So many pieces are read faster than anybody notices."""


class Evidence:
    """The sources of one draft.

    Attributes:
        texts: All of them, in the order in which they came.
    """

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts: list[str] = []
        self._unread: deque[str] = deque()
        self._known = Sources()
        self._pieces = 0
        for text in texts:
            self.add(text)

    @property
    def is_read(self) -> bool:
        """Whether a check would begin at once."""
        return len(self._unread) <= _QUICK_PIECES

    def add(self, text: str) -> None:
        """One more source."""
        self.texts.append(text)
        pieces = list(_pieces(text))
        self._pieces += len(pieces)
        self._unread.extend(pieces)

    def read_some(self, share: float) -> None:
        """Read a share (0 to 1) of everything, while there is time."""
        for _ in range(min(len(self._unread), int(self._pieces * share) + 1)):
            self._known.add(self._unread.popleft())

    @property
    def known(self) -> Sources:
        """The facts of all sources; what was not read yet is read now."""
        self.read_some(1.0)
        return self._known


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of whole lines; a long line stays whole."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > _PIECE_CHARS:
            yield piece
            piece = ""
        piece += line
    if piece:
        yield piece
