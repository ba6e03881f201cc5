"""The templates that come with the program, in the same format that people share."""

from __future__ import annotations

import uuid
from functools import cache
from importlib import resources

from prompts.template import PromptTemplate, parse

SUFFIX = ".prompt.md"
_NAMESPACE = uuid.UUID("6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1")


@cache
def load_builtin() -> tuple[PromptTemplate, ...]:
    """All shipped templates, in the order of their file names."""
    files = [entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(SUFFIX)]
    return tuple(parse(entry.read_text("utf-8")) for entry in sorted(files, key=lambda entry: entry.name))


def builtin_id(name: str) -> str:
    """The id of the shipped template of this short name, such as `notice` for notice.prompt.md."""
    return str(uuid.uuid5(_NAMESPACE, name))
