"""Points as staff jot them down, each in plain form (常体) and in polite form (です・ます).

The polite form is made by rule, together with the plain one. Half of the five-row verbs get an
invented stem, so that the rule is learnt rather than the word.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from models.demo.values import ValueMaker

_ROWS = {
    "う": ("い", "わ", "って"), "く": ("き", "か", "いて"), "ぐ": ("ぎ", "が", "いで"),
    "す": ("し", "さ", "して"), "つ": ("ち", "た", "って"), "ぬ": ("に", "な", "んで"),
    "ぶ": ("び", "ば", "んで"), "む": ("み", "ま", "んで"), "る": ("り", "ら", "って"),
}  # fmt: skip
_SECOND_VERBS = ("出す", "込む", "取る", "渡す", "扱う", "直す", "切る", "返す", "回す", "合う")
_SECOND_VERBS_WITH_RU = ("上げる", "付ける", "替える", "合わせる", "続ける", "始める", "入れる", "下げる")
_I_ROW_EXCEPTIONS = {"行う": "行って", "行く": "行って", "持って行く": "持って行って", "いく": "いって"}


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


def make_points(maker: ValueMaker, count: int) -> list[Point]:
    """Points of one list; some lists are near-equal throughout, in their beginnings or their endings."""
    if count < 2 or not maker.chance(0.14):
        return [make_point(maker) for _ in range(count)]
    if maker.chance(0.5):
        point = make_point(maker)
        return [point.prefixed(_beginning(maker)) for _ in range(count)]
    beginning = _beginning(maker)
    return [make_point(maker).prefixed(beginning) for _ in range(count)]


def _beginning(maker: ValueMaker) -> str:
    rng = maker.rng
    head = maker.topic_word() if maker.chance(0.5) else maker.text(1, 3)
    return head + rng.choice(["の", "は", "で", "、", "については、", "では、"])


def _about_topic(maker: ValueMaker) -> Point:
    rng = maker.rng
    particle = rng.choice(["は", "が", "を", "に", "も", "で", "から", "については", "の場合は", "には"])
    subject = maker.text(1, 3) if maker.chance(0.5) else maker.topic_word()
    if maker.chance(0.3):
        subject = _clause(maker) + (maker.word() if maker.chance(0.7) else subject)
    if maker.chance(0.2):
        subject = make_aside(maker) + subject
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


def make_aside(maker: ValueMaker) -> str:
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
    return _filled(maker, "nouns", {"adjective": adjective, "past": adjective[:-1] + "かった"})


@cache
def _endings(name: str) -> tuple[tuple[str, str], ...]:
    """The pairs of `endings.toml` under a name."""
    text = resources.files("models.demo").joinpath("endings.toml").read_text("utf-8")
    pairs = (pair.partition(">") for pair in tomllib.loads(text)[name].split())
    return tuple((plain, polite) for plain, _, polite in pairs)


def _filled(maker: ValueMaker, name: str, parts: dict[str, str]) -> Point:
    """Any pair of a name, with its parts put in."""
    pair = maker.rng.choice(_endings(name))
    return Point(*(re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], text) for text in pair))


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
    parts = {
        "topic": topic,
        "things": rng.choice(
            [topic, topic, f"{topic}の{maker.topic_word()}", f"{topic}と{maker.text(1, 2)}"]
        ),
        "act": act,
        "coined": maker.coined_act(),
        "care": rng.choice(["注意", "協力", "参加", "対応", "配慮"]),
        "unit": f"{rng.randint(1, 900)}{rng.choice(['人', '円', '件', '部', '台', '名', '%'])}",
        "date": maker.date(),
        "deadline": maker.deadline(),
    }
    return _filled(maker, "acts", parts).prefixed(head)


def _verb(maker: ValueMaker) -> Point:
    verb, stem, negative, te_form = _forms(maker)
    parts = {
        "verb": verb,
        "stem": stem,
        "negative": negative,
        "never": negative[:-1],
        "te": te_form,
        "past": _past(te_form),
    }
    return _filled(maker, "longer_verbs" if maker.chance(0.3) else "verbs", parts)


def _forms(maker: ValueMaker) -> tuple[str, str, str, str]:
    """Dictionary form, stem before ます, plain negative, te-form."""
    rng, t = maker.rng, maker.rng.random()
    if t < 0.07:
        return _irregular(maker)
    if t < 0.15:
        return _compound(maker)
    if t < 0.4:
        verb = maker.pick("ichidan_verbs")
        if maker.chance(0.35):
            verb = maker.pick("verb_stems") + rng.choice("えけげせてべめれりじび") + "る"
        if maker.chance(0.15):
            base = _forms_of_five_rows(maker)[2][:-2]
            verb = base + ("れる" if maker.chance(0.7) else "せる")
        return verb, verb[:-1], verb[:-1] + "ない", verb[:-1] + "て"
    return _forms_of_five_rows(maker)


def _irregular(maker: ValueMaker) -> tuple[str, str, str, str]:
    """する and 来る, alone or behind another verb."""
    if maker.chance(0.5):
        noun = maker.coined_act() if maker.chance(0.5) else maker.pick("acts")
        return noun + "する", noun + "し", noun + "しない", noun + "して"
    head = maker.rng.choice(["持って", "戻って", "借りて", "連れて", "送って", "買って", "", "届いて"])
    if maker.chance(0.4):
        return head + "来る", head + "来", head + "来ない", head + "来て"
    return head + "くる", head + "き", head + "こない", head + "きて"


def _compound(maker: ValueMaker) -> tuple[str, str, str, str]:
    """Two verbs in one (貸し出す): the second alone changes."""
    rng = maker.rng
    head = maker.pick("verb_stems") + rng.choice("しちけりきえみいび")
    if maker.chance(0.4):
        verb = head + rng.choice(_SECOND_VERBS_WITH_RU)
        return verb, verb[:-1], verb[:-1] + "ない", verb[:-1] + "て"
    return _five_rows(head + rng.choice(_SECOND_VERBS))


def _forms_of_five_rows(maker: ValueMaker) -> tuple[str, str, str, str]:
    rng = maker.rng
    verb = maker.pick("godan_verbs")
    if maker.chance(0.4):
        tail = rng.choice("うくぐすつぶむ") if verb[-1] != "る" else rng.choice("かがさたなばまやわ") + "る"
        verb = maker.pick("verb_stems") + rng.choice(["", "", rng.choice("りしきえけげめれ")]) + tail
    return _five_rows(verb)


def _five_rows(verb: str) -> tuple[str, str, str, str]:
    i_row, a_row, te = _ROWS[verb[-1]]
    base = verb[:-1]
    return verb, base + i_row, base + a_row + "ない", _I_ROW_EXCEPTIONS.get(verb, base + te)
