"""What a person reads about the parts of a long text."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.drafting.long_input.reading import PartStatus
from desktop.drafting.requests import PartNote
from desktop.gui.controllers.pace import about

_STATES = {
    PartStatus.WAITING: "",
    PartStatus.READ: "",
    PartStatus.CUT: "要点が途中までです。原文を確かめてください。",
    PartStatus.UNREAD: "読めなかった部分です。下書きに入っていません。",
}


def state_of(part: PartNote) -> str:
    """What is wrong with a part; empty where nothing is."""
    return _STATES[part.status]


def count_done(parts: Sequence[PartNote]) -> int:
    """How many parts need no reading any more."""
    return sum(part.status is not PartStatus.WAITING for part in parts)


def plan_title(parts: Sequence[PartNote], seconds: float | None) -> str:
    """What is going to be done, before it begins or goes on."""
    done, total = count_done(parts), len(parts)
    time = "" if seconds is None else f"（{'残り' if done else ''}{about(seconds)}）"
    if done == total:
        return f"{total}つの部分を、すべて読み終えています{time}。"
    if done:
        return f"{total}つのうち{done}つを読み終えています{time}。"
    return f"資料が長いため、{total}つに分けて読みます{time}。"


def plan_words(parts: Sequence[PartNote], *, is_time_known: bool) -> str:
    """What that means."""
    if count_done(parts):
        return "「続きから読む」を押すと、残りの部分だけを読みます。読み終えた要点は、下に出ています。"
    when = "" if is_time_known else "時間は、1つ目を読むと分かります。"
    return (
        "部分ごとに要点を抜き出し、集めた要点から下書きを作ります。細かい点は原文で確かめてください。"
        f"途中で止めても、読み終えた部分は残ります。{when}"
    )


def plan_list(parts: Sequence[PartNote]) -> str:
    """The parts that are going to be read, a line each."""
    return "\n".join(f"{n}　{part.mark}　{part.chars:,}字" for n, part in enumerate(parts, 1))


def points_text(parts: Sequence[PartNote]) -> str:
    """The points of the parts that were read, each under the name of its part."""
    read = [part for part in parts if part.points or state_of(part)]
    return "\n\n".join(
        "\n".join((f"【{part.mark}】", *([state_of(part)] if state_of(part) else []), *part.points))
        for part in read
    )
