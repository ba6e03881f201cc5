"""Errors of the `desktop.drafting` folder: typed fields, no user-facing words.

`desktop.drafting.messages` turns each `code` into Japanese sentences, for the window and the terminal.
Every `reason` is one of the words listed beside its class; a test demands a sentence for each of them.
"""

from __future__ import annotations

import errno
from dataclasses import asdict, dataclass
from typing import ClassVar


class DraftingError(Exception):
    """Base of all expected failures below `desktop.drafting`.

    Fields hold numbers, kinds and reason words only: never text or file names of a person.
    """

    code: ClassVar[str] = "drafting_error"
    reasons: ClassVar[tuple[str, ...]] = ()

    def fields(self) -> dict[str, object]:
        """The typed fields, ready for JSON."""
        return asdict(self) if hasattr(self, "__dataclass_fields__") else {}  # type: ignore[call-overload]

    def __str__(self) -> str:
        return f"{self.code} {self.fields()}"


@dataclass
class DocumentUnreadableError(DraftingError):
    """A file a person attached could not be turned into text."""

    code: ClassVar[str] = "document_unreadable"
    reasons: ClassVar[tuple[str, ...]] = (
        "missing",
        "denied",
        "unsupported",
        "old_format",
        "encrypted",
        "broken",
        "bomb",
        "encoding",
        "no_text",
    )
    reason: str
    suffix: str


@dataclass
class DocumentTooLargeError(DraftingError):
    """A file, or the text in it, is larger than the program accepts. Nothing was cut."""

    code: ClassVar[str] = "document_too_large"
    size_bytes: int
    limit_bytes: int


@dataclass
class DataFolderUnwritableError(DraftingError):
    """The person's data folder cannot be written."""

    code: ClassVar[str] = "data_folder_unwritable"
    reasons: ClassVar[tuple[str, ...]] = ("read_only", "full", "denied", "not_a_folder", "other")
    reason: str


@dataclass
class SecondInstanceError(DraftingError):
    """The program is already running with the same data folder."""

    code: ClassVar[str] = "second_instance"


@dataclass
class RecordsUnreadableError(DraftingError):
    """A database of ours cannot be used. It was left as it is."""

    code: ClassVar[str] = "records_unreadable"
    reasons: ClassVar[tuple[str, ...]] = ("corrupt", "newer", "busy", "other")
    reason: str


@dataclass
class DraftsSetAsideError(DraftingError):
    """The broken file of the drafts was moved into the backups; an empty one took its place.

    Attributes:
        file: Name of the file in the folder of backups.
    """

    code: ClassVar[str] = "drafts_set_aside"
    file: str


@dataclass
class DraftNotFoundError(DraftingError):
    """No draft of that identifier."""

    code: ClassVar[str] = "draft_not_found"
    draft_id: str


@dataclass
class UnsentUnreadableError(DraftingError):
    """An autosaved input could not be decrypted; the file was set aside as `.bad`."""

    code: ClassVar[str] = "unsent_unreadable"
    draft_id: str


@dataclass
class InputTooLongError(DraftingError):
    """More text was typed or pasted than the program accepts at once."""

    code: ClassVar[str] = "input_too_long"
    length_chars: int
    limit_chars: int


@dataclass
class InvalidTextError(DraftingError):
    """The text holds characters no document can hold. `position` counts code points from 0."""

    code: ClassVar[str] = "invalid_text"
    reasons: ClassVar[tuple[str, ...]] = ("surrogate", "control")
    reason: str
    position: int
    count: int


@dataclass
class PolicyUnreadableError(DraftingError):
    """IT's policy file cannot be obeyed; the strictest policy is in force instead.

    `line` counts from 1 and is 0 where the reason has no line; `key` is empty where it has no key.
    """

    code: ClassVar[str] = "policy_unreadable"
    reasons: ClassVar[tuple[str, ...]] = (
        "denied",
        "encoding",
        "syntax",
        "unknown_key",
        "wrong_type",
        "bad_value",
        "server_incomplete",
        "too_large",
    )
    reason: str
    line: int
    key: str


@dataclass
class PlaceUnreachableError(DraftingError):
    """A folder named at the installation is not there; the other places are used. `folder` is IT's."""

    code: ClassVar[str] = "place_unreachable"
    reasons: ClassVar[tuple[str, ...]] = ("models", "shelf")
    reason: str
    folder: str


@dataclass
class JsonLinesUnreadableError(DraftingError):
    """A file of JSON lines cannot be read. `line` counts from 1 and is 0 where the reason has none."""

    code: ClassVar[str] = "json_lines_unreadable"
    reasons: ClassVar[tuple[str, ...]] = ("missing", "encoding", "unreadable", "not_json", "no_id_or_text")
    reason: str
    line: int


@dataclass
class OfficeDictionaryUnreadableError(DraftingError):
    """The dictionary that IT's policy names cannot be read; nothing is masked by guess, nothing is sent.

    `line` counts from 1 and is 0 where the reason has no line.
    """

    code: ClassVar[str] = "office_dictionary_unreadable"
    reasons: ClassVar[tuple[str, ...]] = ("unreachable", "too_large", "bad_line")
    reason: str
    line: int


@dataclass
class ExportFailedError(DraftingError):
    """A document could not be written. What stood there before is untouched."""

    code: ClassVar[str] = "export_failed"
    reasons: ClassVar[tuple[str, ...]] = (
        "read_only",
        "full",
        "denied",
        "in_use",
        "no_folder",
        "bad_name",
        "unsupported",
        "same_file",
        "other",
    )
    reason: str


@dataclass
class PersonCapReachedError(DraftingError):
    """The persons of this request and of those before it exceed the policy's cap."""

    code: ClassVar[str] = "person_cap_reached"
    persons: int
    cap: int


@dataclass
class ForbiddenByPolicyError(DraftingError):
    """IT's policy does not allow what was asked. `rule` names the policy key, `value` what was asked."""

    code: ClassVar[str] = "forbidden_by_policy"
    reasons: ClassVar[tuple[str, ...]] = (
        "confidentiality",
        "masking.profile",
        "export.enabled",
        "sharing.require_signature",
    )
    rule: str
    value: str = ""


@dataclass
class WrongStateError(DraftingError):
    """A step was asked for that the draft's state does not allow. `reason` is a word for the report."""

    code: ClassVar[str] = "wrong_state"
    state: str
    reason: str


@dataclass
class ReviewNotConfirmedError(DraftingError):
    """Nobody confirmed the masking, so nothing was sent to the model."""

    code: ClassVar[str] = "review_not_confirmed"


@dataclass
class PartsUnreadableError(DraftingError):
    """A long text was to be read in parts, and too little of it could be read to make a document of."""

    code: ClassVar[str] = "parts_unreadable"
    parts: int
    unread: int


def write_trouble(error: OSError) -> str:
    """Name what kept a file from being written: `read_only`, `full`, `denied`, `not_a_folder` or `other`."""
    # Windows: 19 write protected, 39/112 disk full, 5 access denied, 32 used by another process.
    by_windows = {19: "read_only", 39: "full", 112: "full", 5: "denied", 32: "denied"}
    winerror = getattr(error, "winerror", None)
    if winerror in by_windows:
        return by_windows[winerror]
    return {
        errno.EROFS: "read_only",
        errno.ENOSPC: "full",
        errno.EDQUOT: "full",
        errno.EFBIG: "full",
        errno.EACCES: "denied",
        errno.EPERM: "denied",
        errno.ENOTDIR: "not_a_folder",
        errno.EEXIST: "not_a_folder",
    }.get(error.errno or 0, "other")
