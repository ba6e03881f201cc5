"""What the window is given: everything it needs from below, built by `desktop.app`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from desktop.drafting.archive import DraftArchive
from desktop.drafting.documents.notes import Note
from desktop.drafting.model_choice import ModelChoice
from desktop.drafting.models_here import ModelsHere
from desktop.drafting.policy import Policy
from desktop.drafting.records.audit import AuditLog
from desktop.drafting.records.unsent import UnsentStore
from desktop.gui.controllers.own_words import OwnWords
from prompts.library import PromptLibrary
from prompts.sharing import ShelfRefresh

Content = dict[str, Any]
"""What autosave keeps of one draft."""


class ReadText(Protocol):
    """The text of a file, and what a person should know about the reading of it."""

    @property
    def text(self) -> str:
        """The text."""
        ...

    @property
    def notes(self) -> Sequence[Note]:
        """What was left out or guessed."""
        ...


ReadFile = Callable[[Path], ReadText]
"""Reads a file a person attached; raises a `DraftingError`. Called off the window's thread."""


class WriteFile(Protocol):
    """Writes a draft as .docx or .txt, by the name's ending."""

    def __call__(self, path: Path, text: str, *, is_confirmed: bool) -> None:
        """Write it, with its mark and footer.

        Raises:
            ExportFailedError: It cannot be written.
        """
        ...


OpenLibrary = Callable[[], PromptLibrary]
"""Opens the library once more, for work in another thread; closes it when left."""
RefreshShelf = Callable[[], ShelfRefresh | None]
"""Brings 庁内標準 to what its folder holds; may block for half a minute. None where IT set no folder."""


@dataclass(frozen=True)
class Parts:
    """All of it.

    Attributes:
        library: The prompt library.
        unsent: The encrypted autosave.
        archive: Masked drafts and their log.
        read_file: Files in.
        write_file: Files out.
        text_to_copy: (text, is_confirmed) to what goes to the clipboard, with mark and footer.
        model: The model that writes.
        policy: IT's rules.
        guideline: The municipality's rules of use, Markdown.
        preferences_file: Where the person's own settings lie.
        person: Who confirms, as the system names them.
        version: The program's version.
        own_words: The person's own dictionary.
        models: The models on this PC.
        open_audit: Another connection to the audit log, for work in another thread.
        engine_states_dir: Where the engine keeps what it has read of fixed text.
        open_library: Another connection to the library.
        refresh_shelf: Looks at the folder behind 庁内標準.
        policy_problem: Why the strictest policy is in force, where it is.
        start_problems: What was found at the start that a person should know: folders named at the
            installation that are not there, a broken history that was set aside.
    """

    library: PromptLibrary
    unsent: UnsentStore
    archive: DraftArchive
    read_file: ReadFile
    write_file: WriteFile
    text_to_copy: Callable[[str, bool], str]
    model: ModelChoice
    policy: Policy
    guideline: str
    preferences_file: Path
    person: str
    version: str
    own_words: OwnWords
    models: ModelsHere
    open_audit: Callable[[], AuditLog]
    engine_states_dir: Path
    open_library: OpenLibrary
    refresh_shelf: RefreshShelf
    policy_problem: Exception | None = None
    start_problems: tuple[Exception, ...] = ()
