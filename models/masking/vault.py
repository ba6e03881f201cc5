"""The vault: which placeholder stands for which value, and the way back.

A placeholder is written `<氏名1>`: the noun of its kind and a number (for the brackets see
`tests/benchmarks/bench_placeholders.py`, which measured what a model keeps intact). Restoring goes
by exact identity of noun and number. Only the *syntax* is read tolerantly (other brackets,
full-width digits, blanks inside): a fuzzy match would turn one person into another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models.masking.entities import NOUNS, EntityType

OPEN: Final = "<"
CLOSE: Final = ">"
LITERAL_NOUN: Final = "記号"
"""Noun for something in the person's own text that looks like a placeholder."""

_OPENING = r"<＜〈《\[［【〔"
_CLOSING = r">＞〉》\]］】〕"
_NOUN_CHARS = rf"[^{_OPENING}{_CLOSING}0-9０-９\s]"
_PLACEHOLDER = re.compile(
    rf"([{_OPENING}])[ \t　]*({_NOUN_CHARS}{{1,12}})[ \t　]*([0-9０-９]{{1,5}})[ \t　]*([{_CLOSING}])"
)
_UNFINISHED = re.compile(
    rf"[{_OPENING}][ \t　]*(?:{_NOUN_CHARS}{{0,12}}[ \t　]*(?:[0-9０-９]{{0,5}}[ \t　]*)?)\Z"
)
_PAIRS = dict(zip("<＜〈《[［【〔", ">＞〉》]］】〕", strict=True))
_KNOWN_NOUNS = frozenset(NOUNS.values()) | {LITERAL_NOUN}
MAX_NOUN_CHARS: Final = 8


@dataclass(frozen=True)
class Placeholder:
    """A noun and a number, the whole identity of a placeholder."""

    noun: str
    number: int

    def __str__(self) -> str:
        return f"{OPEN}{self.noun}{self.number}{CLOSE}"


@dataclass(frozen=True)
class VaultEntry:
    """What one placeholder stands for."""

    placeholder: Placeholder
    entity_type: EntityType
    value: str
    identity: str


@dataclass(frozen=True)
class Restored:
    """A text with its values back.

    Attributes:
        text: The restored text.
        used: Placeholders of the vault that occurred.
        unknown: Placeholder-like strings that stand for nothing in the vault, as written.
    """

    text: str
    used: frozenset[Placeholder]
    unknown: tuple[str, ...]


def clean_noun(noun: str) -> str:
    """The part of `noun` (a form field's label, say) that can stand in a placeholder."""
    kept = re.sub(
        rf"[{_OPENING}{_CLOSING}\s（）()・:：,、]|[0-9０-９]", "", unicodedata.normalize("NFKC", noun)
    )
    kept = "".join(ch for ch in kept if ch.isalnum() or ch in "ー々")
    return kept[:MAX_NOUN_CHARS] or NOUNS[EntityType.VERBATIM]


