"""Filled forms: what the generator invents, and how a prompt shows them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from models.demo.sentences import Point, make_point, make_points
from models.demo.values import ValueMaker


class Kind(StrEnum):
    """The kinds of document the model writes."""

    NOTICE = "notice"
    REQUEST = "request"
    NEWS = "news"
    MAIL = "mail"
    MINUTES = "minutes"
    PUBLICITY = "publicity"
    THANKS = "thanks"
    FAQ = "faq"


@dataclass(frozen=True)
class Item:
    """A label and its one-line value."""

    label: str
    value: str


@dataclass(frozen=True)
class Jotting:
    """One line of a list: a point, who made it (minutes), and the full stop as typed."""

    point: Point
    speaker: str = ""
    stop: str = ""

    @property
    def typed(self) -> str:
        """The line as it stands in the form."""
        head = f"{self.speaker}：" if self.speaker else ""
        return head + self.point.plain + self.stop


@dataclass(frozen=True)
class Jottings:
    """A label and its list. `is_hidden`: every line travels as a placeholder."""

    label: str
    lines: tuple[Jotting, ...]
    is_hidden: bool = False


@dataclass(frozen=True)
class Form:
    """One filled form. What the form does not have is None or empty.

    Attributes:
        kind: What is to be written.
        subject: Subject, name of the meeting, or the question.
        fields: Everything without a place of its own, in the form's order.
        points: What the document has to say.
        holds_opinions: Whether the points of minutes are opinions (or a summary of the talk).
    """

    kind: Kind
    subject: Item
    fields: tuple[Item, ...] = ()
    points: Jottings | None = None
    number: Item | None = None
    issued: Item | None = None
    recipient: Item | None = None
    sender: Item | None = None
    contact: Item | None = None
    decisions: Jottings | None = None
    next_time: Item | None = None
    holds_opinions: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Every one-line value."""
        heads = (self.subject, self.number, self.issued, self.recipient, self.sender)
        items = (*heads, *self.fields, self.contact, self.next_time)
        return tuple(item.value for item in items if item is not None)


@cache
def wording() -> dict[str, Any]:
    """`wording.toml`."""
    return tomllib.loads(resources.files("models.demo").joinpath("wording.toml").read_text("utf-8"))


_PLACEHOLDER = re.compile(r"<([^<>0-9\s]{1,12})(\d+)>")


