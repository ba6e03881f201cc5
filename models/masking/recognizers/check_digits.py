"""Check digits of Japanese numbers, as pure functions over digit strings."""

from __future__ import annotations


def _modulus_11(digits: str) -> int:
    """番号法施行令第8条 / 住民基本台帳法施行規則第1条: weights 2 to 7, then 2 to 6, from the right."""
    total = sum(int(digit) * (index % 6 + 2) for index, digit in enumerate(reversed(digits)))
    remainder = total % 11
    return 0 if remainder <= 1 else 11 - remainder


def is_my_number(digits: str) -> bool:
    """Whether 12 digits are an individual number with a right check digit (番号法施行令第8条)."""
    return len(digits) == 12 and _modulus_11(digits[:11]) == int(digits[11]) and len(set(digits)) > 1


def is_resident_code(digits: str) -> bool:
    """Whether 11 digits are a resident record code with a right check digit."""
    return len(digits) == 11 and _modulus_11(digits[:10]) == int(digits[10]) and len(set(digits)) > 1


def is_corporate_number(digits: str) -> bool:
    """Whether 13 digits are a corporate number (法人番号の指定等に関する省令第2条)."""
    if len(digits) != 13:
        return False
    total = sum(int(d) * (1 if index % 2 == 0 else 2) for index, d in enumerate(reversed(digits[1:])))
    return int(digits[0]) == 9 - total % 9


def is_luhn(digits: str) -> bool:
    """Whether the digits pass the Luhn check of ISO/IEC 7812-1."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def is_drivers_license(digits: str) -> bool:
    """Whether 12 digits have the check digit of a driver's licence in the eleventh place.

    The first two digits are the public safety commission's code (10 to 97).
    """
    if len(digits) != 12 or not "10" <= digits[:2] <= "97":
        return False
    total = sum(int(d) * w for d, w in zip(digits[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    check = 11 - total % 11
    return int(digits[10]) == (check - 10 if check >= 10 else check)
