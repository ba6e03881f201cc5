"""Recognising the parts of a 公用文 in an answer: 文書番号, 日付, 宛先, 発信者, 件名, 本文, 記, 以上.

The order and places are those of the usual 文書事務の手引 of prefectures and cities (number and date on the
right, addressee left, sender right, subject in the middle, 記 in the middle, 以上 on the right).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.drafting.documents.blocks import Block, parse_blocks, without_bold


@dataclass(frozen=True)
class OfficialDocument:
    """The parts of an official letter, in their order. Empty where the text has none.

    Attributes:
        number: 文書番号.
        date: 日付, as written.
        addressees: 宛先, line by line.
        sender: 発信者, line by line.
        title: 件名.
        body: 本文.
        details: What stands below 記; empty without 記.
        is_closed: Whether 以上 stands at the end.
        after: What follows 以上: 問い合わせ先, 担当.
    """

    number: str
    date: str
    addressees: tuple[str, ...]
    sender: tuple[str, ...]
    title: str
    body: tuple[Block, ...]
    details: tuple[Block, ...]
    is_closed: bool
    after: tuple[Block, ...]


_LABELS = {
    "number": ("文書番号", "番号"),
    "date": ("日付", "発信日", "発信年月日", "年月日", "作成日"),
    "addressee": ("宛先", "宛名", "あて先", "あて名"),
    "sender": ("発信者", "差出人", "発信元", "発信者名", "作成者"),
    "title": ("件名", "標題", "表題", "題名", "タイトル", "件　名"),
}
_LABEL_OF = {word: part for part, words in _LABELS.items() for word in words}
_LABELLED = re.compile(rf"(?P<label>{'|'.join(_LABEL_OF)})\s*(?:[：:]|　+)\s*(?P<text>\S.*)$")
_NUMBER = re.compile(
    r"[（(]?[^\s。、]{0,16}第\s*[0-9０-９〇一二三四五六七八九十百○●＊*-]+(?:の[0-9０-９]+)?\s*号[）)]?$"
)
_DATE = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和)\s*[0-9０-９元〇一二三四五六七八九十○●]*\s*年"
    r"|[0-9０-９]{4}\s*年)\s*[0-9０-９一二三四五六七八九十○●]*\s*月\s*[0-9０-９一二三四五六七八九十○●]*\s*日"
    r"\s*(?:[（(].{1,4}[）)])?$"
)
_ADDRESSEE = re.compile(
    r"\S.{0,40}?(?:様|殿|御中|各位|先生|宛て?|あて|の皆様|の皆さん|の皆さま)(?:\s*[（(].{1,20}[）)])?$"
)
_TITLE_LIKE = re.compile(
    r"(?:について|に関して|の件|のお知らせ|のご案内|の御案内|の開催|の実施|のお願い|お礼)"
    r"|[（(](?:通知|依頼|回答|照会|案内|報告|送付|御?礼|お知らせ|ご案内|伺い|協議|進達|お願い)[）)]$"
)
_SENTENCE = re.compile(r"。|^(?:拝啓|謹啓|前略|時下|さて|このことについて|標記|平素|日頃|日ごろ)")
_KI = re.compile(r"\s*記\s*$")
_CLOSING = re.compile(r"\s*以\s*上\s*$")
_LONGEST_HEAD_LINE = 60


@dataclass
class _Head:
    number: str = ""
    date: str = ""
    title: str = ""
    addressees: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()


def parse_official(text: str) -> OfficialDocument | None:
    """Recognise an official letter; None when the text is none (a mail, an article, minutes)."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    ki = next((i for i, line in enumerate(lines) if _KI.match(line)), None)
    head_end = _end_of_head(lines, len(lines) if ki is None else ki)
    head = _parse_head(lines[:head_end])
    is_mail = ki is None and bool(lines) and lines[0].strip().startswith(_LABELS["title"])
    is_letter = bool(head.number or head.addressees or (ki is not None and (head.date or head.sender)))
    if not head.title or is_mail or not is_letter:
        return None
    body_end = len(lines) if ki is None else ki
    rest = lines[head_end:] if ki is None else lines[ki + 1 :]
    closing = next((i for i, line in enumerate(rest) if _CLOSING.match(line)), None)
    main = rest if closing is None else rest[:closing]
    after = [] if closing is None else rest[closing + 1 :]
    return OfficialDocument(
        head.number,
        head.date,
        head.addressees,
        head.sender,
        head.title,
        parse_blocks("\n".join(main if ki is None else lines[head_end:body_end])),
        parse_blocks("\n".join(main)) if ki is not None else (),
        closing is not None,
        parse_blocks("\n".join(after)),
    )


def _end_of_head(lines: list[str], limit: int) -> int:
    for index, line in enumerate(lines[:limit]):
        stripped = line.strip()
        is_labelled = _LABELLED.match(stripped) is not None
        if not is_labelled and (_SENTENCE.search(stripped) or len(stripped) > _LONGEST_HEAD_LINE):
            return index
    return limit


def _parse_head(lines: list[str]) -> _Head:
    head = _Head()
    open_lines: list[tuple[int, str]] = []  # not yet recognised: (index, text)
    addressees: list[str] = []
    last_addressee = -1
    for index, line in enumerate(lines):
        text = without_bold(line).strip().lstrip("#").strip()
        if not text:
            continue
        labelled = _LABELLED.match(text)
        part = _LABEL_OF[labelled["label"]] if labelled else _part_of(text, head)
        value = labelled["text"] if labelled else text
        if part == "addressee":
            # 団体名 and 肩書 above the name belong to it.
            addressees += [open_text for _, open_text in open_lines] + [value]
            open_lines.clear()
            last_addressee = index
        elif part == "sender":
            head.sender = (*head.sender, value)
        elif part in ("number", "date", "title"):
            setattr(head, part, value)
        else:
            open_lines.append((index, text))
    head.addressees = tuple(addressees)
    _share_out(head, [text for index, text in open_lines if index > last_addressee])
    return head


def _part_of(text: str, head: _Head) -> str:
    if not head.number and _NUMBER.match(text):
        return "number"
    if not head.date and _DATE.match(text):
        return "date"
    is_title = _TITLE_LIKE.search(text) is not None
    return "addressee" if not is_title and _ADDRESSEE.match(text) else ""


def _share_out(head: _Head, lines: list[str]) -> None:
    """What follows the addressee: the sender's lines, and the subject as the last."""
    if not head.title and lines:
        titled = [i for i, text in enumerate(lines) if _TITLE_LIKE.search(text)]
        at = titled[-1] if titled else len(lines) - 1
        is_sender_only = not titled and len(lines) == 1 and re.search(r"[長課係室部局]$", lines[0])
        if not is_sender_only:
            head.title = lines.pop(at)
    head.sender = (*head.sender, *lines)
