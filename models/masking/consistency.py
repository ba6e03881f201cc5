"""Once found, everywhere masked: further mentions of found values, and who is who.

Names are divided into surname and given name; each further mention of the whole or of a part that
stands on word boundaries is a find. Mentions of one person get the same `person` key: 山田太郎, 山田,
ヤマダ タロウ in brackets after it. A surname that two people of a text share is a person of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_SPACE = re.compile(r"[\s　・=＝,]+")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A found name, divided.

    Attributes:
        full: Without spaces.
        surname: Empty when unknown.
        given: Empty when unknown.
    """

    full: str
    surname: str = ""
    given: str = ""


def divide(value: str, split: Callable[[str], tuple[int, float]]) -> PersonName:
    """Divide a name.

    Args:
        value: As found, spaces included.
        split: Length of the surname in a run without spaces, and a score.

    Returns:
        The parts.
    """
    parts = [part for part in _SPACE.split(value.strip()) if part]
    full = "".join(parts)
    if len(parts) >= 2 and any(len(part) > 1 for part in parts):
        return PersonName(full, parts[0], parts[-1])
    size, score = split(full) if 2 < len(full) <= 8 else (0, 0.0)
    if size and score >= 0.6:
        return PersonName(full, full[:size], full[size:])
    return PersonName(full)


def mention_terms(names: Iterable[PersonName], is_common: Callable[[str], bool]) -> dict[str, str]:
    """Words to look for, with the name each belongs to.

    Args:
        names: Found names.
        is_common: Whether a word is also a common noun; such parts are not looked for.

    Returns:
        Term to the full name (to itself where it belongs to several).
    """
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        if (
            name.full
            and not name.full.isascii()
            and (name.given or not is_common(name.full) or len(name.full) == 1)
        ):
            owners[name.full].add(name.full)
        if len(name.surname) == 1 and name.given:
            owners[name.surname].add(name.full)
        for part in (name.surname, name.given):
            if len(part) >= 2 and not is_common(part) and not part.isascii():
                owners[part].add(name.full)
    return {term: next(iter(full)) if len(full) == 1 else term for term, full in owners.items()}


def person_keys(names: Iterable[PersonName]) -> dict[str, str]:
    """The `person` key of every written form of the names of a text.

    Args:
        names: Found names, mentions by surname alone included.

    Returns:
        Written form (without spaces) to key. A part that belongs to exactly one full name gets that
        name's key.
    """
    known = set(names)
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name in known:
        if name.surname:
            owners[name.surname].add(name.full)
            if name.given:
                owners[name.given].add(name.full)
    keys: dict[str, str] = {}
    for name in known:
        if name.surname or name.full not in owners:
            keys[name.full] = name.full
        else:
            full = owners[name.full]
            keys[name.full] = next(iter(full)) if len(full) == 1 else name.full
    return keys
