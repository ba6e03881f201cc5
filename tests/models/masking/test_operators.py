from __future__ import annotations

from datetime import date

import pytest

from models.masking.entities import EntityType
from models.masking.operators import (
    Operator,
    age_label,
    apply_operator,
    grade_label,
    parse_birth_date,
    town_level,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("東京都葛飾区お花茶屋2-3-1 ひまわり荘101", "東京都葛飾区お花茶屋"),
        ("さいたま市浦和区高砂三丁目十五番一号", "さいたま市浦和区高砂"),
        ("長野県松本市丸の内３番７号", "長野県松本市丸の内"),
        ("寺田５１３９番地", "寺田"),
        ("1-2-3", None),
    ],
)
def test_an_address_is_cut_behind_its_town(address: str, town: str | None) -> None:
    assert town_level(address) == town


@pytest.mark.parametrize(
    "text",
    ["昭和50年3月3日", "S50.3.3", "昭50.3.3", "1975年3月3日", "1975/03/03", "19750303", "Ｓ５０．３．３", "昭和五十年三月三日", "3-500303", "S500303", "1975年(昭和50年)3月3日"],  # noqa: E501
)  # fmt: skip
def test_a_birth_date_is_read_in_every_notation(text: str) -> None:
    assert parse_birth_date(text) == date(1975, 3, 3)


@pytest.mark.parametrize("text", ["昭和50年13月3日", "3月3日", "不明", ""])
def test_an_impossible_or_incomplete_date_is_none(text: str) -> None:
    assert parse_birth_date(text) is None


@pytest.mark.parametrize(
    ("birth", "label"),
    [
        (date(2026, 4, 23), "生後6か月"),
        (date(2024, 7, 22), "2歳4か月"),
        (date(1985, 11, 23), "40歳"),
        (date(1985, 11, 22), "41歳"),
        (date(1930, 1, 1), "90歳以上"),
        (date(2027, 1, 1), None),
    ],
)
def test_an_age_is_said_in_months_for_the_small_and_capped_for_the_old(
    birth: date, label: str | None
) -> None:
    assert age_label(birth, TODAY) == label


@pytest.mark.parametrize(
    ("birth", "label"),
    [
        (date(2020, 4, 1), "小学1年"),
        (date(2020, 4, 2), "年長相当"),
        (date(2014, 4, 1), "中学1年"),
        (date(2009, 1, 10), "高校3年相当"),
        (date(2000, 1, 1), None),
    ],
)
def test_a_grade_follows_the_first_of_april(birth: date, label: str | None) -> None:
    assert grade_label(birth, TODAY) == label


def test_an_operator_that_does_not_fit_the_kind_leaves_the_placeholder() -> None:
    assert apply_operator(Operator.TOWN, EntityType.PERSON, "山田太郎", today=TODAY) is None
    assert apply_operator(Operator.PLACEHOLDER, EntityType.ADDRESS, "取手市寺田1", today=TODAY) is None
    assert apply_operator(Operator.AGE, EntityType.DATE_OF_BIRTH, "昭和50年3月3日", today=TODAY) == "51歳"
    assert apply_operator(Operator.GRADE, EntityType.DATE_OF_BIRTH, "R1.5.6", today=TODAY) == "小学1年"
