"""Names of persons from the fast layers: labels, titles, relations, part of speech, scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass
from models.masking.recognizers.name_grammar import (
    KANJI,
    MIXED_GIVEN,
    is_no_name,
    read_name,
    split_name,
    title_pattern,
)

_CLOSING = "、,。・()\n\t \"'」』】/:;|<"
_MEMBER = re.compile(
    rf"(?:[課係室署]|センター|事務局|事務所|役所|役場|支所|本部|窓口|[学]校|保育園|包括)(?:の|[ 　])([{KANJI}]{{1,5}}?)(?=さん|氏|様|です|でございます|と申し|宛|あて|まで|から|より|[がはにへもをと、。)\n 」]|$)"  # noqa: E501
)
_CONTACTED = r"(?:電話|連絡|相談|メール|申請|訪問|お話し)(?:を?した|しました|を差し上げた|いたしました)"
_SELF = re.compile(
    rf"(?:の|、|。|^|\n| |{_CONTACTED})([{KANJI}]{{1,4}}|[ァ-ヶー]{{2,8}})"
    r"(?=です[。が]|でございます|と申します|と言います|といいます)"
)
_KATAKANA_GIVEN = re.compile(r"(?<![ァ-ヶー])[ァ-ヶー]{1,3}$")
_FORMER = re.compile(
    rf"(?:旧姓|旧氏|通称|通称名|改姓前|別名)[:： ・はを「]{{0,2}}([{KANJI}]{{1,5}})(?=[)）、。」\n ])"
)
_NAMED = re.compile(
    rf"「([{KANJI}]{{1,6}}(?: [{KANJI}ぁ-ん]{{1,4}})?|[ァ-ヶー・ ]{{2,14}})」(?=と名乗|と称|さん|氏|様|なる(?:人|男|女)|という(?:人|男|女|方|名))"
)
_CLOSING_OR_TITLE = frozenset([*_CLOSING, "", "様", "さ", "氏", "殿"])
_AFTER_GIVEN = frozenset("、。・()はがをにとも 様氏\n」")
_PLACE_AFTER = re.compile(
    r"(?:橋|通り|大通り|線|駅|公園|川|町|村|市|区|郡|山|島|池|港|城|寺|神社|街道|トンネル|ダム|団地|交差点)(?![一-龠]?(?:長|さん|様|氏)|[一-龠])"
)
_LISTED = re.compile(
    rf"[ ]?[・、,／/と][ ]?([{KANJI}]{{1,4}})(?=[・、,。)(」\n／/はがをにでとものへ]|から|より|さん|氏|様|両|の[^0-9])"
)
_SEPARATOR = re.compile(r"(?:さん|様|氏|君)?(?:\([^()\n]{1,20}\))?[ ]?[・、,／/と][ ]?")
_SPEAKER = re.compile(
    rf"(?:^|\n)[○◯●・>＞ ]{{0,3}}(?:[\[(【]?[0-9]{{1,4}}[:/][0-9]{{2}}(?:[:/][0-9]{{2}})?(?: [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)?[\])】]?)?[ \t]{{0,3}}([{KANJI}]{{1,5}}(?: [{KANJI}ぁ-ん]{{1,4}})?)[ ]?[:>＞][ 　「]?"  # noqa: E501
)
_BULLET = re.compile(r"(?:^|\n)[ ]{0,4}(?:[・●○◯■□◆◇*\-▪•※]|[0-9]{1,3}[.．、) ,\t]|[①-⑳]|[0-9]{1,3}番) ?")
_DATA_AFTER = re.compile(
    r"(?:様|さん|氏)?[ 　]?(?:[(（\t,]|[ 　]{1,4}(?:0[0-9]|[0-9]{1,3}歳|[男女]|[一-龠]{1,6}[都道府県市区町村]))"
)
_INITIALS = re.compile(
    rf"[」。、) 　\t](?![受記確対])([{KANJI}]{{1,4}})(?=(?:受|記|印|対応|受付|応対|架電|入力|確認済?)(?:[\n)。、 ]|$))"
)
_IN_BRACKETS = re.compile(
    rf"(?:[課係室局部署所校園館]|事務局|担当|センター|会長|委員|係員|職員)[(]([{KANJI}]{{1,4}})(?=[)、・,])"
)
_ONLY_NAMES = re.compile(rf"[(（「]((?:[{KANJI}]{{1,4}}[・、,]){{1,5}}[{KANJI}]{{1,4}})[)）」]")
_SIGN_OFF = re.compile(
    rf"(?:^|\n)[ 　]*([{KANJI}]{{1,4}}(?: [{KANJI}ぁ-ん]{{1,4}})?)(?=(?:より|拝|記|謹白)?[ ]*(?:より|拝|記)[ ]*(?:\n|$))"
)
_AFTER_OFFICE = re.compile(
    rf"[ 　の]?((?![中外内前後上下等他宛様長員隣横裏脇側奥先向])[{KANJI}]{{1,4}})(?=[、,。()\n」]|氏|様|さん|[がはも](?![ぁ-ん]{{2}}し)|$|に(?:電話|連絡|確認|報告))"  # noqa: E501
)
_LISTED_BEFORE = re.compile(rf"(?:^|[\s、。:(「・])([{KANJI}]{{1,4}})[・、]$")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_NOMINAL = WordClass.PLACE | WordClass.PROPER | WordClass.NOUN
_BEFORE_GIVEN = WordClass.GIVEN | WordClass.SPACE
_PERSON_KINDS = frozenset(("person", "role", "relation", "kana", "romaji"))
_NAME_BEFORE = re.compile(
    rf"(?:[{KANJI}]{{1,5}}[ ]?(?:[{KANJI}]{{1,4}}|[ぁ-ん]{{2,4}}|[ァ-ヶー]{{2,5}})?|[ァ-ヶー]{{2,14}}(?:[・=＝ ][ァ-ヶー]{{1,14}}){{0,4}}|[ぁ-ん]{{2,8}}(?: [ぁ-ん]{{2,6}})?|[A-Z][A-Za-z'.\-]{{1,20}}(?: [A-Z][A-Za-z'.\-]{{0,20}}){{0,4}})$"  # noqa: E501
)


def _is_everyone(page: OfficeArtifacts, position: int) -> bool:
    """Whether a value goes to all of a kind: 各町内会長. The surnames 各務 and 各和 are names."""
    head = page.text[position : position + 2]
    return head.startswith("各") and not page.morphology.is_surname(head)


class LabelledNameRecognizer(OfficeRecognizer):
    """Names in fields and cells whose label expects one (氏名, 申請者, 妻, フリガナ, name …)."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names at the start of labelled values."""
        for field in page.fields():
            if not field.kinds & _PERSON_KINDS:
                continue
            yield from self._value(page, field.start, field.end, field.kinds)

    def _value(
        self, page: OfficeArtifacts, start: int, end: int, found: frozenset[str]
    ) -> Iterator[tuple[int, int, str, float]]:
        is_certain = bool(found & {"person", "kana", "romaji"})
        position = start
        for _ in range(6):
            position = _skip_common(page, self._skip_role(page, position, end))
            shape = read_name(page.text, position, end, page.morphology, is_certain=is_certain)
            if shape is None or _is_everyone(page, position):
                return
            if (
                not is_certain
                and shape.end - position == 1
                and page.text[shape.end : shape.end + 1] not in _CLOSING_OR_TITLE
            ):
                return
            score = min(1.0, shape.score + (0.02 if is_certain else 0.0))
            if (
                shape.end >= len(page.text)
                or page.text[shape.end] in _CLOSING
                or title_pattern().match(page.text, shape.end)
            ):
                score = max(score, 0.95 if is_certain and shape.split else 0.85)
            yield position, shape.end, EntityType.PERSON, score
            match = re.compile(r"(?:様|さん|氏|殿)?[ ]?[・,、/&と][ ]?").match(page.text, shape.end, end + 1)
            if match is None:
                return
            position = match.end()
            line_end = page.line_of(position)[1]
            end = min(line_end, max(end, position + 20))

    def _skip_role(self, page: OfficeArtifacts, position: int, end: int) -> int:
        """Step over a role between the label and the name: 申請者 亡 佐藤, 続柄・氏名 妻 和子."""
        for _ in range(2):
            moved = False
            for hit in page.labels_between(position, position + 1):
                if (
                    hit.kinds & {"relation", "role"}
                    and hit.end < end
                    and (page.text[hit.end] in " :の　" or len(hit.word) > 1)
                ):
                    position = hit.end + (page.text[hit.end] in " :の　")
                    moved = True
                    break
            if not moved:
                break
        while position < end and page.text[position] in " :「\"'":
            position += 1
        return position


