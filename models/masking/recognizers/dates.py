"""Dates: a date of birth by its context, ages; other dates are claimed as not personal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds

_K = "〇一二三四五六七八九十廿卅"
_N = rf"(?:[0-9]{{1,2}}|[{_K}]{{1,3}})"
_ERA = r"(?:明治|大正|昭和|平成|令和|[MTSHRmtshr](?![A-Za-z])\.? ?|[明大昭平令](?![一-龠])\.?|㍾|㍽|㍼|㍻|㋿)"
_MONTHS = "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
_DATE = re.compile(
    rf"(?<![A-Za-z0-9.\-])(?:"
    rf"(?:{_ERA} ?)(?:元|{_N}) ?年 ?{_N} ?月(?: ?{_N} ?日)?"
    rf"|(?:{_ERA} ?)(?:元|[0-9]{{1,2}}) ?(?P<s1>[./・\-年]) ?[0-9]{{1,2}} ?[./・\-月] ?[0-9]{{1,2}}(?![0-9])日?"
    rf"|(?:1[89]|20)[0-9]{{2}} ?\({_ERA} ?(?:元|{_N}) ?年?\) ?[./\-年] ?[0-9]{{1,2}} ?[./\-月] ?[0-9]{{1,2}}(?![0-9])日?"
    rf"|[MTSHRmtshr][0-9]{{6}}(?![0-9])"
    rf"|(?:1[89]|20)[0-9]{{2}} ?年 ?(?:\({_ERA} ?(?:元|{_N}) ?年?\) ?)?{_N} ?月(?: ?{_N} ?日)?"
    rf"|[一二][〇一二三四五六七八九千百十]{{3,7}}年{_N}月(?:{_N}日)?"
    rf"|(?:1[89]|20)[0-9]{{2}} ?(?P<s2>[./\-]) ?[0-9]{{1,2}} ?(?P=s2) ?[0-9]{{1,2}}(?![0-9])"
    rf"|(?:18|19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
    rf"|(?:{_MONTHS})\.? [0-9]{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{{2}}|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:{_MONTHS})\.?,? (?:19|20)[0-9]{{2}}"
    rf"|[0-9]{{1,2}}/[0-9]{{1,2}}/(?:19|20)[0-9]{{2}}(?![0-9])"
    rf"|[0-9]{{1,2}} ?年 ?[0-9]{{1,2}} ?月 ?[0-9]{{1,2}} ?日"
    rf"|[1-5]-[0-9]{{6}}(?![0-9\-])"
    rf"|(?:{_ERA} ?)(?:元|{_N}) ?年(?= ?生)|(?:19|20)[0-9]{{2}}年(?= ?生)"
    rf"|{_N}月{_N}日(?= ?生)"
    rf")"
)
_BARE = re.compile(
    r"(?<![0-9A-Za-z.\-/])[0-9]{1,2} ?[./\-] ?[0-9]{1,2} ?[./\-] ?[0-9]{1,2}(?![0-9.\-/])|(?<![0-9A-Za-z\-])[0-9]{6,8}(?![0-9A-Za-z\-])|(?<![0-9])[0-9]{1,2}月 ?[0-9]{1,2}日"  # noqa: E501
)
_BORN_AFTER = re.compile(
    r" ?(?:\([^()\n]{1,10}\) ?)?(?:日)?[ (（・]?(?:\([0-9]{1,3}歳\))?(?:生まれ|うまれ|生れ|生(?![一-龠々じき])|誕生|出生|born)"
)
_NOT_BORN_AFTER = re.compile(
    r" ?(?:死亡|没|逝去|付け?|から|より|まで|以降|以前|現在|時点|施行|制定|改正|公布|締結|発行|交付|受付|届出|申請|転入|転出|転居|婚姻|離婚|退職|採用|就職|設立|創立|開設|竣工|完成|議決|執行|開催|に(?!生|出生|誕生)|、?(?:本会議|定例会))"  # noqa: E501
)
_LIFE_WORDS = re.compile(r"(?:生年月日|誕生日?|生まれ|出生日?|DOB|birth)[^\n]{0,6}$", re.IGNORECASE)
_ERA_CHOICE = re.compile(
    r"(?:[MTSHR明大昭平令]|明治|大正|昭和|平成|令和|西暦)(?:[・/,、 ](?:[MTSHR明大昭平令]|明治|大正|昭和|平成|令和|西暦)){1,5}\)? ?$"
)
_OLD_ERA = re.compile(r"明治|大正|昭和|[MTSmts明大昭](?![A-Za-z])|1[89][0-9]{2}")
_BREAK = re.compile(r"。|、|\n\n|が|は.")
_LONG_AGO = re.compile(r"明治|大正|昭和|平成|[MTSHmtsh明大昭平](?![A-Za-z])|1[89][0-9]{2}|200[0-9]|201[0-5]")
_AGE = re.compile(
    r"(?:満|当時|年齢 ?:? ?)? ?(?<![0-9.])([0-9]{1,3}) ?(?:歳|才)(?:[0-9]{1,2} ?[かヶケカ]月)?|(?<![0-9])[0-9]{1,2}[かヶケカ]月児"
)
_PERSON_BEFORE = re.compile(
    r"(?:[一-龠々ァ-ヶぁ-んー]{1,10}|[A-Za-z]{2,20})(?:様|さん|氏|殿|くん|君|ちゃん)?[ 　]?[(（〔\[]$"
)


class DateRecognizer(OfficeRecognizer):
    """Every notation of a date; one of birth when the words around say so."""

    finds = (*kinds(EntityType.DATE_OF_BIRTH, EntityType.AGE), CLAIM + "DATE")

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield dates of birth, ages and claims for other dates."""
        text = page.text
        for match in _DATE.finditer(text):
            score = self._birth_score(page, match.start(), match.end())
            if score:
                yield match.start(), match.end(), EntityType.DATE_OF_BIRTH, score
            elif len(match.group()) > 7 and not match.group().isdigit():
                yield match.start(), match.end(), CLAIM + "DATE", 0.8
        for match in _BARE.finditer(text):
            if self._is_labelled(page, match.start()) or _BORN_AFTER.match(text, match.end()):
                yield match.start(), match.end(), EntityType.DATE_OF_BIRTH, 0.9
        for match in _AGE.finditer(text):
            if match.group(1) is None or int(match.group(1)) < 125:
                yield match.start(), match.end(), EntityType.AGE, 0.8

    def _is_labelled(self, page: OfficeArtifacts, position: int) -> bool:
        label = page.label_before(position, within=26)
        if label is None or "birth" not in label.kinds:
            return False
        if label.start == position:
            return True
        return not _BREAK.search(page.text, label.end, position)

    def _birth_score(self, page: OfficeArtifacts, start: int, end: int) -> float:
        text = page.text
        if self._is_labelled(page, start):
            return 0.99
        if _BORN_AFTER.match(text, end):
            return 0.98
        if _NOT_BORN_AFTER.match(text, end):
            return 0.0
        line_start, _ = page.line_of(start)
        left = text[max(line_start, start - 40) : start]
        if _LIFE_WORDS.search(left):
            return 0.98
        if _ERA_CHOICE.search(left) and ("生" in left or "生" in text[end : end + 3]):
            return 0.95
        stated = text[max(line_start, start - 60) : start].rpartition("。")[2]
        if (
            "生年月日" in stated
            and "が" in stated
            and _LONG_AGO.search(text, start, end)
            and "今日" not in stated
        ):
            return 0.75
        label = page.label_before(start)
        if label is not None and label.kinds & {"date", "receipt", "money"}:
            return 0.0
        following = text[end : end + 1]
        if _PERSON_BEFORE.search(left) and following in ")）、,〕]・ " and _OLD_ERA.search(text, start, end):
            return 0.8
        if _PERSON_BEFORE.search(left) and following in ")）〕]" and self._follows_name(page, start):
            return 0.7
        if _OLD_ERA.search(text, start, end) and self._stands_by_name(page, start, end):
            return 0.7
        if (
            page.cell_at(start) is None
            and _OLD_ERA.search(text, start, end)
            and self._is_alone(page, start, end)
        ):
            return 0.6
        return 0.0

    def _stands_by_name(self, page: OfficeArtifacts, start: int, end: int) -> bool:
        """Whether an old date stands between spaces right after a name: 目時 ミネ 昭14.12.1."""
        text = page.text
        if text[start - 1 : start] not in (" ", "\t") or text[end : end + 1] not in (
            "",
            " ",
            "\t",
            "\n",
            "、",
            ",",
        ):
            return False
        return text.rfind("\n", 0, start) < start - 2 and self._follows_name(page, start)

    def _follows_name(self, page: OfficeArtifacts, start: int) -> bool:
        """Whether a name stands right before the bracket that opens before the date."""
        index = page.token_index(start) - 1
        tokens = page.tokens_of
        while index >= 0 and tokens.surfaces[index] in ("(", "[", "〔", " ", "様", "さん"):
            index -= 1
        if index > 0 and tokens.surfaces[index] in tuple("子江代枝美乃女"):
            index -= 1
        return index >= 0 and page.morphology.is_name(tokens.surfaces[index])

    def _is_alone(self, page: OfficeArtifacts, start: int, end: int) -> bool:
        """Whether an old date stands by itself between the columns of a list of people."""
        line_start, line_end = page.line_of(start)
        text = page.text
        before, after = text[line_start:start], text[end:line_end]
        if not before.strip() or before[-1] not in ' \t,|"' or (after and after[0] not in ' \t,|"'):
            return False
        return bool(re.search(r"[男女]|[0-9]-[0-9]{4}|様|世帯|番地|丁目", before + after))
