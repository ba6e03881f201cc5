"""Finding Japanese words of any length: folded text, bigrams, synonyms, ranking.

SQLite's own tokenizers do not find two-character words in running Japanese (trigram) or any word
at all (unicode61). So every run of letters is indexed as its overlapping pairs of characters and
its last character: a word of two or more characters is a phrase of pairs, and a single character
is a prefix of a pair.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

INDEX_VERSION = 1
"""Raised when `fold` or `index_terms` change; the library then rebuilds its index."""

MAX_INDEXED_CHARS = 2_000
"""Of a template's body; a task is named in its first lines."""
MAX_QUERY_CHARS = 100
_MAX_TERMS = 8

_RUN = re.compile(r"[^\W_]+")
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_SCRIPTS = re.compile(r"[一-鿿々〆]{2,}|[ァ-ヶー]{2,}|[A-Za-z0-9]{2,}")


def fold(text: str) -> str:
    """Width, case and kana folded: ＦＡＱ, FAQ, faq are one, ｶﾀｶﾅ, カタカナ, かたかな are one."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)


def index_terms(folded: str) -> str:
    """The tokens of a folded text, parted by blanks, for the full-text index."""
    tokens: list[str] = []
    for run in _RUN.findall(folded):
        tokens += map("".join, itertools.pairwise(run))
        tokens.append(run[-1])
    return " ".join(tokens)


def distinct_terms(folded: str) -> str:
    """As `index_terms`, each token once: for an index that keeps no positions."""
    return " ".join(dict.fromkeys(index_terms(folded).split(" ")))


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for: all of `terms`, each in one of its spellings, folded."""

    text: str
    terms: tuple[tuple[str, ...], ...]

    @property
    def is_exact_in_pairs(self) -> bool:
        """No word is longer than a pair, so that holding the pairs is holding the words."""
        return all(len(word) <= 2 for words in self.terms for word in words)


class Synonyms:
    """Groups of words that find the same templates, from a TOML list that offices may edit."""

    def __init__(self, groups: list[list[str]]) -> None:
        self._words: dict[str, tuple[str, ...]] = {}
        for group in groups:
            folded = tuple(dict.fromkeys(filter(None, (fold(word).strip() for word in group))))
            for word in folded:
                known = self._words.get(word, ())
                self._words[word] = tuple(dict.fromkeys((word, *known, *folded)))

    def of(self, word: str) -> tuple[str, ...]:
        """The folded word first, then the words of its groups."""
        return self._words.get(word, (word,))


@cache
def default_synonyms() -> Synonyms:
    """The list that comes with the program."""
    return _read_synonyms((resources.files("prompts") / "synonyms.toml").read_text("utf-8"))


def load_synonyms(path: Path) -> Synonyms:
    """An office's own list, in the form of `synonyms.toml`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not TOML, or has no `groups` of words.
    """
    return _read_synonyms(path.read_text("utf-8-sig"))


def _read_synonyms(text: str) -> Synonyms:
    groups = tomllib.loads(text).get("groups")
    if not isinstance(groups, list) or not all(
        isinstance(group, list) and all(isinstance(word, str) for word in group) for group in groups
    ):
        raise ValueError("groups")
    return Synonyms(groups)


def parse_query(text: str, synonyms: Synonyms) -> Query:
    """Parts a typed query into terms (blanks part them) and adds their synonyms."""
    folded = fold(text[:MAX_QUERY_CHARS]).strip()
    words = [word for word in folded.split() if _RUN.search(word)][:_MAX_TERMS]
    return Query(folded, tuple(synonyms.of(word) for word in words))


def loosen(text: str, synonyms: Synonyms) -> Query:
    """The query for a second try: a sentence parted into its kanji, katakana and Latin words.

    Single characters are left out: they would answer everything.
    """
    typed = unicodedata.normalize("NFKC", text[:MAX_QUERY_CHARS]).split()
    words = [word for entry in typed for word in _SCRIPTS.findall(entry) or [entry]][:_MAX_TERMS]
    return Query(fold(text).strip(), tuple(synonyms.of(fold(word)) for word in words))


def phrase_expression(query: Query, columns: str = "") -> str:
    """The query in FTS5's language, each word a phrase of pairs; empty when nothing is asked.

    Args:
        query: what to look for.
        columns: names of columns, parted by blanks, to look in; all when empty.
    """
    expression = _expression(query, " ")
    return f"{{{columns}}} : ({expression})" if expression and columns else expression


def pairs_expression(query: Query) -> str:
    """The query for an index without positions: each word by the pairs it consists of."""
    return _expression(query, '" AND "')


def _expression(query: Query, joint: str) -> str:
    terms = []
    for spellings in query.terms:
        found = [expression for word in spellings if (expression := _word(word, joint))]
        if found:
            terms.append("(" + " OR ".join(found) + ")")
    return " AND ".join(terms)


def _word(word: str, joint: str) -> str:
    parts = []
    for run in _RUN.findall(word):
        if len(run) == 1:
            parts.append(f'"{run}" *')
        else:
            parts.append('"' + joint.join(dict.fromkeys(map("".join, itertools.pairwise(run)))) + '"')
    return "(" + " AND ".join(parts) + ")" if parts else ""


def holds(query: Query, folded: str) -> bool:
    """True when a folded text holds every term in one of its spellings."""
    return all(any(word in folded for word in words) for words in query.terms)


def score(query: Query, title_key: str, keywords_key: str, *, is_favourite: bool, use_count: int) -> float:
    """How well a found template answers: the match first, then favourites, then use."""
    points = 0.0
    if title_key == query.text:
        points = 100
    elif title_key.startswith(query.text):
        points = 70
    elif query.text in title_key:
        points = 55
    elif holds(query, title_key):
        points = 45
    elif holds(query, f"{title_key} {keywords_key}"):
        points = 25
    return points + (20 if is_favourite else 0) + min(15.0, 3 * math.log2(1 + use_count))
