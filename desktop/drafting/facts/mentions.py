"""Finders of laws and of persons' names, by their endings, titles and a list of family names.

No dictionary is loaded here (the window's process never loads an analyzer), so this is a help for the
eye and no recognizer: it asks only about words that announce themselves.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from desktop.drafting.facts.values import FactKind, Folded, Found, check_words

_KANJI = "一-龥々ヶ〆"
_LAW_CHARS = rf"{_KANJI}ァ-ヴー・"
_PARTICLES = "(?:の|に関する|及び|並びに|等|における|に係る|に対する|のための|を|する|ための|その他)"
_PARTICLE_AT_END = re.compile(rf"{_PARTICLES}$")
_LONGEST_LAW = 60


def _any_of(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _lists(section: str) -> dict[str, Any]:
    return check_words()[section]


@cache
def _law_ending() -> re.Pattern[str]:
    suffixes = _any_of([word for word in _lists("laws")["suffixes"] if word != "法"])
    return re.compile(rf"(?:{suffixes}|法(?=第\d|施行|[^{_LAW_CHARS}]|$))(?!施行)")


def find_laws(folded: Folded) -> Found:
    """Names of laws, ordinances, rules; value: the name."""
    lists = _lists("laws")
    for match in _law_ending().finditer(folded.text):
        start = _start_of_law(folded.text, match.start())
        name = folded.text[start : match.end()]
        last = re.split(_PARTICLES, name)[-1]
        stem = re.sub(rf"(?:{_any_of(lists['suffixes'])})$", "", last)
        is_named = len(stem) >= 2 or last in lists["short"] or (len(name) > len(last) and len(name) >= 6)
        is_common = any(last.endswith(word) for word in lists["not_laws"])
        if is_named and not is_common and stem not in lists["determiners"]:
            yield start, match.end(), FactKind.LAW, name


def _start_of_law(text: str, end: int) -> int:
    """Walk back over kanji, katakana and the particles that law names are joined with."""
    start = end
    while end - start < _LONGEST_LAW:
        particle = _PARTICLE_AT_END.search(text, max(0, start - 4), start)
        if re.match(rf"[{_LAW_CHARS}]", text[start - 1 : start]):
            start -= 1
        elif particle and particle.start() > 0 and re.match(rf"[{_LAW_CHARS}]", text[particle.start() - 1]):
            start = particle.start()
        else:
            break
    while start < end and text[start] in "等・ー及並":
        start += 1
    return start


@cache
def _name_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lists = _lists("names")
    katakana = r"[ァ-ヴー]{2,}(?:[・=][ァ-ヴー]{2,})*"
    run = rf"(?:[{_KANJI}]{{1,6}}[ \t]?[{_KANJI}]{{1,4}}|[{_KANJI}]{{1,4}}|{katakana})"
    suffixes, titles = _any_of(lists["suffixes"]), _any_of(lists["titles"])
    return (
        re.compile(rf"(?<![{_KANJI}ァ-ヴー])(?P<name>{run})[ \t]?(?:{suffixes})"),
        re.compile(
            rf"(?:{titles})[ \t:]+(?P<name>[{_KANJI}]{{2,5}}(?:[ \t][{_KANJI}]{{1,3}})?)"
            rf"(?![{_KANJI}ぁ-んァ-ヴー])"
        ),
        re.compile(rf"(?<![{_KANJI}])(?P<name>{_any_of(lists['surnames'])})[ \t]?(?:{titles})"),
    )


def find_names(folded: Folded) -> Found:
    """Persons named with 様, さん and the like, after a title, or by a common family name and a title."""
    text = folded.text
    taken: set[int] = set()
    for pattern in _name_patterns():
        for match in pattern.finditer(text):
            start, end = _without_title(match["name"], match.start("name"))
            name = text[start:end]
            if not name or start in taken or _is_no_name(name, text, match.end()):
                continue
            taken.update(range(start, end))
            yield start, end, FactKind.NAME, name


def _without_title(name: str, start: int) -> tuple[int, int]:
    """Cut a title or an office off the front of a run: 防災課長 山田, 市長山田."""
    end = start + len(name)
    head, blank, tail = name.partition(" ")
    if blank and _ends_like_a_role(head):
        return end - len(tail), end
    for title in sorted(_lists("names")["titles"], key=len, reverse=True):
        if title in name and len(name) - name.index(title) - len(title) >= 2:
            cut = name.index(title) + len(title)
            return start + cut, end
    return start, end


def _ends_like_a_role(word: str) -> bool:
    lists = _lists("names")
    return word in lists["not_names"] or any(word.endswith(end) for end in lists["not_name_endings"])


def _is_no_name(name: str, text: str, end: int) -> bool:
    lists = _lists("names")
    bare = name.replace(" ", "")
    is_inside_word = bare[-1] in lists["not_suffix_before"] and len(bare) <= 2
    follows_on = text[end : end + 1] in lists["not_suffix_after"]
    is_surname = bare in lists["surnames"]
    return not is_surname and (is_inside_word or follows_on or _ends_like_a_role(bare))
