"""Where a Japanese office document may be cut, and what the place is called.

The forms of headings are those of 公用文作成の考え方 (文化審議会建議 2022, 見出し記号: 第１、１、(１)、ア、(ア))
and of 例規 (編・章・節・款・目・条・項・号, 附則, 別表). Everything is found by the shape of a line: the
text is masked, and what a placeholder stands for is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

Piece = str | tuple[int, int]
"""Words of ours, or a stretch of the text (code points)."""


class Rank(IntEnum):
    """How good a place is for a cut, the best first."""

    CHAPTER = 1
    SECTION = 2
    ARTICLE = 3
    HEADING = 4
    CLAUSE = 5
    SPEAKER = 6
    ITEM = 7
    SUBITEM = 8
    BLANK = 9
    LINE = 10
    BULLET = 11
    SENTENCE = 12
    ROW = 13
    COMMA = 14


@dataclass(frozen=True)
class Boundary:
    """A place before which the text may be cut.

    Attributes:
        offset: First code point after the cut.
        rank: How good a place it is.
        label: What begins there, as pieces; empty where it has no name.
    """

    offset: int
    rank: Rank
    label: tuple[Piece, ...] = ()


MAX_LABEL_CHARS: Final = 24
_MAX_HEADING_CHARS: Final = 40
_D = r"[0-9０-９]"
_N = rf"(?:{_D}+|[一二三四五六七八九十百千〇]+)"
_S = r"[ \t　]"

_CHAPTER = re.compile(
    rf"{_S}*(?P<name>第{_N}[編章](?:の{_N})*|附{_S}*則|別表(?:第{_N})?|別記|別紙)(?={_S}|[（(]|$)"
)
_SECTION = re.compile(rf"{_S}*(?P<name>第{_N}[節款目](?:の{_N})*)(?={_S}|[（(]|$)")
_ARTICLE = re.compile(rf"{_S}*(?P<name>第{_N}条(?:の{_N})*)(?={_S}|[（(]|$)")
_ARTICLE_IN_LINE = re.compile(rf"(?<=。){_S}*(?P<name>第{_N}条(?:の{_N})*)(?={_S})")
_CAPTION = re.compile(rf"{_S}*（[^（）\n]{{1,40}}）{_S}*")
_NUMBERED = re.compile(rf"{_S}*(?P<number>{_D}{{1,3}}){_S}+(?=\S)")
_PART = re.compile(rf"{_S}*第{_N}{_S}+\S")
_DOTTED = re.compile(
    rf"{_S}*{_D}{{1,3}}(?P<deeper>(?:[.．\-－]{_D}{{1,3}})*)[.．、]?{_S}+\S|{_S}*[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ][.．、]?{_S}*\S"
)
_DOT_NUMBER = re.compile(rf"{_S}*{_D}{{1,2}}[.．、](?!{_D})\S")
_ITEM = re.compile(rf"{_S}*(?:[（(](?P<number>{_N})[）)]|(?P<kanji>[一二三四五六七八九十]{{1,3}})(?={_S}))")
_SUBITEM = re.compile(rf"{_S}*(?:[（(][ア-ヶa-zａ-ｚ][）)]|[ア-ンa-zａ-ｚ](?={_S}|[.．、)）])|[①-⑳])")
_MARKED = re.compile(rf"{_S}*(?:[■□◆◇▼▽★☆]|【[^】\n]{{1,40}}】|≪[^≫\n]{{1,40}}≫|〔[^〕\n]{{1,40}}〕$)")
_MARKDOWN = re.compile(r"(?P<signs>#{1,6})[ \t　]+\S")
_AGENDA = re.compile(
    rf"{_S}*(?:議題|案件|協議事項|報告事項|審議事項|議事|日程第|議案第|報告第|質問|回答|別添|資料){_S}*{_N}(?!{_D}|[年月日時件人円％%])"
)
_SPEAKER = re.compile(rf"{_S}*(?:[○〇◯●◎][^\s。、・]{{1,25}}(?:{_S}|[（(：:]|$)|[^\s。、：:・]{{1,16}}[：:])")
_BULLET = re.compile(rf"{_S}*[・●○▪•*\-‐–－](?:{_S}|(?=\S))")
_SENTENCE_END = re.compile(r"[。！？!?][」』）)】]*")
_COMMA = re.compile(r"[、，,；;]|[ \t　]+")
_PROTECTED = re.compile(r"[<＜][^<>＜＞\n]{1,24}[>＞]")


def find_boundaries(text: str) -> tuple[Boundary, ...]:
    """All places inside a text where it may be cut, in order, each once with its best rank.

    None of them is inside a placeholder.
    """
    best: dict[int, Boundary] = {0: Boundary(0, Rank.LINE)}
    for boundary in _Lines(text).boundaries():
        known = best.get(boundary.offset)
        if known is None or boundary.rank < known.rank:
            best[boundary.offset] = boundary
    for rank, pattern in ((Rank.SENTENCE, _SENTENCE_END), (Rank.COMMA, _COMMA)):
        for match in pattern.finditer(text):
            best.setdefault(match.end(), Boundary(match.end(), rank))
    for start, end in protected_spans(text):
        for offset in range(start + 1, end):
            best.pop(offset, None)
    best.pop(len(text), None)
    return tuple(best[offset] for offset in sorted(best))


def protected_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Stretches that must stay whole: whatever is written like a placeholder."""
    return tuple(match.span() for match in _PROTECTED.finditer(text))


