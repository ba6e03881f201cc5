"""What Sudachi's tokens say about a span that may be a name."""

from __future__ import annotations

from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass

CLOSING = "、,。・()\n\t \"'」』】/:;|<"
"""What may stand right after a name that is complete."""

PERSON_KINDS = frozenset(("person", "role", "relation", "kana", "romaji"))
"""Kinds of labels that announce a person."""


def tokens_within(page: OfficeArtifacts, start: int, end: int) -> range:
    """Indices of the tokens that begin before `end`, from the one that covers `start`."""
    first = page.token_index(start)
    last = first
    while last < len(page.tokens_of) and page.tokens_of.begins[last] < end:
        last += 1
    return range(first, last)


def is_token_start(page: OfficeArtifacts, position: int) -> bool:
    """Whether a token begins at a position."""
    index = page.token_index(position)
    return index < len(page.tokens_of) and page.tokens_of.begins[index] == position


def is_token(page: OfficeArtifacts, start: int, end: int) -> bool:
    """Whether a span is one token."""
    return is_token_start(page, start) and page.tokens_of.ends[page.token_index(start)] == end


def has_common_token(page: OfficeArtifacts, start: int, end: int) -> bool:
    """Whether a common noun of two characters or more is part of the run (生活, 環境)."""
    tokens = page.tokens_of
    return any(
        len(tokens.surfaces[index]) > 1
        and tokens.classes[index] == WordClass.NOUN
        and not page.morphology.is_name(tokens.surfaces[index])
        for index in tokens_within(page, start, end)
    )


def has_rare_token(page: OfficeArtifacts, start: int, end: int) -> bool:
    """Whether a token of the run is a name or unknown to the dictionary."""
    classes = page.tokens_of.classes
    return any(classes[i] & (WordClass.OOV | NAME_CLASSES) for i in tokens_within(page, start, end))


def is_patchwork(page: OfficeArtifacts, start: int, end: int) -> bool:
    """Whether Sudachi cut the run into single characters, as it does with names it lacks."""
    tokens = page.tokens_of
    return is_token_start(page, start) and not any(
        len(tokens.surfaces[index]) > 1 and not tokens.classes[index] & (NAME_CLASSES | WordClass.OOV)
        for index in tokens_within(page, start, end)
    )


def skip_common(page: OfficeArtifacts, position: int) -> int:
    """Step over common nouns that lead to a name: 近隣住民|遠藤晴."""
    tokens, words = page.tokens_of, page.morphology
    index = page.token_index(position)
    for _ in range(2):
        following = index + 1
        if following >= len(tokens) or tokens.begins[index] != position or len(tokens.surfaces[index]) < 2:
            break
        is_common = tokens.classes[index] & WordClass.NOUN and not words.is_name(tokens.surfaces[index])
        if not is_common or tokens.surfaces[following] == " ":
            break
        if not tokens.classes[following] & (NAME_CLASSES | WordClass.NOUN):
            break
        nearby = tokens.classes[following : following + 2]
        if not any(word_class & NAME_CLASSES for word_class in nearby):
            break
        index = following
        position = tokens.begins[index]
    return position
