"""What the window says when something went wrong: the sentence, and the one button beside it.

The sentences are `desktop.drafting.messages`, shared with the terminal; here stands what only a window
has: which button helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from desktop.drafting import messages
from prompts.errors import PromptsError


class Remedy(StrEnum):
    """What the button of a message does."""

    NONE = "none"
    RETRY = "retry"
    RELOAD_MODEL = "reload_model"
    CHOOSE_MODEL = "choose_model"
    RECONNECT = "reconnect"
    RELOAD_MASKING = "reload_masking"
    BACK_TO_FORM = "back_to_form"
    MASK_AGAIN = "mask_again"

    @property
    def label(self) -> str:
        """The button's text."""
        return {
            "none": "",
            "retry": "もう一度",
            "reload_model": "モデルを読み込み直す",
            "choose_model": "モデルの画面を開く",
            "reconnect": "つなぎ直す",
            "reload_masking": "マスキングを準備し直す",
            "back_to_form": "入力に戻る",
            "mask_again": "見直す",
        }[self.value]


@dataclass(frozen=True)
class Notice:
    """A message: what happened, what to do, and the button."""

    title: str
    what: str
    remedy: Remedy

    @property
    def line(self) -> str:
        """All of it in one line, for the place under a field."""
        return f"{self.title} {self.what}".strip()


REMEDIES: Final[dict[str, Remedy]] = {
    "worker_crashed": Remedy.RETRY,
    "worker_timeout": Remedy.RETRY,
    "worker_bug": Remedy.RETRY,
    "protocol_error": Remedy.RETRY,
    "decode_failed": Remedy.RETRY,
    "inference_server": Remedy.RETRY,
    "parts_unreadable": Remedy.RETRY,
    "not_enough_memory": Remedy.RETRY,
    "model_not_loaded": Remedy.RELOAD_MODEL,
    "model_quarantined": Remedy.RELOAD_MODEL,
    "model_file_missing": Remedy.CHOOSE_MODEL,
    "model_file_broken": Remedy.CHOOSE_MODEL,
    "analyzer_unavailable": Remedy.RELOAD_MASKING,
    "context_too_long": Remedy.BACK_TO_FORM,
    "text_too_long": Remedy.BACK_TO_FORM,
    "input_too_long": Remedy.BACK_TO_FORM,
    "my_number_found": Remedy.BACK_TO_FORM,
    "forbidden_kind": Remedy.BACK_TO_FORM,
    "person_cap_reached": Remedy.BACK_TO_FORM,
    "missing_field": Remedy.BACK_TO_FORM,
    "field_value": Remedy.BACK_TO_FORM,
}
"""The button by error code; a code that is not here has none."""


def message_for(error: Exception) -> Notice:
    """The message of an error of ours; a sentence about an unexpected one for every other."""
    message = messages.message_for(error)
    remedy = REMEDIES.get(str(getattr(error, "code", "")), Remedy.NONE)
    return Notice(message.title, f"{message.what}{message.todo}", remedy)


def value_problem(error: PromptsError) -> str:
    """What is wrong with a field's value, for the line under it."""
    return messages.message_for(error).what
