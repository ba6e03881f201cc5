"""From the text of a `.prompt.md` file to a `PromptTemplate`; every refusal names key and line."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from prompts.errors import FieldValueError, TemplateSyntaxError
from prompts.template.front_matter import Mapping, Node, Scalar, Sequence, compose, split
from prompts.template.model import (
    NAME,
    PLACEHOLDER,
    SCHEMA,
    Accuracy,
    Category,
    Example,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
    SamplingParams,
)
from prompts.template.values import clean_value

MAX_TITLE = 120
MAX_LINE = 500
MAX_TEXT = 20_000
MAX_FIELDS = 40
MAX_ITEMS = 100

_VERSION = re.compile(r"\d{1,6}(?:\.\d{1,6}){0,2}")
_INTEGER = re.compile(r"[-+]?\d{1,10}")
_REAL = re.compile(r"[-+]?\d{1,6}(?:\.\d{1,10})?")
_OPEN = re.compile(r"\{\{")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def parse(text: str) -> PromptTemplate:
    """Reads a template.

    Args:
        text: the whole file.

    Raises:
        TemplateTooLargeError: the text is over `front_matter.MAX_BYTES`.
        TemplateSyntaxError: the first thing in it that the format does not allow.
    """
    front, body, body_line = split(text)
    top = _Reader(compose(front), "")
    template = _template(top, body)
    _check_body(template, body_line)
    return template


@dataclass(frozen=True, slots=True)
class TemplateText:
    """A template with the text it was read from, kept as it is (with its YAML comments)."""

    template: PromptTemplate
    text: str


def read(text: str) -> TemplateText:
    """Reads a template and keeps its text; raises as `parse` does."""
    return TemplateText(parse(text), text.removeprefix("\ufeff").replace("\r\n", "\n"))


def _template(top: _Reader, body: str) -> PromptTemplate:
    schema = top.integer("schema", low=1, high=10**6)
    if schema != SCHEMA:
        raise top.error("schema", "unsupported_schema")
    template = PromptTemplate(
        schema=schema,
        id=top.uuid("id"),
        version=top.version("version"),
        title=top.text("title", limit=MAX_TITLE, required=True, one_line=True),
        category=top.word("category", Category),
        body=body,
        tags=top.texts("tags", limit=60),
        description=top.text("description", limit=2000),
        issuer=top.text("issuer", limit=MAX_TITLE, one_line=True),
        audience=top.text("audience", limit=MAX_TITLE, one_line=True),
        updated=top.date("updated"),
        accuracy=top.word("accuracy", Accuracy, Accuracy.MIDDLE),
        confidentiality=top.integer("confidentiality", 2, low=1, high=3),
        personal_information=top.word(
            "personal_information", PersonalInformation, PersonalInformation.MASKED
        ),
        minutes_by_hand=top.integer("minutes_by_hand", 0, low=0, high=100_000),
        system=top.text("system", limit=MAX_TEXT),
        params=_params(top),
        fields=top.mappings("fields", _field, limit=MAX_FIELDS),
        examples=top.mappings("examples", _example, limit=20),
        cautions=top.texts("cautions"),
        checklist=top.texts("checklist"),
        license=top.text("license", limit=MAX_TITLE, one_line=True),
        demo_model=top.flag("demo_model"),
    )
    top.finish()
    _check_fields(template, top)
    return template


def _params(top: _Reader) -> SamplingParams:
    reader = top.mapping("params")
    if reader is None:
        return SamplingParams()
    params = SamplingParams(
        temperature=reader.real("temperature", low=0, high=2),
        top_p=reader.real("top_p", low=0, high=1),
        max_tokens=reader.optional_integer("max_tokens", low=1, high=100_000),
        seed=reader.optional_integer("seed", low=0, high=2**31 - 1),
    )
    reader.finish()
    return params


def _field(reader: _Reader) -> Field:
    name = reader.text("name", limit=40, required=True, one_line=True)
    if not NAME.fullmatch(name):
        raise reader.error("name", "bad_name")
    field = Field(
        name=name,
        label=reader.text("label", limit=MAX_TITLE, one_line=True) or name,
        type=reader.word("type", FieldType, FieldType.TEXT),
        required=reader.flag("required"),
        default=reader.text("default", limit=MAX_TEXT),
        options=reader.texts("options"),
        help=reader.text("help", limit=2000),
        example=reader.text("example", limit=MAX_TEXT),
        pii=reader.flag("pii"),
        verbatim=reader.flag("verbatim"),
    )
    reader.finish()
    if field.type is FieldType.CHOICE and not field.options:
        raise reader.error("options", "options_needed")
    if field.options and field.type not in (FieldType.CHOICE, FieldType.CHECKBOX):
        raise reader.error("options", "options_not_allowed")
    if field.type is FieldType.CHECKBOX and len(field.options) > 2:
        raise reader.error("options", "too_many")
    if len(set(field.options)) < len(field.options):
        raise reader.error("options", "duplicate_name")
    for key, value in (("default", field.default), ("example", field.example)):
        try:
            if value:
                clean_value(field, value)
        except FieldValueError:
            raise reader.error(key, f"bad_{key}") from None
    return field


def _example(reader: _Reader) -> Example:
    values = reader.mapping("values")
    example = Example(
        title=reader.text("title", limit=MAX_TITLE, required=True, one_line=True),
        values=values.all_texts(limit=MAX_TEXT) if values else (),
        output=reader.text("output", limit=MAX_TEXT),
    )
    reader.finish()
    return example


def _check_fields(template: PromptTemplate, top: _Reader) -> None:
    names = [field.name for field in template.fields]
    if len(set(names)) < len(names):
        raise top.error("fields", "duplicate_name")
    for number, example in enumerate(template.examples, 1):
        for name, value in example.values:
            field = template.field(name)
            try:
                if field is None:
                    raise top.error("examples", "unknown_placeholder", f"examples[{number}].values.{name}")
                clean_value(field, value)
            except FieldValueError:
                raise top.error("examples", "bad_example", f"examples[{number}].values.{name}") from None
    if _OPEN.search(template.system):
        raise top.error("system", "placeholder_in_system")


def _check_body(template: PromptTemplate, first_line: int) -> None:
    if not template.body:
        raise TemplateSyntaxError(first_line, "body", "empty")
    names = {field.name for field in template.fields}
    for number, line in enumerate(template.body.split("\n"), first_line):
        rest = PLACEHOLDER.sub("", line)
        if "{{" in rest or "}}" in rest:
            raise TemplateSyntaxError(number, "body", "bad_placeholder")
        for match in PLACEHOLDER.finditer(line):
            if not NAME.fullmatch(match.group(1)):
                raise TemplateSyntaxError(number, match.group(1)[:80], "bad_placeholder")
            if match.group(1) not in names:
                raise TemplateSyntaxError(number, match.group(1), "unknown_placeholder")


class _Reader:
    """Reads the keys of one mapping, each once, and then refuses the ones left over."""

    def __init__(self, node: Mapping, key: str) -> None:
        self._node = node
        self._key = key
        self._left = dict(node.items)
        self._lines = {name: line for name, (line, _) in node.items.items()}

    def error(self, name: str, reason: str, key: str = "") -> TemplateSyntaxError:
        return TemplateSyntaxError(self._lines.get(name, self._node.line), key or self._path(name), reason)

    def finish(self) -> None:
        for name in self._left:
            raise self.error(name, "unknown_key", self._path(name[:80]))

    def text(self, name: str, *, limit: int, required: bool = False, one_line: bool = False) -> str:
        value = self._scalar(name)
        if value is None:
            if required:
                raise self.error(name, "missing_key")
            return ""
        value = value.strip() if one_line else value.strip("\n").rstrip()
        if required and not value:
            raise self.error(name, "empty")
        if len(value) > limit:
            raise self.error(name, "too_long")
        if one_line and "\n" in value:
            raise self.error(name, "too_long")
        return value

    def texts(self, name: str, *, limit: int = MAX_LINE) -> tuple[str, ...]:
        values = []
        for number, node in enumerate(self._list(name, MAX_ITEMS), 1):
            key = f"{self._path(name)}[{number}]"
            if not isinstance(node, Scalar):
                raise TemplateSyntaxError(node.line, key, "not_text")
            value = node.value.strip()
            if not value or len(value) > limit:
                raise TemplateSyntaxError(node.line, key, "too_long" if value else "empty")
            values.append(value)
        return tuple(values)

    def mappings(self, name: str, read: Callable[[_Reader], T], *, limit: int) -> tuple[T, ...]:
        values = []
        for number, node in enumerate(self._list(name, limit), 1):
            key = f"{self._path(name)}[{number}]"
            if not isinstance(node, Mapping):
                raise TemplateSyntaxError(node.line, key, "not_a_mapping")
            values.append(read(_Reader(node, key)))
        return tuple(values)

    def mapping(self, name: str) -> _Reader | None:
        node = self._take(name)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            raise self.error(name, "not_a_mapping")
        return _Reader(node, self._path(name))

    def all_texts(self, *, limit: int) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.text(name, limit=limit)) for name in tuple(self._left))

    def word(self, name: str, kind: type[E], default: E | None = None) -> E:
        value = self._scalar(name)
        if value is None:
            if default is None:
                raise self.error(name, "missing_key")
            return default
        try:
            return kind(value.strip())
        except ValueError:
            raise self.error(name, "not_an_option") from None

    def flag(self, name: str) -> bool:
        value = self._scalar(name)
        if value is None:
            return False
        if value not in ("true", "false"):
            raise self.error(name, "not_true_or_false")
        return value == "true"

    def integer(self, name: str, default: int | None = None, *, low: int, high: int) -> int:
        value = self.optional_integer(name, low=low, high=high)
        if value is None:
            if default is None:
                raise self.error(name, "missing_key")
            return default
        return value

    def optional_integer(self, name: str, *, low: int, high: int) -> int | None:
        number = self._number(name, _INTEGER, low, high)
        return None if number is None else int(number)

    def real(self, name: str, *, low: float, high: float) -> float | None:
        return self._number(name, _REAL, low, high)

    def uuid(self, name: str) -> str:
        value = self.text(name, limit=60, required=True, one_line=True)
        try:
            canonical = str(uuid.UUID(value))
        except ValueError:
            raise self.error(name, "not_a_uuid") from None
        if canonical != value.lower():
            raise self.error(name, "not_a_uuid")
        return canonical

    def version(self, name: str) -> str:
        value = self.text(name, limit=30, required=True, one_line=True)
        if not _VERSION.fullmatch(value, 0) or not value.isascii():
            raise self.error(name, "not_a_version")
        return value

    def date(self, name: str) -> str:
        value = self.text(name, limit=30, one_line=True)
        try:
            return datetime.date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            raise self.error(name, "not_a_date") from None

    def _number(self, name: str, form: re.Pattern[str], low: float, high: float) -> float | None:
        value = self._scalar(name)
        if value is None:
            return None
        if not form.fullmatch(value.strip()) or not value.isascii():
            raise self.error(name, "not_a_number")
        number = float(value)
        if not low <= number <= high:
            raise self.error(name, "out_of_range")
        return number

    def _path(self, name: str) -> str:
        return f"{self._key}.{name}" if self._key else name

    def _take(self, name: str) -> Node | None:
        """The value's node; None where the key is missing or has no value."""
        entry = self._left.pop(name, None)
        if entry is None:
            return None
        node = entry[1]
        if isinstance(node, Scalar) and node.plain and node.value in ("", "~", "null"):
            return None
        return node

    def _scalar(self, name: str) -> str | None:
        node = self._take(name)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            raise self.error(name, "not_text")
        return node.value

    def _list(self, name: str, limit: int) -> tuple[Node, ...]:
        node = self._take(name)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            raise self.error(name, "not_a_list")
        if len(node.items) > limit:
            raise self.error(name, "too_many")
        return node.items
