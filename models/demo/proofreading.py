"""Texts with faults, and what proof-reading them should give.

Faults are of the kinds that need no sense of meaning: set spellings of official texts, doubled
characters, dropped kana, full-width digits, a sentence in plain style among polite ones. The answer
has the form that the built-in template asks for: the whole text, then the list of what was changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from models.demo.phrases import load_phrases, phrase
from models.demo.sentences import make_aside, make_point
from models.demo.values import ValueMaker, widen

DIGITS = re.compile(r"(?<![0-9,.:/-])[0-9]+(?=[人名円日月年時分件歳回])")
"""Digits that are counted with: a full-width one among them is a fault."""

_SHARES = {
    "kana": 30, "okurigana": 15, "typo": 14, "double": 12, "digits": 9, "style": 14, "words": 6, "spoken": 7, "kanji": 7,
}  # fmt: skip
"""How often each reason is taken where a text offers it."""

_PARTICLES = "をにはがでの"
_PARTICLE = re.compile(rf"(?<=[一-龥ァ-ヶ])[{_PARTICLES}](?=[一-龥ァ-ヶ0-9])")


@dataclass(frozen=True)
class Fault:
    """Something to change.

    Attributes:
        wrong: As it stands in the text.
        right: What it should be.
        reason: Name of the reason (phrases.toml, [reason]).
    """

    wrong: str
    right: str
    reason: str

    @property
    def line(self) -> str:
        """Its line of the list."""
        return f"・{self.wrong} → {self.right}：{phrase('reason', self.reason)}"


@dataclass(frozen=True)
class Proof:
    """A text with faults, and the text without."""

    faulty: str
    right: str
    faults: tuple[Fault, ...]

    @property
    def answer(self) -> str:
        """What the model is to write."""
        listed = list(dict.fromkeys(fault.line for fault in self.faults)) or [phrase("proofread", "nothing")]
        return "\n".join((phrase("proofread", "corrected"), self.right, phrase("proofread", "list"), *listed))


@cache
def known_faults() -> tuple[Fault, ...]:
    """The pairs of `faults.toml`."""
    pairs = [
        (*pair.split(">", 1), reason) for reason, text in _data()["pairs"].items() for pair in text.split()
    ]
    return tuple(Fault(wrong, right, reason) for wrong, right, reason in pairs)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("models.demo").joinpath("faults.toml").read_text("utf-8"))


@cache
def _frames() -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[|\n]", _data()["texts"]["frames"]) if part.strip())


@cache
def _openers() -> tuple[str, ...]:
    return tuple(_data()["texts"]["openers"].split())


@cache
def _frames_by_fault() -> tuple[tuple[str, ...], ...]:
    """For every known fault the frames, or openers, that give room for it."""
    offered = (*_frames(), *_openers())
    found = (tuple(text for text in offered if fault.right in text) for fault in known_faults())
    return tuple(texts for texts in found if texts)


def request(maker: ValueMaker, text: str) -> str:
    """The filled template for a text."""
    asked = load_phrases()["proofread"]
    rules = [
        asked[name] for name in ("rule_notation", "rule_scope", "rule_content", "rule_none", "rule_material")
    ]
    if maker.chance(0.08):
        rules = maker.rng.sample(rules, maker.rng.randint(1, 4))
    kind = maker.rng.choice(_data()["texts"]["kinds"].split())
    return "\n".join((
        asked["ask"], "", "# 条件", *rules, "", "# 出力の形式", asked["corrected"], asked["form_list"], "", "# 資料",
        f"文書の種類：{kind}", "", "【点検する文】", text,
    ))  # fmt: skip


def make_proof(maker: ValueMaker, document: str = "") -> Proof:
    """A text with no to four faults.

    Args:
        maker: Of this conversation.
        document: A written document to put the faults into; without one, sentences are invented.
    """
    for _ in range(40):
        text = _Text(document, {}) if document else _invented(maker)
        right = _narrowed(text.right)
        if not any(fault.wrong in right for fault in known_faults()):
            return _spoilt(maker, _Text(right, text.plain), is_document=bool(document))
        document = ""
    return Proof("よろしくお願いします。", "よろしくお願いします。", ())


@dataclass(frozen=True)
class _Text:
    """A right text; `plain` holds the plain form of some of its sentences."""

    right: str
    plain: dict[str, str]


def _narrowed(document: str) -> str:
    """Half-width digits but for the numbers in front of items."""
    return re.sub(r"[０-９](?![０-９]*　)", lambda match: str(int(match[0])), document)


def _invented(maker: ValueMaker) -> _Text:
    rng = maker.rng
    plain: dict[str, str] = {}
    made: list[str] = []
    for _ in range(rng.choices(range(1, 7), [6, 7, 5, 2, 1, 1])[0]):
        frame = rng.choice(rng.choice(_frames_by_fault())) if maker.chance(0.6) else ""
        if frame.endswith("。"):
            made.append(_opening(maker) + _filled(maker, frame))
            continue
        point = make_point(maker).prefixed(frame or _opening(maker))
        made.append(point.polite + "。")
        if len(point.plain) > 3 and _differs_in_ending_only(point.plain, point.polite):
            plain[made[-1]] = point.plain + "。"
    sign = rng.choices(["", "\n"], [75, 25])[0]
    head = rng.choice(
        ["", "", "", "", f"{maker.recipient()}\n", f"件名：{maker.subject()}\n", f"{maker.subject()}\n\n"]
    )
    return _Text(head + sign.join(made), plain)


def _differs_in_ending_only(plain: str, polite: str) -> bool:
    return plain[-1] in "いうくすつぬむるただ" and not polite.endswith(("ください", "考えています", plain))


def _opening(maker: ValueMaker) -> str:
    """What stands in front of a sentence: mostly nothing."""
    t = maker.rng.random()
    if t < 0.15:
        return maker.rng.choice(_openers())
    if t < 0.25:
        return make_aside(maker)
    if t < 0.32:
        return maker.kana() + maker.rng.choice(["、", "は", "に", ""])
    return ""


def _filled(maker: ValueMaker, frame: str) -> str:
    makers: dict[str, Callable[[], str]] = {
        "t": maker.topic_word, "u": maker.topic_word, "a": lambda: maker.pick("acts"), "d": maker.date, "c": maker.clock,
        "p": maker.place, "o": maker.office, "r": maker.recipient, "n": lambda: str(maker.rng.randint(1, 900)),
    }  # fmt: skip
    return re.sub(r"\{(\w)\}", lambda match: makers[match[1]]().replace("\n", ""), frame)


# --- faults -----------------------------------------------------------------------------------------


_Place = tuple[int, int, Fault]


def _spoilt(maker: ValueMaker, text: _Text, *, is_document: bool) -> Proof:
    count = maker.rng.choices(range(5), [14, 22, 30, 22, 12])[0]
    right = text.right
    found = [*_places(maker, right), *_styled(text)]
    fixed = _fixed_stretches(right) if is_document else ()
    free = [place for place in found if not any(a < place[1] and place[0] < b for a, b in fixed)]
    chosen = _without_overlap(maker, free, count)
    faulty, at = "", 0
    for start, end, fault in chosen:
        faulty += right[at:start] + fault.wrong
        at = end
    return Proof(faulty + right[at:], right, tuple(fault for _, _, fault in chosen))


def _places(maker: ValueMaker, right: str) -> Iterator[_Place]:
    """Where faults can be put."""
    for fault in known_faults():
        if fault.right not in _PARTICLES:
            for match in re.finditer(re.escape(fault.right), right):
                yield match.start(), match.end(), fault
    for match in _PARTICLE.finditer(right):
        if maker.chance(0.3):
            yield match.start(), match.end(), Fault(match[0] * 2, match[0], "double")
    for match in DIGITS.finditer(right):
        if maker.chance(0.4):
            yield match.start(), match.end(), Fault(widen(match[0]), match[0], "digits")


def _styled(text: _Text) -> Iterator[_Place]:
    """Sentences that could stand in plain style, from two characters before the difference on."""
    for polite, plain in text.plain.items():
        start = text.right.find(polite)
        same = next(i for i, (a, b) in enumerate(zip(plain, polite, strict=False)) if a != b)
        cut = max(0, same - 2)
        if start >= 0:
            yield start + cut, start + len(polite), Fault(plain[cut:], polite[cut:], "style")


def _fixed_stretches(text: str) -> tuple[tuple[int, int], ...]:
    """Stretches of fixed wording: they are single tokens and stay whole."""
    phrases = {text for section in load_phrases().values() for text in section.values() if len(text) > 5}
    return tuple((m.start(), m.end()) for p in phrases for m in re.finditer(re.escape(p), text))


def _without_overlap(maker: ValueMaker, places: list[_Place], count: int) -> list[_Place]:
    """Some places, in the order of the text; a rare fault is as likely as a frequent one of its reason."""
    by_fault: dict[Fault, list[_Place]] = {}
    for place in places:
        by_fault.setdefault(place[2], []).append(place)
    order = list(by_fault)
    maker.rng.shuffle(order)
    by_reason: dict[str, list[Fault]] = {}
    for fault in order:
        by_reason.setdefault(fault.reason, []).append(fault)
    chosen: list[_Place] = []
    while by_reason and len(chosen) < count:
        reasons = list(by_reason)
        reason = maker.rng.choices(reasons, [_SHARES[name] for name in reasons])[0]
        start, end, _ = place = maker.rng.choice(by_fault[by_reason[reason].pop()])
        if not by_reason[reason]:
            del by_reason[reason]
        if all(end <= a or b <= start for a, b, _ in chosen):
            chosen.append(place)
    return sorted(chosen, key=lambda place: place[0])