def _skip_common(page: OfficeArtifacts, position: int) -> int:
    """Step over common nouns that lead to a name: 近隣住民|遠藤晴."""
    tokens, words = page.tokens_of, page.morphology
    index = page.token_index(position)
    for _ in range(2):
        if index + 1 >= len(tokens) or tokens.begins[index] != position or len(tokens.surfaces[index]) < 2:
            break
        is_common = tokens.classes[index] & WordClass.NOUN and not words.is_name(tokens.surfaces[index])
        following = index + 1
        if not is_common or tokens.surfaces[following] == " ":
            break
        if not tokens.classes[following] & (NAME_CLASSES | WordClass.NOUN):
            break
        if not any(
            tokens.classes[later] & NAME_CLASSES
            for later in range(following, min(following + 2, len(tokens)))
        ):
            break
        index = following
        position = tokens.begins[index]
    return position


class RelatedNameRecognizer(OfficeRecognizer):
    """Names in running text right after a role or a relation: 妻の和子は, 申請者山田."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names after roles."""
        text = page.text
        glue = re.compile(r"(?:\([^()\n]{1,8}\))?(?:の|で|・|:|：|は|「|『|\(| ){0,2}")
        boundaries = frozenset(page.tokens_of.begins)
        for hit in page.labels:
            if not hit.kinds & {"role", "relation"} or hit.word == "受":
                continue
            is_loose = hit.start not in boundaries or (len(hit.word) == 1 and hit.end not in boundaries)
            if is_loose and not (
                text[hit.end : hit.end + 1] == " " if len(hit.word) >= 2 else hit.start in boundaries
            ):
                continue
            match = glue.match(text, hit.end)
            start = match.end() if match else hit.end
            if start >= len(text):
                continue
            limit = page.line_of(start)[1]
            joint = text[hit.end : start]
            if joint == "は" and "relation" not in hit.kinds:
                continue
            start = _skip_common(page, start)
            shape = read_name(text, start, limit, page.morphology, is_certain=False)
            if shape is not None and page.labels_between(start, start + 1):
                nested = page.labels_between(start, start + 1)[0]
                if nested.kinds & {"relation", "role"} and len(nested.word) > 1:
                    continue
            if shape is None:
                given = self._given(page, start, limit, hit.word)
                if (
                    given - start == 1
                    and joint == "の"
                    and "relation" not in hit.kinds
                    and not title_pattern().match(text, given)
                ):
                    given = 0
                if given:
                    yield start, given, EntityType.PERSON, 0.72
                continue
            word = text[start : shape.end]
            if joint == "" and shape.score < 0.9 and _has_common_token(page, start, shape.end):
                continue
            if is_loose and not (shape.split and shape.score >= (0.8 if len(hit.word) > 1 else 0.96)):
                continue
            if joint == "の" and len(word) == 1 and not title_pattern().match(text, shape.end):
                continue
            if (
                joint in ("の", "で", "は", "")
                and not (shape.split and shape.score >= 0.85)
                and not self._is_plausible(page, start, shape.end, word)
            ):
                continue
            yield start, shape.end, EntityType.PERSON, shape.score * 0.95

    def _given(self, page: OfficeArtifacts, start: int, limit: int, role: str) -> int:
        """A given name that is also a common word, closed by what follows a name."""
        match = re.compile(
            rf"(?:[{KANJI}]{{1,3}}|[ぁ-ん]{{2,4}}?|[ァ-ヶー]{{2,6}})(?=さん|様|ちゃん|くん|君|氏|[はがをにともへ、。()「」 \n:]|から|より|$)"
        ).match(page.text, start, limit)
        if match is None or is_no_name(match.group()) or not page.morphology.is_given(match.group()):
            return 0
        if (
            len(match.group()) == 1
            and match.group() in "日手子人家方者口目年月体心金水木火土上下中外内前後男女等他氏名書票証時所"
        ):
            return 0
        return match.end()

    def _is_plausible(self, page: OfficeArtifacts, start: int, end: int, word: str) -> bool:
        known = page.morphology.word_classes(word)
        if (
            _KATAKANA.fullmatch(word)
            and len(word) <= 4
            and page.text[end : end + 1] in _AFTER_GIVEN
            and page.morphology.is_given(word)
        ):
            return True
        if known & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER | WordClass.PLACE):
            return bool(title_pattern().match(page.text, end)) or (
                len(word) > 1 and not known & (WordClass.NOUN | WordClass.VERB)
            )
        index = page.token_index(end - 1)
        return page.tokens_of.ends[index] == end if index < len(page.tokens_of) else True


