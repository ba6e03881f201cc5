"""Names in running text right after a role or a relation: 妻の和子は, 申請者山田."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import OfficeRecognizer, kinds
from models.masking.recognizers.labels import LabelHit
from models.masking.recognizers.morphology import WordClass
from models.masking.recognizers.person.evidence import has_common_token, skip_common
from models.masking.recognizers.person.grammar import read_name
from models.masking.recognizers.person.shape import KANJI, NameShape, name_words
from models.masking.recognizers.person.titles import is_no_name, title_pattern

_GLUE = re.compile(r"(?:\([^()\n]{1,8}\))?(?:の|で|・|:|：|は|「|『|\(| ){0,2}")
_GIVEN = re.compile(
    rf"(?:[{KANJI}]{{1,3}}|[ぁ-ん]{{2,4}}?|[ァ-ヶー]{{2,6}})(?=さん|様|ちゃん|くん|君|氏|[はがをにともへ、。()「」 \n:]|から|より|$)"
)
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_GLUED = re.compile(r"[ぁ-ん]{2,4}(?=[、()]|[0-9])")
_AFTER_GIVEN = frozenset("、。・()はがをにとも 様氏\n」")
_ROLES = frozenset(("role", "relation"))


class RelatedNameRecognizer(OfficeRecognizer):
    """Names in running text right after a role or a relation: 妻の和子は, 申請者山田."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names after roles."""
        boundaries = frozenset(page.tokens_of.begins)
        for hit in page.labels:
            if not hit.kinds & _ROLES or hit.word == "受":
                continue
            is_loose = hit.start not in boundaries or (len(hit.word) == 1 and hit.end not in boundaries)
            if is_loose and not (
                page.text[hit.end : hit.end + 1] == " " if len(hit.word) >= 2 else hit.start in boundaries
            ):
                continue
            yield from self._after(page, hit, is_loose=is_loose)

    def _after(
        self, page: OfficeArtifacts, hit: LabelHit, *, is_loose: bool
    ) -> Iterator[tuple[int, int, str, float]]:
        text = page.text
        glue = _GLUE.match(text, hit.end)
        start = glue.end() if glue else hit.end
        joint = text[hit.end : start]
        if start >= len(text) or (joint == "は" and "relation" not in hit.kinds):
            return
        limit = page.line_of(start)[1]
        start = skip_common(page, start)
        shape = read_name(text, start, limit, page.morphology, is_certain=False)
        if shape is None:
            given = _given(page, start, limit) or _kana_given(page, hit, start, limit)
            is_noun = given - start == 1 and joint == "の" and "relation" not in hit.kinds
            if given and not (is_noun and not title_pattern().match(text, given)):
                yield start, given, EntityType.PERSON, 0.72
            return
        nested = page.labels_between(start, start + 1)
        if nested and nested[0].kinds & _ROLES and len(nested[0].word) > 1:
            return
        if is_loose and not (shape.split and shape.score >= (0.8 if len(hit.word) > 1 else 0.96)):
            return
        if _is_believed(page, start, shape, joint) or _kana_given(page, hit, start, limit) == shape.end:
            yield start, shape.end, EntityType.PERSON, shape.score * 0.95


def _is_believed(page: OfficeArtifacts, start: int, shape: NameShape, joint: str) -> bool:
    """Whether a name that only a role before it announces is one."""
    word = page.text[start : shape.end]
    if joint == "" and word.endswith(("さん", "ちゃん")):
        return False
    if joint == "" and shape.score < 0.9 and has_common_token(page, start, shape.end):
        return False
    if joint == "の" and len(word) == 1 and not title_pattern().match(page.text, shape.end):
        return False
    is_marked = joint not in ("の", "で", "は", "")
    is_divided = shape.split and shape.score >= 0.85
    return bool(is_marked or is_divided or _is_plausible(page, start, shape.end, word))


def _given(page: OfficeArtifacts, start: int, limit: int) -> int:
    """The end of a given name that is also a common word, closed by what follows a name (0: none)."""
    match = _GIVEN.match(page.text, start, limit)
    if match is None or is_no_name(match.group()) or not page.morphology.is_given(match.group()):
        return 0
    return 0 if match.group() in name_words("common_characters") else match.end()


def _kana_given(page: OfficeArtifacts, hit: LabelHit, start: int, limit: int) -> int:
    """The end of a name in hiragana glued to a relation in a list: (父 剛、妻あや、れん8) (0: none)."""
    is_listed = start == hit.end and page.text[hit.start - 1 : hit.start] in ("、", "(", "・")
    match = _GLUED.match(page.text, start, limit) if is_listed and "relation" in hit.kinds else None
    if match is None or match.group().endswith(("さん", "ちゃん")):
        return 0
    return 0 if match.group() in name_words("kana_words") else match.end()


def _is_plausible(page: OfficeArtifacts, start: int, end: int, word: str) -> bool:
    words = page.morphology
    known = words.word_classes(word)
    is_short_katakana = _KATAKANA.fullmatch(word) and len(word) <= 4
    if is_short_katakana and page.text[end : end + 1] in _AFTER_GIVEN and words.is_given(word):
        return True
    if known & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER | WordClass.PLACE):
        return bool(title_pattern().match(page.text, end)) or (
            len(word) > 1 and not known & (WordClass.NOUN | WordClass.VERB)
        )
    index = page.token_index(end - 1)
    return page.tokens_of.ends[index] == end if index < len(page.tokens_of) else True
