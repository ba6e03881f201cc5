"""How a request is put to the engine: the conversation before it, and the parameters of its answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from desktop.drafting.requests import Request, Turn
from models.engine.protocol import GenerationParams, Message, Role
from models.masking.text import MaskedText
from prompts.template import PromptTemplate


def conversation(system: MaskedText | None, turns: Iterable[Turn]) -> list[Message]:
    """What was said before the next request."""
    messages = [] if system is None else [Message(Role.SYSTEM, system)]
    for turn in turns:
        messages += [Message(Role.USER, turn.request), Message(Role.ASSISTANT, turn.completion_masked)]
    return messages


def answer_params(
    template: PromptTemplate, request: Request, *, max_tokens: int, seed: int
) -> GenerationParams:
    """The template's parameters, and freer ones where the request was asked before."""
    asked = {name: value for name, value in asdict(template.params).items() if value is not None}
    params = replace(GenerationParams(max_tokens=max_tokens), **asked)
    if not request.sampled:
        return params
    # Greedy decoding would give the same again. The values are those measured for the
    # demonstration model: each further attempt a little freer.
    freer = min(0.3 + 0.1 * request.attempt, 1.0)
    return replace(params, temperature=max(params.temperature, freer), seed=seed + request.attempt)


def asked_text(request: Request) -> str:
    """What of a request has to come back."""
    if request.frame is not None:
        return request.frame
    return request.masked.text.text if request.masked is not None else ""
