"""What the library hands out: cards for lists, revisions, the state of shelves and reviews."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from prompts.template import Accuracy, Category


class Shelf(StrEnum):
    """Where a template stands. A template of the same id on a later shelf covers the earlier one."""

    BUILT_IN = "built_in"
    STANDARD = "standard"
    """庁内標準: read-only, from a folder that IT names."""
    SECTION = "section"
    """課."""
    PERSONAL = "personal"
    """個人."""


READ_ONLY_SHELVES = frozenset({Shelf.BUILT_IN, Shelf.STANDARD})
PRECEDENCE = (Shelf.PERSONAL, Shelf.SECTION, Shelf.STANDARD, Shelf.BUILT_IN)


class ReviewStatus(StrEnum):
    """How far a template has been approved."""

    DRAFT = "下書き"
    SECTION_APPROVED = "原課承認"
    STANDARD = "庁内標準"


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """One line of a list: enough for a tile, without reading the template itself.

    Attributes:
        use_count: drafts begun with it here.
        last_used: ISO time, empty when never.
        rating: the person's own, 1 to 5; 0 when not rated.
        saved_at: ISO time of the current revision.
        deleted_at: ISO time, empty unless it lies in the bin.
    """

    id: str
    shelf: Shelf
    title: str
    category: Category
    tags: tuple[str, ...]
    description: str
    version: str
    updated: str
    accuracy: Accuracy
    confidentiality: int
    demo_model: bool
    minutes_by_hand: int
    status: ReviewStatus
    is_favourite: bool
    use_count: int
    last_used: str
    rating: int
    revision: int
    saved_at: str
    deleted_at: str

    @property
    def is_read_only(self) -> bool:
        """It cannot be changed in place, only duplicated."""
        return self.shelf in READ_ONLY_SHELVES


@dataclass(frozen=True, slots=True)
class Revision:
    """One stored state of a template; `revision` counts from 1 on its shelf."""

    revision: int
    version: str
    saved_at: str
    saved_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Review:
    """One step of approval: who, when."""

    status: ReviewStatus
    reviewed_by: str
    reviewed_at: str
    note: str


@dataclass(frozen=True, slots=True)
class ShelfState:
    """A shelf that is a copy of a folder: what was read last, and when."""

    digest: str
    last_contact: str
