"""Kinds of personal information and the spans in which they were found.

The words are presidio's: an *entity type* is found by a *recognizer* in a *span* with a *score*.
Labels are those of the project's yardstick; `kian mask` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class EntityType(StrEnum):
    """What was found. The value is the label that stands in every JSON of ours."""

    PERSON = "PERSON"
    ADDRESS = "ADDRESS"
    POSTAL_CODE = "POSTAL_CODE"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    MY_NUMBER = "MY_NUMBER"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    CREDIT_CARD = "CREDIT_CARD"
    DRIVERS_LICENSE = "DRIVERS_LICENSE"
    PASSPORT = "PASSPORT"
    HEALTH_INSURANCE_ID = "HEALTH_INSURANCE_ID"
    PENSION_NUMBER = "PENSION_NUMBER"
    RESIDENCE_CARD = "RESIDENCE_CARD"
    VEHICLE_PLATE = "VEHICLE_PLATE"
    IP_ADDRESS = "IP_ADDRESS"
    RESIDENT_CODE = "RESIDENT_CODE"
    OTHER_ID = "OTHER_ID"
    URL = "URL"
    AGE = "AGE"
    # Quasi-identifiers: pointed out, masked only when the person or the policy says so.
    LAND_LOT = "LAND_LOT"
    COORDINATES = "COORDINATES"
    FACILITY = "FACILITY"
    GENDER = "GENDER"
    FAMILY_RELATION = "FAMILY_RELATION"
    # Not found by a recognizer: a selection of the person's, or a form field with `verbatim: true`.
    CUSTOM = "CUSTOM"
    VERBATIM = "VERBATIM"


QUASI_IDENTIFIERS = frozenset(
    {
        EntityType.AGE,
        EntityType.LAND_LOT,
        EntityType.COORDINATES,
        EntityType.FACILITY,
        EntityType.GENDER,
        EntityType.FAMILY_RELATION,
    }
)
"""Kinds that single nobody out alone, but several together may (個人情報保護法の容易照合性)."""

NOUNS: dict[EntityType, str] = {
    EntityType.PERSON: "氏名",
    EntityType.ADDRESS: "住所",
    EntityType.POSTAL_CODE: "郵便番号",
    EntityType.PHONE: "電話番号",
    EntityType.EMAIL: "メールアドレス",
    EntityType.MY_NUMBER: "個人番号",
    EntityType.DATE_OF_BIRTH: "生年月日",
    EntityType.BANK_ACCOUNT: "口座番号",
    EntityType.CREDIT_CARD: "カード番号",
    EntityType.DRIVERS_LICENSE: "免許証番号",
    EntityType.PASSPORT: "旅券番号",
    EntityType.HEALTH_INSURANCE_ID: "保険証番号",
    EntityType.PENSION_NUMBER: "年金番号",
    EntityType.RESIDENCE_CARD: "在留カード番号",
    EntityType.VEHICLE_PLATE: "車両番号",
    EntityType.IP_ADDRESS: "IPアドレス",
    EntityType.RESIDENT_CODE: "住民票コード",
    EntityType.OTHER_ID: "番号",
    EntityType.URL: "URL",
    EntityType.AGE: "年齢",
    EntityType.LAND_LOT: "地番",
    EntityType.COORDINATES: "座標",
    EntityType.FACILITY: "施設名",
    EntityType.GENDER: "性別",
    EntityType.FAMILY_RELATION: "続柄",
    EntityType.CUSTOM: "伏せ字",
    EntityType.VERBATIM: "項目",
}
"""The noun a placeholder carries and the review shows, for each kind."""


@dataclass(frozen=True)
class Span:
    """One find: `text[start:end]`, offsets in Unicode code points of the original text.

    Attributes:
        start: First code point.
        end: One past the last.
        entity_type: The kind.
        score: Confidence, 0 to 1. Below `LOW_CONFIDENCE` the review asks for a second look.
        sources: Names of the layers or recognizers that voted for it.
        noun: The placeholder's noun where the kind does not give it (a verbatim field's label).
        person: Which mentions belong to one person: spans of kind PERSON with the same value here
            share a placeholder although their characters differ (山田太郎 / 山田). Empty: by value.
    """

    start: int
    end: int
    entity_type: EntityType
    score: float = 1.0
    sources: tuple[str, ...] = field(default=())
    noun: str = ""
    person: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"empty or reversed span {self.start}:{self.end}")

    @property
    def is_low_confidence(self) -> bool:
        """Whether the review lists this find for a second look."""
        return self.score < LOW_CONFIDENCE

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


LOW_CONFIDENCE = 0.6
