"""Checking what a person typed against the field it was typed into."""

from __future__ import annotations

import re
import unicodedata

from prompts.errors import FieldValueError
from prompts.template.dates import DateProblem, is_time, read_date
from prompts.template.front_matter import is_control
from prompts.template.model import Field, FieldType

MAX_VALUE_CHARS = 200_000
"""Bound of one value. Whether the model's context holds it is the engine's question."""

MANY_LINES = frozenset({FieldType.LONG_TEXT, FieldType.TABLE, FieldType.ATTACHMENT})
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_LINE_ENDS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
_YES = frozenset({"true", "1", "on", "yes", "はい", "有", "✓", "☑"})
_NO = frozenset({"false", "0", "off", "no", "いいえ", "無", "☐", ""})


def clean_value(field: Field, value: str) -> str:
    """The value as it goes into the prompt.

    Line ends become LF and space around the value goes; all else stays as typed (a date stays in
    its own calendar). For a checkbox the result is the text of its state.

    Raises:
        FieldValueError: the value does not fit the field.
    """
    if len(value) > MAX_VALUE_CHARS:
        raise FieldValueError(field.name, field.label, "too_long", MAX_VALUE_CHARS)
    value = _LINE_ENDS.sub("\n", value)
    reason = _bad_character(value)
    if reason:
        raise FieldValueError(field.name, field.label, reason)
    if field.type is FieldType.CHECKBOX:
        return _checkbox_text(field, value)
    value = _trim(value) if field.type in MANY_LINES else value.strip()
    if value:
        reason = _misfit(field, value)
        if reason:
            raise FieldValueError(field.name, field.label, reason)
    return value


def is_checked(value: str) -> bool | None:
    """The state a checkbox value stands for, or None when it is neither."""
    word = unicodedata.normalize("NFKC", value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def _bad_character(value: str) -> str:
    if value.isprintable():
        return ""
    for char in value:
        if is_control(char):
            return "control_character"
        if "\ud800" <= char <= "\udfff":
            return "lone_surrogate"
    return ""


def _trim(value: str) -> str:
    """Without blank lines around it and without space at its very end."""
    lines = value.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines).rstrip()


def _checkbox_text(field: Field, value: str) -> str:
    state = is_checked(value)
    if state is None:
        if value.strip() in field.options:
            return value.strip()
        raise FieldValueError(field.name, field.label, "not_yes_or_no")
    if not field.options:
        return "はい" if state else "いいえ"
    return field.options[0] if state else field.options[1] if len(field.options) > 1 else ""


def _misfit(field: Field, value: str) -> str:
    if "\n" in value and field.type not in MANY_LINES:
        return "line_break"
    match field.type:
        case FieldType.CHOICE:
            return "" if value in field.options else "not_an_option"
        case FieldType.NUMBER:
            return "" if _NUMBER.fullmatch(unicodedata.normalize("NFKC", value)) else "not_a_number"
        case FieldType.DATE:
            date = read_date(value)
            return date.value if isinstance(date, DateProblem) else ""
        case FieldType.TIME:
            return "" if is_time(value) else "not_a_time"
        case _:
            return ""
