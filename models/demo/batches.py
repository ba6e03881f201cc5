"""Batches of token rows for training, by length, without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.demo.conversations import Conversation, ConversationMaker
from models.demo.network import IGNORED
from models.demo.vocabulary import ASSISTANT, BOS, END, NEWLINE, PAD, SYSTEM, USER, Vocabulary

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One conversation as tokens; `is_learnt` marks the tokens the model has to write."""

    ids: tuple[int, ...]
    is_learnt: tuple[bool, ...]


@dataclass(frozen=True)
class BatchPlan:
    """How batches are made.

    Attributes:
        tokens: Most tokens of a batch, padding included.
        longest: Longest row, tokens; longer conversations are left out.
        grid: Rows are padded to a multiple of this, so that few shapes of batches occur.
        copying_share: Share of bare copying practice.
        proofreading_share: Share of texts to proof-read.
    """

    tokens: int = 5120
    longest: int = 1600
    grid: int = 32
    copying_share: float = 0.08
    proofreading_share: float = 0.5


def to_row(vocabulary: Vocabulary, conversation: Conversation) -> Row:
    """The tokens of a conversation in the frame of the chat template."""
    ids: list[int] = [BOS]
    if conversation.system:
        ids += [SYSTEM, NEWLINE, *vocabulary.encode(conversation.system), END, NEWLINE]
    learnt = [False] * len(ids)
    for request, answer in conversation.turns:
        asked = [USER, NEWLINE, *vocabulary.encode(request), END, NEWLINE, ASSISTANT, NEWLINE]
        told = [*vocabulary.encode(answer), END]
        ids += [*asked, *told, NEWLINE]
        learnt += [False] * len(asked) + [True] * len(told) + [False]
    return Row(tuple(ids[:-1]), tuple(learnt[:-1]))


def make_batches(
    vocabulary: Vocabulary, maker: ConversationMaker, plan: BatchPlan
) -> Iterator[tuple[Ids, Ids]]:
    """Yields ids and targets, both (rows, length); targets are `IGNORED` where nothing is learnt."""
    waiting: dict[int, list[Row]] = {}
    while True:
        made = maker.make(copying_share=plan.copying_share, proofreading_share=plan.proofreading_share)
        row = to_row(vocabulary, made)
        if len(row.ids) > plan.longest:
            continue
        length = -(-(len(row.ids) - 1) // plan.grid) * plan.grid
        group = waiting.setdefault(length, [])
        group.append(row)
        if (len(group) + 1) * length > plan.tokens:
            yield _arrays(waiting.pop(length), length)


def _arrays(rows: list[Row], length: int) -> tuple[Ids, Ids]:
    ids = np.full((len(rows), length), PAD, np.int64)
    targets = np.full((len(rows), length), IGNORED, np.int64)
    for place, row in enumerate(rows):
        all_ids, learnt = np.array(row.ids, np.int64), np.array(row.is_learnt)
        ids[place, : len(all_ids) - 1] = all_ids[:-1]
        targets[place, : len(all_ids) - 1] = np.where(learnt[1:], all_ids[1:], IGNORED)
    return ids, targets
