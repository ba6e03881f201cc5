"""What policy and person have set, applied to the finds: kinds, words always and never masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from models.masking.dictionary import DictionaryEntry, TermIndex, fold_term
from models.masking.entities import QUASI_IDENTIFIERS, EntityType, Span
from models.masking.normalize import normalize


@dataclass(frozen=True)
class AnalyzerSettings:
    """What the policy and the person have set.

    Attributes:
        always_mask: Words always masked (office and personal dictionaries).
        never_mask: Words never masked; they lose against nothing but `always_mask`.
        kinds: Kinds to report; None for all standard kinds.
        include_quasi: Whether quasi-identifiers (地番, 座標, 施設名, 性別, 家族関係, 年齢) are reported, too.
    """

    always_mask: tuple[DictionaryEntry, ...] = ()
    never_mask: tuple[str, ...] = ()
    kinds: frozenset[EntityType] | None = None
    include_quasi: bool = False


def apply_settings(text: str, spans: list[Span], settings: AnalyzerSettings) -> list[Span]:
    """The finds that settings leave, with the dictionary's words added.

    Args:
        text: The original text.
        spans: Finds in it, sorted, without overlap.
        settings: Dictionaries and kinds.

    Returns:
        Spans, sorted, without overlap.
    """
    if not settings.include_quasi:
        spans = [span for span in spans if span.entity_type not in QUASI_IDENTIFIERS]
    if settings.kinds is not None:
        spans = [span for span in spans if span.entity_type in settings.kinds]
    if settings.never_mask:
        never = _terms(settings.never_mask)
        spans = [span for span in spans if fold_term(text[span.start : span.end]) not in never]
    if settings.always_mask:
        spans = _with_forced(spans, _forced(text, settings.always_mask))
    return spans


@lru_cache(maxsize=8)
def _terms(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold_term(word) for word in words)


def _forced(text: str, entries: tuple[DictionaryEntry, ...]) -> list[Span]:
    """Every place of a word that is always masked."""
    source = normalize(text)
    folded = source.text.casefold()
    if len(folded) != len(source.text):
        folded = source.text
    by_term = {fold_term(entry.text): entry.entity_type for entry in entries}
    forced: list[Span] = []
    for start, end, term in TermIndex(by_term).find(folded):
        first, last = source.to_original(start, end)
        person = term if by_term[term] is EntityType.PERSON else ""
        forced.append(Span(first, last, by_term[term], 1.0, ("dictionary",), person=person))
    return forced


def _with_forced(spans: list[Span], forced: list[Span]) -> list[Span]:
    """Finds and forced words; where they overlap the forced word stays and takes a wider find's room."""
    kept: list[Span] = []
    position = 0
    for span in spans:
        while position < len(forced) and forced[position].end <= span.start:
            position += 1
        if position < len(forced) and forced[position].overlaps(span):
            if span.start <= forced[position].start and forced[position].end <= span.end:
                forced[position] = replace(forced[position], start=span.start, end=span.end)
            continue
        kept.append(span)
    return sorted({*kept, *forced}, key=lambda span: span.start)
