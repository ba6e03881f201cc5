from __future__ import annotations

import pytest

from models.masking.recognizers.check_digits import (
    is_corporate_number,
    is_drivers_license,
    is_luhn,
    is_my_number,
    is_resident_code,
)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (is_my_number, "123456789018", "123456789012"),
        (is_corporate_number, "7000012050002", "7000012050003"),
        (is_luhn, "4111111111111111", "4111111111111112"),
        (is_drivers_license, "309912345660", "309912345670"),
    ],
)
def test_the_check_digit_tells_right_from_wrong(check, right: str, wrong: str) -> None:  # type: ignore[no-untyped-def]
    assert check(right)
    assert not check(wrong)


@pytest.mark.parametrize("body", ["1234567890", "9876543210", "1000000001"])
def test_exactly_one_last_digit_makes_a_resident_code(body: str) -> None:
    assert sum(is_resident_code(body + digit) for digit in "0123456789") == 1


def test_repeated_digits_and_other_lengths_are_no_numbers() -> None:
    assert not is_my_number("000000000000")
    assert not is_my_number("12345678901")
    assert not is_corporate_number("123")
