"""The slow vote: ja-ginza reads only what may still hold a name, and Sudachi must find its answer credible.

ja-ginza takes 97 % of the time of an analysis, so it is not asked where its answer could not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from models.masking.entities import EntityType
from models.masking.overlap import Candidate
from models.masking.reading import Reading
from models.masking.recognizers.ginza_person import GinzaPersons
from models.masking.recognizers.morphology import NAME_CLASSES, Morphology, WordClass
from models.masking.recognizers.person.shape import is_landmark, name_words
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_SURE = 0.75
"""Finds from this score on need no second opinion."""

_VOTE = 0.6
_MOST_TOKENS = 4_000
_LONGEST_PART = 4
_LETTER = re.compile(r"[^\W\d_]")
_TWO_LETTERS = re.compile(r"[一-鿿々㐀-䶿ァ-ヶーA-Za-z]{2}")
_NAMEABLE = re.compile(r"[一-鿿々㐀-䶿]{2}|[ァ-ヶー]{2}|[A-Z][a-z]|[一-鿿](?:さん|様|氏)")
_NO_NAME = re.compile(r"[0-9０-９@/:：。、\n\t=_#%&*+]|丁目|番地|字|条例|法律|制度")
_KATAKANA_AFTER = re.compile(r"[ァ-ヶー]")
_CAPITALS = re.compile(r"[A-Z]{2,}|[a-z]+")
_NOT_PERSON_END = re.compile(
    r"(?:社|所|館|院|園|校|隊|軍|党|国|県|市|町|村|区|州|省|庁|局|団|会|部|課|室|駅|線|港|城址|公園|大学|語|人|族|級|型|賞|杯|法|論|派|FC|SC|リーグ|ズ|シティ|ユナイテッド|エンターテインメント|プロダクション|センター|ブリッジ|スタジアム)$"
)
_NOT_PERSON_AFTER = re.compile(
    r"・?(?:FC|SC|社|軍|市|区|町|村|県|州|島|湖|川|山脈|駅|線|港|級|型|語|法|賞|杯|リーグ|大学|病院|空港|公園|財団|銀行|工業|製作所|スタジアム|ホール|劇場|美術館|博物館|新聞|放送|テレビ|株式会社|グループ|センター|海峡|半島|諸島|飛行場|ゼミ|条約|事件|戦争)"
)


def ask_ginza(
    reading: Reading, ginza: GinzaPersons, words: Morphology, is_cancelled: Callable[[], bool]
) -> None:
    """Fill `reading.persons` with ja-ginza's credible votes; asked once for each reading.

    Args:
        reading: What the fast layers know.
        ginza: The loaded model.
        words: Sudachi's dictionary.
        is_cancelled: Asked between batches.

    Raises:
        CancelledError: `is_cancelled` said so.
    """
    if reading.persons is not None:
        return
    text = reading.source.text
    covered = bytearray(len(text))
    for item in reading.finds:
        if item.score >= _SURE:
            covered[item.start : item.end] = b"\1" * (item.end - item.start)

    begins = sorted(reading.begins)

    def is_open(start: int, end: int) -> bool:
        return (
            start >= reading.head
            and _NAMEABLE.search(_visible(text, covered, start, end)) is not None
            and (len(begins) >= _MOST_TOKENS or _may_hold_name(_tokens(text, begins, start, end), words))
        )

    reading.persons = [
        Candidate(span.start, span.end, EntityType.PERSON, _VOTE, ("GinzaPersons",))
        for span in ginza.find(text, is_open, is_cancelled)
        if _is_credible(reading, span.start, span.end, words)
    ]


def _tokens(text: str, begins: Sequence[int], start: int, end: int) -> Iterator[str]:
    cuts = [start, *begins[bisect_left(begins, start + 1) : bisect_left(begins, end)], end]
    return (text[a:b] for a, b in pairwise(cuts))


def _may_hold_name(tokens: Iterator[str], words: Morphology) -> bool:
    """Whether a vote within these tokens could be credible: it needs a name or a word in no dictionary.

    The dictionary of names also lists 中, 文 and よう: words as short as these count two in a row only.
    """
    was_short = False
    for token in tokens:
        if not _could_be_name(token, words):
            was_short = False
        elif was_short or len(token) > 2 or _TWO_LETTERS.search(token):
            return True
        else:
            was_short = True
    return False


def _could_be_name(token: str, words: Morphology) -> bool:
    """Whether a token is a name, is in no dictionary, or begins or ends with a name (佐藤商店)."""
    if not _LETTER.search(token):
        return False
    classes = words.word_classes(token)
    if classes & NAME_CLASSES or not classes:
        return True
    lengths = range(2, min(_LONGEST_PART, len(token) - 1) + 1)
    return any(words.is_name(token[:n]) or words.is_name(token[-n:]) for n in lengths)


def _visible(text: str, covered: bytearray, start: int, end: int) -> str:
    if covered.find(1, start, end) < 0:
        return text[start:end]
    return "".join("\n" if covered[index] else text[index] for index in range(start, end))


def _is_credible(reading: Reading, start: int, end: int, words: Morphology) -> bool:
    """Whether what ja-ginza calls a person reads like one: by its end, what follows, claims and tokens."""
    text = reading.source.text
    value = text[start:end]
    if len(value) < 2 or value.isascii() or _NO_NAME.search(value) or is_no_name(value):
        return False
    if value in name_words("old_months") or is_landmark(value, words):
        return False
    if _NOT_PERSON_END.search(value) or _NOT_PERSON_AFTER.match(text, end) or _CAPITALS.fullmatch(value):
        return False
    if _KATAKANA_AFTER.match(text, end) and not title_pattern().match(text, end):
        return False
    if any(claim.start < end and start < claim.end for claim in reading.claims):
        return False
    if words.word_classes(value) & WordClass.NOUN and not words.is_name(value):
        return False
    return _has_name_token(_pieces(reading, start, end), words)


def _pieces(reading: Reading, start: int, end: int) -> list[str]:
    """Sudachi's tokens of a span, without what joins them."""
    text = reading.source.text
    begins = (
        sorted(b for b in reading.begins if start <= b < end) if len(reading.begins) < _MOST_TOKENS else []
    )
    cuts = zip([start, *begins], [*begins, end], strict=True)
    return [text[a:b] for a, b in cuts if a < b and text[a:b] not in ("・", "=", " ", "＝")]


def _has_name_token(pieces: list[str], words: Morphology) -> bool:
    """Whether some token is a name or unknown, and none a common noun alone."""
    known = [words.word_classes(piece) for piece in pieces]
    if any(
        len(known) > 1 and k & WordClass.NOUN and not k & NAME_CLASSES and len(piece) > 1
        for k, piece in zip(known, pieces, strict=True)
    ):
        return False
    return any(k & NAME_CLASSES or not k for k in known)
