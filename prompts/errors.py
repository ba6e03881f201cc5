"""Errors of the `prompts` folder: typed fields, no user-facing words.

`desktop/gui/messages.py` (window) and the terminal turn each `code`, and each `reason` word,
into a Japanese sentence. `REASONS` lists every reason word that the folder can raise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

TEMPLATE_REASONS = frozenset(
    {
        "no_front_matter",  # the text does not begin with a line of three hyphens
        "unclosed_front_matter",  # the closing line of three hyphens is missing
        "bad_yaml",  # the front matter cannot be read as YAML
        "bad_character",  # control characters, lone surrogates, bytes that are not UTF-8
        "alias_not_allowed",  # YAML anchors and aliases
        "tag_not_allowed",  # explicit YAML tags
        "too_deep",  # nested deeper than the format needs
        "too_long",  # longer than the format allows for this key
        "too_many",  # more entries than the format allows for this key
        "duplicate_key",
        "unknown_key",
        "missing_key",
        "empty",  # present, but nothing in it
        "not_text",
        "not_a_list",
        "not_a_mapping",
        "not_true_or_false",
        "not_a_number",
        "out_of_range",
        "not_an_option",
        "not_a_uuid",
        "not_a_version",
        "not_a_date",
        "bad_name",
        "duplicate_name",
        "bad_placeholder",
        "unknown_placeholder",
        "placeholder_in_system",
        "options_needed",
        "options_not_allowed",
        "bad_default",
        "bad_example",
        "unsupported_schema",
    }
)
VALUE_REASONS = frozenset(
    {
        "control_character",
        "lone_surrogate",
        "too_long",
        "line_break",
        "not_an_option",
        "not_a_number",
        "not_a_date",
        "no_such_day",
        "weekday_mismatch",
        "not_a_time",
        "not_yes_or_no",
    }
)
LIBRARY_REASONS = frozenset(
    {"read_only", "disk_full", "locked", "not_a_database", "newer_schema", "not_a_folder", "io_error"}
)
IMPORT_REASONS = frozenset(
    {
        "unreadable",
        "unknown_format",
        "bad_encoding",
        "bad_zip",
        "encrypted",
        "unsafe_path",
        "duplicate_path",
        "link_not_allowed",
        "too_large",
        "too_many_files",
        "suspicious_ratio",
        "truncated",
        "manifest_missing",
        "manifest_invalid",
        "hash_mismatch",
        "not_in_manifest",
        "missing_file",
        "bad_signature",
        "bad_json",
        "not_an_object",
        "missing_title",
        "missing_body",
        "no_columns",
        "bad_workbook",
        "template_logic",  # loops, conditions or filters, which the format does not have
    }
)
REASONS = TEMPLATE_REASONS | VALUE_REASONS | LIBRARY_REASONS | IMPORT_REASONS


class PromptsError(Exception):
    """Base of all expected failures below `prompts`.

    Subclasses are dataclasses; their fields hold numbers, names from the template and reason
    words, never a value that a person typed into a form.
    """

    code: ClassVar[str] = "prompts_error"

    def fields(self) -> dict[str, object]:
        """The typed fields, ready for JSON."""
        return asdict(self) if hasattr(self, "__dataclass_fields__") else {}  # type: ignore[call-overload]

    def __str__(self) -> str:
        return f"{self.code} {self.fields()}"


@dataclass
class TemplateSyntaxError(PromptsError):
    """A `.prompt.md` text does not follow the format.

    Attributes:
        line: 1-based line in the whole text; 0 where no line can be named.
        key: dotted place such as `fields[2].options`, or the placeholder's name.
        reason: one of `TEMPLATE_REASONS`.
    """

    code: ClassVar[str] = "template_syntax"
    line: int
    key: str
    reason: str


@dataclass
class TemplateTooLargeError(PromptsError):
    """The text of a template is larger than the format allows."""

    code: ClassVar[str] = "template_too_large"
    size_bytes: int
    limit_bytes: int


@dataclass
class UnknownFieldError(PromptsError):
    """A value was given for a name that the template does not have."""

    code: ClassVar[str] = "unknown_field"
    name: str
    known: tuple[str, ...] = ()


@dataclass
class MissingFieldError(PromptsError):
    """A required field has no value."""

    code: ClassVar[str] = "missing_field"
    name: str
    label: str


@dataclass
class FieldValueError(PromptsError):
    """A value does not fit its field. `reason` is one of `VALUE_REASONS`.

    Attributes:
        name: the field's name.
        label: the field's Japanese label, for the message.
        reason: why the value is refused.
        limit: the bound that was passed, in characters, where the reason has one; otherwise 0.
    """

    code: ClassVar[str] = "field_value"
    name: str
    label: str
    reason: str
    limit: int = 0


@dataclass
class TemplateNotFoundError(PromptsError):
    """No template with this id, short name or title."""

    code: ClassVar[str] = "template_not_found"
    template_id: str


@dataclass
class TemplateAmbiguousError(PromptsError):
    """More than one template fits a shortened id or a title."""

    code: ClassVar[str] = "template_ambiguous"
    template_id: str
    candidates: tuple[str, ...] = ()


@dataclass
class TemplateReadOnlyError(PromptsError):
    """A built-in template, or one on a read-only shelf, cannot be changed: duplicate it first."""

    code: ClassVar[str] = "template_read_only"
    template_id: str
    shelf: str


@dataclass
class VersionNotFoundError(PromptsError):
    """The template has no such stored version."""

    code: ClassVar[str] = "version_not_found"
    template_id: str
    revision: int


@dataclass
class LibraryUnwritableError(PromptsError):
    """The library's file cannot be opened or written. `reason` is one of `LIBRARY_REASONS`."""

    code: ClassVar[str] = "library_unwritable"
    reason: str


@dataclass
class ImportRefusedError(PromptsError):
    """A file offered for import was refused as a whole. `reason` is one of `IMPORT_REASONS`."""

    code: ClassVar[str] = "import_refused"
    entry: str
    reason: str


@dataclass
class ImportCancelledError(PromptsError):
    """The person stopped an import; nothing of it was stored."""

    code: ClassVar[str] = "import_cancelled"
    done: int
    total: int


@dataclass
class ExportFailedError(PromptsError):
    """A file could not be written. `reason` is one of `LIBRARY_REASONS`."""

    code: ClassVar[str] = "export_failed"
    reason: str
