"""The hand-written beginning does what its circuits are meant to do, before any training."""

import numpy as np
import pytest

from models.demo.initial import initial_weights, rotary_steps
from models.demo.shape import Shape
from tests.support.numpy_llama import attention, logits

SHAPE = Shape(layers=3)
WEIGHTS = initial_weights(SHAPE)


def test_it_has_every_tensor_in_its_shape():
    assert {name: array.shape for name, array in WEIGHTS.items()} == SHAPE.tensors
    assert all(array.dtype == np.float32 for array in WEIGHTS.values())


@pytest.mark.parametrize("head", [0, 1])
def test_the_first_heads_look_at_the_token_before(head):
    ids = np.random.default_rng(1).integers(300, 3800, 60)
    seen = attention(SHAPE, WEIGHTS, ids, 0)[head]
    on_previous = seen[np.arange(1, 60), np.arange(59)]
    assert on_previous.mean() > 0.7
    assert (on_previous > 0.4).mean() > 0.85


def test_a_repeated_row_is_continued_from_its_first_occurrence():
    rng = np.random.default_rng(7)
    first = rng.choice(np.arange(300, 3800), 40, replace=False)
    ids = np.concatenate([first, first])
    best = logits(SHAPE, WEIGHTS, ids)[40:79].argmax(-1)
    assert (best == ids[41:]).mean() > 0.5


def test_without_a_repetition_there_is_nothing_to_copy():
    rng = np.random.default_rng(8)
    ids = rng.choice(np.arange(300, 3800), 80, replace=False)
    best = logits(SHAPE, WEIGHTS, ids)[40:79].argmax(-1)
    assert (best == ids[41:]).mean() < 0.1


def test_the_rotary_steps_fall_from_one_to_the_slowest():
    steps = rotary_steps(SHAPE)
    assert steps[0] == 1.0
    assert (np.diff(steps) < 0).all()
    assert steps[-1] == pytest.approx(100_000 ** (-62 / 64))
