"""Addresses of persons by a grammar over the gazetteer, and postal codes.

The house-number block is found first; from there the grammar looks back for the town, the
municipality and the prefecture, then forward for the building and the room. A labelled field is an
address as a whole. An office's address is claimed as not personal.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from models.masking.entities import EntityType
from models.masking.gazetteer import Gazetteer, fold_place
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds
from models.masking.recognizers.labels import trie_pattern
from models.masking.recognizers.ownership import is_office

_N = r"(?:[0-9]{1,5}|[一二三四五六七八九十百千〇]{1,6})"
_SUFFIX = rf"(?:丁目の?|番地割|地割|番地[のノ之]?|番丁|番町(?={_N})|番(?![号組])[のノ]?|号(?=[0-9]{{1,4}}(?:-|号))|号(?!室|棟|線|機|車|議|告|被)|[-](?={_N})|[のノ之](?={_N}))"  # noqa: E501
_BLOCK = re.compile(
    rf"(?:第 ?(?={_N}地割))?(?:[甲乙丙丁イロハニ]-?(?=[0-9]))?(?<![0-9.,/\-])(?<!第)(?:[東西南北]{{0,2}}{_N}(?:条|線)(?:[東西南北]{{1,2}}|通)? ?)?"
    rf"(?:{_N} ?{_SUFFIX} ?(?:[甲乙丙丁イロハ] ?(?=[0-9]))?)+(?:(?<! ){_N}(?![0-9]|号?棟|号室|室|階|F)(?:号(?!室|棟|線))?)?(?![0-9])"
)
_YEAR_MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?")
_DIGIT = re.compile(r"[0-9]")
_LONE = re.compile(r"(?<![0-9.,/\-])[0-9]{1,5}(?![0-9.,/:\-]|[年月日時円歳名人件個枚通回号台条項%]|丁目|番)")
_STOP = re.compile(r"[\n\t、。,;:「」『』()\[\]【】|=<>\"'/・※〒→…]|  ")
_SENTENCE = re.compile(
    r"から|まで|には|では|にて|です|ます|した|する|して|れた|より|について|および|及び|又は|または|在住|居住|さん|様|氏|へ|を|は(?![らやしぎ])"
)
_NOT_HOME_AFTER = re.compile(
    r" ?(?:地内|地先|付近|交差点|周辺|街区|沿い|バス停|地区|号線|内の?(?:公園|道路|市有地)|番台|審査会|議会|会計|回線)"
)
_LOT_WORDS = re.compile(
    r"地番|地目|地積|(?<![一-龠])(?:田|畑)(?![一-龠])|山林|宅地|農地|原野|雑種地|㎡|平方メートル|土地の所在|申請地|不動産番号|家屋番号"
)
_BUILDING_WORD = (
    r"(?:ハイツ|ハイム|マンション|コーポ|アパート|メゾン|レジデンス|コート|ハウス|パーク|ビル|タワー|荘|寮|団地|住宅|ガーデン|ヒルズ|テラス|プラザ|パレス|ヴィラ|ビラ|カーサ|シャトー|ドミール|グラン|サン|エステート|"
    r"フラット|ホームズ|ルーム|館|棟|苑|邸|舎|号棟|ライオンズ|レオパレス|クレスト|ステージ|ロイヤル|フォレスト|スカイ|リバー|グリーン|シティ|アネックス|ベル|ヒルトップ|プレイス|ロッジ|ベース|キャッスル|ホーム)"
)
_ROOM = (
    r"(?:(?:[0-9]{1,3}|[A-Z東西南北一二三])号?棟 ?-?)?(?:[A-Z]-?)?[0-9]{1,4}(?:-[0-9]{1,4})?(?:(?:号室|号|室|F|階)(?:[ ]?[0-9]{1,4}号?室?)?"
    r"|(?![0-9\-/:.]|,[0-9]{3}(?![0-9\-])|[年月日時分円歳才人件名回枚丁番%棟]|地割))"
)
_TAIL = re.compile(
    rf"(?P<space> ?)(?:(?P<name>[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{1,22}}?(?:[0-9]{{1,2}}(?:番館|号館|丁目))?) ?(?P<room>{_ROOM})"
    rf"|(?P<wing>(?:[0-9]{{1,3}}|[A-Z東西南北])号?棟 ?-?(?:[A-Z]-?)?[0-9]{{1,4}}(?:号室|号|室)?|[0-9]{{1,4}}号室|[0-9]{{1,2}}[F階])"
    rf"|(?P<only>[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{0,14}}?{_BUILDING_WORD}[^\s、。,;:()「」『』【】|\t\n\"'<>/=〒0-9@]{{0,8}}(?:[0-9]{{1,4}}(?:号室|号|室)?)?))"
)
_BUILDING = re.compile(_BUILDING_WORD)
_NOT_BUILDING = re.compile(
    r"^[のをはがでとへや番号]|^(?:に|から|より|まで|在住|居住|方(?!南)|様|付近|先|内|電話|携帯|連絡|氏名|生年|世帯|TEL|Tel|tel|FAX|担当|本人)|さん|様|です|ます|電話|携帯|TEL|連絡|に居住|在住|勤務|方書|妻|夫|長男|長女"
)
_ZIP = re.compile(
    r"(?P<mark>〒 ?)?(?<![0-9A-Za-z])(?<![0-9]-)(?P<code>[0-9]{3} ?[-ー] ?[0-9]{4}|[0-9]{7}|[0-9](?: [0-9]){2} ?-? ?[0-9](?: [0-9]){3})(?![0-9A-Za-z])(?!-[0-9])"  # noqa: E501
)
_SKIP_VALUE = re.compile(
    r"^(?:同上|同左|〃|々|同じ|不明|不詳|未定|なし|無し|非公開|-+|上記|別紙|市内|市外|町内|県内|県外|国外|海外|変更|有|無)"
)
_FIELD_STOP = re.compile(
    r"[（(](?!株|有)|(?<=[0-9号室地番])[ ](?:電話|TEL|携帯|氏名)|様方|様宅|方(?=$|[ )）])"
)
_UNLISTED_MUNICIPALITY = re.compile(
    r"(?:[一-龠]{2,3}[都道府県])?(?<![一-龠々])(?![当本同各全他両貴該市町村区])[一-龠々ヶケァ-ヴー]{2,4}[市町村区]$"
)
_PLACE_CHARS = re.compile(r"[一-龠々ぁ-んァ-ヶーヶケノA-Za-z0-9 \-'.,#]+")


class AddressRecognizer(OfficeRecognizer):
    """Addresses down to the room; land lots (地番) where the words speak of land."""

    finds = (*kinds(EntityType.ADDRESS, EntityType.LAND_LOT), CLAIM + "OFFICE_ADDRESS", CLAIM + "PLACE")

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__()
        self._gazetteer = gazetteer
        names = sorted(gazetteer.prefectures | gazetteer.cities)
        self._municipal = re.compile(trie_pattern(names))

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield addresses and claims; fills `page.addresses`."""
        found: list[tuple[int, int, str, float]] = []
        folded = fold_place(page.text)
        hits = [match.span() for match in self._municipal.finditer(folded)]
        yield from (
            (start, end, CLAIM + "PLACE", 0.6)
            for start, end in hits
            if folded[end - 1] not in "県府都" and end - start > 1
        )
        starts = [start for start, _ in hits]
        last_end = -1
        for match in _BLOCK.finditer(page.text):
            if match.start() < last_end or match.group()[0] == "0" or _YEAR_MONTH.fullmatch(match.group()):
                continue
            block = match.start()
            start, score = self._head(page, folded, hits, starts, block, last_end)
            if start < 0:
                digit = _DIGIT.search(page.text, match.start() + 1, match.end())
                if digit and _BLOCK.match(page.text, digit.start()):
                    block = digit.start()
                    start, score = self._head(page, folded, hits, starts, block, last_end)
            if start < 0 or not match.group().strip("-"):
                continue
            end = self._tail(page, match.end())
            found.append((start, end, *self._judge(page, start, block, end, score)))
            last_end = end
        self._lone_numbers(page, folded, hits, found)
        self._fields(page, folded, found)
        page.addresses = [
            (start, end) for start, end, kind, _ in found if not kind.startswith(CLAIM + "PLACE")
        ]
        yield from found

    def _window(self, text: str, block: int, size: int = 48) -> int:
        """How far left of a block its address may reach."""
        low = max(0, block - size)
        for stop in _STOP.finditer(text, low, block):
            low = stop.end()
        return low

    def _head(
        self,
        page: OfficeArtifacts,
        folded: str,
        hits: list[tuple[int, int]],
        starts: list[int],
        block: int,
        floor: int,
    ) -> tuple[int, float]:
        """Where the address of a block begins (-1: it is none), and how sure that is."""
        text = page.text
        low = max(self._window(text, block), floor)
        index = bisect_right(starts, block) - 1
        while index >= 0 and hits[index][1] > block:
            index -= 1
        chain = -1
        while index >= 0 and hits[index][0] >= low:
            start, end = hits[index]
            between = text[end:block]
            if _SENTENCE.search(between):
                break
            if len(between) <= (34 if "京都市" in text[low:block] else 20):
                chain = start
            index -= 1
        town = self._town_before(folded, low, block)
        if chain >= 0:
            return min(chain, town) if town >= 0 else chain, 0.92
        if town >= 0:
            return self._with_unlisted_municipality(folded, town, low), 0.8
        return -1, 0.0

    def _with_unlisted_municipality(self, folded: str, start: int, low: int) -> int:
        """A municipality the gazetteer does not have (merged, misspelt) in front of a known town."""
        match = _UNLISTED_MUNICIPALITY.search(folded[low:start])
        return low + match.start() if match else start

    def _town_before(self, folded: str, low: int, block: int) -> int:
        """The start of the longest town that ends at a block, sub-areas (字) allowed between."""
        towns = self._gazetteer.towns
        end = block
        while end > low and folded[end - 1] == " ":
            end -= 1
        head = folded[low:end]
        sub = re.search(r"(?:大字|字|小字)[^\s字0-9]{1,8}$", head)
        if sub:
            for begin in range(max(0, sub.start() - self._gazetteer.longest_town), sub.start()):
                if head[begin : sub.start()] in towns:
                    return self._with_prefix(folded, low + begin, low)
            return low + sub.start()
        for begin in range(max(0, len(head) - self._gazetteer.longest_town), len(head)):
            piece = head[begin:]
            if piece in towns and (
                len(piece) > 1 or (end == block and (begin == 0 or head[begin - 1] == " "))
            ):
                return self._with_prefix(folded, low + begin, low)
        return -1

    def _with_prefix(self, folded: str, start: int, low: int) -> int:
        for prefix in ("大字", "字"):
            if folded.startswith(prefix, start - len(prefix)) and start - len(prefix) >= low:
                return start - len(prefix)
        return start

    def _tail(self, page: OfficeArtifacts, end: int) -> int:
        """The end of the building and room after a block."""
        text = page.text
        match = _TAIL.match(text, end)
        if match is None:
            return end
        name = match.group("name") or match.group("only") or ""
        if name and (
            _NOT_BUILDING.search(name)
            or any(hit.is_field and hit.start < match.end() for hit in page.labels_between(end, match.end()))
        ):
            return end
        if match.group("wing"):
            return match.end()
        is_known = bool(_BUILDING.search(name))
        room = match.group("room") or ""
        if not is_known and not re.search(r"号|室|棟|階|F", room):
            if len(room) < 3 or self._looks_like_name(page, match.start() + len(match.group("space")), name):
                return end
            if re.search(r"[ぁ-ん]{3,}", name) and not re.search(r"[ァ-ヶ一-龠]", name):
                return end
        if match.group("only") and self._looks_like_name(
            page, match.start() + len(match.group("space")), name
        ):
            return end
        return match.end()

    def _looks_like_name(self, page: OfficeArtifacts, start: int, name: str) -> bool:
        index = page.token_index(start)
        tokens = page.tokens_of
        return (
            index < len(tokens)
            and page.morphology.is_surname(tokens.surfaces[index])
            and not _BUILDING.search(name)
        )

    def _judge(
        self, page: OfficeArtifacts, start: int, block: int, end: int, score: float
    ) -> tuple[str, float]:
        text = page.text
        if _NOT_HOME_AFTER.match(text, end):
            return CLAIM + "PLACE", 0.85
        line_start, line_end = page.line_of(start)
        label = page.label_before(start, within=14)
        is_home = label is not None and "address" in label.kinds
        is_lot_number = "番" in text[block:end] and not re.search(r"番地|号|丁目", text[start:end])
        if not is_home and is_lot_number and _LOT_WORDS.search(text[line_start:line_end]):
            return EntityType.LAND_LOT, 0.8
        if not is_home and is_office(page, start, end):
            return CLAIM + "OFFICE_ADDRESS", 0.9
        return EntityType.ADDRESS, 0.97 if is_home else score

    def _lone_numbers(
        self,
        page: OfficeArtifacts,
        folded: str,
        hits: list[tuple[int, int]],
        found: list[tuple[int, int, str, float]],
    ) -> None:
        """A municipality, a town and a bare number: 字下原123."""
        text = page.text
        covered = [(start, end) for start, end, _, _ in found]
        for start, end in hits:
            if any(a < end and start < b for a, b in covered):
                continue
            stop = _STOP.search(text, end)
            limit = min(stop.start() if stop else len(text), end + 24)
            number = _LONE.search(text, end, limit)
            if number is None or number.start() - end < 1:
                continue
            between = folded[end : number.start()].strip()
            core = re.sub(r"(?:大字|字).*$", "", between)
            if (
                between
                and not _SENTENCE.search(between)
                and (between in self._gazetteer.towns or core in self._gazetteer.towns or "字" in between)
            ):
                begin = start
                for other_start, other_end in hits:
                    if other_end == start:
                        begin = other_start
                tail = self._tail(page, number.end())
                found.append((begin, tail, *self._judge(page, begin, number.start(), tail, 0.75)))
                covered.append((begin, tail))

    def _fields(self, page: OfficeArtifacts, folded: str, found: list[tuple[int, int, str, float]]) -> None:
        """Values of labelled address fields."""
        for field in page.fields():
            if "address" not in field.kinds:
                continue
            start, end = field.start, field.end
            postal = _ZIP.match(page.text, start, end)
            if postal:
                start = postal.end()
                while start < end and page.text[start] in " 　,、":
                    start += 1
            value = page.text[start:end]
            if not value or _SKIP_VALUE.match(value) or len(value) < 2:
                continue
            inside = [
                item
                for item in found
                if item[0] < end
                and start < item[1]
                and item[2]
                in (EntityType.ADDRESS, CLAIM + "OFFICE_ADDRESS", CLAIM + "PLACE", EntityType.LAND_LOT)
            ]
            if inside:
                self._widen(page, start, end, inside[0], found)
                continue
            stop = _FIELD_STOP.search(page.text, start + 1, end)
            end = stop.start() if stop else end
            value = folded[start:end].rstrip()
            if self._is_place(value) and not any(name in value for name in ("電話", "様宛")):
                found.append((start, start + len(value), EntityType.ADDRESS, 0.75))

    def _widen(
        self,
        page: OfficeArtifacts,
        start: int,
        end: int,
        item: tuple[int, int, str, float],
        found: list[tuple[int, int, str, float]],
    ) -> None:
        """A labelled address starts where its field does."""
        if (
            start < item[0] <= start + 24
            and not _SENTENCE.search(page.text[start : item[0]])
            and not _STOP.search(page.text, start, item[0])
        ):
            found.remove(item)
            found.append((start, item[1], EntityType.ADDRESS, 0.95))
        elif item[2] != EntityType.ADDRESS and item[0] == start:
            found.remove(item)
            found.append((start, item[1], EntityType.ADDRESS, 0.9))

    def _is_place(self, value: str) -> bool:
        """Whether a field's value reads like a place: a municipality or town at its start, or a number."""
        if not _PLACE_CHARS.fullmatch(value):
            return False
        if self._municipal.match(value):
            return True
        longest = min(len(value), self._gazetteer.longest_town)
        if any(value[:size] in self._gazetteer.towns for size in range(2, longest + 1)):
            return True
        return bool(re.search(r"[0-9]", value)) and bool(re.search(r"[一-龠]{2}|[A-Za-z]{3}", value))


