"""The prompt library: shelves, search, revisions, marks and the bin, in one SQLite file."""

from prompts.library.records import (
    READ_ONLY_SHELVES,
    Review,
    ReviewStatus,
    Revision,
    Shelf,
    ShelfState,
    TemplateCard,
)
from prompts.library.store import BUILT_IN_NAMESPACE, PromptLibrary

__all__ = [
    "BUILT_IN_NAMESPACE",
    "READ_ONLY_SHELVES",
    "PromptLibrary",
    "Review",
    "ReviewStatus",
    "Revision",
    "Shelf",
    "ShelfState",
    "TemplateCard",
]
