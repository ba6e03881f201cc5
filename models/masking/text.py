"""`MaskedText`: the only text an engine takes.

The first fence around personal information is this type: `Engine.generate` accepts messages of
`MaskedText`, mypy rejects a `str`, and only two modules can make one: `masker` (after a person
confirmed the review) and `models.worker.protocol` (when it arrives over the pipe). A test walks the
source and fails when a third module calls `seal`. Pieces of masked text, and masked texts one after the
other, are masked text again: `cut` and `joined`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SEAL: Final = object()


class MaskedText:
    """Text in which every find the person confirmed is a placeholder. Immutable.

    Attributes:
        text: The characters, placeholders included.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str, *, sealed_by: object) -> None:
        if sealed_by is not _SEAL:
            raise TypeError("only the masker and the wire format make a MaskedText")
        object.__setattr__(self, "_text", text)

    @property
    def text(self) -> str:
        """The masked characters."""
        return self._text

    def cut(self, start: int, end: int) -> MaskedText:
        """The piece `text[start:end]`, code points."""
        return MaskedText(self._text[start:end], sealed_by=_SEAL)

    @classmethod
    def joined(cls, pieces: Iterable[MaskedText]) -> MaskedText:
        """Masked texts one after the other."""
        return cls("".join(piece.text for piece in pieces), sealed_by=_SEAL)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"MaskedText is immutable: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MaskedText) and other._text == self._text

    def __hash__(self) -> int:
        return hash((MaskedText, self._text))

    def __len__(self) -> int:
        return len(self._text)

    def __repr__(self) -> str:
        # Never the text itself: a repr ends up in logs and crash reports.
        return f"MaskedText({len(self._text)} characters)"


def seal(text: str) -> MaskedText:
    """Make a `MaskedText`. For `masker` and `models.worker.protocol` alone (see the module docstring)."""
    return MaskedText(text, sealed_by=_SEAL)
