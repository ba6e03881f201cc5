"""Reading and writing speed, from what a generation cost."""

from __future__ import annotations

from models.engine.protocol import Usage
from models.hardware import Speed


def speed_of(usage: Usage) -> Speed:
    """The speed that a generation showed; tokens that were known already do not count as read.

    For a fair figure the prompt should be new and some hundred tokens long, and the answer written with
    `is_lookup_allowed=False`.
    """
    read = usage.prompt_tokens - usage.reused_tokens
    return Speed(
        reading_tps=read * 1000 / max(usage.prompt_ms, 1),
        writing_tps=usage.completion_tokens * 1000 / max(usage.completion_ms, 1),
    )