class _Lines:
    """Reads a text line by line and knows in which article it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._article: tuple[Piece, ...] = ()
        self._clause: tuple[Piece, ...] = ()
        self._next_clause = 0
        self._before = ""
        self._caption_at: int | None = None

    def boundaries(self) -> Iterator[Boundary]:
        """Those at the beginnings of lines, and articles that follow each other in one line."""
        at = 0
        for line in self._text.splitlines(keepends=True):
            body = line.rstrip("\r\n")
            if body.strip():
                yield from self._of_line(body, at)
            self._before = body
            at += len(line)

    def _of_line(self, line: str, at: int) -> Iterator[Boundary]:
        found = self._heading(line, at)
        caption_at, self._caption_at = self._caption_at, None
        if found is None and _CAPTION.fullmatch(line):
            # （目的） stands above the article whose name it is.
            self._caption_at = at
        if found is not None and found.rank is Rank.ARTICLE and caption_at is not None:
            found = Boundary(caption_at, found.rank, found.label)
        yield found if found is not None else Boundary(at, self._plain_rank(line))
        for match in _ARTICLE_IN_LINE.finditer(line):
            yield self._article_at(at + match.start("name"), (at + match.start("name"), at + match.end()))

    def _plain_rank(self, line: str) -> Rank:
        if not self._before.strip():
            return Rank.BLANK
        if _is_row(line) and _is_row(self._before):
            return Rank.ROW
        if _BULLET.match(line) and _BULLET.match(self._before):
            return Rank.BULLET
        return Rank.LINE

    def _heading(self, line: str, at: int) -> Boundary | None:
        for rank, pattern in ((Rank.CHAPTER, _CHAPTER), (Rank.SECTION, _SECTION)):
            if match := pattern.match(line):
                name = (at + match.start("name"), at + match.end("name"))
                # A supplementary provision has clauses of its own, from the first.
                is_supplement = "附" in match["name"]
                self._article = (name,) if is_supplement else ()
                self._clause, self._next_clause = (), 1 if is_supplement else 0
                return Boundary(at, rank, (name,))
        if match := _ARTICLE.match(line):
            return self._article_at(at, (at + match.start("name"), at + match.end("name")))
        if _is_row(line):
            return None
        return self._inside_article(line, at) or self._numbered(line, at) or self._other(line, at)

    def _article_at(self, offset: int, name: tuple[int, int]) -> Boundary:
        self._article, self._clause, self._next_clause = (name,), (), 2
        return Boundary(offset, Rank.ARTICLE, (name,))

    def _inside_article(self, line: str, at: int) -> Boundary | None:
        """項 and 号: only where an article is open and, for 項, where its number is the next one."""
        if not self._article:
            return None
        match = _NUMBERED.match(line)
        if match and int(match["number"]) == self._next_clause:
            self._next_clause += 1
            number = (at + match.start("number"), at + match.end("number"))
            self._clause = (*self._article, "第", number, "項")
            return Boundary(at, Rank.CLAUSE, self._clause)
        if match := _ITEM.match(line):
            group = "number" if match["number"] else "kanji"
            number = (at + match.start(group), at + match.end(group))
            return Boundary(at, Rank.ITEM, (*(self._clause or self._article), "第", number, "号"))
        return None

    def _numbered(self, line: str, at: int) -> Boundary | None:
        is_short = _is_heading_like(line)
        if _PART.match(line) and is_short:
            return self._named(line, at, Rank.SECTION)
        if match := _MARKDOWN.match(line):
            ranks = (Rank.CHAPTER, Rank.SECTION, Rank.HEADING)
            return self._named(line, at, ranks[min(len(match["signs"]), 3) - 1])
        if match := _DOTTED.match(line):
            if not is_short:
                return Boundary(at, Rank.ITEM)
            depth = len(re.findall(r"[.．\-－]", match["deeper"] or ""))
            return self._named(line, at, (Rank.HEADING, Rank.CLAUSE, Rank.ITEM)[min(depth, 2)])
        if _DOT_NUMBER.match(line):
            return self._named(line, at, Rank.HEADING) if is_short else Boundary(at, Rank.ITEM)
        return None

    def _other(self, line: str, at: int) -> Boundary | None:
        if (marked := _MARKED.match(line) or _AGENDA.match(line)) and _is_heading_like(line):
            return self._named(line, at, Rank.SECTION if marked.re is _MARKED else Rank.HEADING)
        if _ITEM.match(line):
            return self._named(line, at, Rank.CLAUSE) if _is_heading_like(line) else Boundary(at, Rank.ITEM)
        if _SUBITEM.match(line):
            return Boundary(at, Rank.SUBITEM)
        if _SPEAKER.match(line) and not _BULLET.match(line):
            return Boundary(at, Rank.SPEAKER)
        if line.lstrip()[:1] in ("○", "〇", "◯", "●", "◎") and _SPEAKER.match(line):
            return Boundary(at, Rank.SPEAKER)
        return None

    def _named(self, line: str, at: int, rank: Rank) -> Boundary:
        """A heading outside 例規: its own words are its name, and an article before it is over."""
        if rank <= Rank.HEADING:
            self._article, self._clause, self._next_clause = (), (), 0
        start, end = at + len(line) - len(line.lstrip("# \t　")), at + len(line.rstrip())
        if end - start <= MAX_LABEL_CHARS:
            return Boundary(at, rank, ("「", (start, end), "」"))
        cut = start + MAX_LABEL_CHARS
        for a, b in protected_spans(self._text[start:end]):
            if start + a < cut < start + b:
                cut = start + a
        return Boundary(at, rank, ("「", (start, cut), "…」"))


def _is_heading_like(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) <= _MAX_HEADING_CHARS and not stripped.endswith(("。", "、", "．", "，"))


def _is_row(line: str) -> bool:
    return "\t" in line.strip() or line.lstrip().startswith("|")


def words_of(label: Sequence[Piece], text: str) -> str:
    """The words of a label."""
    return "".join(piece if isinstance(piece, str) else text[piece[0] : piece[1]] for piece in label)