class TitledNameRecognizer(OfficeRecognizer):
    """Names before titles: 山田様, 関係長, ジョン・スミス氏, さくらちゃん."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield names before titles."""
        text = page.text
        boundaries = frozenset(page.tokens_of.begins)
        for match in title_pattern().finditer(text):
            title = match.group()
            start = match.start()
            if start == 0 or not self._stands_alone(page, start, match.end(), boundaries):
                continue
            is_honorific = title in (
                "様",
                "さま",
                "さん",
                "氏",
                "殿",
                "くん",
                "ちゃん",
                "君",
                "サン",
                "クン",
                "チャン",
                "女史",
                "嬢",
            )
            low = start
            gap = 1 if text[start - 1] == " " and start > 1 else 0
            before = text[max(page.line_of(start)[0], start - 34) : low - gap]
            if title in (
                "氏",
                "殿",
                "家",
                "方",
                "宅",
                "君",
                "公",
                "王",
                "関",
                "派",
                "守",
                "代表",
                "担当",
                "会計",
                "坊",
                "尼",
            ) and text[match.end() : match.end() + 1] in tuple("名族子様神子堂下針向法面"):
                continue
            found = self._read_back(
                page, before, low - gap, is_honorific=is_honorific, has_gap=bool(gap), title=title
            )
            if found:
                yield *found[:2], EntityType.PERSON, found[2]

    def _stands_alone(self, page: OfficeArtifacts, start: int, end: int, boundaries: frozenset[int]) -> bool:
        """Whether the title begins at a token, or with a surname makes up a whole run (関|係長)."""
        if start in boundaries:
            return True
        if end - start < 2:
            return False
        if "ァ" <= page.text[start - 1] <= "ー":
            return "ぁ" <= page.text[start] <= "ん"
        run = re.compile(rf"[{KANJI}]+$").search(page.text, max(0, start - 5), start)
        if run is None:
            return False
        before = page.text[run.start() - 1 : run.start()]
        return page.morphology.is_surname(run.group()) and not re.match(rf"[{KANJI}ァ-ヶ]", before or " ")

    def _read_back(
        self, page: OfficeArtifacts, before: str, end: int, *, is_honorific: bool, has_gap: bool, title: str
    ) -> tuple[int, int, float] | None:
        words = page.morphology
        match = _NAME_BEFORE.search(before)
        if match is None:
            return None
        run = match.group()
        if not _KATAKANA.fullmatch(run[-3:]) and any(
            title_pattern().fullmatch(run, position) for position in range(max(1, len(run) - 5), len(run))
        ):
            return None
        is_honorific = is_honorific or (title == "先生" and not re.search(rf"[{KANJI}]", run))
        if run[0].isascii():
            return (
                (end - len(run), end, 0.85)
                if is_honorific and run.lower() not in ("it", "dv", "pc")
                else None
            )
        if "ァ" <= run[-1] <= "ー" and not re.search(rf"[{KANJI}ぁ-ん]", run):
            known = words.word_classes(run)
            is_short = title == "様" and len(run) <= 5
            if is_no_name(run) or (known & WordClass.NOUN and not known & NAME_CLASSES and not is_short):
                return None
            if is_honorific or known & NAME_CLASSES or "・" in run or (not known and 3 <= len(run) <= 7):
                return end - len(run), end, 0.9 if is_honorific else 0.8
            return None
        if "ぁ" <= run[-1] <= "ん" and not re.search(rf"[{KANJI}]", run):
            return self._hiragana(page, run, end) if is_honorific else None
        return self._kanji(page, run, end, is_honorific=is_honorific, has_gap=has_gap, title=title)

    def _hiragana(self, page: OfficeArtifacts, run: str, end: int) -> tuple[int, int, float] | None:
        compact = run.split(" ")[-1]
        for size in range(min(len(compact), 6), 1, -1):
            word = compact[-size:]
            if is_no_name(word):
                return None
            if page.morphology.is_name(word):
                known = page.morphology.word_classes(word)
                start = end - size
                if " " in run and size == len(compact):
                    start = end - len(run)
                return start, end, 0.8 if not known & WordClass.NOUN else 0.7
        return None

    def _kanji(
        self, page: OfficeArtifacts, run: str, end: int, *, is_honorific: bool, has_gap: bool, title: str
    ) -> tuple[int, int, float] | None:
        words = page.morphology
        if " " in run:
            first, second = run.split(" ", 1)
            known = words.word_classes(second)
            size = self._surname_tail(page, first, end - len(second) - 1) if not is_no_name(first) else 0
            if size and (
                known & (WordClass.GIVEN | WordClass.PERSON)
                or not known
                or (is_honorific and len(second) <= 3 and not is_no_name(second))
            ):
                return end - len(second) - 1 - size, end, 0.95
            run = second
        if is_no_name(run):
            return None
        if (
            is_honorific
            and title in ("さん", "様", "ちゃん", "くん", "氏", "君")
            and 2 <= len(run) <= 4
            and not words.word_classes(run)
            and self._is_patchwork(page, end - len(run), end)
        ):
            return end - len(run), end, 0.8
        for size in range(min(len(run), 8), 0, -1):
            word = run[-size:]
            begin = end - size
            if is_no_name(word) and size == len(run):
                return None
            is_edge = size == len(run) or self._is_token_start(page, begin)
            if not is_edge:
                continue
            known = words.word_classes(word)
            if is_honorific and 2 <= size <= 3 and known == WordClass.PLACE and size == len(run):
                return begin, end, 0.75
            after_role = any(
                hit.end == begin and hit.kinds & {"role", "relation"}
                for hit in page.labels_between(max(0, begin - 8), begin)
            )
            if known & WordClass.SURNAME and (size > 1 or size == len(run) or is_honorific or after_role):
                if known & (WordClass.NOUN | WordClass.PLACE) and not is_honorific and size == 1 and has_gap:
                    continue
                return begin, end, 0.93 if size > 1 else 0.85
            if known and not known & NAME_CLASSES and size > 1:
                return None
            split, score = split_name(word, words) if size >= 2 else (0, 0.0)
            is_guess = score < 0.85 and _has_common_token(page, begin, end)
            if split and score >= 0.5 and not is_guess and (is_honorific or score >= 0.68):
                return begin, end, max(score, 0.8)
            if known & (WordClass.GIVEN | WordClass.PERSON) and (is_honorific or size > 1):
                return begin, end, 0.85
        if (
            (
                is_honorific
                and title in ("様", "さん", "氏", "殿", "さま")
                and 2 <= len(run) <= 5
                and not has_gap
            )
            and not words.word_classes(run)
            and self._is_oov(page, end - len(run), end)
        ):
            return end - len(run), end, 0.65
        return None

    def _is_patchwork(self, page: OfficeArtifacts, start: int, end: int) -> bool:
        """Whether Sudachi cut the run into single characters, as it does with names it lacks."""
        index = page.token_index(start)
        tokens = page.tokens_of
        if index >= len(tokens) or tokens.begins[index] != start:
            return False
        while index < len(tokens) and tokens.begins[index] < end:
            if len(tokens.surfaces[index]) > 1 and not tokens.classes[index] & (NAME_CLASSES | WordClass.OOV):
                return False
            index += 1
        return True

    def _surname_tail(self, page: OfficeArtifacts, first: str, end: int) -> int:
        for size in range(min(5, len(first)), 0, -1):
            is_edge = size == len(first) or (size > 1 and self._is_token_start(page, end - size))
            if is_edge and page.morphology.is_surname(first[-size:]):
                return size
        return 0

    def _is_token_start(self, page: OfficeArtifacts, position: int) -> bool:
        index = page.token_index(position)
        return index < len(page.tokens_of) and page.tokens_of.begins[index] == position

    def _is_oov(self, page: OfficeArtifacts, start: int, end: int) -> bool:
        index = page.token_index(start)
        tokens = page.tokens_of
        while index < len(tokens) and tokens.begins[index] < end:
            if tokens.classes[index] & (WordClass.OOV | NAME_CLASSES):
                return True
            index += 1
        return False


