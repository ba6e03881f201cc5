"""Markdown and plain text: one file, one template."""

from __future__ import annotations

from prompts.sharing.foreign import make_template
from prompts.sharing.open_webui import read_variables
from prompts.sharing.sources import Reading


def read_plain(path: str, text: str) -> Reading:
    """The first heading, or else the file's name, is the title; the rest is the body."""
    reading = Reading()
    if not text.strip():
        reading.reject(path, "missing_body")
        return reading
    lines = text.strip().splitlines()
    title = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if lines[0].startswith("#") and lines[0].lstrip("# \t") and len(lines) > 1:
        title = lines.pop(0).lstrip("# \t")
    body, fields = read_variables("\n".join(lines).strip("\n"))
    if not body.strip():
        reading.reject(path, "missing_body")
        return reading
    template = make_template(kind="text", key=path, title=title, body=body, fields=fields)
    reading.add_template(path, template)
    return reading
