"""Markdown and plain text: one file, one template."""

from __future__ import annotations

import re

from prompts.sharing.foreign import make_template
from prompts.sharing.open_webui import read_variables
from prompts.sharing.sources import Reading

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^(?:title|name):[ \t]*(\S.*)$", re.MULTILINE)


def read_plain(path: str, text: str) -> Reading:
    """The title is the front matter's, else the first heading, else the file's name; the rest is the body.

    Of a front matter that is not ours only the title is taken; a `user.md` is named by its folder.
    """
    reading = Reading()
    if not text.strip():
        reading.reject(path, "missing_body")
        return reading
    front = _FRONT_MATTER.match(text)
    lines = (text[front.end() :] if front else text).strip().splitlines() or [""]
    *folders, name = path.split("/")
    title = name.rsplit(".", 1)[0]
    if title.lower() == "user" and folders:
        title = folders[-1].replace("_", " ")
    named = _TITLE.search(front[0]) if front else None
    if named:
        title = named[1].strip().strip("\"'")
    elif lines[0].startswith("#") and lines[0].lstrip("# \t") and len(lines) > 1:
        title = lines.pop(0).lstrip("# \t")
    body, fields = read_variables("\n".join(lines).strip("\n"))
    if not body.strip():
        reading.reject(path, "missing_body")
        return reading
    template = make_template(kind="text", key=path, title=title, body=body, fields=fields)
    reading.add_template(path, template)
    return reading
