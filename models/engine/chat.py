"""From messages to the pieces of a prompt, with the model's own chat template.

The template is rendered with a sentinel in the place of each text, and the result is cut at the
sentinels. So the frame (where control tokens belong) and the texts (where they must never be read as
such) stay apart, and a pasted `<|end|>` is five harmless characters more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models.engine.protocol import Message, Role
from models.errors import ChatTemplateError

Render = Callable[[list[dict[str, str]]], str]
"""Renders messages of `role` and `content` with a chat template; raises ValueError when refused."""

_SENTINEL: Final = "KIANTEXT{}NAITXET"
_SENTINEL_PATTERN: Final = re.compile("KIANTEXT([0-9]+)NAITXET")


@dataclass(frozen=True)
class Piece:
    """One piece of a prompt, in order.

    Attributes:
        text: The characters.
        is_frame: Whether it is the template's, so that control tokens in it count as such.
    """

    text: str
    is_frame: bool


def prompt_pieces(messages: Sequence[Message], render: Render) -> tuple[Piece, ...]:
    """The prompt of `messages`, ending where the model is to write on.

    Where the template knows no system role, the system text goes before the first user text.

    Raises:
        ChatTemplateError: The template refuses these messages or does not carry every text once.
    """
    try:
        return _pieces(messages, render)
    except ChatTemplateError:
        folded = _fold_system(messages)
        if folded is None:
            raise
        return _pieces_of(folded, render)


def _pieces(messages: Sequence[Message], render: Render) -> tuple[Piece, ...]:
    return _pieces_of([(m.role, [m.text.text]) for m in messages], render)


_Turn = tuple[Role, list[str]]


def _fold_system(messages: Sequence[Message]) -> list[_Turn] | None:
    """The same turns with the system texts in front of the first user's, or None if there are none."""
    system = [m.text.text for m in messages if m.role is Role.SYSTEM]
    turns: list[_Turn] = [(m.role, [m.text.text]) for m in messages if m.role is not Role.SYSTEM]
    if not system or not turns or turns[0][0] is not Role.USER:
        return None
    turns[0] = (Role.USER, [*system, *turns[0][1]])
    return turns


def _pieces_of(turns: Sequence[_Turn], render: Render) -> tuple[Piece, ...]:
    texts: list[str] = []
    rendered_turns: list[dict[str, str]] = []
    for role, parts in turns:
        numbers = range(len(texts), len(texts) + len(parts))
        texts.extend(parts)
        content = "\n\n".join(_SENTINEL.format(number) for number in numbers)
        rendered_turns.append({"role": role.value, "content": content})
    return _cut(_rendered(rendered_turns, render), texts)


def _rendered(turns: list[dict[str, str]], render: Render) -> str:
    try:
        return render(turns)
    except ValueError:
        raise ChatTemplateError(reason="refused") from None


def _cut(rendered: str, texts: Sequence[str]) -> tuple[Piece, ...]:
    parts = _SENTINEL_PATTERN.split(rendered)
    if [int(number) for number in parts[1::2]] != list(range(len(texts))):
        raise ChatTemplateError(reason="altered")
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        piece = Piece(texts[int(part)], is_frame=False) if index % 2 else Piece(part, is_frame=True)
        if piece.text:
            pieces.append(piece)
    return tuple(pieces)


def up_to_last_text(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces up to the end of the last text: what stays the same when that text goes on."""
    last = max((index for index, piece in enumerate(pieces) if not piece.is_frame), default=-1)
    return tuple(pieces[: last + 1])
