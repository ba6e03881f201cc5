"""「自由に書く」: a template like the others, for what no template fits."""

from __future__ import annotations

from functools import cache
from importlib import resources

from prompts.template import PromptTemplate, parse


@cache
def free_template() -> PromptTemplate:
    """The template behind 「自由に書く」."""
    return parse((resources.files("desktop.gui") / "resources" / "free.prompt.md").read_text("utf-8"))
