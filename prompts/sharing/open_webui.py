"""Open WebUI: the JSON of its prompt export, with typed variables in `{{name | type:option}}`.

After the description in its documentation (Workspace, Prompts): a variable is
`{{name}}` or `{{name | type:property="value":required}}`, options of `select` are a JSON list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from prompts.errors import FieldValueError
from prompts.sharing.foreign import Names, make_template, one_line, replace_variables
from prompts.sharing.sources import Reading
from prompts.template import Field, FieldType, PromptTemplate, clean_value

_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PROPERTY = re.compile(rf':\s*([A-Za-z_]+)(?:\s*=\s*({_QUOTED}|\[(?:{_QUOTED}|[^\]"])*\]|[^:"\[\]]*))?')
_TYPES = {
    "text": FieldType.TEXT,
    "textarea": FieldType.LONG_TEXT,
    "select": FieldType.CHOICE,
    "checkbox": FieldType.CHECKBOX,
    "number": FieldType.NUMBER,
    "range": FieldType.NUMBER,
    "date": FieldType.DATE,
    "time": FieldType.TIME,
}
_TYPE_NAMES = {
    FieldType.TEXT: "text",
    FieldType.LONG_TEXT: "textarea",
    FieldType.CHOICE: "select",
    FieldType.CHECKBOX: "checkbox",
    FieldType.NUMBER: "number",
    FieldType.DATE: "text",  # 和暦 does not fit into their date picker
    FieldType.TIME: "text",
    FieldType.TABLE: "textarea",
    FieldType.ATTACHMENT: "textarea",
}
_SYSTEM_VARIABLES = {
    "CURRENT_DATE": "今日の日付",
    "CURRENT_DATETIME": "今の日時",
    "CURRENT_TIME": "今の時刻",
    "CURRENT_WEEKDAY": "今日の曜日",
    "CURRENT_TIMEZONE": "時間帯",
    "USER_NAME": "利用者の名前",
    "USER_LANGUAGE": "利用者の言語",
    "USER_LOCATION": "利用者の所在地",
    "CLIPBOARD": "貼り付ける文章",
}


def read_open_webui(path: str, text: str) -> Reading:
    """Reads an export: a list of prompts, an object that holds one under `prompts`, or one prompt."""
    reading = Reading()
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        reading.reject(path, "bad_json")
        return reading
    if isinstance(found, dict):
        inner = found.get("prompts", found.get("items", found.get("data")))
        found = inner if isinstance(inner, list) else [found]
    if not isinstance(found, list):
        reading.reject(path, "not_an_object")
        return reading
    for number, entry in enumerate(found, 1):
        _read_entry(reading, f"{path}#{number}", entry)
    return reading


def _read_entry(reading: Reading, path: str, entry: object) -> None:
    if not isinstance(entry, dict):
        reading.reject(path, "not_an_object")
        return
    command = _text(entry.get("command")).strip().lstrip("/")
    title = _text(entry.get("title")) or _text(entry.get("name")) or command
    content = _text(entry.get("content"))
    if title.strip():
        path = f"{path} {one_line(title)[:60]}"
    if not title.strip():
        reading.reject(path, "missing_title")
    elif not content.strip():
        reading.reject(path, "missing_body")
    else:
        body, fields = read_variables(content)
        tags = entry.get("tags")
        reading.add_template(
            path,
            make_template(
                kind="open-webui",
                key=command or title,
                title=title,
                body=body,
                fields=fields,
                tags=[_tag(tag) for tag in tags] if isinstance(tags, list) else [],
                description=_text(entry.get("description")),
            ),
        )


def read_variables(content: str) -> tuple[str, tuple[Field, ...]]:
    """Turns their variables into our placeholders and fields."""
    names, fields = Names(), dict[str, Field]()

    def name_of(match: re.Match[str]) -> str:
        variable, _, rest = match.group(1).partition("|")
        if not variable.strip():
            return ""
        name = names.of(variable.strip())
        field = _field(name, variable.strip(), rest)
        # The first mention that says something about the variable counts.
        if name not in fields or (rest.strip() and fields[name].type is FieldType.TEXT):
            fields[name] = field
        return name

    return replace_variables(_VARIABLE, content, name_of), tuple(fields.values())


def _field(name: str, variable: str, rest: str) -> Field:
    kind, _, options = rest.strip().partition(":")
    properties = {
        match.group(1).lower(): _value(match.group(2)) for match in _PROPERTY.finditer(":" + options)
    }
    choices = _choices(properties.get("options"))
    type_ = _TYPES.get(kind.strip().lower(), FieldType.TEXT)
    if type_ is FieldType.CHOICE and not choices:
        type_ = FieldType.TEXT
    field = Field(
        name=name,
        label=one_line(_text(properties.get("label")) or _SYSTEM_VARIABLES.get(variable, variable))[:120],
        type=type_,
        required="required" in properties and properties["required"] not in ("false", False),
        options=choices if type_ is FieldType.CHOICE else (),
        help=_text(properties.get("placeholder"))[:2000],
    )
    return replace(field, default=_default(field, properties.get("default")))


def _default(field: Field, value: object) -> str:
    """Their default where it fits our field."""
    text = ("true" if value else "false") if isinstance(value, bool) else _text(value)
    text = text.strip("\n").rstrip() if field.type is FieldType.LONG_TEXT else one_line(text)
    try:
        clean_value(field, text)
    except FieldValueError:
        return ""
    return text[:20_000]


def _value(raw: str | None) -> object:
    if raw is None:
        return True
    try:
        return json.loads(raw)
    except ValueError:
        return raw.strip()


def _choices(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = list(value.strip("[]").split(","))
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(word for item in value if (word := one_line(_text(item).strip("\"'"))[:500])))


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _tag(value: object) -> str:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def write_open_webui(templates: Iterable[PromptTemplate]) -> str:
    """The JSON that Open WebUI imports: command, title and content; nothing about the author."""
    entries = [
        {"command": f"/{template.id[:8]}", "title": template.title, "content": _content(template)}
        for template in templates
    ]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _content(template: PromptTemplate) -> str:
    body = template.body
    for field in template.fields:
        body = re.sub(
            r"\{\{[ \t\u3000]*" + re.escape(field.name) + r"[ \t\u3000]*\}\}",
            lambda _, field=field: _variable(field),  # type: ignore[misc]
            body,
        )
    return f"{template.system}\n\n{body}" if template.system else body


def _variable(field: Field) -> str:
    parts = [_TYPE_NAMES[field.type]]
    if field.type is FieldType.CHOICE:
        parts.append("options=" + json.dumps(field.options, ensure_ascii=False))
    if field.help or field.label != field.name:
        parts.append("placeholder=" + json.dumps(_plain(field.help or field.label), ensure_ascii=False))
    if field.default and field.type is FieldType.CHOICE:
        parts.append("default=" + json.dumps(field.default, ensure_ascii=False))
    if field.required:
        parts.append("required")
    return "{{" + field.name + " | " + ":".join(parts) + "}}"


def _plain(text: str) -> str:
    return one_line(text.replace("{", "（").replace("}", "）"))
