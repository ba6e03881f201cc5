"""Whole conversations: a form and its document, requests to change it, and what is refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.demo.forms import Form, FormMaker, Item, Jotting, Jottings, Kind, exchange, renumber, wording
from models.demo.layouts import Style, write
from models.demo.phrases import phrase
from models.demo.proofreading import make_proof, request
from models.demo.sentences import Point, make_point
from models.demo.values import ValueMaker
from models.demo.words import Words

_KIND_SHARES = {
    Kind.NOTICE: 14, Kind.REQUEST: 12, Kind.NEWS: 12, Kind.MAIL: 13, Kind.MINUTES: 18, Kind.PUBLICITY: 11,
    Kind.THANKS: 11, Kind.FAQ: 12,
}  # fmt: skip


@dataclass(frozen=True)
class Conversation:
    """What is asked and what is to be answered.

    Attributes:
        system: System message, may be empty.
        turns: (request, answer) in order.
        form: The form of the first turn, if it is one, with the placeholders of the prompt.
        is_copying: Whether this is bare copying practice, where only values are learnt.
    """

    system: str
    turns: tuple[tuple[str, str], ...]
    form: Form | None = None
    is_copying: bool = False


class ConversationMaker:
    """Invents conversations.

    Args:
        rng: Where chance comes from.
        words: The lists to draw on.
    """

    def __init__(self, rng: random.Random, words: Words) -> None:
        self.rng = rng
        self.words = words

    def make(self, *, copying_share: float = 0.0, proofreading_share: float = 0.0) -> Conversation:
        """Any conversation, in the shares of training."""
        t = self.rng.random()
        if t < copying_share:
            return self.copying()
        if t < copying_share + proofreading_share:
            return self.proofread()
        t = self.rng.random()
        if t < 0.08:
            return self.refusal()
        document = self.document()
        return self.followed_up(document) if t < 0.48 else document

    def document(self, kind: Kind | None = None) -> Conversation:
        """A form and its document."""
        words = self.words.few(self.rng, self.rng.randint(3, 8)) if self.rng.random() < 0.3 else self.words
        maker = ValueMaker(self.rng, words)
        kind = kind or self.rng.choices(list(_KIND_SHARES), list(_KIND_SHARES.values()))[0]
        form = FormMaker(maker, kind).make()
        prompt = _Prompt(maker, form).text()
        new = renumber(prompt) if maker.chance(0.85) else {}
        answer = exchange(write(form), new)
        return Conversation(self._system(), ((exchange(prompt, new), answer),), _exchanged(form, new))

    def followed_up(self, document: Conversation) -> Conversation:
        """The same with any request to change the document, now and then with two."""
        t = self.rng.random()
        style = Style.SHORT if t < 0.38 else Style.POLITE if t < 0.76 else None
        changed = self.changed(document, style)
        if style is None or self.rng.random() > 0.12:
            return changed
        t = self.rng.random()
        other = Style.POLITE if style is Style.SHORT else Style.SHORT
        return self.changed(changed, other if t < 0.7 else None, after=style)

    def changed(
        self, document: Conversation, style: Style | None, *, after: Style = Style.NORMAL
    ) -> Conversation:
        """The same with the request for another style; None asks for what the model cannot do.

        Args:
            document: Form and document, and what was asked since.
            style: What is asked.
            after: What was asked before: it stays as it is.

        Raises:
            ValueError: The conversation holds no document.
        """
        if document.form is None:
            raise ValueError("no document to change")
        turn = (self._other_wish(), phrase("refusal", "change"))
        if style is not None:
            turn = (self._wish(style), write(document.form, style | after))
        return Conversation(document.system, (*document.turns, turn), document.form)

    def _wish(self, style: Style) -> str:
        """What the program itself asks, or a person in other words."""
        is_short = style is Style.SHORT
        if self.rng.random() < 0.75:
            return phrase("asked", "shorter" if is_short else "polite") + phrase("asked", "keep")
        return str(self.rng.choice(wording()["follow_up_short" if is_short else "follow_up_polite"]))

    def proofread(self) -> Conversation:
        """The request to proof-read a text, and its list of faults; now and then a wish after it, which is refused."""
        maker = ValueMaker(self.rng, self.words)
        document = self.document().turns[0][1] if maker.chance(0.08) else ""
        proof = make_proof(maker, document)
        new = renumber(proof.faulty)
        system = "\n".join(phrase("office", name) for name in ("role", "facts", "signs", "only"))
        turns = [(request(maker, exchange(proof.faulty, new)), exchange(proof.answer, new))]
        if maker.chance(0.1):
            wish = self.rng.choice((self._other_wish(), self._wish(Style.SHORT), self._wish(Style.POLITE)))
            turns.append((wish, phrase("refusal", "change")))
        return Conversation(system, tuple(turns))

    def _other_wish(self) -> str:
        maker = ValueMaker(self.rng, self.words)
        fixed = self.rng.choice(wording()["follow_up_other"])
        chip = phrase("asked", self.rng.choice(["table", "easy"])) + phrase("asked", "keep")
        made = (
            chip, fixed, fixed, f"{maker.topic_word()}も入れて", f"場所を{maker.place()}に変えてください。",
            f"日時を{maker.period()}に直して", f"{make_point(maker).polite}。これも加えてください。", f"{maker.word()}を消してください。",
        )  # fmt: skip
        return self.rng.choice(made)

    # --- refusals -------------------------------------------------------------------------------

    def refusal(self) -> Conversation:
        """Something the model cannot do, and its honest answer."""
        t = self.rng.random()
        if t < 0.4:
            turn = (self._chat(), phrase("refusal", "chat"))
        elif t < 0.65:
            turn = (self._prose(), phrase("refusal", "prose"))
        else:
            turn = (self._other_kind(), phrase("refusal", "kind"))
        return Conversation(self._system(), (turn,))

    def _chat(self) -> str:
        rng, maker = self.rng, ValueMaker(self.rng, self.words)
        topic, other = maker.topic_word(), maker.topic_word()
        made = (
            "こんにちは", "こんにちは。", "おはようございます。", "あなたは誰ですか。", f"{topic}とは何ですか。", f"{topic}について教えて",
            f"{topic}と{other}の違いは？", f"{rng.randint(1, 999)}足す{rng.randint(1, 999)}は？", f"{rng.randint(1, 99)}+{rng.randint(1, 99)}は？",
            f"{topic}の歴史を説明してください。", f"{topic}を英語に訳してください。", "ありがとう", "テスト", maker.odd(),
            f"{topic}のアイデアを3つ出してください。", "今日の天気は？", f"{topic}のプログラムを書いて", f"おすすめの{topic}は？",
            f"{topic}についてどう思いますか", f"{topic}の{maker.pick('acts')}の計画を立てて", "日本の首都はどこ？", f"{maker.body()}の人口は？",
            "俳句を詠んで", f"{topic}の法律上の根拠は？", "物語を書いてください", "もっと短くしてください。",
            "敬体（です・ます）で書き直してください。", "続けて", "はい",
            f"{make_point(maker).polite}か？", f"{maker.name()}さんについて教えてください", f"{topic}の計算方法を教えてください。",
            f"次の文章を要約してください。\n{self._paragraph(maker)}", f"次の文章を英語に翻訳してください。\n{self._paragraph(maker)}",
            f"次の文章を校正してください。\n\n{self._paragraph(maker)}", f"次の文章をやさしい日本語に書き換えてください。\n{self._paragraph(maker)}",
            self._paragraph(maker), f"{maker.word()}", f"{topic}を盛り上げるキャッチコピーを5つ考えて",
        )  # fmt: skip
        return rng.choice(made)

    def _paragraph(self, maker: ValueMaker) -> str:
        return "".join(make_point(maker).polite + "。" for _ in range(self.rng.randint(1, 5)))

    def _prose(self) -> str:
        rng, maker = self.rng, ValueMaker(self.rng, self.words)
        kind = rng.choice(rng.choice(list(wording()["kinds"].values())))
        topic, said = maker.topic_word(), make_point(maker).polite
        made = (
            f"{maker.period()}に{topic}を{maker.pick('acts')}するので、{maker.recipient()}あてに{kind}を作って。場所は{maker.place()}です。",
            f"{topic}を{maker.pick('acts')}します。{said}。{kind}を書いてください。", f"{kind}を作って。{self._paragraph(maker)}",
            f"{maker.recipient()}に{topic}の{maker.pick('acts')}を知らせる{kind}をお願いします。日時は{maker.period()}、場所は{maker.place()}です。",
            f"{topic}に参加してくれた{maker.recipient()}への{kind}を書いて", f"{kind}を作成してください。",
            f"{topic}について{kind}を書いてください。{said}。",
        )  # fmt: skip
        return rng.choice(made)

    def _other_kind(self) -> str:
        maker = ValueMaker(self.rng, self.words)
        kind = self.rng.choice([Kind.NOTICE, Kind.NEWS, Kind.MINUTES, Kind.FAQ])
        form = FormMaker(maker, kind).make()
        name = maker.pick("refused_documents")
        if maker.chance(0.25):
            name = maker.odd()[:4] + self.rng.choice(["書", "案", "文", "資料", "計画"])
        return _Prompt(maker, form, name=name).text()

    def _system(self) -> str:
        known: Sequence[str] = wording()["systems"]
        return self.rng.choice(known) if self.rng.random() < 0.92 else ""

    # --- copying --------------------------------------------------------------------------------

    def copying(self) -> Conversation:
        """Labels and values, to be said again in order or not: nothing but looking up."""
        rng, maker = self.rng, ValueMaker(self.rng, self.words)
        label = rng.choice(["要点", "項目", maker.noun_like()[:6]])
        makers = (
            maker.odd,
            maker.text,
            maker.placeholder,
            maker.subject,
            lambda: make_point(maker).plain,
            maker.contact,
        )
        if maker.chance(0.25):
            lines = [
                f"・{maker.placeholder(label) if maker.chance(0.8) else maker.text(1, 3)}"
                for _ in range(rng.randint(4, 14))
            ]
            told = lines
        else:
            pairs = [(maker.text(1, 2)[:6], rng.choice(makers)()) for _ in range(rng.randint(2, 7))]
            sign, answer_sign = rng.choice("：　"), rng.choice("：　＝")
            lines = [f"{key}{sign}{value}" for key, value in pairs]
            told = [f"{key}{answer_sign}{value}" for key, value in pairs]
            if maker.chance(0.3):
                rng.shuffle(told)
        prompt = "\n".join(lines)
        return Conversation("", ((prompt, "\n".join(told)),), is_copying=True)


class _Prompt:
    """How a form is shown to the model."""

    def __init__(self, maker: ValueMaker, form: Form, *, name: str = "") -> None:
        self.maker, self.form = maker, form
        self.name = name or maker.rng.choice(wording()["kinds"][form.kind.value])
        self.style = maker.rng.choices(range(6), [66, 6, 8, 6, 6, 8])[0]

    def text(self) -> str:
        """Request and items."""
        maker = self.maker
        ask = str(maker.rng.choice(wording()["asks"])).format(self.name)
        rules = [
            str(maker.rng.choice(wording()["rules"])) for _ in range(maker.rng.choice([0, 0, 0, 0, 1, 3]))
        ]
        body = "\n".join(self._lines())
        if maker.chance(0.06):
            return f"{body}\n\n{ask}"
        if rules and maker.chance(0.5):
            return "\n".join((ask, "", *rules, "", body))
        gap = "\n\n" if maker.chance(0.9) else "\n"
        return ask + gap + body + ("\n\n" + "\n".join(rules) if rules else "")

    def _lines(self) -> list[str]:
        form, maker = self.form, self.maker
        heads = [
            item for item in (form.subject, form.number, form.issued, form.recipient, form.sender) if item
        ]
        if maker.chance(0.12):
            maker.rng.shuffle(heads)
        blocks = [self._item(item.label, item.value) for item in heads]
        tail = [self._item(item.label, item.value) for item in form.fields]
        lists = [self._list(jottings) for jottings in (form.points, form.decisions) if jottings]
        contact = [self._item(form.contact.label, form.contact.value)] if form.contact else []
        after = [self._item(form.next_time.label, form.next_time.value)] if form.next_time else []
        t = maker.rng.random()
        if t < 0.62:
            order = [*blocks, *tail, *lists, *contact, *after]
        elif t < 0.78:
            order = [*blocks, *tail, *contact, *lists, *after]
        elif t < 0.9:
            order = [*blocks, *lists, *tail, *contact, *after]
        else:
            order = [*blocks, *contact, *tail, *lists, *after]
        return order

    def _item(self, label: str, value: str) -> str:
        shapes = ("{}：{}", "{}: {}", "【{}】{}", "- {}：{}", "■{}　{}", "## {}\n{}")
        return shapes[self.style].format(label, value)

    def _list(self, jottings: Jottings) -> str:
        heads = ("{}：", "{}:", "【{}】", "- {}：", "■{}", "## {}")
        sign = self.maker.rng.choices(["・", "- ", "* ", "#"], [80, 10, 5, 5])[0]
        lines = [heads[self.style].format(jottings.label)]
        for number, line in enumerate(jottings.lines, 1):
            lines.append((f"{number}. " if sign == "#" else sign) + line.typed)
        return "\n".join(lines)


def _exchanged(form: Form, new: dict[str, str]) -> Form:
    """The same form with other placeholders."""

    def of(item: Item | None) -> Item | None:
        return replace(item, value=exchange(item.value, new)) if item else None

    def said(line: Jotting) -> Jotting:
        point = Point(exchange(line.point.plain, new), exchange(line.point.polite, new))
        return replace(line, point=point, speaker=exchange(line.speaker, new))

    def listed(jottings: Jottings | None) -> Jottings | None:
        return replace(jottings, lines=tuple(map(said, jottings.lines))) if jottings else None

    return replace(
        form,
        subject=replace(form.subject, value=exchange(form.subject.value, new)),
        number=of(form.number), issued=of(form.issued), recipient=of(form.recipient), sender=of(form.sender),
        contact=of(form.contact), next_time=of(form.next_time),
        fields=tuple(replace(item, value=exchange(item.value, new)) for item in form.fields),
        points=listed(form.points), decisions=listed(form.decisions),
    )  # fmt: skip
