"""Surnames that a sentence introduces: 旧姓 山田, 「山田」と名乗る, 税務課の岸が, 鵜飼です."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM
from models.masking.recognizers.morphology import WordClass
from models.masking.recognizers.person.evidence import is_token
from models.masking.recognizers.person.shape import KANJI, name_words, split_name
from models.masking.recognizers.person.titles import is_no_name

_FORMER = re.compile(
    rf"(?:旧姓|旧氏|通称|通称名|改姓前|別名)[:： ・はを「]{{0,2}}([{KANJI}]{{1,5}})(?=[)）、。」\n ])"
)
_NAMED = re.compile(
    rf"「([{KANJI}]{{1,6}}(?: [{KANJI}ぁ-ん]{{1,4}})?|[ァ-ヶー・ ]{{2,14}})」(?=と名乗|と称|さん|氏|様|なる(?:人|男|女)|という(?:人|男|女|方|名))"
)
_MEMBER = re.compile(
    rf"(?:[課係室署]|センター|事務局|事務所|役所|役場|支所|本部|窓口|[学]校|保育園|包括)(?:の|[ 　])([{KANJI}]{{1,5}}?)(?=さん|氏|様|です|でございます|と申し|宛|あて|まで|から|より|[がはにへもをと、。)\n 」]|$)"  # noqa: E501
)
_OFFICE_BEARER = re.compile(
    rf"(?:[{KANJI}]{{1,6}}(?:員|者|官|吏|師|士|手|係|役)|課長|部長|係長|局長|補佐|主査|主事|主任|主幹|参事|担当|受付|司会|書記|会計"
    rf"|夜勤|日勤|宿直|日直) {{1,2}}"
    rf"([{KANJI}]{{1,4}}|[ァ-ヶー]{{2,8}})(?=[ 、・。,\n)]|$)"
)
_CONTACTED = r"(?:電話|連絡|相談|メール|申請|訪問|お話し)(?:を?した|しました|を差し上げた|いたしました)"
_SELF = re.compile(
    rf"(?:の|、|。|^|\n| |{_CONTACTED})([{KANJI}]{{1,4}}|[ァ-ヶー]{{2,8}})"
    r"(?=です[。が]|でございます|と申します|と言います|といいます)"
)
_AFTER_OFFICE = re.compile(
    rf"[ 　の]?((?![中外内前後上下等他宛様長員隣横裏脇側奥先向])[{KANJI}]{{1,4}})(?=[、,。()\n」]|氏|様|さん|[がはも](?![ぁ-ん]{{2}}し)|$|に(?:電話|連絡|確認|報告))"  # noqa: E501
)


def named(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield former names and names in quotation marks."""
    for pattern in (_FORMER, _NAMED):
        for match in pattern.finditer(page.text):
            if not is_no_name(match.group(1)):
                yield *match.span(1), 0.85


def introduced(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield members of a department (税務課の岸) and people who say who they are (鵜飼です)."""
    words = page.morphology
    for pattern, score in ((_MEMBER, 0.8), (_SELF, 0.75)):
        for match in pattern.finditer(page.text):
            word = match.group(1)
            if is_no_name(word) or not (words.is_surname(word) or split_name(word, words)[1] >= 0.9):
                continue
            known = words.word_classes(word)
            is_common = known & (WordClass.NOUN | WordClass.VERB) and not known & WordClass.SURNAME
            if is_common and len(word) > 1:
                continue
            lead = page.text[match.start() : match.start(1)]
            if len(word) == 1 and pattern is _SELF and not lead.endswith(("の", "た")):
                continue
            yield *match.span(1), score


def bearers(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield names no dictionary lists behind an office and a space: 機関員 木, 主事 ミロシュ."""
    words = page.morphology
    for match in _OFFICE_BEARER.finditer(page.text):
        word = match.group(1)
        known = words.word_classes(word)
        is_katakana = word[0] < "一"
        if (
            len(word) > 1
            and (known or not is_katakana)
            and not words.is_name(word)
            and known != WordClass.PLACE
        ):
            continue
        if word not in name_words("no_surname") and not is_no_name(word):
            yield *match.span(1), 0.7


def members(page: OfficeArtifacts) -> Iterator[tuple[int, int, float]]:
    """Yield surnames right after an organisation: 中央図書館 本郷、, 建設課林が."""
    for claim in page.claims:
        if claim.entity_type != CLAIM + "ORGANIZATION":
            continue
        match = _AFTER_OFFICE.match(page.text, claim.end)
        if match and page.morphology.is_surname(match.group(1)) and not is_no_name(match.group(1)):
            is_glued = match.start(1) == claim.end
            if not is_glued or is_token(page, *match.span(1)):
                yield *match.span(1), 0.72
