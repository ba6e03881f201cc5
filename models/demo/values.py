"""Invented values of forms: dates, places, offices, free words, odd strings and placeholders.

Nothing here is drawn from a real text. Odd strings teach copying as such; words joined by particles
teach it where it is hard, because natural Japanese repeats its characters: half of all documents
therefore use a small alphabet and a few words of their own, over and over. A third of them holds words of the lists only,
as offices write.
"""

from __future__ import annotations

import random

from models.demo.phrases import phrase_tokens
from models.demo.vocabulary import SPACE, jis_rows, load_vocabulary
from models.demo.words import Words

LARGEST_NUMBER = 30
"""Numbers of placeholders in training go from 1 to this."""

_KANJI = [c for c in load_vocabulary().characters if "一" <= c <= "龥"]
_RARE_KANJI = sorted(set(jis_rows(48, 84)) - set(load_vocabulary().characters))
_HIRAGANA = [chr(code) for code in range(0x3041, 0x3094)]
_KATAKANA = [*(chr(code) for code in range(0x30A1, 0x30F5)), "ー", "ー", "ー", "ン", "ン"]
_ANY = [c for c in load_vocabulary().characters if c not in (SPACE, "<", ">", "＜", "＞")]
_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./#"
_DIGITS = "0123456789"
_WIDE = str.maketrans(_DIGITS, "０１２３４５６７８９")


def widen(text: str) -> str:
    """The same text with full-width digits."""
    return text.translate(_WIDE)


