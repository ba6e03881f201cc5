"""Finders of whatever has a number in it: dates, times, amounts, telephone numbers, articles, counts."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache

from desktop.drafting.facts.values import (
    CalendarDate,
    ClockTime,
    FactKind,
    Folded,
    Found,
    Quantity,
    check_words,
)

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
# Lengths are bounded: a text of 20,000 digits must not cost a second.
_ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,18})(?:\.\d{1,9})?"
_KANJI = r"[〇零一二三四五六七八九十百千万億兆]{1,20}"
_MIXED = rf"(?:{_ARABIC}[百千万億兆]{{1,3}}){{0,4}}{_ARABIC}[百千万億兆]{{0,3}}"
_NUMERAL = rf"(?:{_MIXED}|{_KANJI})"
_SHORT = r"(?:\d{1,2}|[〇一二三四五六七八九十]{1,3})"


def parse_numeral(text: str) -> Fraction:
    """The value of a numeral in Arabic digits, kanji, or both (`3億2,000万`, `二〇二六`, `千五百`)."""
    tokens = re.findall(rf"{_ARABIC}|[^\d,.]", text)
    if len(text) > 1 and all(character in _DIGITS for character in text):
        return Fraction("".join(str(_DIGITS[character]) for character in text))
    total = section = Fraction(0)
    current: Fraction | None = None
    for token in tokens:
        if token in _DIGITS:
            current = (current or Fraction(0)) * 10 + _DIGITS[token]
        elif token in _SMALL:
            section += (1 if current is None else current) * _SMALL[token]
            current = None
        elif token in _LARGE:
            group = section + (current or Fraction(0))
            total += (group or 1) * _LARGE[token]
            section, current = Fraction(0), None
        else:
            current = Fraction(token.replace(",", ""))
    return total + section + (current or Fraction(0))


_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA_LETTERS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_WEEKDAYS = "月火水木金土日"
_WEEKDAY = (
    rf"(?:\s*\(\s*(?P<w1>[{_WEEKDAYS}])(?:曜日?)?(?:\s*[・,、]?\s*(?:祝日?|休日?|振休|振替休日))?\s*\)"
    rf"|\s*(?P<w2>[{_WEEKDAYS}])曜日?)?"
)
_ERA_YEAR = rf"(?P<era>明治|大正|昭和|平成|令和)\s*(?P<ey>元|{_SHORT})\s*年"
_YEAR = rf"(?:{_ERA_YEAR}|(?P<y>(?:19|20)\d\d|[一二][〇一二三四五六七八九]{{3}})\s*年)"
_DATE_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_YEAR}|(?<!\d)(?P<sy>\d{{1,2}})\s*年)?\s*(?<!\d)(?P<m>{_SHORT})\s*月\s*(?P<d>{_SHORT})\s*日(?!間){_WEEKDAY}",
        rf"{_YEAR}\s*(?P<m>{_SHORT})\s*月",
        rf"(?<![\d/.-])(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})(?![\d/.-]){_WEEKDAY}",
        rf"(?<![A-Za-z])(?P<letter>[MTSHR])(?P<ey>\d{{1,2}})[./-](?P<m>\d{{1,2}})[./-](?P<d>\d{{1,2}})(?!\d){_WEEKDAY}",
        rf"{_YEAR}(?!間)(?:度)?",
        rf"(?<![\d/.-])(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?![\d/.-]){_WEEKDAY}",
        rf"(?<![\d〇一二三四五六七八九十.,])(?P<m>{_SHORT})\s*月(?![一-龥々]*曜)",
        rf"(?<![\d.,/-])(?P<d>\d{{1,2}})日(?!間|以内|前|後|目|以上|程度|ごと|おき|分){_WEEKDAY}",
    )
)
_TIME = re.compile(
    r"(?P<half>午前|午後|AM|PM|am|pm)?\s*(?<![\d:])(?:(?P<h>\d{1,2}|[一二三四五六七八九十]{1,3})\s*時(?!間|的|期|代|点|差)"
    r"(?:\s*(?P<mi>\d{1,2}|[一二三四五六七八九十]{1,3})\s*分|(?P<hm>半))?"
    r"|(?P<h2>\d{1,2}):(?P<mi2>\d\d)(?![\d:]))|(?P<noon>正午)"
)
_PHONE = re.compile(
    r"(?<![\d-])(?:\(0\d{1,4}\)\s?\d{1,4}[- ]\d{3,4}|0\d{9,10}|0\d{1,4}-\d{5,8}"
    r"|0\d{1,4}(?:-|\s?\(|\s)\d{1,4}(?:-|\)\s?|\s)\d{3,4})(?![\d-])"
)
_CONTACT = re.compile(
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|(?:https?://|www\.)[A-Za-z0-9./?=&%_#:~-]+"
)
_ARTICLE = re.compile(
    rf"第\s*({_NUMERAL})\s*条(?:の({_SHORT}))?(?:\s*第?\s*({_NUMERAL})\s*項)?(?:\s*第?\s*({_NUMERAL})\s*号)?"
)
_AMOUNT = re.compile(rf"[¥\\]\s*(?P<a>{_ARABIC}[百千万億兆]*)|(?P<b>{_NUMERAL})\s*円")
_CODE = re.compile(r"(?<![\dA-Za-z-])\d{1,18}(?:-\d{1,18}){1,9}(?![\d-])")
_NUMBER = re.compile(rf"(?<![A-Za-z\d.,-])(?P<n>{_MIXED})(?!\d)\s?")
_KANJI_NUMBER = re.compile(rf"(?<![数何幾〇零一二三四五六七八九十百千万億兆])(?P<n>{_KANJI})")
_NUMBERING = re.compile(
    r"(?m)^[ \t#>*・-]*(?:第\s?\d{1,2}(?=\s)|\(?\d{1,2}\)?(?:[.、:)](?!\d)|(?=[ \t]|$)))"
    r"|(?<=[^\d])\(\d{1,2}\)|(?:※|注|図|表)\d{1,2}"
)


def find_contacts(folded: Folded) -> Found:
    """E-mail and web addresses as written."""
    for match in _CONTACT.finditer(folded.text):
        yield *match.span(), FactKind.CONTACT, match[0].rstrip(".")


def find_articles(folded: Folded) -> Found:
    """Articles of a law: 第3条の2第1項第4号."""
    for match in _ARTICLE.finditer(folded.text):
        article, branch, paragraph, item = (g and str(parse_numeral(g)) for g in match.groups())
        parts = [f"第{article}条", branch and f"の{branch}", paragraph and f"第{paragraph}項"]
        yield *match.span(), FactKind.ARTICLE, "".join(filter(None, [*parts, item and f"第{item}号"]))


def find_dates(folded: Folded) -> Found:
    """Dates, whole or in part, Japanese or common era; impossible ones are left to the numbers."""
    for pattern in _DATE_PATTERNS:
        for match in pattern.finditer(folded.text):
            date = _calendar_date({k: v for k, v in match.groupdict().items() if v is not None})
            if date is not None:
                # Leading blanks belong to the pattern's optional year, not to the date.
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                yield start, match.end(), FactKind.DATE, date


def _calendar_date(groups: dict[str, str]) -> CalendarDate | None:
    def number(name: str) -> int | None:
        return int(parse_numeral(groups[name])) if name in groups else None

    year, month, day = number("y"), number("m"), number("d")
    if "ey" in groups:
        first = _ERAS[groups["era"]] if "era" in groups else _ERA_LETTERS[groups["letter"]]
        year = first + (1 if groups["ey"] == "元" else int(parse_numeral(groups["ey"])))
    elif "sy" in groups:
        year = 2018 + int(groups["sy"])
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    letter = groups.get("w1") or groups.get("w2")
    return CalendarDate(year, month, day, _WEEKDAYS.index(letter) if letter else None)


def find_times(folded: Folded) -> Found:
    """Times of day."""
    for match in _TIME.finditer(folded.text):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if match["noon"]:
            yield *match.span(), FactKind.TIME, ClockTime(720, False)
            continue
        hour = int(parse_numeral(match["h"] or match["h2"]))
        minute = match["mi"] or match["mi2"]
        minutes = 30 if match["hm"] else int(parse_numeral(minute)) if minute else 0
        if hour > 24 or minutes > 59:
            continue
        half = (match["half"] or "").upper()
        if half in ("午後", "PM") and hour < 12:
            hour += 12
        yield start, match.end(), FactKind.TIME, ClockTime(hour * 60 + minutes, not half and hour <= 12)


def find_phones(folded: Folded) -> Found:
    """Telephone numbers; value: the digits."""
    for match in _PHONE.finditer(folded.text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) in (10, 11):
            yield *match.span(), FactKind.PHONE, digits


def find_amounts(folded: Folded) -> Found:
    """Amounts of money in yen."""
    for match in _AMOUNT.finditer(folded.text):
        before = folded.text[max(0, match.start() - 1) : match.start()]
        if not (before and before in "数何幾"):
            yield *match.span(), FactKind.AMOUNT, Quantity(parse_numeral(match["a"] or match["b"]), "円")


@cache
def _units() -> tuple[re.Pattern[str], dict[str, str]]:
    classes = {unit: name for name, units in check_words()["units"].items() for unit in units}
    longest_first = sorted(classes, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), classes


def find_numbers(folded: Folded) -> Found:
    """All other numbers with their counter, and digits joined by hyphens as written."""
    text = folded.text
    numbering = {
        i
        for match in _NUMBERING.finditer(text)
        for i in range(match.start(), match.end())
        if text[i].isdigit()
    }
    for match in _CODE.finditer(text):
        yield *match.span(), FactKind.NUMBER, match[0]
    pattern, classes = _units()
    for match in _NUMBER.finditer(text):
        unit = pattern.match(text, match.end())
        end = unit.end() if unit else match.end("n")
        following = text[end : end + 1]
        is_word = following.isascii() and following.isalpha()
        # "２　名称": a blank between number and counter at the start of a line is numbering, too.
        is_joined = unit is not None and unit.start() == match.end("n")
        is_enumerator = match.start() in numbering and not is_joined
        # ①, ½ and the like: the original is no digit.
        is_symbol = unicodedata.category(folded.original[folded.starts[match.start()]]) == "No"
        if not (is_word or is_enumerator or is_symbol):
            name = classes[unit[0]] if unit else "?" if _is_japanese(following) else ""
            yield match.start(), end, FactKind.NUMBER, Quantity(parse_numeral(match["n"]), name)
    yield from _kanji_numbers(text)


def _is_japanese(character: str) -> bool:
    return bool(character) and ("一" <= character <= "龥" or "ァ" <= character <= "ヶ")


def _kanji_numbers(text: str) -> Found:
    lists = check_words()["kanji"]
    _, classes = _units()
    pattern = re.compile("|".join(map(re.escape, sorted(lists["units"], key=len, reverse=True))))
    for match in _KANJI_NUMBER.finditer(text):
        unit = pattern.match(text, match.end())
        if unit is None:
            continue
        number = parse_numeral(match["n"])
        if (number > 1 and (number > 2 or unit[0] != "人")) or unit[0] in check_words()["kanji"][
            "one_counts_before"
        ]:
            yield match.start(), unit.end(), FactKind.NUMBER, Quantity(number, classes.get(unit[0], "?"))
