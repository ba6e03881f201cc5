"""Prompty (https://prompty.ai): YAML front matter and a body of roles with `{{name}}`."""

from __future__ import annotations

import re

from prompts.errors import TemplateSyntaxError, TemplateTooLargeError
from prompts.sharing.foreign import Names, make_template, one_line
from prompts.sharing.sources import Reading, Rejected
from prompts.template import Field, FieldType
from prompts.template.front_matter import Mapping, Node, Scalar, Sequence, compose, split

_ROLE = re.compile(
    r"^[ \t]*#?[ \t]*(system|user|assistant|developer|function|tool)[ \t]*:[ \t]*$", re.M | re.I
)
_VARIABLE = re.compile(r"\{\{\{?[ \t]*([^{}]*?)[ \t]*\}?\}\}")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_LOGIC = re.compile(r"\{%|\{\{[ \t]*[#/^>!&]|!\[[^\]]*\]\(\{\{")


def read_prompty(path: str, text: str) -> Reading:
    """Reads one `.prompty` file. Loops, conditions and filters have no place in our format."""
    reading = Reading()
    if not text.lstrip("\ufeff").startswith("---"):
        text = f"---\n---\n{text}"  # a body alone is a prompty file, too
    try:
        front, body, _ = split(text)
        top = compose(front, max_depth=20) if front.strip() else Mapping(1, {})
    except TemplateSyntaxError as error:
        reading.rejected.append(Rejected(path, error.reason, error.key, error.line))
        return reading
    except TemplateTooLargeError:
        reading.reject(path, "too_large")
        return reading
    stem = path.rsplit("/", 1)[-1].removesuffix(".prompty")
    title = _text(top, "name") or stem
    system, user = _parts(body)
    names = Names()
    try:
        system, user = _variables(system, names), _variables(user, names)
    except ValueError:
        reading.reject(path, "template_logic")
        return reading
    if not (system or user).strip():
        reading.reject(path, "missing_body")
        return reading
    if "{{" in system or not user.strip():
        system, user = "", "\n\n".join(part for part in (system, user) if part.strip())
    reading.add_template(
        path,
        make_template(
            kind="prompty",
            key=path,
            title=title,
            body=user,
            fields=_fields(top, names, user),
            system=system.strip("\n").rstrip(),
            tags=_list(top, "tags") or _list(_mapping(top, "metadata"), "tags"),
            description=_text(top, "description"),
            issuer="、".join(_list(top, "authors") or _list(_mapping(top, "metadata"), "authors")),
        ),
    )
    return reading


def _parts(body: str) -> tuple[str, str]:
    """The first system message and the rest; the rest keeps its roles when it has several."""
    pieces = _ROLE.split(body)
    turns = [(role.lower(), said.strip("\n")) for role, said in zip(pieces[1::2], pieces[2::2], strict=True)]
    if pieces[0].strip():
        turns.insert(0, ("user" if not turns else "system", pieces[0].strip("\n")))
    system = ""
    if turns and turns[0][0] in ("system", "developer"):
        system = turns.pop(0)[1]
    if len(turns) == 1:
        return system, turns[0][1]
    return system, "\n\n".join(f"{role}:\n{said}" for role, said in turns)


def _variables(text: str, names: Names) -> str:
    if _LOGIC.search(text):
        raise ValueError("logic")

    def replace(match: re.Match[str]) -> str:
        if not _NAME.fullmatch(match.group(1)):
            raise ValueError("expression")
        return "{{" + names.of(match.group(1)) + "}}"

    return _VARIABLE.sub(replace, text)


def _fields(top: Mapping, names: Names, body: str) -> tuple[Field, ...]:
    described: dict[str, Node] = {}
    for node in (
        _node(top, "inputs"),
        _node(top, "sample"),
        _node(_mapping(top, "inputSchema"), "properties"),
    ):
        if isinstance(node, Mapping):
            described = {name: value for name, (_, value) in node.items.items()} | described
        elif isinstance(node, Sequence):
            entries = [entry for entry in node.items if isinstance(entry, Mapping)]
            described = {_text(entry, "name"): entry for entry in entries} | described
    labels = {names.of(variable): variable for variable in (*described, *_found(body))}
    used = _found(body)
    return tuple(
        _field(name, labels.get(name, name), described.get(labels.get(name, name)))
        for name in dict.fromkeys(used)
    )


def _found(body: str) -> list[str]:
    return [match.group(1) for match in _VARIABLE.finditer(body)]


def _field(name: str, label: str, node: Node | None) -> Field:
    help_, example = "", ""
    if isinstance(node, Scalar):
        example = node.value
    elif isinstance(node, Mapping):
        help_ = _text(node, "description")
        example = _text(node, "sample") or _text(node, "default") or _text(node, "example")
    return Field(
        name=name,
        label=one_line(label)[:120],
        type=FieldType.LONG_TEXT,
        help=help_[:2000],
        example=example.strip("\n").rstrip()[:20_000],
    )


def _node(top: Mapping, key: str) -> Node | None:
    entry = top.items.get(key)
    return entry[1] if entry else None


def _mapping(top: Mapping, key: str) -> Mapping:
    node = _node(top, key)
    return node if isinstance(node, Mapping) else Mapping(0, {})


def _text(top: Mapping, key: str) -> str:
    node = _node(top, key)
    return node.value.strip() if isinstance(node, Scalar) else ""


def _list(top: Mapping, key: str) -> list[str]:
    node = _node(top, key)
    if isinstance(node, Scalar):
        return [node.value]
    if isinstance(node, Sequence):
        return [item.value for item in node.items if isinstance(item, Scalar)]
    return []
