"""What every prompt of a template begins with, so that the engine can read it ahead."""

from __future__ import annotations

from typing import Final

from models.engine.protocol import Message, Role
from models.masking.masker import Masker
from prompts.template import PromptTemplate

_PLACEHOLDER: Final = "{{"


def fixed_beginning(template: PromptTemplate, *, is_reviewed: bool) -> tuple[Message, ...]:
    """The messages up to the first text that a form fills; the last one is a beginning only.

    Args:
        template: The task.
        is_reviewed: Whether the template is a shipped or the office's read-only one. The body of any
            other may hold a name that somebody left in it; it is read after the masking alone.

    Returns:
        No message where nothing is fixed.
    """
    masker = Masker()
    messages = [Message(Role.SYSTEM, masker.fixed(template.system))] if template.system else []
    beginning = template.body.partition(_PLACEHOLDER)[0] if is_reviewed else ""
    if not messages and not beginning.strip():
        return ()
    return (*messages, Message(Role.USER, masker.fixed(beginning)))