class ValueMaker:
    """Makes the values of one document.

    Args:
        rng: Where chance comes from.
        words: The lists to draw on.
    """

    def __init__(self, rng: random.Random, words: Words) -> None:
        self.rng = rng
        self.words = words
        self._counts: dict[str, int] = {}
        self._is_narrow = rng.random() < 0.5
        self._is_plain = rng.random() < 0.35
        scripts = (_KANJI, _KANJI, _HIRAGANA, _KATAKANA)
        self._alphabet = [rng.choice(rng.choice(scripts)) for _ in range(rng.randint(5, 16))]
        self._own_words: list[str] = []
        self._own_words = [self.word() for _ in range(rng.randint(3, 9))]

    def pick(self, name: str) -> str:
        """One entry of a word list."""
        return self.rng.choice(self.words[name])

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    # --- words and strings ----------------------------------------------------------------------

    def word(self) -> str:
        """A word of the lists, or one that does not exist."""
        rng, t = self.rng, self.rng.random()
        if t < 0.45 or self._is_plain:
            return self.pick(
                rng.choice(("plain_words", "plain_words", "topics", "belongings", "acts", "states"))
            )
        if t < 0.62:
            return "".join(rng.choices(_KANJI, k=rng.randint(1, 4)))
        if t < 0.72:
            return "".join(rng.choices(_KATAKANA, k=rng.randint(2, 6)))
        if t < 0.80:
            return self.kana()
        if t < 0.88:
            return f"{rng.randint(1, 400)}{rng.choice('人名円件回日分点組部階号年月時%')}"
        if t < 0.886:
            return rng.choice(phrase_tokens())
        return "".join(rng.choices(_KANJI, k=rng.randint(1, 2))) + "".join(
            rng.choices("きりしけえめれちいみるすうくつ", k=rng.randint(1, 2))
        )

    def kana(self) -> str:
        """A word in hiragana that does not exist."""
        return "".join(self.rng.choices(_HIRAGANA, k=self.rng.randint(2, 5)))

    def text(self, shortest: int = 2, longest: int = 6) -> str:
        """Words joined by particles, as subjects and remarks are."""
        out: list[str] = []
        for number in range(self.rng.randint(shortest, longest)):
            if number and self.chance(0.85):
                out.append(self.pick("particles"))
            own = self._own_words and self._is_narrow and self.chance(0.6)
            out.append(self.rng.choice(self._own_words) if own else self.word())
        return "".join(out)

    def odd(self) -> str:
        """A string without sense, of one script or several."""
        rng, n = self.rng, self.rng.randint(2, 9)
        if self._is_plain:
            return self.text(1, 3)
        if self._is_narrow and self.chance(0.6):
            return "".join(rng.choices(self._alphabet, k=n)) if self.chance(0.5) else self.text(1, 3)
        t = rng.random()
        if t < 0.30:
            return "".join(rng.choices(_KANJI, k=n))
        if t < 0.42:
            return "".join(rng.choices(_HIRAGANA, k=n))
        if t < 0.54:
            return "".join(rng.choices(_KATAKANA, k=n))
        if t < 0.64:
            return "".join(rng.choices(_ALNUM, k=n))
        if t < 0.67:
            return "".join(rng.choices(_RARE_KANJI, k=rng.randint(1, 3)))
        if t < 0.76:
            return "".join(rng.choices(rng.sample(_DIGITS + "-", rng.choice([1, 2, 2, 3, 10])), k=n))
        return "".join(rng.choices(_ANY, k=n))

    def placeholder(self, noun: str = "", *, is_fresh: bool = True) -> str:
        """A placeholder as the vault writes it; fresh ones count on per noun, as the vault does."""
        rng = self.rng
        if not noun:
            noun = self.pick("placeholder_nouns") if self.chance(0.85) else self.noun_like()
        if is_fresh and self.chance(0.9):
            self._counts[noun] = self._counts.get(noun, 0) + 1
            return f"<{noun}{self._counts[noun]}>"
        return f"<{noun}{rng.randint(1, LARGEST_NUMBER)}>"

    def noun_like(self) -> str:
        """Characters that can name a placeholder: no brackets, digits or blanks."""
        if self._is_plain:
            return self.pick("placeholder_nouns")
        text = "".join(c for c in self.odd() if c.isalpha() or c == "ー")
        return text[:8] or "項目"

    def coined_act(self) -> str:
        """Two kanji that could be an act."""
        return "".join(self.rng.choices(_KANJI, k=2))

    # --- people, places, offices ----------------------------------------------------------------

    def name(self) -> str:
        """A person, most often masked."""
        t = self.rng.random()
        if t < 0.55:
            return self.placeholder("氏名")
        gap = self.rng.choice(["", " ", "　"])
        if t < 0.8:
            return self.pick("surnames") + gap + self.pick("given_names")
        return "".join(self.rng.choices(_KANJI, k=self.rng.randint(1, 3))) + gap + self.noun_like()[:3]

    def body(self) -> str:
        """A municipality."""
        return self.rng.choice([self.pick("bodies"), self.odd()[:3]]) + self.rng.choice("市市市町村区")

    def office(self) -> str:
        """An office of a municipality, sometimes with its section."""
        if self.chance(0.08):
            return self.placeholder("部署")
        head = self.body() if self.chance(0.35) else ""
        core = self.pick("departments") if self.chance(0.85) else self.odd()[:4] + "課"
        tail = self.rng.choice(
            ["", "", "", self.pick("sections"), " " + self.pick("sections"), self.odd()[:3] + "係"]
        )
        return head + core + tail

    def place(self) -> str:
        """A facility, often with a room."""
        rng = self.rng
        if self.chance(0.1):
            return self.odd()
        head = rng.choice([self.odd()[:5], self.pick("towns"), self.pick("bodies") + "市立", self.body(), ""])
        text = head + self.pick("facilities")
        if self.chance(0.6):
            floor = rng.choice(["", f"{rng.randint(1, 12)}階", f"本館{rng.randint(1, 5)}階", "別館"])
            text += rng.choice(["", " ", "　"]) + floor + self.pick("rooms")
        return text

    def company(self) -> str:
        """A company or association."""
        return self.pick("company_forms").format(
            self.pick("company_names") if self.chance(0.7) else self.odd()[:4]
        )

    def recipient(self) -> str:
        """Whom a letter is for."""
        rng = self.rng
        made = (
            self.pick("recipients"), self.pick("recipients"), f"{self.name()} 様", f"{self.name()}様",
            f"{self.company()} 御中", f"{self.topic_word()}委員 各位", f"{self.odd()}会長 様",
            f"{self.pick('towns')}町内会 会長 {self.name()} 様", f"{self.placeholder('団体名')} 御中",
            f"{self.company()} 代表取締役 {self.name()} 様", f"{self.office()}長", f"{self.text(1, 3)} 様",
            f"各課 {self.word()}担当者 各位", self.placeholder(),
        )  # fmt: skip
        return rng.choice(made)

    def sender(self) -> str:
        """Whom a letter is from."""
        made = (
            f"{self.body()}長 {self.name()}", f"{self.body()}長 {self.name()}", self.office(), self.office(),
            f"{self.office()}長 {self.name()}", f"{self.office()} {self.name()}", f"{self.office()}　{self.name()}",
            f"{self.body()}教育委員会", f"{self.body()}{self.word()}部{self.pick('departments')}長", self.name(),
            self.placeholder(),
        )  # fmt: skip
        return self.rng.choice(made)

    def audience(self) -> str:
        """Whom something is for."""
        rng = self.rng
        made = (
            f"市内に住む{rng.randint(1, 90)}歳以上の方", self.pick("audiences"), self.pick("audiences"),
            f"{self.topic_word()}の関係者", f"{self.odd()}地区の住民", f"{self.pick('towns')}自治会の会員",
            f"{rng.randint(1, 6)}年生", f"{rng.randint(20, 70)}歳から{rng.randint(71, 80)}歳の方",
            self.text(1, 5), self.text(1, 4), f"{self.word()}及び{self.word()}の{self.word()}",
        )  # fmt: skip
        return rng.choice(made)

    # --- times, numbers, contacts ---------------------------------------------------------------

    def date(self) -> str:
        """A date in one of the forms offices use."""
        rng = self.rng
        year = rng.randint(5, 12)
        made = ("令和{y}年{m}月{d}日（{w}）", "令和{y}年{m}月{d}日", "{m}月{d}日（{w}曜日）", "{m}月{d}日（{w}）",
                "{Y}年{m}月{d}日", "{Y}/{m}/{d}", "{m}月{d}日")  # fmt: skip
        return rng.choice(made).format(
            y=year, Y=year + 2018, m=rng.randint(1, 12), d=rng.randint(1, 31), w=rng.choice("月火水木金土日")
        )

    def clock(self) -> str:
        """A time of day."""
        hour, minute = self.rng.randint(0, 23), self.rng.choice([0, 0, 15, 30, 45, self.rng.randint(0, 59)])
        half = "前" if hour < 12 else "後"
        words = f"{minute}分" if minute else ""
        return self.rng.choice([f"{hour}時{words}", f"{hour}:{minute:02d}", f"午{half}{hour % 12}時{words}"])

    def period(self) -> str:
        """A date with times, or a span of dates."""
        rng = self.rng
        until = rng.choice(["から{}まで", "～{}", "から{}", "〜{}"]).format(self.clock())
        text = (
            self.date()
            + rng.choice(["", " ", "　"])
            + self.clock()
            + rng.choice([until, until, "開始", "より"])
        )
        return widen(text) if self.chance(0.2) else text

    def deadline(self) -> str:
        """A date by which something is due."""
        text = self.date() + self.rng.choice(["", "", "まで", "必着", " 17時"])
        return widen(text) if self.chance(0.2) else text

    def document_number(self) -> str:
        """A document's number."""
        rng = self.rng
        sign = "".join(rng.choices(_KANJI, k=rng.randint(1, 3)))
        year = rng.choice(["", "", str(rng.randint(5, 12))])
        return f"{year}{sign}第{rng.randint(1, 9999)}号"

    def money(self) -> str:
        """A price."""
        rng = self.rng
        made = ("無料", f"{rng.randint(1, 99) * 100}円", f"{rng.randint(1, 20)},{rng.randint(0, 9)}00円（税込）",
                f"1人{rng.randint(1, 30) * 100}円", f"1{rng.choice('点件人回')}につき{rng.randint(1, 99) * 10}円")  # fmt: skip
        return rng.choice(made)

    def capacity(self) -> str:
        """How many may come."""
        rng = self.rng
        made = (
            f"{rng.randint(1, 500)}人",
            f"先着{rng.randint(1, 300)}名",
            f"{rng.randint(5, 99)}組（抽選）",
            self.odd(),
        )
        return rng.choice(made)

    def phone(self) -> str:
        """A telephone number, most often masked."""
        rng = self.rng
        if self.chance(0.6):
            return self.placeholder("電話番号")
        text = f"0{rng.randint(1, 99)}-{rng.randint(10, 9999)}-{rng.randint(0, 9999):04d}"
        return widen(text).replace("-", "－") if self.chance(0.15) else text

    def address(self) -> str:
        """An e-mail address, most often masked."""
        if self.chance(0.6):
            return self.placeholder("メールアドレス")
        user = "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyz0123456789-_", k=self.rng.randint(3, 9)))
        host = "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyz", k=self.rng.randint(3, 8)))
        return f"{user}@{host}" + self.rng.choice([".lg.jp", ".jp", ".example.jp", ".or.jp"])

    def contact(self) -> str:
        """An office with person, telephone and address."""
        text = self.office()
        if self.chance(0.3):
            text += self.rng.choice([" 担当", "　担当：", " "]) + self.name()
        if self.chance(0.8):
            text += self.rng.choice([" 電話", " 電話 ", "（電話 ", " TEL ", "　", "（内線", " "])
            text += self.phone() if self.chance(0.8) else str(self.rng.randint(100, 9999))
        if self.chance(0.3):
            text += self.rng.choice([" ", " メール ", "、"]) + self.address()
        return text + "）" if "（" in text else text

    # --- subjects -------------------------------------------------------------------------------

    def topic_word(self) -> str:
        """What something is about."""
        rng, t = self.rng, self.rng.random()
        if self._is_narrow and self.chance(0.4):
            return self.text(1, 3)
        if t < 0.5:
            return self.pick("topics")
        if t < 0.62:
            return self.odd()
        if t < 0.75:
            return self.odd()[:4] + self.pick("topics")
        if t < 0.8:
            return self.placeholder()
        year = f"令和{rng.randint(5, 12)}年度"
        return rng.choice(
            [self.pick("qualifiers"), f"第{rng.randint(1, 60)}回", year, year + " "]
        ) + self.pick("topics")

    def subject(self) -> str:
        """A subject line."""
        rng = self.rng
        topic, act = self.topic_word(), self.pick("acts")
        made = (
            f"{topic}の{act}について", f"{topic}の{act}について", f"{topic}について", f"{topic}の{act}", topic,
            f"{topic}{act}のお知らせ", f"{topic}に関する{act}について", f"{topic}に伴う{self.topic_word()}の{act}について",
            f"{topic}に係る{self.word()}の{act}", f"{self.text(2, 6)}について", f"{self.text(1, 5)}が{act}されます",
            f"{topic}の{act}及び{self.topic_word()}の{self.pick('acts')}について", f"{self.text(4, 11)}について",
            f"{topic}に係る{self.topic_word()}の{self.pick('acts')}に伴う{self.text(2, 5)}の{act}について",
        )  # fmt: skip
        return rng.choice(made)

    def remark(self) -> str:
        """Anything else a field may hold."""
        rng = self.rng
        mark = rng.choice(["、", "、", "・", "，"])
        things = (
            self.pick("belongings") if self.chance(0.6) else self.word() for _ in range(rng.randint(1, 5))
        )
        made = (
            self.text(1, 6), self.text(2, 7), self.text(5, 14), self.odd(), self.odd(), self.topic_word(), mark.join(things),
            f"{self.topic_word()}と{self.topic_word()}", f"{self.office()}へ電話", f"申込書を{self.office()}へ提出",
            "電話又は窓口で", f"{self.topic_word()}、{self.odd()}", self.address(), self.phone(),
            f"{rng.randint(1, 500)}{rng.choice('人名組部台件')}（先着順）",
        )  # fmt: skip
        return rng.choice(made)
