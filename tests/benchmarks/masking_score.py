"""Scores masking against labelled documents: the definitions of the yardstick, in short.

Leak: personal content characters left visible. Over-mask: other content characters hidden. Content
characters are letters, marks and numbers; spans are compared after trimming everything else.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


def _flags(text: str) -> list[bool]:
    return [unicodedata.category(char)[0] in "LMN" for char in text]


def _trim(start: int, end: int, flags: list[bool]) -> tuple[int, int]:
    while start < end and not flags[start]:
        start += 1
    while end > start and not flags[end - 1]:
        end -= 1
    return start, end


@dataclass
class Score:
    """Counts over documents; the figures are properties."""

    personal: int = 0
    leaked: int = 0
    other: int = 0
    hidden: int = 0
    documents: int = 0
    clean: int = 0
    gold: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    negatives: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)

    def add(self, document: dict[str, Any], spans: list[tuple[int, int, str]]) -> None:
        """Judge one document.

        Args:
            document: `text`, `spans` (start, end, label, optional) and `negatives` (start, end, kind).
            spans: Predicted `(start, end, label)`.
        """
        flags = _flags(document["text"])
        is_ner = document.get("source", "").startswith("ner:")
        gold = {
            (*_trim(s["start"], s["end"], flags), s["label"])
            for s in document["spans"]
            if not s.get("optional") and (not is_ner or s["label"] == "PERSON")
        }
        optional = {i for s in document["spans"] if s.get("optional") for i in range(s["start"], s["end"])}
        found = {(*_trim(a, b, flags), label) for a, b, label in spans if not is_ner or label == "PERSON"}
        masked = {i for a, b, _ in found for i in range(a, b)}
        personal = {i for a, b, _ in gold for i in range(a, b)}
        leaked = sum(flags[i] and i not in masked for i in personal)
        self.personal += sum(flags[i] for i in personal)
        self.leaked += leaked
        outside = [i for i, flag in enumerate(flags) if flag and i not in personal and i not in optional]
        self.other += len(outside)
        self.hidden += sum(i in masked for i in outside)
        self.documents += bool(gold)
        self.clean += bool(gold) and not leaked
        judged = {
            item for item in found if item in gold or not optional.intersection(range(item[0], item[1]))
        }
        self.gold.update(label for *_, label in gold)
        self.predicted.update(label for *_, label in judged)
        self.hits.update(label for *_, label in gold & judged)
        for negative in [] if is_ner else document.get("negatives", []):
            self.negatives[negative["kind"]] += 1
            places = range(negative["start"], negative["end"])
            self.touched[negative["kind"]] += any(flags[i] and i in masked for i in places)

    @property
    def leak(self) -> float:
        """Share of personal characters left visible."""
        return self.leaked / max(1, self.personal)

    @property
    def over_mask(self) -> float:
        """Share of other characters hidden."""
        return self.hidden / max(1, self.other)

    @property
    def clean_documents(self) -> float:
        """Share of documents with personal data in which nothing leaks."""
        return self.clean / max(1, self.documents)

    def f1(self, label: str | None = None) -> float:
        """Exact F1 of one label or of all."""
        hits = self.hits[label] if label else sum(self.hits.values())
        total = (
            self.gold[label] + self.predicted[label]
            if label
            else sum(self.gold.values()) + sum(self.predicted.values())
        )
        return 2 * hits / max(1, total)
