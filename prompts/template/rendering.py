"""Filling a template: literal substitution in one pass, with the place of every value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prompts.errors import MissingFieldError, UnknownFieldError
from prompts.template.model import PLACEHOLDER, Field, FieldType, PromptTemplate
from prompts.template.values import clean_value, is_checked

_LIST_LINE = re.compile(
    r"(?P<marker>[ \t\u3000]*(?:[・●○■◆*-])[ \t\u3000]*)" + PLACEHOLDER.pattern + r"[ \t\u3000]*"
)
_BARE_LINE = re.compile(r"[ \t\u3000]*(?:[・●○■◆*-][ \t\u3000]*)?" + PLACEHOLDER.pattern + r".*")
_LABEL_LINE = re.compile(r"[ \t\u3000]*(?:#{1,6}[ \t].*|【[^】]*】[ \t\u3000]*|.*[：:][ \t\u3000]*)")
_TYPED_MARKER = re.compile(r"[ \t\u3000]*(?:[・●○■◆][ \t\u3000]*|[*-][ \t\u3000]+)?")


@dataclass(frozen=True, slots=True)
class Segment:
    """Where a value went: `text[start:end]` in code points, and the field it belongs to."""

    start: int
    end: int
    field: Field


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A filled template, not masked yet. `segments` are in order and do not overlap."""

    system: str
    text: str
    segments: tuple[Segment, ...]

    @property
    def fixed_prefix(self) -> str:
        """The text before the first value: the part an engine may keep between drafts."""
        return self.text[: self.segments[0].start] if self.segments else self.text


def render(template: PromptTemplate, values: Mapping[str, str]) -> RenderedPrompt:
    """Fills the template's body.

    Values are put in literally and once: `{{x}}` inside a value stays as typed. A line of the
    body whose placeholders are all empty is dropped, and with it a label (a line that ends with a
    colon, a heading or 【…】) all of whose own lines went. A line made of a list marker and one
    placeholder is repeated for each line of the value.

    Args:
        template: the task.
        values: texts by field name. A name left out takes the field's default; an empty text
            stays empty.

    Raises:
        UnknownFieldError: a name the template does not have.
        MissingFieldError: a required field is empty.
        FieldValueError: a value that does not fit its field.
    """
    cleaned = check_values(template, values)
    fields = {field.name: field for field in template.fields}
    lines = _kept_lines(template.body.split("\n"), cleaned)
    builder = _Builder(fields, cleaned)
    for line in lines:
        builder.add_line(line)
    return RenderedPrompt(template.system, "".join(builder.parts), tuple(builder.segments))


def check_values(template: PromptTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """The cleaned value of every field; raises as `render` does."""
    known = tuple(field.name for field in template.fields)
    for name in values:
        if name not in known:
            raise UnknownFieldError(name, known)
    cleaned = {}
    for field in template.fields:
        value = values.get(field.name, field.default)
        cleaned[field.name] = clean_value(field, value)
        unticked = field.type is FieldType.CHECKBOX and is_checked(value) is False
        if field.required and (not cleaned[field.name] or unticked):
            raise MissingFieldError(field.name, field.label)
    return cleaned


def _kept_lines(lines: list[str], values: Mapping[str, str]) -> list[str]:
    dropped = [_is_empty(line, values) for line in lines]
    for index in range(len(lines) - 2, -1, -1):
        if PLACEHOLDER.search(lines[index]) or not _LABEL_LINE.fullmatch(lines[index]):
            continue
        own = []
        for below in range(index + 1, len(lines)):
            if not _BARE_LINE.fullmatch(lines[below]):
                break
            own.append(dropped[below])
        dropped[index] = bool(own) and all(own)
    kept: list[str] = []
    gap = False
    for line, is_dropped in zip(lines, dropped, strict=True):
        if is_dropped:
            gap = True
        elif gap and not line.strip() and (not kept or not kept[-1].strip()):
            continue  # two blank lines would meet where lines went
        else:
            kept.append(line)
            gap = False
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _is_empty(line: str, values: Mapping[str, str]) -> bool:
    names = [match.group(1) for match in PLACEHOLDER.finditer(line)]
    return bool(names) and not any(values[name] for name in names)


class _Builder:
    """Joins lines and keeps count of code points."""

    def __init__(self, fields: Mapping[str, Field], values: Mapping[str, str]) -> None:
        self.parts: list[str] = []
        self.segments: list[Segment] = []
        self._fields = fields
        self._values = values
        self._length = 0

    def add_line(self, line: str) -> None:
        item = _LIST_LINE.fullmatch(line)
        if item and "\n" in self._values[item[2]]:
            for entry in self._values[item[2]].split("\n"):
                if entry.strip():
                    self._begin_line()
                    self._add(item["marker"])
                    self._add_value(item[2], _TYPED_MARKER.sub("", entry, count=1).rstrip())
            return
        self._begin_line()
        position = 0
        for match in PLACEHOLDER.finditer(line):
            self._add(line[position : match.start()])
            value = self._values[match.group(1)]
            self._add_value(match.group(1), _TYPED_MARKER.sub("", value, count=1) if item else value)
            position = match.end()
        self._add(line[position:])

    def _begin_line(self) -> None:
        if self.parts:
            self._add("\n")

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)

    def _add_value(self, name: str, value: str) -> None:
        if value:
            self.segments.append(Segment(self._length, self._length + len(value), self._fields[name]))
            self._add(value)
