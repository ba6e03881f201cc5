"""Office and personal dictionaries: words always masked, words never masked.

A file has one entry a line: `語,種別,指定` (種別 a kind's label or its Japanese noun, 指定 常に伏せる or
伏せない; both may be empty). CSV in UTF-8 (with or without BOM) or cp932.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from models.masking.entities import NOUNS, EntityType

_KIND_BY_NOUN = {noun: kind for kind, noun in NOUNS.items()}
_NEVER = frozenset(("never", "伏せない", "除外", "対象外", "許可", "allow"))


@dataclass(frozen=True)
class DictionaryEntry:
    """A word that is always masked.

    Attributes:
        text: The word as it is written; width does not matter.
        entity_type: The kind its placeholder shows.
    """

    text: str
    entity_type: EntityType = EntityType.CUSTOM


@dataclass(frozen=True)
class Dictionary:
    """The entries of one file.

    Attributes:
        always: Words always masked.
        never: Words never masked.
        rejected_lines: Line numbers (from 1) that could not be read.
    """

    always: tuple[DictionaryEntry, ...] = ()
    never: tuple[str, ...] = ()
    rejected_lines: tuple[int, ...] = field(default=())


def fold_term(text: str) -> str:
    """The form in which dictionary words are compared: NFKC, without spaces, small letters."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_dictionary(content: bytes) -> Dictionary:
    """Read a dictionary file.

    Args:
        content: The file's bytes.

    Returns:
        The entries; unreadable lines are counted, not raised.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp932", errors="replace")
    always: list[DictionaryEntry] = []
    never: list[str] = []
    rejected: list[int] = []
    for number, row in _rows(text):
        word = row[0].strip()
        kind = row[1].strip() if len(row) > 1 else ""
        rule = row[2].strip().casefold() if len(row) > 2 else ""
        entity_type = _kind(kind)
        if not fold_term(word) or "\ufffd" in word or entity_type is None:
            rejected.append(number)
        elif rule in _NEVER:
            never.append(word)
        else:
            always.append(DictionaryEntry(word, entity_type))
    return Dictionary(tuple(always), tuple(never), tuple(rejected))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(csv.reader(io.StringIO(text.replace("\0", ""), newline="")), start=1):
        if not row or not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if number == 1 and row[0].strip() in ("語", "word", "text"):
            continue
        yield number, row


def _kind(name: str) -> EntityType | None:
    if not name:
        return EntityType.CUSTOM
    if name.upper() in EntityType.__members__:
        return EntityType[name.upper()]
    return _KIND_BY_NOUN.get(name)


class TermIndex:
    """Many words found in one pass over a text, by their first two characters.

    Args:
        terms: Folded words (`fold_term` or any consistent folding of the caller's).
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = {}
        for term in set(terms):
            if term:
                self._by_head.setdefault(term[:2], []).append(term)
        for group in self._by_head.values():
            group.sort(key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield `(start, end, term)`, the longest term at each place, not overlapping."""
        by_head = self._by_head
        singles = {head for head in by_head if len(head) == 1}
        position, size = 0, len(text)
        while position < size:
            group = by_head.get(text[position : position + 2])
            term = next((word for word in group if text.startswith(word, position)), None) if group else None
            if term is None and singles and text[position] in singles:
                term = text[position]
            if term is None:
                position += 1
                continue
            yield position, position + len(term), term
            position += len(term)
