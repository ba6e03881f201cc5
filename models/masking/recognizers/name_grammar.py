"""What a name looks like: segmentation into surname and given name with the dictionary's help."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.masking.recognizers.labels import trie_pattern
from models.masking.recognizers.morphology import Morphology, WordClass

KANJI = "一-鿿々〆ヶ㐀-䶿豈-﫿\U00020000-\U0003ffff"
_KANJI_RUN = re.compile(rf"[{KANJI}ノケ]+")
_HIRAGANA = re.compile(r"[ぁ-んー]+")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_PART = rf"(?:[{KANJI}]{{1,5}}(?:[ノケツ之][{KANJI}]{{1,3}})?[ぁ-んァ-ヶー]{{0,4}}|[ぁ-んァ-ヶ]{{1,3}}[{KANJI}]{{1,2}}|[ぁ-んー]{{2,6}}|[ァ-ヶー]{{2,12}})"  # noqa: E501
_TWO_PARTS = re.compile(rf"({_PART}) ({_PART})")
_KATAKANA_NAME = re.compile(r"[ァ-ヶー]{1,14}(?:[・=＝ ][ァ-ヶー]{1,14}){0,5}")
_HIRAGANA_NAME = re.compile(r"[ぁ-んー]{2,8}(?: [ぁ-んー]{2,8})?")
ROMAN_NAME = re.compile(
    r"[A-Z][A-Za-z'’\-]{1,20}\.?(?:(?:, ?| )(?:[A-Z][A-Za-z'’\-]{0,20}\.?|[a-z]{2,3}(?= [A-Z]))){1,5}|[A-Za-z][A-Za-z'\-]{1,20}"
)
MIXED_GIVEN = re.compile(rf"[ぁ-んァ-ヶ]{{1,3}}[{KANJI}]")
_CLOSING = "、,。・()\n\t \"'」』】/:;|<様氏殿"
_AFTER_KANJI = re.compile(r"[^\x00-\x7f] {0,2}$")
_SEPARATED = re.compile(r"[:=>|\t\n\"',(　][ ]{0,4}$|^$")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.\-]{0,20}(?:(?:, ?| |_|\.)[A-Za-z][A-Za-z'’.\-]{0,20}){0,5}")
_OFFICE_END = re.compile(
    r"(?:課|係|部|局|室|会|団|署|校|園|院|社|店|組合|事業|制度|手当|申請|窓口|庁|所|館|委員|協会|センター|給付|保険|年金|担当|職員|以外|全員|一同|各位|未定|不明|不在|なし|同上|別紙|該当|有無|本人|世帯主|申請者|氏名|住所|電話|様式|欄|等|ほか|他|外|対応|確認|済|予定|中|無職|会社員|公務員|自営業|主婦|学生|年少|高齢|男|女|男性|女性|一般|普通|独身|既婚|日本|外国|漢字|国籍|変更|訂正|届出|届|書|票|証|券)$"
)


@cache
def _section(section: str) -> frozenset[str]:
    content = tomllib.loads(files("models.masking").joinpath("data/titles.toml").read_text("utf-8"))
    return frozenset(content[section]["words"].split())


@cache
def title_pattern() -> re.Pattern[str]:
    """Every title, honorific or office, at a position."""
    words = sorted(_section("honorific") | _section("office"))
    kana = [word for word in words if _KATAKANA.fullmatch(word)]
    others = [word for word in words if word not in kana]
    return re.compile(f"(?:{trie_pattern(others)})|(?:{trie_pattern(kana)})(?![ァ-ヶー])")


def is_no_name(word: str) -> bool:
    """Whether a word before a title names no person (皆, 担当者, 総務 …)."""
    return word in _section("not_a_name")


@dataclass(frozen=True, slots=True)
class NameShape:
    """A name read at a position.

    Attributes:
        end: One past its last character.
        score: How sure, 0 to 1.
        split: Offset of the given name from the start (0: not divided).
        split_end: Offset where the surname ends (a space may stand between).
    """

    end: int
    score: float
    split: int = 0
    split_end: int = 0


def split_name(run: str, words: Morphology) -> tuple[int, float]:
    """Divide a run without spaces into surname and given name.

    Args:
        run: Two to eight characters.
        words: The dictionary.

    Returns:
        Length of the surname (0 when none was found) and a score.
    """
    best = (0, 0.0)
    for size in range(1, min(len(run), 5)):
        surname, given = run[:size], run[size:]
        if len(given) > 5 or given[0] in "々ー":
            continue
        has_surname, has_given = words.is_surname(surname), words.is_given(given)
        if has_surname and has_given:
            score = 0.97 - 0.01 * abs(len(surname) - 2) - (0.1 if len(given) == 1 and size == 1 else 0.0)
        elif has_surname and 1 <= len(given) <= min(3, size + 1) and not _OFFICE_END.search(given):
            known = words.word_classes(given)
            score = 0.72 if not known else (0.5 if len(given) > 1 else 0.55)
            if len(surname) == 1:
                score -= 0.12
        elif has_given and size <= 3 and len(given) >= 2 and not words.word_classes(surname) & WordClass.NOUN:
            score = 0.7
        else:
            continue
        if score > best[1]:
            best = (size, score)
    return best


def read_name(text: str, start: int, limit: int, words: Morphology, *, is_certain: bool) -> NameShape | None:
    """Read a name at a position where one is expected (after a label, in a cell).

    Args:
        text: Folded text.
        start: Where the value begins.
        limit: Where it must end.
        words: The dictionary.
        is_certain: Whether the place says so clearly (label 氏名) or only hints (a role).

    Returns:
        The name without title, or None.
    """
    limit = min(limit, start + 60)
    two = _TWO_PARTS.match(text, start, limit)
    kata = _KATAKANA_NAME.match(text, start, limit)
    if kata and (two is None or kata.end() >= two.end()):
        return _read_katakana(text, start, kata, words, is_certain)
    if two and not is_no_name(two.group(1)):
        shape = _read_two(text, start, two, words, is_certain)
        if shape is not None:
            return shape
    kanji = _KANJI_RUN.match(text, start, limit)
    if kanji:
        return _read_kanji(text, start, kanji.end(), limit, words, is_certain)
    mixed = MIXED_GIVEN.match(text, start, limit)
    if mixed and (
        words.is_given(mixed.group())
        or (mixed.group()[-1] in "子美代江枝恵香奈世音" and not words.is_common(mixed.group()))
    ):
        return NameShape(mixed.end(), 0.8)
    hira = _HIRAGANA_NAME.match(text, start, limit)
    if hira:
        return _read_hiragana(text, start, hira, limit, words, is_certain)
    latin = _LATIN.match(text, start, limit)
    if (
        latin
        and (
            _SEPARATED.search(text, max(0, start - 6), start)
            or _AFTER_KANJI.search(text, max(0, start - 3), start)
        )
        and (latin.group()[0].isupper() or " " not in latin.group())
        and is_certain
        and not text[latin.end() : latin.end() + 1].isdigit()
        and len(latin.group()) >= 3
        and latin.group().lower()
        not in (
            "null",
            "none",
            "true",
            "false",
            "n/a",
            "na",
            "unknown",
            "system",
            "admin",
            "root",
            "test",
            "string",
            "text",
            "varchar",
            "guest",
        )
    ):
        return NameShape(latin.end(), 0.85 if " " in latin.group() or "," in latin.group() else 0.7)
    return None


def _strip_title(part: str) -> str:
    for size in range(1, len(part)):
        if title_pattern().fullmatch(part, size):
            return part[:size]
    return part


def _read_two(
    text: str, start: int, two: re.Match[str], words: Morphology, is_certain: bool
) -> NameShape | None:
    first, second = two.group(1), two.group(2)
    second = _strip_title(second)
    particle = re.search(
        rf"(?<=[{KANJI}])(?:の|は|が|を|に|と|も|で|へ|や|から|より|さ|ち|く|宛|方|あ)", second
    )
    if particle and not words.is_given(second):
        second = second[: particle.start()]
    if (
        len(second) > 1
        and second[-1] in "外他"
        and re.match(r"[0-9]|名|\d", text[two.start(2) + len(second) : two.start(2) + len(second) + 1])
    ):
        second = second[:-1]
    if not second or title_pattern().fullmatch(second) or _OFFICE_END.search(first):
        return None
    if len(second) > 2 and _OFFICE_END.search(second) and not words.is_given(second):
        return None
    known_first = words.word_classes(first)
    known_second = words.word_classes(second)
    end = two.start(2) + len(second)
    if known_first & WordClass.SURNAME and known_second & (WordClass.GIVEN | WordClass.PERSON):
        score = 0.98
    elif known_first & WordClass.SURNAME and (not known_second or (len(second) <= 3 and is_certain)):
        score = 0.93
    elif known_second & WordClass.GIVEN and (not known_first or is_certain):
        score = 0.9
    elif (
        known_first & WordClass.SURNAME
        and len(second) <= 3
        and not is_no_name(second)
        and not _OFFICE_END.search(second)
        and (
            end >= len(text)
            or text[end] in "、,・()\n\t 」』/:;"
            or title_pattern().match(text, end)
            or particle
        )
    ):
        score = 0.86
    elif is_certain and len(first) <= 4 and len(second) <= 4 and not _OFFICE_END.search(second):
        score = 0.75
    else:
        return None
    return NameShape(end, score, two.start(2) - start, len(first))


def _read_kanji(
    text: str, start: int, end: int, limit: int, words: Morphology, is_certain: bool
) -> NameShape | None:
    run = text[start:end]
    for size in range(1, len(run)):
        tail = title_pattern().fullmatch(run, size)
        if tail and len(tail.group()) > 1:
            if is_no_name(run[:size]):
                return None
            run, end = run[:size], start + size
            break
    run = run.rstrip("ケノ")
    if not run:
        return None
    end = start + len(run)
    mixed_given = MIXED_GIVEN.match(text, end, limit)
    if (
        mixed_given
        and words.is_surname(run)
        and not words.is_common(mixed_given.group())
        and mixed_given.group()[-1] in "子美代江枝恵香奈世音"
    ):
        return NameShape(mixed_given.end(), 0.9, len(run), len(run))
    kana = _HIRAGANA.match(text, end, limit)
    if kana:
        for size in range(min(4, len(kana.group())), 0, -1):
            given = kana.group()[:size]
            if (
                (size >= 2 or len(run) >= 2)
                and words.is_surname(run)
                and size >= 2
                and words.is_given(given)
                and not title_pattern().match(given)
            ):
                return NameShape(end + size, 0.9, len(run), len(run))
            mixed = run[-1] + given
            if len(run) >= 3 and words.is_given(mixed) and words.is_surname(run[:-1]):
                return NameShape(end + size, 0.9, len(run) - 1, len(run) - 1)
    kata = _KATAKANA.match(text, end, limit)
    if (
        kata
        and words.is_surname(run)
        and 1 < len(kata.group()) <= 4
        and (
            not words.word_classes(kata.group()) & WordClass.NOUN
            or text[kata.end() : kata.end() + 1] in _CLOSING
        )
    ):
        return NameShape(kata.end(), 0.88, len(run), len(run))
    for size in range(len(run), 0, -1):
        head = run[:size]
        rest = run[size:]
        if (
            rest
            and not title_pattern().match(rest)
            and not rest.startswith(
                (
                    "生",
                    "宛",
                    "方",
                    "他",
                    "外",
                    "世帯",
                    "代理",
                    "同席",
                    "来庁",
                    "死亡",
                    "明治",
                    "大正",
                    "昭和",
                    "平成",
                    "令和",
                    "男",
                    "女",
                    "満",
                )
            )
        ):
            continue
        if is_no_name(head):
            continue
        if words.is_surname(head) and (len(head) >= 2 or rest or is_certain):
            known = words.word_classes(head)
            surname_score = 0.9 if len(head) >= 2 else 0.75
            if known & WordClass.NOUN and not rest and not is_certain:
                surname_score = 0.6
            split, score = split_name(head, words) if len(head) > 2 else (0, 0.0)
            if score > surname_score + 0.05:
                return NameShape(start + size, score, split, split)
            return NameShape(start + size, surname_score)
        if 2 <= len(head) <= 8:
            split, score = split_name(head, words)
            is_closed = not rest and (end >= len(text) or text[end] in _CLOSING)
            if (
                split
                and is_closed
                and not is_certain
                and not is_no_name(head[split:])
                and len(head) - split <= 2
            ):
                return NameShape(start + size, max(score, 0.8), split, split)
            if score >= (0.5 if is_certain else 0.6):
                return NameShape(start + size, max(score, 0.8 if is_certain else score), split, split)
        if words.is_given(head) and (is_certain or len(head) >= 2):
            return NameShape(start + size, 0.75)
        if (
            not is_certain
            and not rest
            and 2 <= len(head) <= 3
            and words.word_classes(head) == WordClass.PLACE
            and title_pattern().match(text, end)
        ):
            return NameShape(start + size, 0.7)
        if is_certain and 2 <= len(head) <= 6 and not _OFFICE_END.search(head):
            known = words.word_classes(head)
            if not known & (WordClass.NOUN | WordClass.VERB | WordClass.PLACE):
                return NameShape(start + size, 0.65)
    return None


def _read_katakana(
    text: str, start: int, kata: re.Match[str], words: Morphology, is_certain: bool
) -> NameShape | None:
    value = kata.group()
    parts = re.split(r"[・=＝ ]", value)
    following = text[kata.end() : kata.end() + 1]
    if "" in parts:
        return None
    known = [words.word_classes(part) for part in parts]
    if len(parts) > 1:
        is_named = any(k & (WordClass.SURNAME | WordClass.GIVEN | WordClass.PERSON) for k in known)
        if is_certain or is_named or not any(known):
            split = len(parts[0]) + 1
            return NameShape(kata.end(), 0.93 if is_named or is_certain else 0.75, split, split - 1)
        return None
    if len(value) < 2 or (re.match(rf"[{KANJI}]", following) and not title_pattern().match(text, kata.end())):
        return None
    is_named = bool(known[0] & (WordClass.SURNAME | WordClass.GIVEN | WordClass.PERSON))
    if is_named or (not known[0] and is_certain) or (is_certain and not known[0] & WordClass.NOUN):
        return NameShape(kata.end(), 0.85 if is_named else 0.7)
    return NameShape(kata.end(), 0.62) if is_certain and len(value) <= 3 else None


def _read_hiragana(
    text: str, start: int, hira: re.Match[str], limit: int, words: Morphology, is_certain: bool
) -> NameShape | None:
    value = hira.group()
    title = None
    for size in range(2, len(value)):
        if title_pattern().match(value, size):
            title = size
            break
    if title is not None:
        value = value[:title]
    if " " in value and is_certain:
        return NameShape(start + len(value), 0.88, value.index(" ") + 1, value.index(" "))
    if words.is_name(value.replace(" ", "")) or words.is_name(value):
        return NameShape(start + len(value), 0.75)
    is_whole = start + len(value) >= limit or text[start + len(value)] in "\n\t,、()\"' 様"
    if is_certain and is_whole and 2 <= len(value) <= 10 and not words.is_common(value):
        return NameShape(start + len(value), 0.65)
    return None