class Vault:
    """The values of one draft. Lives in the window's process; never goes to a worker.

    The same value of the same kind gets the same placeholder for the whole draft, follow-ups
    included. `repr` shows counts only.
    """

    def __init__(self) -> None:
        self._by_placeholder: dict[Placeholder, VaultEntry] = {}
        self._by_identity: dict[tuple[str, str], Placeholder] = {}
        self._counts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Vault({len(self._by_placeholder)} entries)"

    def __len__(self) -> int:
        return len(self._by_placeholder)

    @property
    def entries(self) -> tuple[VaultEntry, ...]:
        """All entries in the order of their making."""
        return tuple(self._by_placeholder.values())

    @property
    def person_count(self) -> int:
        """How many distinct persons the vault holds."""
        return sum(entry.entity_type is EntityType.PERSON for entry in self._by_placeholder.values())

    def placeholder_for(
        self, value: str, *, entity_type: EntityType, noun: str = "", identity: str = ""
    ) -> Placeholder:
        """The placeholder of a value, made at its first mention.

        Args:
            value: What the placeholder stands for.
            entity_type: Its kind.
            noun: The placeholder's noun; the kind's own when empty.
            identity: What makes two mentions one (a person's key); the value when empty. The
                longest value seen under one identity is the one restored.
        """
        noun = clean_noun(noun) if noun else NOUNS[entity_type]
        key = (noun, identity or value)
        known = self._by_identity.get(key)
        if known is not None:
            entry = self._by_placeholder[known]
            if len(value) > len(entry.value):
                self._by_placeholder[known] = VaultEntry(known, entry.entity_type, value, entry.identity)
            return known
        self._counts[noun] = self._counts.get(noun, 0) + 1
        placeholder = Placeholder(noun, self._counts[noun])
        self._by_placeholder[placeholder] = VaultEntry(placeholder, entity_type, value, identity or value)
        self._by_identity[key] = placeholder
        return placeholder

    def value_of(self, placeholder: Placeholder) -> str | None:
        """The value behind a placeholder, or None."""
        entry = self._by_placeholder.get(placeholder)
        return entry.value if entry else None

    def find_lookalikes(self, text: str) -> list[tuple[int, int]]:
        """Where the person's own text has something the way back would take for a placeholder."""
        nouns = _KNOWN_NOUNS | set(self._counts)
        return [
            match.span()
            for match in _PLACEHOLDER.finditer(text)
            if _brackets_fit(match) and (match[2] in nouns or match[1] == OPEN)
        ]

    def restore(self, text: str) -> Restored:
        """Put the values back, in one pass: a value that looks like a placeholder stays as it is."""
        used: set[Placeholder] = set()
        unknown: list[str] = []

        def replace(match: re.Match[str]) -> str:
            placeholder = _read(match)
            value = self.value_of(placeholder) if placeholder else None
            if placeholder is not None and value is not None:
                used.add(placeholder)
                return value
            if placeholder is not None and (match[1] == OPEN or match[2] in _KNOWN_NOUNS):
                unknown.append(match[0])
            return match[0]

        restored = _PLACEHOLDER.sub(replace, text)
        return Restored(restored, frozenset(used), tuple(dict.fromkeys(unknown)))

    def placeholders_in(self, masked: str) -> tuple[Placeholder, ...]:
        """The vault's placeholders that occur in a masked text, in order, each once."""
        found = (_read(match) for match in _PLACEHOLDER.finditer(masked))
        return tuple(dict.fromkeys(p for p in found if p is not None and p in self._by_placeholder))

    def to_json(self) -> list[dict[str, str | int]]:
        """Plain data for the encrypted store of unsent drafts (never written anywhere else)."""
        return [
            {
                "noun": entry.placeholder.noun,
                "number": entry.placeholder.number,
                "entity_type": entry.entity_type.value,
                "value": entry.value,
                "identity": entry.identity,
            }
            for entry in self._by_placeholder.values()
        ]

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, str | int]]) -> Vault:
        """The vault that `to_json` described.

        Raises:
            KeyError, ValueError: The data are not what `to_json` writes.
        """
        vault = cls()
        for row in rows:
            placeholder = Placeholder(str(row["noun"]), int(row["number"]))
            entry = VaultEntry(
                placeholder, EntityType(str(row["entity_type"])), str(row["value"]), str(row["identity"])
            )
            vault._by_placeholder[placeholder] = entry
            vault._by_identity[(placeholder.noun, entry.identity)] = placeholder
            vault._counts[placeholder.noun] = max(vault._counts.get(placeholder.noun, 0), placeholder.number)
        return vault


class StreamRestorer:
    """Restores a completion while it arrives in chunks.

    A placeholder may be cut anywhere by the chunking; what could still become one is held back
    until it is complete or cannot be one any more. The chunks together give what
    `Vault.restore` gives for the whole.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held = ""

    def feed(self, chunk: str) -> str:
        """The restored text that is certain after this chunk (may be empty)."""
        text = self._held + chunk
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return self._vault.restore(text[:cut]).text

    def finish(self) -> str:
        """What was still held back."""
        rest, self._held = self._held, ""
        return self._vault.restore(rest).text


def _brackets_fit(match: re.Match[str]) -> bool:
    return _PAIRS[match[1]] == match[4]


def _read(match: re.Match[str]) -> Placeholder | None:
    if not _brackets_fit(match):
        return None
    return Placeholder(match[2], int(unicodedata.normalize("NFKC", match[3])))
