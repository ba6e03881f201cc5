"""The consistency pass over a whole text: found names and numbers are looked for everywhere."""

from __future__ import annotations

import re

from models.masking.consistency import PersonName, divide, mention_terms
from models.masking.dictionary import TermIndex
from models.masking.entities import EntityType
from models.masking.overlap import Candidate, resolve
from models.masking.reading import LEAST_SCORE, Reading
from models.masking.recognizers.morphology import Morphology, WordClass
from models.masking.recognizers.person.shape import split_name

_REPEATED = frozenset(
    {
        EntityType.PHONE,
        EntityType.MY_NUMBER,
        EntityType.BANK_ACCOUNT,
        EntityType.CREDIT_CARD,
        EntityType.DRIVERS_LICENSE,
        EntityType.PASSPORT,
        EntityType.HEALTH_INSURANCE_ID,
        EntityType.PENSION_NUMBER,
        EntityType.RESIDENCE_CARD,
        EntityType.RESIDENT_CODE,
        EntityType.EMAIL,
        EntityType.VEHICLE_PLATE,
        EntityType.ADDRESS,
    }
)
"""Kinds whose value is masked wherever it stands again (six characters or more)."""

_LEAST_CHARS = 6
_PLACE_AFTER = re.compile(
    r"[市区町村県郡駅川橋山島港城寺線]|神社|大学|高校|小学校|中学校|病院|通り|地区|家具|商店|建設|工務店|工業|電機|産業"
)
_ALONE_BEFORE = re.compile(r"[\s、。:(「・)>]")
_ALONE_AFTER = re.compile(
    r"[はがをにとも](?![ぁ-ん]?[一-鿿]{0,1}側)|の(?=住所|電話|件|自宅|家|妻|夫|母|父|娘|息子|申|住民|話|希望|意見)|から|より|宅|家|方|さん|氏|様"
)


def find_names(
    readings: list[Reading], resolved: list[list[Candidate]], words: Morphology
) -> list[PersonName]:
    """The names found, divided into surname and given name where that is possible."""
    found: dict[str, PersonName] = {}
    for reading, finds in zip(readings, resolved, strict=True):
        for find in finds:
            if find.kind == EntityType.PERSON and find.score > 0.6:
                value = reading.source.text[find.start : find.end]
                name = divide(value, lambda run: split_name(run, words))
                if name.full not in found or name.surname:
                    found[name.full] = name
    return list(found.values())


def add_mentions(
    readings: list[Reading], resolved: list[list[Candidate]], names: list[PersonName], words: Morphology
) -> None:
    """Add every further mention of the names and numbers found to `resolved`.

    Args:
        readings: One for each block.
        resolved: The finds of each block; replaced where mentions are added.
        names: The names found in any block.
        words: Sudachi's dictionary.
    """
    values = _values(readings, resolved)
    terms = _name_terms(names, words)
    lone = {name.full for name in names if len(name.full) > 1 and name.full not in terms} - values.keys()
    index = TermIndex([*terms, *lone, *values])
    if not index:
        return
    for position, reading in enumerate(readings):
        covered = bytearray(len(reading.source.text) + 1)
        for find in resolved[position]:
            covered[find.start : find.end] = b"\1" * (find.end - find.start)
        extra = [
            candidate
            for start, end, term in index.find(reading.source.text)
            if covered.find(1, start, end) < 0
            and (candidate := _mention(reading, start, end, values.get(term))) is not None
            and (term not in lone or _is_cell(reading.source.text, start, end))
        ]
        if extra:
            organizations = [claim for claim in reading.claims if claim.kind == "CLAIM_ORGANIZATION"]
            kept = resolve([*resolved[position], *extra, *organizations])
            resolved[position] = [find for find in kept if find.score >= LEAST_SCORE]


def _name_terms(names: list[PersonName], words: Morphology) -> set[str]:
    surnames = {name.surname for name in names if name.given}

    def is_risky(word: str) -> bool:
        is_place = bool(words.word_classes(word) & WordClass.PLACE)
        return words.is_common(word) or (word not in surnames and is_place)

    return set(mention_terms(names, is_risky))


def _values(readings: list[Reading], resolved: list[list[Candidate]]) -> dict[str, str]:
    """Numbers, addresses and mail addresses found, with their kinds."""
    values: dict[str, str] = {}
    for reading, finds in zip(readings, resolved, strict=True):
        for find in finds:
            if find.kind in _REPEATED and find.end - find.start >= _LEAST_CHARS:
                values.setdefault(reading.source.text[find.start : find.end], find.kind)
    return values


def _mention(reading: Reading, start: int, end: int, kind: str | None) -> Candidate | None:
    text = reading.source.text
    if kind is not None:
        before, after = text[start - 1 : start], text[end : end + 1]
        if (text[start].isdigit() and before.isdigit()) or (text[end - 1].isdigit() and after.isdigit()):
            return None
        return Candidate(start, end, kind, 0.9, ("consistency",))
    if (start not in reading.begins or end not in reading.ends) and end - start < 4:
        return None
    if end - start == 1 and not _stands_alone(text, start, end):
        return None
    if _PLACE_AFTER.match(text, end):
        return None
    return Candidate(start, end, EntityType.PERSON, 0.7, ("consistency",))


def _is_cell(text: str, start: int, end: int) -> bool:
    """Whether a name that is also a common word fills a cell or a line: 104 万代."""
    return text[start - 1 : start] in ("", " ", "\t", "\n") and text[end : end + 1] in ("", "\t", "\n")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a surname of one character is a word of its own here."""
    is_begun = start == 0 or _ALONE_BEFORE.match(text, start - 1) is not None
    return is_begun and _ALONE_AFTER.match(text, end) is not None
