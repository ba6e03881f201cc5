"""The points of parts that were read, kept by what exactly was asked: going on costs nothing twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.engine.protocol import Message
from models.masking.masker import Masker
from models.masking.text import MaskedText

MAX_FAILURES: Final = 2
"""A part that failed so often is left out, and the person is told."""


@dataclass(frozen=True)
class Note:
    """What a model wrote about one part.

    Attributes:
        text: Its points, masked, a line each.
        tokens: Their length.
        is_cut: Whether points are missing at the end: the model did not come to one.
    """

    text: MaskedText
    tokens: int
    is_cut: bool = False


def key_of(messages: Sequence[Message]) -> str:
    """What names a request: a digest of exactly what is asked."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role.value}\0{message.text.text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class Notes:
    """All notes of one draft."""

    def __init__(self) -> None:
        self._notes: dict[str, Note] = {}
        self._failures: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._notes)

    def get(self, key: str) -> Note | None:
        """The note to a request, if there is one."""
        return self._notes.get(key)

    def keep(self, key: str, note: Note) -> None:
        """Keep a note."""
        self._notes[key] = note

    def fail(self, key: str) -> None:
        """A request came to nothing."""
        self._failures[key] += 1

    def forget_failures(self) -> None:
        """The person asked again: what was given up is tried once more."""
        self._failures.clear()

    def failures(self, key: str) -> int:
        """How often a request came to nothing."""
        return self._failures[key]

    def is_given_up(self, key: str) -> bool:
        """Whether a request is not made again."""
        return key not in self._notes and self._failures[key] >= MAX_FAILURES

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Plain data for the encrypted store of unsent drafts. Failures are not kept: another day, another try."""
        return {
            key: {"text": note.text.text, "tokens": note.tokens, "is_cut": note.is_cut}
            for key, note in self._notes.items()
        }

    @classmethod
    def from_json(cls, rows: Mapping[str, Mapping[str, Any]], masker: Masker) -> Notes:
        """The notes that `to_json` described.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: The data are not what `to_json` writes.
        """
        notes = cls()
        for key, row in rows.items():
            text = masker.completion(str(row["text"]))
            notes.keep(str(key), Note(text, int(row["tokens"]), bool(row["is_cut"])))
        return notes
