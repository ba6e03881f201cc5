"""Names of everyday speech before さん, くん and ちゃん: そうすけくん, もりたさん, 都ちゃん.

Sudachi cuts kana that it does not know anywhere, so its tokens have no say here; what speaks is that
nothing else stands between the name and what is before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.morphology import Morphology
from models.masking.recognizers.person.shape import KANJI, name_words
from models.masking.recognizers.person.titles import is_no_name

_KANA = re.compile(r"(?<![ぁ-んー])([ぁ-んー]{2,8}?)(さん|さま|くん|ちゃん)(?!ざ)")
_ONE_KANJI = re.compile(rf"(?<![{KANJI}])([{KANJI}])(くん|ちゃん)")
_ONE_KANJI_OFFICE = re.compile(
    rf"(?<![{KANJI}ァ-ヶ])([{KANJI}])(?:部長|課長|係長|局長|室長|次長|議員|委員|主査|主事|主幹|補佐|教諭|先生)(?![{KANJI}])"
)
_KANJI_END = re.compile(rf"(?<![{KANJI}])[{KANJI}]{{2,4}}$")
_PARTICLES = "のはがをにへともや"
_LONGEST = 6


def before_courtesy(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield kana names and names of one kanji right before a word of courtesy or an office."""
    for match in _KANA.finditer(page.text):
        start = _kana_start(match, page.morphology)
        if start is not None:
            yield _with_surname(page, start, match), match.end(1), 0.8
    for match in _ONE_KANJI.finditer(page.text):
        if match.group(1) not in name_words("kin_characters"):
            yield *match.span(1), 0.8
    for match in _ONE_KANJI_OFFICE.finditer(page.text):
        if match.group(1) not in name_words("no_surname"):
            yield *match.span(1), 0.75


def _with_surname(page: OfficeArtifacts, start: int, match: re.Match[str]) -> int:
    """Where a full name begins whose given name is in kana: 如月|ひなさん."""
    run = _KANJI_END.search(page.text, max(0, start - 5), start) if start == match.start(1) else None
    if run is None:
        return start
    is_month = run.group() in name_words("old_months")
    return run.start() if is_month or page.morphology.is_surname(run.group()) else start


def _kana_start(match: re.Match[str], words: Morphology) -> int | None:
    """Where the name begins; a particle before it is none of its characters."""
    run, title = match.group(1), match.group(2)
    kin = name_words("kin_kana")
    if run in kin or (run.endswith(tuple(kin)) and not words.is_name(run)):
        return None
    for skip in range(len(run) - 1):
        word = run[skip:]
        if skip and run[skip - 1] not in _PARTICLES:
            continue
        if is_no_name(word):
            return None
        if len(word) > _LONGEST:
            continue
        if words.is_name(word) or (not words.word_classes(word) and len(word) >= 3):
            return match.start(1) + skip
        if title in ("くん", "ちゃん") and not skip:
            return match.start(1)
    return None
