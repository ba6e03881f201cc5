"""Points as staff jot them down, each in plain form (常体) and in polite form (です・ます).

The polite form is made by rule, together with the plain one. Half of the five-row verbs get an
invented stem, so that the rule is learnt rather than the word.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.demo.values import ValueMaker

_ROWS = {
    "う": ("い", "わ", "って"), "く": ("き", "か", "いて"), "ぐ": ("ぎ", "が", "いで"),
    "す": ("し", "さ", "して"), "つ": ("ち", "た", "って"), "ぬ": ("に", "な", "んで"),
    "ぶ": ("び", "ば", "んで"), "む": ("み", "ま", "んで"), "る": ("り", "ら", "って"),
}  # fmt: skip
_I_ROW_EXCEPTIONS = {"行う": "行って"}


@dataclass(frozen=True)
class Point:
    """One point.

    Attributes:
        plain: As jotted down, without a full stop.
        polite: The same in です・ます, without a full stop.
    """

    plain: str
    polite: str

    def prefixed(self, text: str) -> Point:
        """The same with something in front."""
        return Point(text + self.plain, text + self.polite)


def make_point(maker: ValueMaker) -> Point:
    """One point: a subject and what is said of it, sometimes with a time, a place or a reason."""
    point = _about_topic(maker) if maker.chance(0.5) else _with_act(maker)
    if maker.chance(0.06):
        return Point(point.polite, point.polite)
    return point


def _about_topic(maker: ValueMaker) -> Point:
    rng = maker.rng
    particle = rng.choice(["は", "が", "を", "に", "も", "で", "から", "については", "の場合は", "には"])
    subject = maker.text(1, 3) if maker.chance(0.5) else maker.topic_word()
    if maker.chance(0.3):
        subject = _clause(maker) + (maker.word() if maker.chance(0.7) else subject)
    if maker.chance(0.2):
        subject = _aside(maker) + subject
    t = rng.random()
    if t < 0.35:
        state = maker.pick("states")
        return Point(state, state + "です").prefixed(subject + particle + _middle(maker))
    if t < 0.5:
        return _ending(maker).prefixed(subject)
    return _verb(maker).prefixed(subject + particle + _middle(maker))


def _clause(maker: ValueMaker) -> str:
    """A verb in front of a noun (開けていない袋): it stays plain in polite sentences."""
    verb, _, negative, te_form = _forms(maker)
    return maker.rng.choice(
        [verb, verb, negative, _past(te_form), _past(te_form), te_form + "いる", te_form + "いない"]
    )


def _aside(maker: ValueMaker) -> str:
    """What goes before the sentence and stays as it is when that becomes polite."""
    rng = maker.rng
    verb, stem, negative, te_form = _forms(maker)
    head = (maker.text(1, 2) if maker.chance(0.5) else maker.topic_word()) + rng.choice("をがにでは")
    made = (
        te_form, te_form + "、", stem + "、", stem + "、後で", verb + "ときは", verb + "ので", verb + "場合は、", negative + "ように",
        negative + "で", _past(te_form) + "後に", _past(te_form) + "場合は", verb + "が、", verb + "と", verb + "ため、", verb + "前に",
        _past(te_form) + "ら", te_form + "から", stem + "やすい",
    )  # fmt: skip
    return head + rng.choice(made)


def _past(te_form: str) -> str:
    return te_form[:-1] + ("だ" if te_form.endswith("で") else "た")


def _ending(maker: ValueMaker) -> Point:
    adjective = maker.pick("adjectives")
    past = adjective[:-1] + "かった"
    pairs = (
        ("である", "です"), ("だ", "です"), (f"が{adjective}", f"が{adjective}です"), (f"は{adjective}", f"は{adjective}です"),
        (f"が{past}", f"が{past}です"), ("とする", "とします"), ("とする", "とします"), ("になる", "になります"),
        ("にしたい", "にしたいと考えています"), ("をしている", "をしています"), ("だった", "でした"), ("ではない", "ではありません"),
        ("でもよい", "でもよいです"), ("はある", "はあります"), ("はない", "はありません"), ("がない", "がありません"),
        ("のみ", "のみです"), ("のため", "のためです"), ("が要る", "が要ります"), ("は要らない", "は要りません"), ("が好評だった", "が好評でした"),
        ("ではないか", "ではないでしょうか"), ("がほしい", "がほしいです"), ("がよい", "がよいです"), ("とのこと", "とのことです"),
        ("が必要", "が必要です"), ("となる", "となります"), ("があった", "がありました"),
    )  # fmt: skip
    return Point(*maker.rng.choice(pairs))


def _middle(maker: ValueMaker) -> str:
    rng = maker.rng
    if maker.chance(0.5):
        return ""
    made = (
        maker.topic_word() + rng.choice(["を", "に", "で", "と", "が", "から"]), maker.text(1, 2) + rng.choice(["を", "に", "で"]),
        maker.pick("adverbs"), f"{rng.randint(1, 500)}人が", f"{rng.randint(1, 60)}分前に", f"{rng.randint(2, 9)}回まで",
        maker.date() + "に", maker.deadline(),
    )  # fmt: skip
    return rng.choice(made)


def _with_act(maker: ValueMaker) -> Point:
    rng = maker.rng
    topic, act = maker.topic_word(), maker.pick("acts")
    t = rng.random()
    head = ""
    if t < 0.15:
        head = maker.topic_word() + rng.choice(["のため、", "に伴い、", "については、", "に合わせて、"])
    elif t < 0.27:
        head = rng.choice([maker.date(), maker.date() + maker.clock(), maker.clock()]) + rng.choice(
            ["から", "までに", "に"]
        )
    elif t < 0.33:
        head = maker.place() + "で"
    elif t < 0.4:
        head = maker.office() + rng.choice(["が", "で", "は"])
    things = rng.choice([topic, topic, f"{topic}の{maker.topic_word()}", f"{topic}と{maker.text(1, 2)}"])
    unit = f"{rng.randint(1, 900)}{rng.choice(['人', '円', '件', '部', '台', '名', '%'])}"
    care = rng.choice(["注意", "協力", "参加", "対応", "配慮"])
    trend = rng.choice(
        [
            ("増えている", "増えています"),
            ("減っている", "減っています"),
            ("足りない", "足りません"),
            ("多い", "多いです"),
        ]
    )
    pairs = (
        (f"{things}を{act}する", f"{things}を{act}します"), (f"{things}を{act}する", f"{things}を{act}します"),
        (f"{topic}を{act}できる", f"{topic}を{act}できます"), (f"{topic}は{act}できない", f"{topic}は{act}できません"),
        (f"{topic}は{act}となる", f"{topic}は{act}となります"), (f"{things}を{act}すること", f"{things}を{act}してください"),
        (f"{topic}を{act}した", f"{topic}を{act}しました"), (f"{topic}を{act}している", f"{topic}を{act}しています"),
        (f"{topic}は{unit}", f"{topic}は{unit}です"), (f"{topic}の{act}", f"{topic}の{act}です"),
        (f"{topic}に{care}すること", f"{topic}に{care}してください"), (f"{topic}は{maker.date()}から", None),
        (f"{topic}は{maker.deadline()}", None), (f"{topic}が{trend[0]}", f"{topic}が{trend[1]}"),
        (f"{topic}は{act}しない", f"{topic}は{act}しません"), (f"{topic}を{act}してほしい", f"{topic}を{act}していただきたいと考えています"),
    )  # fmt: skip
    plain, polite = rng.choice(pairs)
    return Point(plain, polite if polite is not None else plain + "です").prefixed(head)


def _verb(maker: ValueMaker) -> Point:
    rng = maker.rng
    verb, stem, negative, te_form = _forms(maker)
    past = _past(te_form)
    pairs = (
        (te_form + "いただいた", te_form + "いただきました"), (te_form + "いただく", te_form + "いただきます"),
        (te_form + "もらう", te_form + "もらいます"), (te_form + "くる", te_form + "きます"), (te_form + "くださった", te_form + "くださいました"),
        (verb + "ことができる", verb + "ことができます"), (stem + "そうである", stem + "そうです"), (verb + "とのこと", verb + "とのことです"),
        (verb, stem + "ます"), (verb, stem + "ます"), (verb, stem + "ます"), (negative, stem + "ません"), (negative, stem + "ません"),
        (past, stem + "ました"), (past, stem + "ました"), (te_form + "いる", te_form + "います"), (te_form + "いない", te_form + "いません"),
        (te_form + "ほしい", te_form + "いただきたいと考えています"), (stem + "たい", stem + "たいと考えています"),
        (verb + "こと", te_form + "ください"), (verb + "べき", verb + "べきです"), (verb + "予定", verb + "予定です"),
        (te_form + "よい", te_form + "よいです"), (te_form + "はならない", te_form + "はなりません"),
    )  # fmt: skip
    return Point(*rng.choice(pairs))


def _forms(maker: ValueMaker) -> tuple[str, str, str, str]:
    """Dictionary form, stem before ます, plain negative, te-form."""
    rng = maker.rng
    if maker.chance(0.35):
        verb = maker.pick("ichidan_verbs")
        return verb, verb[:-1], verb[:-1] + "ない", verb[:-1] + "て"
    verb = maker.pick("godan_verbs")
    if verb[-1] != "る" and maker.chance(0.4):
        verb = (
            maker.pick("verb_stems")
            + rng.choice(["", "", rng.choice("りしきえけげめれ")])
            + rng.choice("うくぐすつぶむ")
        )
    i_row, a_row, te = _ROWS[verb[-1]]
    base = verb[:-1]
    return verb, base + i_row, base + a_row + "ない", _I_ROW_EXCEPTIONS.get(verb, base + te)
