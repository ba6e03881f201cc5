"""The layers of detection, so that a measurement can leave one out."""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """Layers that can be left out, to measure what each contributes."""

    FOLDING = "folding"
    WRAPS = "wraps"
    CLAIMS = "claims"
    LABELLED_NAMES = "labelled_names"
    TITLED_NAMES = "titled_names"
    TOKEN_NAMES = "token_names"
    WRITTEN_NAMES = "written_names"
    LISTED_NAMES = "listed_names"
    CONSISTENCY = "consistency"
    GINZA = "ginza"


RECOGNIZERS_OF: dict[Layer, frozenset[str]] = {
    Layer.CLAIMS: frozenset(("ClaimRecognizer", "OrganizationRecognizer")),
    Layer.LABELLED_NAMES: frozenset(("LabelledNameRecognizer", "RelatedNameRecognizer")),
    Layer.TITLED_NAMES: frozenset(("TitledNameRecognizer",)),
    Layer.TOKEN_NAMES: frozenset(("TokenNameRecognizer",)),
    Layer.WRITTEN_NAMES: frozenset(
        (
            "RomanNameRecognizer",
            "SpacedNameRecognizer",
            "DividedNameRecognizer",
            "ContinentalNameRecognizer",
            "ReadingRecognizer",
            "KatakanaNameRecognizer",
        )
    ),
    Layer.LISTED_NAMES: frozenset(("ListedNameRecognizer",)),
}
"""The recognizers each layer stands for, by class name; the other layers are steps of the analyzer."""
