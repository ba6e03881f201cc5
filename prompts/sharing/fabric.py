"""Fabric (https://github.com/danielmiessler/fabric): one folder a pattern, with system.md and user.md."""

from __future__ import annotations

import re

from prompts.sharing.foreign import Names, make_template, replace_variables
from prompts.sharing.sources import Reading, SourceFile, decode
from prompts.template import Field, FieldType

_VARIABLE = re.compile(r"\{\{[ \t]*([^\W\d][\w-]*)[ \t]*\}\}")
_MAX_SYSTEM_CHARS = 20_000


def read_pattern(system: SourceFile, user: SourceFile | None) -> Reading:
    """Reads one pattern. What the person works on goes into the field `input`, at the end."""
    reading = Reading()
    instructions = decode(system.content)
    extra = "" if user is None else decode(user.content)
    if instructions is None or extra is None:
        reading.reject(system.path, "bad_encoding")
        return reading
    if not instructions.strip():
        reading.reject(system.path, "missing_body")
        return reading
    names = Names()
    names.of("input")
    instructions, extra = (_variables(_without_input_heading(part), names) for part in (instructions, extra))
    if "{{" in instructions or len(instructions) > _MAX_SYSTEM_CHARS:
        instructions, extra = "", f"{instructions}\n\n{extra}"
    body = extra.strip("\n")
    if "{{input}}" not in body:
        body = f"{body}\n\n{{{{input}}}}" if body.strip() else "{{input}}"
    fields = [
        Field("input", "対象の文章", FieldType.LONG_TEXT, required=True)
        if name == "input"
        else Field(name, name)
        for name in dict.fromkeys(_VARIABLE.findall(body))
    ]
    name = system.folder.rsplit("/", 1)[-1] or "pattern"
    reading.add_template(
        system.path,
        make_template(
            kind="fabric",
            key=name,
            title=name.replace("_", " "),
            body=body,
            fields=fields,
            system=instructions.strip("\n").rstrip(),
            tags=["fabric"],
        ),
    )
    return reading


def _variables(text: str, names: Names) -> str:
    return replace_variables(_VARIABLE, text, lambda match: names.of(match.group(1)))


def _without_input_heading(text: str) -> str:
    """Without the lines `# INPUT` and `INPUT:` at the end, where Fabric appends the person's text."""
    lines = text.replace("\r\n", "\n").rstrip().split("\n")
    while lines and lines[-1].strip(" \t#:").upper() in ("", "INPUT"):
        lines.pop()
    return "\n".join(lines)