class FormMaker:
    """Invents one form. Which fields travel as placeholders is decided once per form."""

    def __init__(self, maker: ValueMaker, kind: Kind) -> None:
        self.maker = maker
        self.kind = kind
        self._hides = maker.chance(0.72)
        self._uses_generic_nouns = maker.chance(0.5)
        self._hides_points = maker.chance(0.12)
        self._hides_remarks = maker.chance(0.15)

    def make(self) -> Form:
        """The form."""
        builders = {Kind.MINUTES: self._minutes, Kind.FAQ: self._faq, Kind.THANKS: self._thanks}
        return builders.get(self.kind, self._announcement)()

    def _item(self, name: str, value: str) -> Item:
        """An item under one of its labels; hidden behind a placeholder where this form does so."""
        maker = self.maker
        label = maker.rng.choice(wording()["labels"][name])
        if maker.chance(0.04):
            label = maker.noun_like()[:5] or label
        generic: str | None = wording()["hidden_nouns"].get(name)
        hides = (
            self._hides if generic else self._hides_remarks and name in ("remark", "audience", "attendees")
        )
        if hides and maker.chance(0.93):
            noun = generic if generic and self._uses_generic_nouns else label[:8]
            return Item(label, maker.placeholder(noun))
        return Item(label, value)

    def _maybe(self, share: float, name: str, value: str) -> Item | None:
        return self._item(name, value) if self.maker.chance(share) else None

    def _jottings(self, name: str, shortest: int, longest: int, *, speakers: bool = False) -> Jottings:
        maker, rng = self.maker, self.maker.rng
        label = rng.choice(wording()["labels"][name])
        count = rng.randint(shortest, longest)
        if self._hides_points:
            texts = [maker.placeholder(label) for _ in range(count)]
            return Jottings(label, tuple(Jotting(Point(t, t)) for t in texts), is_hidden=True)
        stop = "。" if maker.chance(0.1) else ""
        lines = []
        has_speakers = speakers and maker.chance(0.5)
        for point in make_points(maker, count):
            speaker = ""
            if has_speakers and maker.chance(0.75):
                speaker = maker.name() + rng.choice(["", "委員", "課長", "委員長", "係長"])
            lines.append(Jotting(point, speaker, stop))
        return Jottings(label, tuple(lines))

    def _fields(self, least: int, most: int) -> tuple[Item, ...]:
        maker = self.maker
        made = {
            "period": maker.period, "place": maker.place, "audience": maker.audience, "capacity": maker.capacity,
            "money": maker.money, "deadline": maker.deadline, "submit": maker.office,
        }  # fmt: skip
        names = [name for name in made if maker.chance(0.45)] + ["remark"] * maker.rng.choice([0, 1, 1, 2, 3])
        if maker.chance(0.5):
            maker.rng.shuffle(names)
        names = names[: maker.rng.randint(least, most)]
        items = [self._item(name, made[name]() if name in made else maker.remark()) for name in names]
        return tuple({item.label: item for item in items}.values())

    def _announcement(self) -> Form:
        maker, kind = self.maker, self.kind
        is_letter = kind in (Kind.NOTICE, Kind.REQUEST)
        has_people = is_letter or kind is Kind.MAIL
        subject = maker.subject() if maker.chance(0.96) else maker.placeholder("件名")
        if is_letter and maker.chance(0.04):
            subject += "（通知）" if kind is Kind.NOTICE else "（依頼）"
        return Form(
            kind,
            self._item("subject", subject),
            fields=self._fields(1, 6),
            points=self._jottings("points", 1, maker.rng.choice([2, 3, 3, 4, 6]))
            if maker.chance(0.9)
            else None,
            number=self._maybe(0.5, "number", maker.document_number()) if is_letter else None,
            issued=self._maybe(0.6, "issued", maker.date()) if is_letter else None,
            recipient=self._maybe(0.9, "recipient", maker.recipient()) if has_people else None,
            sender=self._maybe(0.85, "sender", maker.sender()) if has_people else None,
            contact=self._maybe(0.8, "contact", maker.contact()),
        )

    def _thanks(self) -> Form:
        maker = self.maker
        return Form(
            self.kind,
            self._item("thanks_subject", maker.subject()),
            points=self._jottings("points", 1, 4) if maker.chance(0.9) else None,
            issued=self._maybe(0.75, "issued", maker.date()),
            recipient=self._item("recipient", maker.recipient()),
            sender=self._maybe(0.9, "sender", maker.sender()),
        )

    def _faq(self) -> Form:
        maker, rng = self.maker, self.maker.rng
        topic, act = maker.topic_word(), maker.pick("acts")
        questions = (
            f"{topic}の{act}はどこでできますか。", f"{topic}を{act}するにはどうすればよいですか。", f"{topic}はいつまでですか。",
            f"{topic}に必要なものは何ですか。", f"{topic}について教えてください。", f"{topic}の{act}は代理人でもできますか？",
            f"{topic}を{act}したいのですが、どうしたらよいですか？", f"{maker.text(2, 6)}ときは、いつまでに{act}すればよいですか。",
            f"{maker.text(2, 5)}はできますか。", f"{maker.text(1, 4)}の手続きを教えてください。",
            *(self._told_first(end) for end in ("どうすればよいですか。", "どこに言えばよいですか。", "手続きは必要ですか。", "何が必要ですか。")),
        )  # fmt: skip
        return Form(
            self.kind,
            self._item("question", rng.choice(questions)),
            fields=self._fields(0, 4),
            points=self._jottings("points", 1, 4),
            contact=self._maybe(0.85, "contact", maker.contact()),
        )

    def _told_first(self, question: str) -> str:
        """A question of two sentences: what happened, then what is asked."""
        return f"{make_point(self.maker).polite}。{question}"

    def _minutes(self) -> Form:
        maker, rng = self.maker, self.maker.rng
        has_opinions = maker.chance(0.5)
        name = rng.choice(
            [maker.topic_word(), maker.text(1, 4), f"第{rng.randint(1, 30)}回{maker.topic_word()}"]
        )
        people = "、".join(
            maker.name() + rng.choice(["", "委員", "委員長", "課長", "係長"])
            for _ in range(rng.randint(1, 6))
        )
        fields = [
            self._maybe(0.9, "period", maker.period()),
            self._maybe(0.8, "place", maker.place()),
            self._maybe(0.85, "attendees", people + rng.choice(["", "", f"、事務局{rng.randint(1, 9)}名"])),
            self._maybe(0.6, "agenda", maker.subject()),
            self._maybe(0.15, "remark", maker.remark()),
        ]
        points = self._jottings("opinions" if has_opinions else "summary", 1, 10, speakers=has_opinions)
        if has_opinions and not points.is_hidden and maker.chance(0.2):
            points = replace(points, lines=tuple(self._as_opinion(line) for line in points.lines))
        return Form(
            self.kind,
            self._item("meeting", name + maker.pick("meeting_kinds") if maker.chance(0.8) else name),
            fields=tuple({item.label: item for item in fields if item is not None}.values()),
            points=points,
            decisions=self._jottings("decisions", 1, 5) if maker.chance(0.65) else None,
            next_time=self._maybe(0.5, "next", maker.period()),
            holds_opinions=has_opinions,
        )

    def _as_opinion(self, line: Jotting) -> Jotting:
        text = line.point.plain + "との" + self.maker.rng.choice(["意見", "質問", "要望", "報告", "指摘"])
        return replace(line, point=Point(text, text))


def renumber(prompt: str) -> dict[str, str]:
    """New numbers for placeholders: 1, 2, 3 … per noun in the order of the prompt, as the vault counts."""
    counts: dict[str, int] = {}
    new: dict[str, str] = {}
    for match in _PLACEHOLDER.finditer(prompt):
        if match[0] not in new:
            counts[match[1]] = counts.get(match[1], 0) + 1
            new[match[0]] = f"<{match[1]}{counts[match[1]]}>"
    return new


def exchange(text: str, new: dict[str, str]) -> str:
    """The text with its placeholders exchanged, in one pass."""
    return _PLACEHOLDER.sub(lambda match: new.get(match[0], match[0]), text)
