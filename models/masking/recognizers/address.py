"""Addresses of persons by a grammar over the gazetteer.

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
from models.masking.recognizers.buildings import building_end
from models.masking.recognizers.labels import trie_pattern
from models.masking.recognizers.ownership import is_office
from models.masking.recognizers.postal_code import POSTAL_CODE

_N = r"(?:[0-9]{1,5}|[一二三四五六七八九十百千〇]{1,6})"
_SUFFIX = rf"(?:丁目の?|番地割|地割|番地[のノ之]?|番丁|番町(?={_N})|番(?![号組])[のノ]?|号(?=[0-9]{{1,4}}(?:-|号))|号(?!室|棟|線|機|車|議|告|被)|[-](?={_N})|[のノ之](?={_N}))"  # noqa: E501
_BLOCK = re.compile(
    rf"(?:第 ?(?={_N}地割))?(?:[甲乙丙丁イロハニ]-?(?=[0-9]))?(?<![0-9.,/\-])(?<!第)(?:[東西南北]{{0,2}}{_N}(?:条|線)(?:[東西南北]{{1,2}}|通)? ?)?"
    rf"(?:{_N} ?{_SUFFIX} ?(?:[甲乙丙丁イロハ] ?(?=[0-9]))?)+(?:(?<! ){_N}(?![0-9]|号?棟|号室|室|階|F)(?:号(?!室|棟|線))?)?(?![0-9])"
)
_YEAR_MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?")
_DIGIT = re.compile(r"[0-9]")
_LONE = re.compile(r"(?<![0-9.,/\-])[0-9]{1,5}(?![0-9.,/:\-]|[年月日時円歳名人件個枚通回号台条項%]|丁目|番)")
_SUB_AREA = re.compile(r"[一-龠々ノケヶツ]{3,8}")
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
_LAND_LABELS = frozenset(("物件", "土地", "所在", "申請地", "対象地", "地番"))
_PART_OF_LOT = re.compile(r" ?(?:ほか|外 ?[0-9]|の一部|他 ?[0-9])")
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
            end = building_end(page, match.end())
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

    def _line_above(self, folded: str, hits: list[tuple[int, int]], low: int, block: int) -> int:
        """The start of a place that ends the line above, where a block begins its line."""
        if low == 0 or folded[low - 1] != "\n" or folded[low:block].strip():
            return low
        above = self._window(folded, low - 1)
        is_place = any(start >= above and end == low - 1 for start, end in hits)
        return above if is_place or self._town_before(folded, above, low - 1) > above else low

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
        low = max(self._line_above(folded, hits, self._window(text, block), block), floor)
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
        while end > low and folded[end - 1] in " \n":
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

    def _judge(
        self, page: OfficeArtifacts, start: int, block: int, end: int, score: float
    ) -> tuple[str, float]:
        text = page.text
        if _NOT_HOME_AFTER.match(text, end):
            return CLAIM + "PLACE", 0.85
        line_start, line_end = page.line_of(start)
        label = page.label_before(start, within=14)
        is_home = label is not None and "address" in label.kinds
        is_lot_number = "番" in text[block:end] and not re.search(
            r"番地|(?<![0-9] )(?<![0-9])号|番[0-9]+号|丁目", text[start:end]
        )
        is_of_land = label is not None and label.word in _LAND_LABELS and label.start >= line_start
        is_part = _PART_OF_LOT.match(text, end) is not None and text.startswith(("字", "大字"), start)
        line = text[line_start:line_end]
        if not is_home and (is_part or (is_lot_number and (is_of_land or _LOT_WORDS.search(line)))):
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
            if self._leads_to_number(folded[end : number.start()].strip()):
                begin = start
                for other_start, other_end in hits:
                    if other_end == start:
                        begin = other_start
                tail = building_end(page, number.end())
                found.append((begin, tail, *self._judge(page, begin, number.start(), tail, 0.75)))
                covered.append((begin, tail))

    def _leads_to_number(self, between: str) -> bool:
        """Whether what stands between a municipality and a number is a town, with a sub-area or without."""
        towns = self._gazetteer.towns
        if not between or _SENTENCE.search(between):
            return False
        if "字" in between or between in towns:
            return True
        sizes = range(2, min(len(between), self._gazetteer.longest_town) + 1)
        return _SUB_AREA.fullmatch(between) is not None and any(between[:size] in towns for size in sizes)

    def _fields(self, page: OfficeArtifacts, folded: str, found: list[tuple[int, int, str, float]]) -> None:
        """Values of labelled address fields."""
        for field in page.fields():
            if "address" not in field.kinds:
                continue
            start, end = field.start, field.end
            postal = POSTAL_CODE.match(page.text, start, end)
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
