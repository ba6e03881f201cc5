"""What the model is to answer: the document for a form, in three styles."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Flag

from models.demo.forms import Form, Item, Jotting, Jottings, Kind
from models.demo.phrases import phrase
from models.demo.values import widen

OPINION_NOUNS = ("意見", "質問", "要望", "報告", "指摘")
"""A jotting that ends so only needs 「があった。」."""


class Style(Flag):
    """How a document is written: at first, after もっと短く, after 敬体で, after both."""

    NORMAL = 0
    SHORT = 1
    POLITE = 2


def write(form: Form, style: Style = Style.NORMAL) -> str:
    """The document for a form."""
    lines = list(_WRITERS[form.kind](form, style))
    while lines and not lines[0]:
        lines.pop(0)
    text = "\n".join(lines).strip("\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _numeral(index: int) -> str:
    return widen(str(index + 1))


def _value(item: Item | None, *, indent: str = "") -> Iterator[str]:
    if item is not None:
        yield indent + item.value


def _listed(points: Jottings | None, *, polite: bool, stop: str = "") -> Iterator[str]:
    """`・` lines. Without `stop` the full stop is the one typed; a placeholder never gets one."""
    for line in points.lines if points else ():
        said = line.point.polite if polite else line.point.plain
        yield "・" + said + ("" if points and points.is_hidden else stop or line.stop)


def _letter(form: Form, style: Style) -> Iterator[str]:
    section = form.kind.value
    indent = phrase("official", "indent")
    yield from _value(form.number, indent=indent)
    yield from _value(form.issued, indent=indent)
    yield ""
    yield from _value(form.recipient)
    yield ""
    yield from _value(form.sender, indent=indent)
    yield ""
    suffix = phrase(section, "suffix")
    yield "　　" + form.subject.value + ("" if form.subject.value.endswith(suffix) else suffix)
    yield ""
    if Style.SHORT not in style:
        yield phrase(section, "greeting")
    yield phrase(section, "lead")
    yield from ("", phrase("official", "record"), "")
    for number, item in enumerate(form.fields):
        yield f"{_numeral(number)}　{item.label}　{item.value}"
    if form.points:
        yield f"{_numeral(len(form.fields))}　{phrase(section, 'points')}"
        yield from _listed(form.points, polite=Style.POLITE in style)
    yield from ("", phrase("official", "end"), "")
    if form.contact:
        yield from (phrase("official", "contact"), form.contact.value)


def _news(form: Form, style: Style) -> Iterator[str]:
    yield from (form.subject.value, "")
    if Style.SHORT not in style:
        yield phrase("news", "greeting")
    yield from (phrase("news", "lead"), "")
    for item in form.fields:
        yield f"■{item.label}：{item.value}"
    if form.points:
        yield from ("", phrase("news", "points"))
        yield from _listed(form.points, polite=True, stop="。")
    if form.contact:
        yield from ("", phrase("news", "contact"), form.contact.value)
    if Style.SHORT not in style:
        yield from ("", phrase("news", "closing"))


def _mail(form: Form, style: Style) -> Iterator[str]:
    yield from (f"件名：{form.subject.value}", "")
    yield from _value(form.recipient)
    yield ""
    if Style.SHORT not in style:
        yield phrase("mail", "greeting")
    if form.sender:
        yield form.sender.value + "です。"
    yield phrase("mail", "lead_open") + form.subject.value + phrase("mail", "lead_close")
    yield ""
    for item in form.fields:
        yield f"■{item.label}：{item.value}"
    if form.points:
        yield from ("", phrase("mail", "points"))
        yield from _listed(form.points, polite=True, stop="。")
    yield ""
    if form.contact:
        yield from (phrase("mail", "contact"), form.contact.value)
    elif Style.SHORT not in style:
        yield phrase("mail", "no_contact")
    if Style.SHORT not in style:
        yield phrase("mail", "closing")
    yield ""
    yield from _value(form.sender)


def _minutes(form: Form, style: Style) -> Iterator[str]:
    yield from (form.subject.value + phrase("minutes", "title"), "")
    number = 0
    for item in form.fields:
        yield f"{_numeral(number)}　{item.label}　{item.value}"
        number += 1
    if form.points:
        head = phrase("minutes", "opinions") if form.holds_opinions else form.points.label
        yield f"{_numeral(number)}　{head}"
        number += 1
        if form.holds_opinions and not form.points.is_hidden:
            yield from (_opinion(line, style) for line in form.points.lines)
        else:
            yield from _listed(form.points, polite=Style.POLITE in style, stop="。")
    if form.decisions:
        yield f"{_numeral(number)}　{phrase('minutes', 'decisions')}"
        number += 1
        if Style.SHORT not in style:
            yield phrase("minutes", "decided_polite" if Style.POLITE in style else "decided")
        yield from _listed(form.decisions, polite=Style.POLITE in style, stop="。")
    if form.next_time:
        yield f"{_numeral(number)}　{phrase('minutes', 'next')}　{form.next_time.value}"
    if Style.SHORT not in style:
        yield from ("", phrase("official", "end"))


def _opinion(line: Jotting, style: Style) -> str:
    who = f"{line.speaker}から、" if line.speaker else ""
    name = "opinion_short" if line.point.plain.endswith(OPINION_NOUNS) else "opinion_end"
    if Style.SHORT in style:
        return f"・{who}{line.point.polite if Style.POLITE in style else line.point.plain}。"
    return f"・{who}{line.point.plain}" + phrase(
        "minutes", name + ("_polite" if Style.POLITE in style else "")
    )


def _publicity(form: Form, style: Style) -> Iterator[str]:
    yield f"【{form.subject.value}】"
    yield from _listed(form.points, polite=True, stop="。")
    if Style.SHORT not in style:
        yield phrase("publicity", "details")
    for item in form.fields:
        yield f"▽{item.label}＝{item.value}"
    if form.contact:
        yield f"▽{phrase('publicity', 'contact')}＝{form.contact.value}"


def _thanks(form: Form, style: Style) -> Iterator[str]:
    indent = phrase("official", "indent")
    yield from _value(form.issued, indent=indent)
    yield ""
    yield from _value(form.recipient)
    yield ""
    yield from _value(form.sender, indent=indent)
    yield ""
    if Style.SHORT not in style:
        yield phrase("thanks", "opening")
    yield phrase("thanks", "lead_open") + form.subject.value + phrase("thanks", "lead_close")
    yield from _listed(form.points, polite=True, stop="。")
    if Style.SHORT not in style:
        yield from (phrase("thanks", "wish"), phrase("thanks", "farewell"), phrase("thanks", "close"))


def _faq(form: Form, style: Style) -> Iterator[str]:
    is_short = Style.SHORT in style
    yield from (f"Q　{form.subject.value}", "")
    yield "A" if is_short else "A　" + phrase("faq", "answer")
    yield from _listed(form.points, polite=True, stop="。")
    if form.fields:
        yield ""
        yield from (f"・{item.label}：{item.value}" for item in form.fields)
    if form.contact:
        value = form.contact.value
        yield ""
        yield value if is_short else phrase("faq", "contact_open") + value + phrase("faq", "contact_close")


_WRITERS = {
    Kind.NOTICE: _letter, Kind.REQUEST: _letter, Kind.NEWS: _news, Kind.MAIL: _mail, Kind.MINUTES: _minutes,
    Kind.PUBLICITY: _publicity, Kind.THANKS: _thanks, Kind.FAQ: _faq,
}  # fmt: skip
