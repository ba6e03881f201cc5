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
_PARTICLES = "のはがをにへともや"
_LONGEST = 6


def before_courtesy(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield kana names and names of one kanji right before a word of courtesy or an office."""
    for match in _KANA.finditer(page.text):
        start = _kana_start(match, page.morphology)
        if start is not None:
            yield start, match.end(1), 0.8
    for match in _ONE_KANJI.finditer(page.text):
        if match.group(1) not in name_words("kin_characters"):
            yield *match.span(1), 0.8
    for match in _ONE_KANJI_OFFICE.finditer(page.text):
        if match.group(1) not in name_words("no_surname"):
            yield *match.span(1), 0.75


def _kana_start(match: re.Match[str], words: Morphology) -> int | None:
    """Where the name begins; a particle before it is none of its characters."""
    run, title = match.group(1), match.group(2)
    if any(run.endswith(word) for word in name_words("kin_kana")) and not words.is_name(run):
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
