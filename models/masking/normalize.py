"""Folding of Japanese office text for recognition, with a map back to the original.

NFKC changes the length of a text (㈱山田 ℡０３ becomes (株)山田 TEL03), so every folded character
remembers which original code points it came from; what a recognizer finds in the folded text is
handed out as a span of the original.

What is folded: width (NFKC, half-width kana with their voice marks), hyphens between digits or
letters, positional kanji numerals in long numbers, line ends, invisible characters (zero width,
variation selectors), control characters and lone surrogates. What is not: circled numbers and other
enclosed characters (①090… must not become 1090…).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache

REPLACEMENT = "\ufffd"
_LINE_ENDS = frozenset("\r\x0b\x0c\x85\u2028\u2029")
_KEEP = frozenset("…‥・ー〒※々〆ヶ｡")
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\u2500\u2501\uff0d\u02d7\u2043\ufe63\u30a0"
_HYPHEN_RUN = re.compile(rf"(?<=[0-9A-Za-z)])[{_HYPHENS}](?=[0-9A-Za-z(])")
_KANJI_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_KANJI_NUMBER = re.compile(
    rf"[〇○零一二三四五六七八九](?:[{_HYPHENS}\-の()・ ]?[〇○零一二三四五六七八九]){{5,}}"
)
_KANJI_PREFIX = re.compile(
    rf"(?<![0-9〇○零一二三四五六七八九])[〇○零][〇○零一二三四五六七八九]{{1,4}}(?=[{_HYPHENS}\-() ][0-9])"
)
_VARIANTS = {
    ord(variant): common
    for common, variants in {
        "浜": "濵濱",
        "高": "髙",
        "崎": "﨑嵜",
        "吉": "𠮷",
        "辺": "邊邉",
        "斎": "齋齊",
        "徳": "德",
        "瀬": "瀨",
        "桑": "桒",
        "島": "嶌",
        "渡": "渡",
        "凜": "凛",
        "柳": "栁",
        "塚": "塚",
        "隆": "隆",
        "神": "神",
        "祥": "祥",
        "黒": "黑",
        "緑": "綠",
        "都": "都",
        "福": "福",
        "靖": "靖",
        "広": "廣",
        "国": "國",
        "沢": "澤",
    }.items()
    for variant in variants
}
"""Forms of name characters that dictionaries lack, to the forms they have; one to one."""
_NEEDS_NEIGHBOUR = re.compile("[ﾞﾟ\u3099\u309a]|\r\n")
_VOICED = {ord("ﾞ"): "\u3099", ord("ﾟ"): "\u309a"}


@dataclass(frozen=True)
class NormalizedText:
    """A folded text and where each of its characters came from.

    Attributes:
        text: The folded text; what recognizers read.
        starts: For each folded character, the first original code point it stands for.
        ends: For each folded character, one past the last original code point.
    """

    text: str
    starts: array[int]
    ends: array[int]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """The original span of `text[start:end]`.

        Args:
            start: First folded character.
            end: One past the last; greater than `start`.

        Returns:
            Offsets in code points of the original text.
        """
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """The folded form of one character; empty when it is invisible."""
    code = ord(char)
    if code < 0x80:
        if char == "\n" or char == "\t" or 0x20 <= code < 0x7F:
            return char
        return "\n" if char in _LINE_ENDS else " "
    if char in _LINE_ENDS:
        return "\n"
    if char in _KEEP:
        return char
    if code in _VARIANTS:
        return _VARIANTS[code]
    category = unicodedata.category(char)
    if category == "Cs":
        return REPLACEMENT
    if category in ("Cf", "Mn") and code not in (0x3099, 0x309A):
        return ""
    if category == "Cc" or category == "Zs":
        return " "
    if category == "No" or 0x2460 <= code <= 0x24FF or 0x3200 <= code <= 0x325F:
        folded = unicodedata.normalize("NFKC", char)
        return folded if len(folded) == 3 and folded[1] in "株有財社合名資" else char
    return unicodedata.normalize("NFKC", char) or char


def normalize(text: str) -> NormalizedText:
    """Fold a text.

    Args:
        text: Any string, lone surrogates and control characters included.

    Returns:
        The folded text with its offset map. Time and memory grow linearly with the length.
    """
    pieces = [_fold(char) for char in text]
    if all(len(piece) == 1 for piece in pieces) and not _NEEDS_NEIGHBOUR.search(text):
        count = len(text)
        return NormalizedText(
            _fold_runs("".join(pieces)), array("L", range(count)), array("L", range(1, count + 1))
        )
    chars: list[str] = []
    starts = array("L")
    ends = array("L")
    previous = ""
    for index, char in enumerate(text):
        folded = _fold(char)
        if char == "\n" and previous == "\r":
            folded = ""
        previous = char
        mark = _VOICED.get(ord(char)) or (char if char in "\u3099\u309a" else None)
        if mark and chars:
            joined = unicodedata.normalize("NFC", chars[-1] + mark)
            if len(joined) == 1:
                chars[-1] = joined
                ends[-1] = index + 1
                continue
        if not folded:
            if ends and char != "\n":
                ends[-1] = index + 1
            continue
        for piece in folded:
            chars.append(piece)
            starts.append(index)
            ends.append(index + 1)
    return NormalizedText(_fold_runs("".join(chars)), starts, ends)


def unfolded(text: str) -> NormalizedText:
    """The text as it is (lone surrogates replaced), with an identity map; for measuring the folding."""
    clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return NormalizedText(clean, array("L", range(len(text))), array("L", range(1, len(text) + 1)))


def _fold_runs(text: str) -> str:
    """Fold what needs its neighbours; the length stays."""
    text = _HYPHEN_RUN.sub("-", text)
    if _KANJI_NUMBER.search(text):
        text = _KANJI_NUMBER.sub(_fold_kanji_number, text)
    if "〇" in text:
        text = _KANJI_PREFIX.sub(lambda match: match.group().translate(_KANJI_DIGITS), text)
    return text


def _fold_kanji_number(match: re.Match[str]) -> str:
    """〇九〇ー一二三四ー五六七八 to digits; counts and names such as 一二三 stay."""
    run = match.group()
    digits = sum(1 for char in run if char in "〇○零一二三四五六七八九")
    if digits < 7:
        return run
    return re.sub(rf"[{_HYPHENS}]", "-", run).translate(_KANJI_DIGITS)


def join_lines(source: NormalizedText, breaks: list[int]) -> NormalizedText:
    """Remove the line ends at `breaks` (positions in the folded text), keeping the map.

    Args:
        source: A folded text.
        breaks: Positions of line ends, ascending.

    Returns:
        The joined text; hyphens that the join brought between digits are folded too.
    """
    if not breaks:
        return source
    pieces: list[str] = []
    starts = array("L")
    ends = array("L")
    last = 0
    for position in [*breaks, len(source.text)]:
        pieces.append(source.text[last:position])
        starts.extend(source.starts[last:position])
        ends.extend(source.ends[last:position])
        last = position + 1
    return NormalizedText(_fold_runs("".join(pieces)), starts, ends)


def soft_breaks(text: str) -> tuple[list[int], bool]:
    """Line ends that look like a hard wrap (pasted mail, PDF text).

    A wrapped text has lines that stop at one column. A line end counts as soft when its line is as
    long as the longest of its block (up to two characters of hanging punctuation), the next line
    is not empty and does not begin like a new item.

    Args:
        text: Folded text.

    Returns:
        Positions of such line ends, and whether at least three lines bear witness to the column.
    """
    lines: list[tuple[int, int]] = []
    position = 0
    for line in text.split("\n"):
        lines.append((position, position + len(line)))
        position += len(line) + 1
    if len(lines) < 2:
        return [], False
    longest = max(end - start for start, end in lines)
    if longest < 18 or longest > 120:
        return [], False
    column = longest - 2
    found: list[int] = []
    for (start, end), (next_start, next_end) in itertools.pairwise(lines):
        if end - start < column or next_end == next_start:
            continue
        if "\t" in text[start:end] or text.find('","', start, end) >= 0:
            return [], False
        found.append(end)
    return found, len(found) >= 3
