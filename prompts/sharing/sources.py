"""What an import starts from: the files of a path, and what the readers of each format make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from prompts.errors import TemplateSyntaxError, TemplateTooLargeError
from prompts.template import PromptTemplate, TemplateText, dump, read

_NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


Watch = Callable[[int, int], None]
"""Told how many entries of how many are done; may raise to stop the reading."""


def unwatched(done: int, total: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's content under its path inside the folder or archive that was offered."""

    path: str
    content: bytes

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The path without its last part."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry that was not taken.

    Attributes:
        path: the entry: file, and row or name within it.
        reason: one of `errors.REASONS`.
        key: the place within the entry, where there is one.
        line: line of the file, 0 where there is none.
    """

    path: str
    reason: str
    key: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A template that was read. `has_version` is False for formats that carry none."""

    path: str
    source: TemplateText
    has_version: bool = True


@dataclass(slots=True)
class Reading:
    """What a reader found, in the order of the source."""

    candidates: list[Candidate] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def add_text(self, path: str, text: str) -> None:
        """Takes the text of a `.prompt.md`, or notes why not."""
        self._add(path, lambda: read(text), has_version=True)

    def add_template(self, path: str, template: PromptTemplate, *, has_version: bool = False) -> None:
        """Takes a template made from another format, or notes why it does not fit ours."""
        self._add(path, lambda: read(dump(template)), has_version=has_version)

    def reject(self, path: str, reason: str) -> None:
        """Notes an entry that is not taken."""
        self.rejected.append(Rejected(path, reason))

    def extend(self, other: Reading) -> None:
        """Adds what another reader found."""
        self.candidates += other.candidates
        self.rejected += other.rejected

    def _add(self, path: str, make: Callable[[], TemplateText], *, has_version: bool) -> None:
        try:
            self.candidates.append(Candidate(path, make(), has_version))
        except TemplateSyntaxError as error:
            self.rejected.append(Rejected(path, error.reason, error.key, error.line))
        except TemplateTooLargeError:
            self.rejected.append(Rejected(path, "too_large"))


def decode(content: bytes) -> str | None:
    """The text of a file in UTF-8 (with or without mark), UTF-16 with mark, or cp932; None for none."""
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings: tuple[str, ...] = ("utf-16",) if has_mark else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Python's cp932 takes bytes that stand for nothing; they mean another encoding.
        if encoding != "cp932" or not _NOT_CP932.search(text):
            return text
    return None
