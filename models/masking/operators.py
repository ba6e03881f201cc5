"""What may stand in a value's place instead of a placeholder, by kind: pure functions.

Municipal practice (住所は番地以下を削除, 生年月日は月齢・学年を計算したうえで日を削除): an address down to its
town, a birth date as an age, an age in months, or a school grade. A coarser value is not restorable by
itself; the caller keeps the original in the vault where the policy wants it restored. A result of
None means: this value cannot be read safely, use the placeholder.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum

from models.masking.entities import EntityType


class Operator(StrEnum):
    """How a find of some kind is replaced."""

    PLACEHOLDER = "placeholder"
    TOWN = "town"
    AGE = "age"
    GRADE = "grade"
    REMOVE = "remove"


ALLOWED: dict[Operator, frozenset[EntityType] | None] = {
    Operator.PLACEHOLDER: None,
    Operator.TOWN: frozenset({EntityType.ADDRESS}),
    Operator.AGE: frozenset({EntityType.DATE_OF_BIRTH}),
    Operator.GRADE: frozenset({EntityType.DATE_OF_BIRTH}),
    Operator.REMOVE: None,
}
"""The kinds each operator takes; None for all."""

_ERA_START = {
    "明": 1868,
    "大": 1912,
    "昭": 1926,
    "平": 1989,
    "令": 2019,
    "M": 1868,
    "T": 1912,
    "S": 1926,
    "H": 1989,
    "R": 2019,
}
_ERA_CODE = {"1": "M", "2": "T", "3": "S", "4": "H", "5": "R"}
_KANJI_DIGIT = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}
_N = r"([0-9元〇零一二三四五六七八九十]{1,4})"
_BIRTH = (
    re.compile(
        rf"(?P<era>明|大|昭|平|令|[MTSHR])(?:治|正|和|成)?\.?{_N}[年./・-]{_N}[月./・-]{_N}日?", re.IGNORECASE
    ),
    re.compile(r"(?P<era>[MTSHR])([0-9]{2})([0-9]{2})([0-9]{2})$", re.IGNORECASE),
    re.compile(r"(?P<code>[1-5])-([0-9]{2})([0-9]{2})([0-9]{2})$"),
    re.compile(r"((?:18|19|20)[0-9]{2})年?(?:\([^()]*\))?[年./-]?([0-9]{1,2})[月./-]([0-9]{1,2})日?"),
    re.compile(r"((?:18|19|20)[0-9]{2})([0-9]{2})([0-9]{2})$"),
)
_ADDRESS_NUMBER = re.compile(
    r"(?:大?字[^0-9]{1,8})?(?:[甲乙丙丁イロハ]-?)?(?:[0-9]+|[一二三四五六七八九十百千〇]+)"
    r"(?:丁目|番地|番(?!町)|号|-|の[0-9]|地割|線|$| |　)"
)


def town_level(address: str) -> str | None:
    """Cut an address behind its town: 東京都葛飾区お花茶屋2-3-1 ひまわり荘101 to 東京都葛飾区お花茶屋.

    Args:
        address: As found.

    Returns:
        The address without number, building and room (and without 丁目); None when nothing that
        could be a town is left.
    """
    folded = "".join("-" if char in "‐‑–—−ー－" else char for char in unicodedata.normalize("NFKC", address))
    match = _ADDRESS_NUMBER.search(re.sub(r"(?<=[0-9])[-ー−]|[-ー−](?=[0-9])", "-", folded))
    cut = match.start() if match else len(folded)
    first_digit = re.search(r"[0-9]", folded)
    if first_digit:
        cut = min(cut, first_digit.start())
    town = folded[:cut].rstrip(" 　-第")
    return town if len(town) >= 2 and not re.search(r"[0-9]", town) else None


def parse_birth_date(text: str) -> date | None:
    """Read a birth date in any of the notations the recognizer finds.

    Args:
        text: Western or Japanese era, digits or kanji, full or half width.

    Returns:
        The date; None when it is incomplete or impossible.
    """
    folded = re.sub(r"[\s　]", "", unicodedata.normalize("NFKC", text))
    for pattern in _BIRTH:
        match = pattern.search(folded)
        if match is None:
            continue
        groups = match.groupdict()
        year, month, day = (_number(value) for value in match.groups()[-3:])
        era = (groups.get("era") or _ERA_CODE.get(groups.get("code") or "", "")).upper()
        if era:
            year += _ERA_START[era] - 1
        try:
            return date(year, month, day)
        except ValueError:
            return None
    return None


def _number(text: str) -> int:
    """Digits or kanji numerals up to 99 (positional or with 十)."""
    if text.isascii() and text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_KANJI_DIGIT.get(tens, 1) if tens else 1) * 10 + (_KANJI_DIGIT.get(ones, 0) if ones else 0)
    value = 0
    for char in text:
        value = value * 10 + (int(char) if char.isdigit() and char.isascii() else _KANJI_DIGIT.get(char, 0))
    return value


def age_on(birth: date, today: date) -> int:
    """Completed years (年齢計算ニ関スル法律 counts from the day of birth; the birthday itself completes)."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def age_label(birth: date, today: date) -> str | None:
    """An age in words: months below three years, years from there, 90歳以上 at the top.

    Args:
        birth: Date of birth.
        today: The day of counting.

    Returns:
        For example 生後7か月, 2歳4か月, 41歳; None for a date in the future.
    """
    if birth > today:
        return None
    months = (today.year - birth.year) * 12 + today.month - birth.month - (today.day < birth.day)
    if months < 12:
        return f"生後{months}か月"
    if months < 36:
        return f"{months // 12}歳{months % 12}か月"
    years = age_on(birth, today)
    return "90歳以上" if years >= 90 else f"{years}歳"


def grade_label(birth: date, today: date) -> str | None:
    """The school grade of a child (学校教育法第17条: from the 1 April after the sixth birthday).

    Args:
        birth: Date of birth; children born on 1 April belong to the older year.
        today: The day of counting.

    Returns:
        小学3年, 中学1年, 高校2年相当, 年長相当 …; None outside of 年少 to 高校3年.
    """
    school_year = today.year - (1 if today.month < 4 else 0)
    birth_year = birth.year - (1 if (birth.month, birth.day) <= (4, 1) else 0)
    turned = school_year - birth_year
    names = {4: "年少相当", 5: "年中相当", 6: "年長相当"}
    if turned in names:
        return names[turned]
    if 7 <= turned <= 12:
        return f"小学{turned - 6}年"
    if 13 <= turned <= 15:
        return f"中学{turned - 12}年"
    if 16 <= turned <= 18:
        return f"高校{turned - 15}年相当"
    return None


def apply_operator(operator: Operator, entity_type: EntityType, value: str, *, today: date) -> str | None:
    """What replaces a value.

    Args:
        operator: The policy's choice for the kind.
        entity_type: The kind found.
        value: As found.
        today: The day of counting ages.

    Returns:
        The replacement; None for "use the placeholder" (also when the operator does not fit the kind
        or the value cannot be read).
    """
    allowed = ALLOWED[operator]
    if allowed is not None and entity_type not in allowed:
        return None
    if operator is Operator.REMOVE:
        return ""
    if operator is Operator.TOWN:
        return town_level(value)
    if operator in (Operator.AGE, Operator.GRADE):
        birth = parse_birth_date(value)
        if birth is None:
            return None
        if operator is Operator.GRADE:
            return grade_label(birth, today) or age_label(birth, today)
        return age_label(birth, today)
    return None
