"""An endless loop is noticed while it is written; what only looks like one is not."""

import random

import pytest

from models.engine.loops import LoopWatch
from models.engine.protocol import FinishReason
from tests.support.conversations import Recorder, user


def ends_at(tokens):
    watch = LoopWatch()
    for place, token in enumerate(tokens, 1):
        watch.add(token)
        if watch.is_found():
            return place
    return None


@pytest.mark.parametrize(
    ("period", "end"),
    [(1, 128), (2, 128), (20, 128), (22, 132), (64, 384), (65, None)],
)
def test_a_stretch_that_comes_again_and_again_is_a_loop(period, end):
    before = list(range(1000, 1050))
    found = ends_at(before + list(range(period)) * 200)
    assert found == (None if end is None else len(before) + end)


def test_what_repeats_itself_for_a_while_is_none():
    rng = random.Random(5)
    prose = [rng.randint(0, 40) for _ in range(3000)]
    table = [token for row in range(60) for token in (1, 2, 100 + row, 3, 4)]
    ruler = [7] * 100
    assert ends_at([*prose, *ruler, *table, *ruler]) is None


@pytest.mark.parametrize("is_lookup_allowed", [False, True])
def test_a_model_that_loops_is_stopped_and_not_said_to_have_ended(random_engine, is_lookup_allowed):
    completion = Recorder().run(
        random_engine, user("件名：試験"), max_tokens=1500, is_lookup_allowed=is_lookup_allowed
    )
    assert completion.finish_reason is FinishReason.LENGTH
    assert completion.usage.completion_tokens < 1500