def _has_common_token(page: OfficeArtifacts, start: int, end: int) -> bool:
    """Whether a common noun of two characters or more is part of the run (生活, 環境)."""
    tokens = page.tokens_of
    index = page.token_index(start)
    while index < len(tokens) and tokens.begins[index] < end:
        word = tokens.surfaces[index]
        if len(word) > 1 and tokens.classes[index] == WordClass.NOUN and not page.morphology.is_name(word):
            return True
        index += 1
    return False


def _before_title(text: str, start: int, end: int) -> int:
    """Where a name ends whose tokens run into a title: 森副|町長, 新|実保健師."""
    for position in range(start + 1, end):
        title = title_pattern().match(text, position)
        if title and len(title.group()) >= 2 and title.end() >= end:
            return position
    return end


def _with_kanji_ending(text: str, start: int, end: int) -> int:
    """The end of a given name in katakana that a kanji closes, as older women's do: ツル子, ヨシ江."""
    match = _KATAKANA_GIVEN.search(text, start, end)
    closing = text[end : end + 1]
    if (
        match is None
        or not closing
        or closing not in "子江代枝美乃女"
        or re.match(f"(?![様殿氏君])[{KANJI}]", text[end + 1 : end + 2])
    ):
        return end
    return end + 1


class TokenNameRecognizer(OfficeRecognizer):
    """Tokens that Sudachi reads as 人名, joined into names."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield runs of name tokens."""
        tokens = page.tokens_of
        index, count = 0, len(tokens)
        while index < count:
            word_class = tokens.classes[index]
            if not word_class & NAME_CLASSES and not (
                word_class & _NOMINAL and self._is_place_surname(page, index)
            ):
                index += 1
                continue
            last, score = self._extend(page, index)
            start, end = tokens.begins[index], tokens.ends[last]
            if (
                page.text[end - 1] in "市町村区"
                and page.text.startswith("長", end)
                and end - start > 2
                and last > index
            ):
                end -= 1
            end = _before_title(page.text, start, end)
            score = 0.0 if is_no_name(page.text[start:end]) else self._vote(page, index, last, score)
            if score > 0:
                yield start, _with_kanji_ending(page.text, start, end), EntityType.PERSON, score
            index = last + 1

    def _extend(self, page: OfficeArtifacts, index: int) -> tuple[int, float]:
        tokens, words = page.tokens_of, page.morphology
        last = index
        has_surname = (
            bool(tokens.classes[index] & WordClass.SURNAME) or not tokens.classes[index] & NAME_CLASSES
        )
        has_given = bool(tokens.classes[index] & (WordClass.GIVEN | WordClass.PERSON))
        while last + 1 < len(tokens):
            following = last + 1
            is_spaced = tokens.surfaces[following] in (" ", "・", "=", "＝") and following + 1 < len(tokens)
            if (
                is_spaced
                and tokens.surfaces[following] != " "
                and not _KATAKANA.fullmatch(tokens.surfaces[last])
            ):
                break
            if tokens.begins[following] != tokens.ends[last]:
                break
            if is_spaced:
                following += 1
            word = tokens.surfaces[following]
            classes = tokens.classes[following]
            is_kana_pair = tokens.surfaces[following - 1] in ("・", "=", "＝") and bool(
                re.fullmatch(r"[ァ-ヶー]+", word)
            )
            if classes & NAME_CLASSES or is_kana_pair:
                if is_spaced and has_given and classes & WordClass.SURNAME and not is_kana_pair:
                    break
            elif has_surname and has_given and not is_spaced and self._is_second_half(page, last, following):
                pass
            elif not (
                has_surname
                and not has_given
                and last == index
                and (words.is_given(word) or self._rare_given(page, following))
                and not title_pattern().fullmatch(word)
                and not is_no_name(word)
                and (not is_spaced or not classes & WordClass.NOUN or words.is_given(word))
            ):
                break
            has_given = has_given or not classes & WordClass.SURNAME
            last = following
        if last == index and has_surname:
            mixed = MIXED_GIVEN.match(
                page.text, tokens.ends[last] + (page.text[tokens.ends[last] : tokens.ends[last] + 1] == " ")
            )
            if mixed and mixed.group()[-1] in "子美代江枝恵香奈世音" and not words.is_common(mixed.group()):
                closing = page.token_index(mixed.end() - 1)
                if closing < len(tokens) and tokens.ends[closing] == mixed.end():
                    last = closing
        return last, 0.95 if last > index else 0.8

    def _is_place_surname(self, page: OfficeArtifacts, index: int) -> bool:
        """A surname that Sudachi reads as a place or a noun, before a given name: 福島|瑛太, 目黒 琴音."""
        tokens, words = page.tokens_of, page.morphology
        if index + 1 >= len(tokens.begins) or tokens.begins[index + 1] != tokens.ends[index]:
            return False
        if not tokens.classes[index + 1] & _BEFORE_GIVEN or not words.is_surname(tokens.surfaces[index]):
            return False
        is_spaced = tokens.surfaces[index + 1] == " "
        following = index + 1 + is_spaced
        if following >= len(tokens):
            return False
        word, classes = tokens.surfaces[following], tokens.classes[following]
        if title_pattern().fullmatch(word):
            return False
        if classes & WordClass.GIVEN:
            return len(tokens.surfaces[index]) > 1 or is_spaced
        after = page.text[tokens.ends[following] : tokens.ends[following] + 1]
        return is_spaced and words.is_given(word) and (not after or after in _CLOSING)

    def _is_second_half(self, page: OfficeArtifacts, last: int, following: int) -> bool:
        """Whether two single characters make one given name (心|春) before a boundary."""
        tokens = page.tokens_of
        word = tokens.surfaces[following]
        if (
            len(tokens.surfaces[last]) != 1
            or len(word) != 1
            or title_pattern().fullmatch(word)
            or not re.fullmatch(rf"[{KANJI}]", word)
        ):
            return False
        after = page.text[tokens.ends[following] : tokens.ends[following] + 1]
        return (
            not after
            or not re.match(rf"[{KANJI}]", after)
            or bool(title_pattern().match(page.text, tokens.ends[following]))
        )

    def _rare_given(self, page: OfficeArtifacts, index: int) -> bool:
        tokens = page.tokens_of
        word = tokens.surfaces[index]
        return (
            bool(tokens.classes[index] & WordClass.OOV)
            and 1 <= len(word) <= 3
            and bool(re.fullmatch(rf"[{KANJI}]+", word))
        )

    def _vote(self, page: OfficeArtifacts, index: int, last: int, score: float) -> float:
        tokens = page.tokens_of
        text = page.text
        start, end = tokens.begins[index], tokens.ends[last]
        word = text[start:end]
        if last > index:
            return score
        classes = tokens.classes[index]
        if title_pattern().match(text, end):
            return 0.9
        if _PLACE_AFTER.match(text, end):
            return 0.0
        if len(word) == 1:
            return 0.5 if classes & WordClass.SURNAME and self._is_free(text, start, end) else 0.0
        known = page.morphology.word_classes(word)
        if known & (WordClass.PLACE | WordClass.NOUN | WordClass.PROPER) and classes & WordClass.GIVEN:
            return 0.5 if not known & WordClass.NOUN else 0.0
        if re.fullmatch(r"[ぁ-ん]+", word):
            return 0.45 if not known & (WordClass.NOUN | WordClass.VERB | WordClass.OTHER) else 0.0
        return 0.75 if classes & WordClass.SURNAME else 0.7

    def _is_free(self, text: str, start: int, end: int) -> bool:
        before = text[start - 1] if start else "\n"
        after = text[end] if end < len(text) else "\n"
        return before in "\n、。:(・ 「" and after in "、。)・ \n」がはもと"


