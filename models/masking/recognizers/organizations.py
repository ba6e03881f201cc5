"""Claims for organisations and facilities, so that a name inside one is not taken for a person.

With `include_quasi`, care facilities, schools and hospitals are found as FACILITY from the same
compounds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from models.masking.entities import EntityType
from models.masking.recognizers.artifacts import OfficeArtifacts
from models.masking.recognizers.base import CLAIM, OfficeRecognizer, kinds
from models.masking.recognizers.morphology import NAME_CLASSES, WordClass

_COMPOUND = int(
    WordClass.SURNAME
    | WordClass.GIVEN
    | WordClass.PERSON
    | WordClass.PLACE
    | WordClass.PROPER
    | WordClass.NOUN
    | WordClass.SUFFIX
    | WordClass.PREFIX
    | WordClass.NUMBER
)
_FACILITY = (
    "病院",
    "医院",
    "クリニック",
    "診療所",
    "歯科",
    "学校",
    "小学校",
    "中学校",
    "高等学校",
    "高校",
    "大学",
    "幼稚園",
    "保育園",
    "保育所",
    "こども園",
    "認定こども園",
    "園",
    "学園",
    "老人ホーム",
    "ホーム",
    "デイサービス",
    "デイサービスセンター",
    "苑",
    "荘",
    "ステーション",
    "児童館",
    "児童クラブ",
    "学童クラブ",
    "薬局",
    "内科",
    "外科",
    "整形外科",
    "小児科",
)
_HONORIFIC = frozenset(("様", "さん", "氏", "殿", "さま", "君", "くん", "ちゃん"))


@cache
def _words(section: str) -> frozenset[str]:
    content = tomllib.loads(files("models.masking").joinpath("data/organizations.toml").read_text("utf-8"))
    return frozenset(content[section]["words"].split())


class OrganizationRecognizer(OfficeRecognizer):
    """Runs of nouns that a word for an organisation ends or begins."""

    finds = (CLAIM + "ORGANIZATION", *kinds(EntityType.FACILITY))

    def find(self, page: OfficeArtifacts) -> Iterator[tuple[int, int, str, float]]:
        """Yield claims, and facilities."""
        tokens = page.tokens_of
        begins, ends, surfaces, classes = tokens.begins, tokens.ends, tokens.surfaces, tokens.classes
        before, suffix, titles = _words("corporate_before"), _words("suffix"), _words("not_after_title")
        index, count = 0, len(tokens)
        while index < count:
            if not classes[index] & _COMPOUND and surfaces[index] not in ("(", "･", "・"):
                index += 1
                continue
            last = index
            while last + 1 < count and begins[last + 1] == ends[last] and (classes[last + 1] & _COMPOUND):
                last += 1
            yield from self._compound(page, index, last, before, suffix, titles)
            index = last + 1

    def _compound(
        self,
        page: OfficeArtifacts,
        first: int,
        last: int,
        before: frozenset[str],
        suffix: frozenset[str],
        titles: frozenset[str],
    ) -> Iterator[tuple[int, int, str, float]]:
        tokens = page.tokens_of
        end = self._end(page, first, last, suffix, titles)
        has_prefix = any(tokens.surfaces[index] in before for index in range(first, last + 1)) or page.text[
            max(0, tokens.begins[first] - 3) : tokens.begins[first]
        ].endswith(("株)", "有)", "医)", "福)", "法人 "))
        if has_prefix:
            end = last
            if tokens.surfaces[last] in _HONORIFIC:
                end = last - 1
        if end < first:
            return
        start = self._after_person(page, first, end) if not has_prefix else first
        if start > end:
            return
        span = tokens.begins[start], tokens.ends[end]
        yield *span, CLAIM + "ORGANIZATION", 0.9
        if tokens.surfaces[end].endswith(_FACILITY):
            yield *span, EntityType.FACILITY, 0.7

    def _end(
        self, page: OfficeArtifacts, first: int, last: int, suffix: frozenset[str], titles: frozenset[str]
    ) -> int:
        """The last token of the organisation in a compound, -1 when there is none."""
        tokens, words = page.tokens_of, page.morphology
        for index in range(last, first - 1, -1):
            surface = tokens.surfaces[index]
            is_office = (
                len(surface) > 1 and surface[-1] in "課係室局署庁館院校園" and not words.is_name(surface)
            )
            if not is_office and not (surface in suffix and index > first):
                continue
            is_given = len(surface) == 1 and words.is_given(surface)
            if is_given and tokens.classes[index - 1] & WordClass.SURNAME:
                continue
            following = tokens.surfaces[index + 1] if index < last else ""
            if following not in titles and not page.text.startswith(("長", "員"), tokens.ends[index]):
                return index
            if surface[-1] in "課係室局部" and self._begins_with_surname(page, first):
                return -1  # 五味産業課長 is 五味, head of 産業課
        return -1

    def _begins_with_surname(self, page: OfficeArtifacts, first: int) -> bool:
        surfaces = page.tokens_of.surfaces
        return page.morphology.is_surname(surfaces[first + (surfaces[first] == "(")])

    def _after_person(self, page: OfficeArtifacts, first: int, end: int) -> int:
        """Skip a full name with a title at the beginning of a compound: 山田太郎氏宅周辺公園."""
        tokens = page.tokens_of
        for index in range(first, end):
            if (
                tokens.surfaces[index] in _HONORIFIC
                and index > first
                and tokens.classes[index - 1] & NAME_CLASSES
            ):
                return index + 1
        return first