class PostalCodeRecognizer(OfficeRecognizer):
    """Postal codes by mark, label, or an address after them."""

    finds = (*kinds(EntityType.POSTAL_CODE), CLAIM + "OFFICE_POSTAL")

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__()
        self._gazetteer = gazetteer
        self._municipal = re.compile(trie_pattern(sorted(gazetteer.prefectures | gazetteer.cities)))

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield codes; those of an office as claims."""
        text = page.text
        for match in _ZIP.finditer(text):
            digits = re.sub(r"[^0-9]", "", match.group("code"))
            start, end = match.span("code")
            label = page.label_before(start, within=10)
            is_labelled = bool(match.group("mark")) or (label is not None and "postal" in label.kinds)
            is_known = digits in self._gazetteer.postal_codes
            follow = re.compile(r"[ \t\n,、\"']{0,3}").match(text, end)
            after = follow.end() if follow else end
            has_address = bool(self._municipal.match(fold_place(text[after : after + 14]))) or any(
                0 <= address - end <= 3 for address, _ in page.addresses
            )
            if (
                label is not None
                and not is_labelled
                and label.kinds & {"phone", "bank", "receipt", "insurance", "insurance_symbol"}
                and not has_address
            ):
                continue
            if not (
                is_labelled
                or has_address
                or (
                    is_known
                    and "-" in match.group("code")
                    and label is not None
                    and label.kinds & {"address", "org_address"}
                )
            ):
                continue
            if is_office(page, start, end) or self._address_is_office(page, end):
                yield start, end, CLAIM + "OFFICE_POSTAL", 0.9
            else:
                yield start, end, EntityType.POSTAL_CODE, 0.98 if is_labelled else 0.85

    def _address_is_office(self, page: OfficeArtifacts, end: int) -> bool:
        return any(
            claim.entity_type == CLAIM + "OFFICE_ADDRESS" and 0 <= claim.start - end <= 3
            for claim in page.claims
        )