class ListedNameRecognizer(OfficeRecognizer):
    """Surnames that only their place betrays: 税務課の岸が, 辻・内田で, 鵜飼です."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield surnames after a department, in lists of names and in introductions."""
        words = page.morphology
        for pattern in (_FORMER, _NAMED):
            for match in pattern.finditer(page.text):
                if not is_no_name(match.group(1)):
                    yield match.start(1), match.end(1), EntityType.PERSON, 0.85
        for start, end, kind, score in self._marks(page):
            page.name_ends.add(end)
            page.name_starts.add(start)
            yield start, end, kind, score
        for pattern, score in ((_MEMBER, 0.8), (_SELF, 0.75)):
            for match in pattern.finditer(page.text):
                word = match.group(1)
                if is_no_name(word) or not (words.is_surname(word) or split_name(word, words)[1] >= 0.9):
                    continue
                known = words.word_classes(word)
                if (
                    known & (WordClass.NOUN | WordClass.VERB)
                    and len(word) > 1
                    and not known & WordClass.SURNAME
                ):
                    continue
                if (
                    len(word) == 1
                    and pattern is _SELF
                    and not page.text[match.start() : match.start(1)].endswith(("の", "た"))
                ):
                    continue
                yield match.start(1), match.end(1), EntityType.PERSON, score
        for match in _SPEAKER.finditer(page.text):
            word = match.group(1)
            compact = word.replace(" ", "")
            if is_no_name(word) or any(
                hit.end == match.end(1) for hit in page.labels_between(match.start(1), match.end(1))
            ):
                continue
            if words.is_surname(word) or split_name(compact, words)[1] >= 0.7:
                yield match.start(1), match.end(1), EntityType.PERSON, 0.78
        yield from self._members(page)
        yield from self._bullets(page)
        yield from self._lists(page)

    def _marks(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Initials of staff: 「…」大和田受, 事務局(由良), a line that says only 楠より."""
        words = page.morphology
        for match in _ONLY_NAMES.finditer(page.text):
            found = list(re.finditer(r"[^・、,]+", match.group(1)))
            if all(words.is_surname(piece.group()) and not is_no_name(piece.group()) for piece in found):
                for piece in found:
                    offset = match.start(1)
                    yield offset + piece.start(), offset + piece.end(), EntityType.PERSON, 0.75
        for pattern in (_INITIALS, _IN_BRACKETS, _SIGN_OFF):
            for match in pattern.finditer(page.text):
                word = match.group(1)
                if not is_no_name(word) and (words.is_surname(word) or split_name(word, words)[1] >= 0.9):
                    yield match.start(1), match.end(1), EntityType.PERSON, 0.75

    def _bullets(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Items of a list that are a full name: ・東琉生(…)."""
        for match in _BULLET.finditer(page.text):
            start = match.end()
            shape = read_name(page.text, start, page.line_of(start)[1], page.morphology, is_certain=False)
            if shape is None or not shape.split or shape.end - start < 3:
                continue
            is_before_data = bool(_DATA_AFTER.match(page.text, shape.end))
            if shape.score >= 0.9 or (shape.score >= 0.7 and is_before_data):
                yield start, shape.end, EntityType.PERSON, 0.8

    def _members(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """A surname right after an organisation: 中央図書館 本郷、, 建設課林が."""
        words = page.morphology
        for claim in page.claims:
            if claim.entity_type != CLAIM + "ORGANIZATION":
                continue
            match = _AFTER_OFFICE.match(page.text, claim.end)
            if match and words.is_surname(match.group(1)) and not is_no_name(match.group(1)):
                is_glued = match.start(1) == claim.end
                if is_glued and not self._is_token(page, match.start(1), match.end(1)):
                    continue
                yield match.start(1), match.end(1), EntityType.PERSON, 0.72

    def _is_token(self, page: OfficeArtifacts, start: int, end: int) -> bool:
        index = page.token_index(start)
        return (
            index < len(page.tokens_of)
            and page.tokens_of.begins[index] == start
            and page.tokens_of.ends[index] == end
        )

    def _lists(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        ends = sorted(page.name_ends)
        words = page.morphology
        while ends:
            following: list[int] = []
            for end in ends:
                separator = _SEPARATOR.match(page.text, end)
                if separator:
                    shape = read_name(
                        page.text, separator.end(), page.line_of(separator.end())[1], words, is_certain=False
                    )
                    is_role = any(
                        hit.kinds & _PERSON_KINDS
                        for hit in page.labels_between(separator.end(), separator.end() + 1)
                    )
                    if (
                        shape
                        and shape.split
                        and shape.score >= 0.8
                        and shape.end not in page.name_ends
                        and not is_role
                    ):
                        page.name_ends.add(shape.end)
                        following.append(shape.end)
                        yield separator.end(), shape.end, EntityType.PERSON, min(shape.score, 0.85)
                        continue
                match = _LISTED.match(page.text, end)
                if (
                    match
                    and match.end(1) not in page.name_ends
                    and words.is_surname(match.group(1))
                    and not is_no_name(match.group(1))
                ):
                    page.name_ends.add(match.end(1))
                    following.append(match.end(1))
                    yield match.start(1), match.end(1), EntityType.PERSON, 0.72
            ends = following
        for start in sorted(page.name_starts):
            match = _LISTED_BEFORE.search(page.text, max(0, start - 7), start)
            if match and words.is_surname(match.group(1)) and not is_no_name(match.group(1)):
                yield match.start(1), match.end(1), EntityType.PERSON, 0.72


class KatakanaNameRecognizer(OfficeRecognizer):
    """Katakana words that no dictionary of common words knows: ランド・カルリジアン, アスカイ カズオ."""

    finds = kinds(EntityType.PERSON)

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield katakana names of two or more parts."""
        words = page.morphology
        for match in _KATAKANA_PARTS.finditer(page.text):
            parts = re.split(r"[・=＝ ]", match.group())
            known = [words.word_classes(part) for part in parts]
            is_southern = any(part in _NAME_PARTICLES for part in parts[1:-1]) and " " not in match.group()
            if is_southern:
                yield match.start(), match.end(), EntityType.PERSON, 0.8
                continue
            if " " in match.group() and _AFTER_ACCOUNT.search(
                page.text, max(0, match.start() - 12), match.start()
            ):
                yield match.start(), match.end(), EntityType.PERSON, 0.85
                continue
            if any(k & _NOT_NAME and not k & NAME_CLASSES for k in known) or any(
                part.endswith(_NOT_NAME_ENDS) for part in parts
            ):
                continue
            has_space = " " in match.group()
            named = sum(bool(k & NAME_CLASSES) for k in known)
            if has_space and (len(parts) > 2 or (named == 0 and any(known))):
                continue
            if not named and sum(map(len, parts)) < 5:
                continue
            yield match.start(), match.end(), EntityType.PERSON, 0.85 if named else 0.62


_AFTER_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{5,8}[ \t]{1,3}$")
_NAME_PARTICLES = frozenset(
    (
        "ヴァン",
        "バン",
        "ティ",
        "ティー",
        "ヴィエット",
        "ディン",
        "フォン",
        "デル",
        "ドス",
        "ダ",
        "ビン",
        "ビンティ",
        "イブン",
        "アル",
        "フォン",
        "ファン",
        "ホン",
        "マリア",
        "カルロス",
        "アントニオ",
        "ホセ",
        "サントス",
    )
)
_NOT_NAME = (
    WordClass.NOUN | WordClass.PLACE | WordClass.PROPER | WordClass.VERB | WordClass.OTHER | WordClass.SUFFIX
)
_NOT_NAME_ENDS = (
    "ズ",
    "リーグ",
    "カップ",
    "シティ",
    "ライン",
    "グループ",
    "センター",
    "サービス",
    "システム",
    "ホテル",
    "ホーム",
    "ビル",
    "パーク",
    "スクール",
    "クラブ",
    "チーム",
    "ブック",
    "カード",
    "バンク",
    "テレビ",
    "ラジオ",
    "ゲーム",
    "レース",
    "ショー",
    "ソング",
    "アワード",
    "プロジェクト",
    "プロダクション",
    "エンターテインメント",
    "ユナイテッド",
    "スタジアム",
    "タワー",
    "ブリッジ",
    "ロード",
    "ストリート",
)
_KATAKANA_PARTS = re.compile(
    r"(?<![ァ-ヶー・=])[ァ-ヶー]{1,14}(?:(?:[・=＝][ァ-ヶー]{1,14}){1,5}|(?<=[ァ-ヶー]{2}) [ァ-ヶー]{2,12})(?![ァ-ヶー・]|社|軍|法|党|賞|杯|島|州|市|県|川|山|湖|駅|戦|級|型|系|語|族|式|号|線|記念|大学|病院|空港|公園|大会|選手権)"  # noqa: E501
)
