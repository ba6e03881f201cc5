"""The registry: presidio's, filled with this project's recognizers and no other.

Order matters: what is claimed as not personal comes first, addresses before postal codes, numbers
before names.
"""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer, RecognizerRegistry

from models.masking.gazetteer import Gazetteer
from models.masking.recognizers.address import AddressRecognizer
from models.masking.recognizers.bank_account import BankAccountRecognizer
from models.masking.recognizers.base import OfficeRecognizer
from models.masking.recognizers.claims import ClaimRecognizer
from models.masking.recognizers.credit_card import CreditCardRecognizer
from models.masking.recognizers.dates import DateRecognizer
from models.masking.recognizers.drivers_license import DriversLicenseRecognizer
from models.masking.recognizers.email import EmailRecognizer
from models.masking.recognizers.health_insurance import HealthInsuranceRecognizer
from models.masking.recognizers.ip_address import IpAddressRecognizer
from models.masking.recognizers.my_number import MyNumberRecognizer, ResidentCodeRecognizer
from models.masking.recognizers.organizations import OrganizationRecognizer
from models.masking.recognizers.other_id import OtherIdRecognizer
from models.masking.recognizers.passport import PassportRecognizer, ResidenceCardRecognizer
from models.masking.recognizers.pension import PensionRecognizer
from models.masking.recognizers.person.continental import ContinentalNameRecognizer
from models.masking.recognizers.person.divided import DividedNameRecognizer
from models.masking.recognizers.person.katakana import KatakanaNameRecognizer
from models.masking.recognizers.person.labelled import LabelledNameRecognizer
from models.masking.recognizers.person.listed import ListedNameRecognizer
from models.masking.recognizers.person.readings import ReadingRecognizer
from models.masking.recognizers.person.related import RelatedNameRecognizer
from models.masking.recognizers.person.roman import RomanNameRecognizer
from models.masking.recognizers.person.spaced import SpacedNameRecognizer
from models.masking.recognizers.person.titled import TitledNameRecognizer
from models.masking.recognizers.person.tokens import TokenNameRecognizer
from models.masking.recognizers.phone import PhoneRecognizer
from models.masking.recognizers.postal_code import PostalCodeRecognizer
from models.masking.recognizers.quasi import QuasiIdentifierRecognizer
from models.masking.recognizers.vehicle_plate import VehiclePlateRecognizer

_NUMBERS: tuple[type[OfficeRecognizer], ...] = (
    PhoneRecognizer,
    DateRecognizer,
    MyNumberRecognizer,
    ResidentCodeRecognizer,
    CreditCardRecognizer,
    DriversLicenseRecognizer,
    PassportRecognizer,
    ResidenceCardRecognizer,
    PensionRecognizer,
    HealthInsuranceRecognizer,
    BankAccountRecognizer,
    VehiclePlateRecognizer,
    IpAddressRecognizer,
    OtherIdRecognizer,
)
_NAMES: tuple[type[OfficeRecognizer], ...] = (
    LabelledNameRecognizer,
    RelatedNameRecognizer,
    TitledNameRecognizer,
    TokenNameRecognizer,
    RomanNameRecognizer,
    SpacedNameRecognizer,
    DividedNameRecognizer,
    ContinentalNameRecognizer,
    KatakanaNameRecognizer,
    ListedNameRecognizer,
    ReadingRecognizer,
)


def build_registry(gazetteer: Gazetteer) -> RecognizerRegistry:
    """A registry for Japanese with this project's recognizers alone.

    Args:
        gazetteer: Names of places for addresses and postal codes.

    Returns:
        The registry; presidio's stock recognizers are not in it.
    """
    recognizers: list[EntityRecognizer] = [
        ClaimRecognizer(),
        OrganizationRecognizer(),
        EmailRecognizer(),
        AddressRecognizer(gazetteer),
        PostalCodeRecognizer(gazetteer),
        *(recognizer() for recognizer in _NUMBERS),
        QuasiIdentifierRecognizer(),
        *(recognizer() for recognizer in _NAMES),
    ]
    return RecognizerRegistry(recognizers=recognizers, supported_languages=["ja"])
