"""What the model answers to the generator's own conversations: `python -m models.demo.evaluate [MODEL]`.

Only the model is looked at: exact answers of greedy decoding, with values that training never sees.
The way of a whole draft (templates, masking, retries) is measured by `make demo-eval`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from models.demo import demo_model_path
from models.demo.conversations import Conversation, ConversationMaker
from models.demo.forms import Kind
from models.demo.layouts import Style
from models.demo.words import load_words
from models.engine.llama import LlamaEngine
from models.engine.protocol import (
    Completion,
    Engine,
    FinishReason,
    GenerationParams,
    LoadOptions,
    Message,
    Role,
)
from models.masking.masker import Masker

_SEED = 424_242


@dataclass(frozen=True)
class Figures:
    """Counts for one group of conversations.

    Attributes:
        asked: Conversations.
        exact: Answers equal to the expected one in every character.
        ended: Answers that ended by themselves.
    """

    asked: int
    exact: int
    ended: int


def evaluate(engine: Engine, count: int) -> dict[str, Figures]:
    """Figures by group: the kinds of document, the two follow-ups, other wishes, refusals.

    Args:
        engine: With the model loaded.
        count: Conversations per group.
    """
    maker = ConversationMaker(random.Random(_SEED), load_words(held_out=True))
    groups: dict[str, Callable[[], Conversation]] = {
        kind.value: partial(maker.document, kind) for kind in Kind
    }
    groups["follow-up: shorter"] = lambda: maker.changed(maker.document(), Style.SHORT)
    groups["follow-up: polite"] = lambda: maker.changed(maker.document(), Style.POLITE)
    groups["follow-up: anything else"] = lambda: maker.changed(maker.document(), None)
    groups["refusal"] = maker.refusal
    return {name: _figures(engine, [make() for _ in range(count)]) for name, make in groups.items()}


def _figures(engine: Engine, conversations: list[Conversation]) -> Figures:
    answers = [(conversation.turns[-1][1], _ask(engine, conversation)) for conversation in conversations]
    return Figures(
        len(answers),
        sum(answer.text == expected for expected, answer in answers),
        sum(answer.finish_reason is FinishReason.STOP for _, answer in answers),
    )


def _ask(engine: Engine, conversation: Conversation) -> Completion:
    masker = Masker()
    messages = [Message(Role.SYSTEM, masker.fixed(conversation.system))] if conversation.system else []
    for request, answer in conversation.turns:
        messages += [Message(Role.USER, masker.fixed(request)), Message(Role.ASSISTANT, masker.fixed(answer))]
    return engine.generate(
        messages[:-1],
        GenerationParams(max_tokens=700),
        on_progress=lambda _read, _total: None,
        on_chunk=lambda _text: None,
        is_cancelled=lambda: False,
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the figures of a model file."""
    parser = argparse.ArgumentParser(prog="python -m models.demo.evaluate", description=__doc__)
    parser.add_argument("model", nargs="?", type=Path, default=demo_model_path())
    parser.add_argument("--count", type=int, default=25, help="conversations per group")
    options = parser.parse_args(arguments)
    engine = LlamaEngine()
    engine.load(options.model, LoadOptions(n_threads=1))
    for name, figures in evaluate(engine, options.count).items():
        line = f"{name:<26} exact {figures.exact:3d} of {figures.asked}, ended {figures.ended}"
        sys.stdout.write(line + "\n")
    engine.unload()
    return 0


if __name__ == "__main__":
    sys.exit(main())
