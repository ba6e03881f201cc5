"""What the window is given: everything it needs from below, by the smallest interfaces that do.

`desktop.app` builds the real parts; tests bring their own.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from desktop.drafting.policy import Policy
from desktop.drafting.session import DraftSession, SessionRules
from models.engine.protocol import LoadOptions
from models.masking.review import Review
from prompts.template import PromptTemplate

Content = dict[str, Any]


class TemplateShelf(Protocol):
    """The prompt library, as Home sees it."""

    def all(self) -> Sequence[PromptTemplate]:
        """Every template, in the order of Home."""
        ...

    def get(self, template_id: str) -> PromptTemplate | None:
        """The newest version of a template, or None."""
        ...

    def search(self, query: str) -> Sequence[PromptTemplate]:
        """Templates for some words, best first."""
        ...

    def favourites(self) -> Sequence[str]:
        """Ids of the favourites."""
        ...

    def set_favourite(self, template_id: str, *, is_favourite: bool) -> None:
        """Add to the favourites or take away."""
        ...

    def most_used(self) -> Sequence[str]:
        """Ids by how often and how recently they were used, best first."""
        ...

    def mark_used(self, template_id: str) -> None:
        """A draft was made with it."""
        ...


@dataclass(frozen=True)
class UnsentEntry:
    """An unsent draft in the list 「つづきから」."""

    draft_id: str
    title: str
    saved_at: datetime.datetime


class UnsentBox(Protocol):
    """The encrypted autosave."""

    def entries(self) -> Sequence[UnsentEntry]:
        """What can be taken up again, newest first."""
        ...

    def load(self, draft_id: str) -> Content:
        """What was saved."""
        ...

    def save(self, draft_id: str, content: Mapping[str, Any]) -> None:
        """Save at once. Called from another thread than the window's, one call at a time."""
        ...

    def discard(self, draft_id: str) -> None:
        """Forget a draft."""
        ...


@dataclass(frozen=True)
class ArchivedDraft:
    """A stored draft: masked text only.

    Attributes:
        draft_id: Its id.
        template_id: The template it was made with.
        title: The template's title.
        created_at: When.
        completion_masked: The newest answer, masked.
        is_confirmed: Whether a person ticked it.
    """

    draft_id: str
    template_id: str
    title: str
    created_at: datetime.datetime
    completion_masked: str
    is_confirmed: bool


class DraftArchive(Protocol):
    """Masked drafts, and the log of what was done with them."""

    def search(self, query: str) -> Sequence[ArchivedDraft]:
        """Stored drafts, newest first; all of them for an empty query."""
        ...

    def discard(self, draft_id: str) -> None:
        """Put a draft into the bin."""
        ...

    def put_back(self, draft_id: str) -> None:
        """Take a draft out of the bin."""
        ...

    def check_review(self, draft_id: str, review: Review) -> None:
        """Make sure that IT's policy lets this review go on.

        Raises:
            PersonCapReachedError: Too many persons, counted with the drafts before.
        """
        ...

    def review_confirmed(self, draft_id: str, session: DraftSession) -> None:
        """A person confirmed the masking."""
        ...

    def answered(self, draft_id: str, session: DraftSession) -> None:
        """An answer is complete: store it, masked."""
        ...

    def confirmed(self, draft_id: str, session: DraftSession) -> None:
        """A person vouches for the draft."""
        ...

    def taken_out(self, draft_id: str, session: DraftSession | None, *, way: str) -> None:
        """A draft left as `docx`, `txt` or `clipboard`."""
        ...


@dataclass(frozen=True)
class ModelInUse:
    """The model that writes.

    Attributes:
        title: Its name as the person reads it.
        path: The weights; None where there are none to load.
        options: How it is loaded.
        is_demo: Whether it is the demonstration model.
        rules: What it and the policy demand of a draft.
    """

    title: str
    path: Path | None
    options: LoadOptions = field(default_factory=LoadOptions)
    is_demo: bool = False
    rules: SessionRules = field(default_factory=SessionRules)


class Papers(Protocol):
    """Files in and out."""

    def read(self, path: Path) -> str:
        """The text of a file a person attached; may be called from another thread."""
        ...

    def write(self, path: Path, text: str, *, title: str, is_confirmed: bool) -> None:
        """Write a draft as .docx or .txt, by the name's ending, with its mark and footer."""
        ...

    def for_clipboard(self, text: str, *, is_confirmed: bool) -> str:
        """The text to copy, with its mark and footer."""
        ...


@dataclass(frozen=True)
class Parts:
    """All of it.

    Attributes:
        shelf: The prompt library.
        unsent: The encrypted autosave.
        archive: Masked drafts and their log.
        papers: Files in and out.
        model: The model that writes.
        policy: IT's rules.
        policy_problem: Why the strictest policy is in force, where it is.
        guideline: The municipality's rules of use, Markdown.
        preferences_file: Where the person's own settings lie.
        person: Who confirms, as the system names them.
        version: The program's version.
    """

    shelf: TemplateShelf
    unsent: UnsentBox
    archive: DraftArchive
    papers: Papers
    model: ModelInUse
    policy: Policy
    guideline: str
    preferences_file: Path
    person: str
    version: str
    policy_problem: Exception | None = None
