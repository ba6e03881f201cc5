"""Design tokens: every colour and measure of the window, as data.

Text contrast is at least 4.5 on its ground and 3 for large text; a test computes it (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from models.masking.entities import QUASI_IDENTIFIERS, EntityType


class Space(IntEnum):
    """Distances in pixels at 96 dpi and standard text size."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


RADIUS_PX: Final = 6
BODY_PX: Final = 13
CAPTION_PX: Final = 12
FIELD_PX: Final = 15
HEADING_PX: Final = 18
TITLE_PX: Final = 24
LABEL_PX: Final = 10
FAMILIES: Final = ("BIZ UDPGothic", "Yu Gothic UI", "Meiryo", "Noto Sans CJK JP")
FIXED_FAMILIES: Final = ("BIZ UDGothic", "MS Gothic", "Noto Sans Mono CJK JP")


@dataclass(frozen=True)
class KindColors:
    """A find's colours: underline and label text, and the ground behind the characters."""

    line: str
    tint: str


@dataclass(frozen=True)
class Tokens:
    """One colour scheme.

    Attributes:
        paper: Documents, fields and cards.
        ground: The window behind them.
        ink: Text.
        quiet: Secondary text.
        line: Hairlines.
        edge: Borders of fields and buttons (contrast 3 to paper, WCAG 2.2, 1.4.11).
        green: "Go".
        green_strong: The primary button under the pointer.
        on_green: Text on green.
        green_tint: A selected or hovered ground.
        vermilion: "Look here".
        vermilion_tint: A banner's ground.
        amber: Notices.
        amber_tint: A notice's ground.
        selection: Selected text's ground.
        kinds: Colours of finds by group, see `kind_group`.
    """

    name: str
    paper: str
    ground: str
    ink: str
    quiet: str
    line: str
    edge: str
    green: str
    green_strong: str
    on_green: str
    green_tint: str
    vermilion: str
    vermilion_tint: str
    amber: str
    amber_tint: str
    selection: str
    kinds: dict[str, KindColors] = field(default_factory=dict)


LIGHT: Final = Tokens(
    name="light",
    paper="#FFFFFF",
    ground="#F5F6F4",
    ink="#1F2421",
    quiet="#5C665F",
    line="#D9DED9",
    edge="#8C968F",
    green="#1B6B4A",
    green_strong="#145539",
    on_green="#FFFFFF",
    green_tint="#E4F0EA",
    vermilion="#B23A1E",
    vermilion_tint="#FBEAE5",
    amber="#8A5A00",
    amber_tint="#FBF2DC",
    selection="#CFE5DA",
    kinds={
        "name": KindColors("#0B6675", "#D9EEF1"),
        "place": KindColors("#7D5600", "#F7EBCD"),
        "number": KindColors("#5A3E9E", "#E8E1F7"),
        "contact": KindColors("#41546B", "#DFE6EE"),
        "birth": KindColors("#8A2C63", "#F6DFEC"),
        "quasi": KindColors("#5C665F", "#ECEEEB"),
        "own": KindColors("#2F5D3A", "#E3EFE4"),
        "stop": KindColors("#B23A1E", "#FBDDD4"),
    },
)

DARK: Final = Tokens(
    name="dark",
    paper="#1E1F22",
    ground="#17181A",
    ink="#E8EAE6",
    quiet="#A3ABA5",
    line="#35383B",
    edge="#7A827C",
    green="#5FBF94",
    green_strong="#7DD3AB",
    on_green="#10201A",
    green_tint="#22332C",
    vermilion="#FF8A6B",
    vermilion_tint="#3A2420",
    amber="#E3B341",
    amber_tint="#332B18",
    selection="#2F5446",
    kinds={
        "name": KindColors("#6CCBDB", "#17383E"),
        "place": KindColors("#E0B35A", "#3A2F16"),
        "number": KindColors("#B9A3F2", "#2F2747"),
        "contact": KindColors("#A9BCD3", "#27303B"),
        "birth": KindColors("#EF9CCB", "#41243A"),
        "quasi": KindColors("#A3ABA5", "#2B2E30"),
        "own": KindColors("#93CFA0", "#223529"),
        "stop": KindColors("#FF8A6B", "#4A241B"),
    },
)

_GROUPS: Final[dict[EntityType, str]] = {
    EntityType.PERSON: "name",
    EntityType.ADDRESS: "place",
    EntityType.POSTAL_CODE: "place",
    EntityType.PHONE: "contact",
    EntityType.EMAIL: "contact",
    EntityType.URL: "contact",
    EntityType.IP_ADDRESS: "contact",
    EntityType.DATE_OF_BIRTH: "birth",
    EntityType.MY_NUMBER: "stop",
    EntityType.CUSTOM: "own",
    EntityType.VERBATIM: "own",
}


def kind_group(kind: EntityType) -> str:
    """The colour group of a kind: a key of `Tokens.kinds`."""
    if kind in QUASI_IDENTIFIERS:
        return "quasi"
    return _GROUPS.get(kind, "number")


def high_contrast(ground: str, ink: str, highlight: str, on_highlight: str) -> Tokens:
    """A scheme of the system's own high-contrast colours; kinds differ by label and line style."""
    kind = KindColors(ink, ground)
    return Tokens(
        name="high_contrast",
        paper=ground,
        ground=ground,
        ink=ink,
        quiet=ink,
        line=ink,
        edge=ink,
        green=highlight,
        green_strong=highlight,
        on_green=on_highlight,
        green_tint=ground,
        vermilion=ink,
        vermilion_tint=ground,
        amber=ink,
        amber_tint=ground,
        selection=highlight,
        kinds=dict.fromkeys(LIGHT.kinds, kind),
    )
