"""Reading the YAML front matter of a template: a safe subset, with line numbers.

The events of PyYAML's parser (libyaml where present) are composed here rather than loaded, so
that anchors, aliases, tags, duplicate keys, deep nesting and floods of nodes are refused before
anything is built, and every value keeps the line it stands on. Scalars stay text: `no`, `12:30`
and `1.10` mean what a person reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from prompts.errors import TemplateSyntaxError, TemplateTooLargeError

MAX_BYTES = 256 * 1024
"""A whole template, front matter and body, in UTF-8."""
MAX_DEPTH = 6
MAX_NODES = 20_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text with its line; `plain` tells an unquoted one."""

    line: int
    value: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list with its line."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in order, with its line."""

    line: int
    items: dict[str, tuple[int, Node]]


Node = Scalar | Sequence | Mapping


def split(text: str) -> tuple[str, str, int]:
    """Parts the text of a template.

    Args:
        text: a whole `.prompt.md`; a byte order mark and CR LF line ends are accepted.

    Returns:
        The YAML, the body without blank lines around it, and the body's first line (1-based).

    Raises:
        TemplateTooLargeError: more than `MAX_BYTES`.
        TemplateSyntaxError: no front matter, or characters that are not text.
    """
    try:
        size_bytes = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise TemplateSyntaxError(line=0, key="", reason="bad_character") from None
    if size_bytes > MAX_BYTES:
        raise TemplateTooLargeError(size_bytes=size_bytes, limit_bytes=MAX_BYTES)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    _refuse_control_characters(lines)
    if lines[0].rstrip() != "---":
        raise TemplateSyntaxError(line=1, key="", reason="no_front_matter")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise TemplateSyntaxError(line=1, key="", reason="unclosed_front_matter")
    body = lines[end + 1 :]
    first = next((i for i, line in enumerate(body) if line.strip()), len(body))
    last = next((i for i in range(len(body), first, -1) if body[i - 1].strip()), first)
    return "\n".join(lines[1:end]), "\n".join(body[first:last]), end + 2 + first


def compose(front: str, first_line: int = 2, *, max_depth: int = MAX_DEPTH) -> Mapping:
    """Reads YAML into nodes.

    Args:
        front: the text between the two lines of hyphens.
        first_line: the line of the file on which it begins.
        max_depth: how deep lists and mappings may be nested.

    Raises:
        TemplateSyntaxError: not YAML, not a mapping, or something the format does not allow.
    """
    composer = _Composer(front, first_line, max_depth)
    try:
        node = composer.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + first_line if mark is not None else 0
        raise TemplateSyntaxError(line=line, key="", reason="bad_yaml") from error
    if not isinstance(node, Mapping):
        raise TemplateSyntaxError(line=first_line, key="", reason="not_a_mapping")
    return node


class _Composer:
    """Turns parser events into nodes, refusing all that the subset leaves out."""

    def __init__(self, front: str, first_line: int, max_depth: int) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(front, Loader=_LOADER)
        self._first_line = first_line
        self._max_depth = max_depth
        self._count = 0

    def document(self) -> Node | None:
        node: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None or event.version or event.tags:
                    raise self._error(event, "", "bad_yaml")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, "", 0)
        return node

    def _error(self, event: yaml.Event, key: str, reason: str) -> TemplateSyntaxError:
        return TemplateSyntaxError(line=self._line(event), key=key, reason=reason)

    def _line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return (mark.line if mark is not None else 0) + self._first_line

    def _node(self, event: yaml.Event, key: str, depth: int) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise self._error(event, key, "too_many")
        if depth > self._max_depth:
            raise self._error(event, key, "too_deep")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(event, key, "alias_not_allowed")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, key, "tag_not_allowed")
        if isinstance(event, yaml.ScalarEvent):
            # In the C parser, `implicit` tells a plain scalar; the style is None or "" there.
            return Scalar(self._line(event), event.value, not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, key, depth)
        return self._mapping(event, key, depth)

    def _sequence(self, start: yaml.Event, key: str, depth: int) -> Sequence:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, f"{key}[{len(items) + 1}]", depth + 1))
        return Sequence(self._line(start), tuple(items))

    def _mapping(self, start: yaml.Event, key: str, depth: int) -> Mapping:
        items: dict[str, tuple[int, Node]] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = self._node(event, key, depth + 1)
            if not isinstance(name, Scalar):
                raise self._error(event, key, "not_text")
            inner = f"{key}.{name.value}" if key else name.value
            if name.value in items:
                raise self._error(event, inner[:80], "duplicate_key")
            items[name.value] = (name.line, self._node(next(self._events), inner[:80], depth + 1))
        return Mapping(self._line(start), items)


def _refuse_control_characters(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if not line.isprintable() and any(is_control(char) for char in line):
            raise TemplateSyntaxError(line=number, key="", reason="bad_character")


def is_control(char: str) -> bool:
    """True for C0 and C1 control characters other than tab and line feed, and for DEL."""
    code = ord(char)
    return (code < 0x20 and char not in "\t\n") or 0x7F <= code <= 0x9F
