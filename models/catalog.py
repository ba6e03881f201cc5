"""Model cards: which models Kian knows, read from `catalog.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Final

from models.errors import CatalogBrokenError, UnknownModelError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MAX_TEXT_CHARS: Final = 1_000


@dataclass(frozen=True)
class ModelCard:
    """One model, as data.

    Attributes:
        id: Name in commands and settings.
        title: Name a person reads.
        file: Name of the GGUF file.
        quantization: Number format of the weights, such as `Q4_K_M`.
        parameters: Number of parameters.
        n_ctx: Context the model was trained for, tokens.
        licence: SPDX expression, or the licence's own name.
        maker: Who trained the model.
        country: Where the maker sits, ISO 3166-1 alpha-2.
        languages: ISO 639-1 codes, best first.
        purposes: What it is good for, as keys that the window puts into words.
        ram_gib: Memory it needs with 4,096 tokens of context, GiB, estimated.
        checked_on: Date on which the card was held against the maker's page, empty if never.
        repository: Hub repository `owner/name`; empty for what Kian ships itself.
        revision: Branch, tag or commit asked of the hub.
        publisher: Who published the GGUF file, where that is not the maker.
        chat_template: Form of its messages, such as `chatml`; the template itself comes with the file.
        licence_url: Where the licence can be read.
        licence_note: What IT has to read before use, in Japanese; empty for nothing unusual.
        source: The maker's page that the card was held against.
        size_bytes: Size of the file; 0 until resolved at fetch.
        sha256: Hex digest of the file; empty until resolved at fetch.
        is_gated: Whether the hub asks to accept terms first.
        is_demo: Whether it is the demonstration model, which is not for real work.
        max_attempts: How often a draft is written anew when placeholders are missing.
        notice: Key of a sentence shown beside every output; empty for none.
    """

    id: str
    title: str
    file: str
    quantization: str
    parameters: int
    n_ctx: int
    licence: str
    maker: str
    country: str
    languages: tuple[str, ...]
    purposes: tuple[str, ...]
    ram_gib: float
    checked_on: str
    repository: str = ""
    revision: str = "main"
    publisher: str = ""
    chat_template: str = ""
    licence_url: str = ""
    licence_note: str = ""
    source: str = ""
    size_bytes: int = 0
    sha256: str = ""
    is_gated: bool = False
    is_demo: bool = False
    max_attempts: int = 2
    notice: str = ""


@dataclass(frozen=True)
class Catalog:
    """The model cards, in the order of the file."""

    cards: tuple[ModelCard, ...]

    def __iter__(self) -> Iterator[ModelCard]:
        return iter(self.cards)

    def card(self, model_id: str) -> ModelCard:
        """The card with this id.

        Raises:
            UnknownModelError: There is none.
        """
        for card in self.cards:
            if card.id == model_id:
                return card
        raise UnknownModelError(model_id=model_id)

    def card_of_file(self, sha256: str) -> ModelCard | None:
        """The card of the file with this digest, if one is known."""
        return next((card for card in self.cards if card.sha256 == sha256), None)


@cache
def load_catalog() -> Catalog:
    """The catalogue Kian ships.

    Raises:
        CatalogBrokenError: The file was damaged or edited wrongly.
    """
    return parse_catalog((resources.files("models") / "catalog.toml").read_text("utf-8"))


def parse_catalog(text: str) -> Catalog:
    """Read model cards from TOML: a list of `[[model]]` tables.

    Raises:
        CatalogBrokenError: Not TOML, or a card with a missing, unknown or wrong field.
    """
    try:
        tables = tomllib.loads(text).get("model", [])
    except tomllib.TOMLDecodeError:
        raise CatalogBrokenError(reason="toml", model_id="") from None
    if not isinstance(tables, list):
        raise CatalogBrokenError(reason="toml", model_id="")
    cards = tuple(_card(table) for table in tables)
    ids = [card.id for card in cards]
    for model_id in ids:
        if ids.count(model_id) > 1:
            raise CatalogBrokenError(reason="duplicate", model_id=model_id)
    return Catalog(cards)


def card_from_json(value: object) -> ModelCard:
    """A card from a manifest: the fields of `ModelCard` by name.

    Raises:
        CatalogBrokenError: A field is missing, unknown or wrong.
    """
    return _card(value)


def _card(table: object) -> ModelCard:
    if not isinstance(table, Mapping):
        raise CatalogBrokenError(reason="toml", model_id="")
    model_id = str(table.get("id", ""))
    values: dict[str, object] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    if isinstance(values.get("ram_gib"), int):
        values["ram_gib"] = float(str(values["ram_gib"]))
    try:
        card = ModelCard(**values)  # type: ignore[arg-type]
    except TypeError:
        raise CatalogBrokenError(reason="fields", model_id=model_id) from None
    _check(card)
    return card


def is_one_line(text: str) -> bool:
    """Whether a text of a card can be shown as it is: no control characters, and not endless."""
    return len(text) <= _MAX_TEXT_CHARS and not any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


_TYPES: Final[Mapping[str, type]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "tuple[str, ...]": tuple,
}


def _check(card: ModelCard) -> None:
    for field in fields(card):
        value = getattr(card, field.name)
        if type(value) is not _TYPES[str(field.type)]:
            raise CatalogBrokenError(reason=field.name, model_id=str(card.id))
        texts = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
        if not all(isinstance(text, str) and is_one_line(text) for text in texts):
            raise CatalogBrokenError(reason=field.name, model_id=str(card.id)[:64])
    # The file name becomes part of a path, the id of a folder.
    if not _ID.fullmatch(card.id):
        raise CatalogBrokenError(reason="id", model_id=card.id)
    if "/" in card.file or "\\" in card.file or not card.file.endswith(".gguf") or card.file.startswith("."):
        raise CatalogBrokenError(reason="file", model_id=card.id)
    if card.sha256 and not _SHA256.fullmatch(card.sha256):
        raise CatalogBrokenError(reason="sha256", model_id=card.id)
    if card.repository and card.repository.count("/") != 1:
        raise CatalogBrokenError(reason="repository", model_id=card.id)
    if card.max_attempts < 1 or card.parameters < 1 or card.n_ctx < 1 or not card.ram_gib > 0:
        raise CatalogBrokenError(reason="number", model_id=card.id)
