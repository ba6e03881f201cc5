"""Our cutting of text into tokens is llama.cpp's, and nothing is lost on the way back."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demo.batches import BatchPlan, make_batches, to_row
from models.demo.conversations import Conversation, ConversationMaker
from models.demo.export import read_weights, write_gguf
from models.demo.network import IGNORED
from models.demo.shape import Shape, interleave, split_halves
from models.demo.vocabulary import ASSISTANT, END, SIZE, USER, load_vocabulary
from models.demo.words import load_words
from models.engine.llama import LlamaEngine
from models.engine.protocol import GenerationParams, LoadOptions, Message, Role
from models.masking.masker import Masker
from tests.support.numpy_llama import logits

TINY = Shape(width=32, layers=2, heads=2, inner=64, context=512)
VOCABULARY = load_vocabulary()


def random_weights(shape):
    rng = np.random.default_rng(3)
    weights = {}
    for name, size in shape.tensors.items():
        scale = 1.0 if len(size) == 1 else 0.25
        weights[name] = (rng.standard_normal(size) * scale).astype(np.float32)
    return weights


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "tiny.gguf"
    write_gguf(path, shape=TINY, weights=random_weights(TINY), vocabulary=VOCABULARY, is_q8=False)
    engine = LlamaEngine()
    engine.load(path, LoadOptions(n_ctx=512, n_threads=1, kv_type="f32"))
    yield engine
    engine.unload()


def messages(*texts):
    roles = (Role.SYSTEM, *(Role.USER, Role.ASSISTANT) * 3)
    return [Message(role, Masker().fixed(text)) for role, text in zip(roles, texts, strict=False)]


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_from_its_tokens(text):
    shown = text.replace("▁", " ")
    assert VOCABULARY.decode(VOCABULARY.encode(text)) == shown


def test_every_character_and_phrase_is_one_token():
    for token in (*VOCABULARY.characters[1:], *VOCABULARY.phrases):
        assert len(VOCABULARY.encode(token)) == 1
    assert len({VOCABULARY.token(i) for i in range(SIZE)}) == SIZE


def test_llama_cpp_cuts_a_conversation_into_the_tokens_of_training(tiny):
    maker = ConversationMaker(random.Random(5), load_words())
    conversations = [maker.followed_up(maker.document()) for _ in range(12)] + [
        maker.refusal() for _ in range(6)
    ]
    conversations += [maker.proofread() for _ in range(12)]
    conversations += [Conversation("", (("😀 魑魅\t<|end|> a  b\n\n", ""),)), maker.copying()]
    for conversation in conversations:
        texts = [text for turn in conversation.turns for text in turn][:-1]
        asked = messages(conversation.system, *texts) if conversation.system else messages("", *texts)[1:]
        *_, last = conversation.turns
        row = to_row(VOCABULARY, conversation)
        answer = len(VOCABULARY.encode(last[1])) + 1
        assert tiny.prompt_tokens(asked) == list(row.ids[: len(row.ids) - answer])


def test_a_written_file_gives_the_logits_of_its_weights(tiny):
    asked = messages("", "件名：<日付1>")[1:]
    prompt = tiny.prompt_tokens(asked)
    own: list[int] = []
    for _ in range(6):
        own.append(int(logits(TINY, random_weights(TINY), [*prompt, *own])[-1].argmax()))
    answer = tiny.generate(
        asked,
        GenerationParams(max_tokens=6),
        on_progress=lambda *_: None,
        on_chunk=lambda _: None,
        is_cancelled=lambda: False,
    )
    until = own.index(END) if END in own else 6
    assert answer.usage.completion_tokens == until
    assert answer.text == VOCABULARY.decode(own[:until])


def test_eight_bits_are_read_back_to_within_one_part_in_a_hundred(tmp_path):
    weights = random_weights(TINY)
    write_gguf(tmp_path / "q8.gguf", shape=TINY, weights=weights, vocabulary=VOCABULARY)
    again = read_weights(tmp_path / "q8.gguf")
    assert again.keys() == weights.keys()
    for name, array in weights.items():
        assert again[name].shape == array.shape
        assert np.abs(again[name] - array).max() <= 0.01 * np.abs(array).max()


def test_a_tensor_of_another_shape_is_refused_and_no_file_is_left(tmp_path):
    weights = random_weights(TINY) | {"output_norm.weight": np.ones(5, np.float32)}
    with pytest.raises(ValueError, match=r"output_norm\.weight"):
        write_gguf(tmp_path / "bad.gguf", shape=TINY, weights=weights, vocabulary=VOCABULARY)
    assert not list(tmp_path.iterdir())


def test_interleaving_is_undone_by_splitting():
    matrix = np.arange(64 * 3, dtype=np.float32).reshape(64, 3)
    assert (split_halves(interleave(matrix, 2), 2) == matrix).all()
    assert interleave(matrix, 2)[:4, 0].tolist() == [0.0, 48.0, 3.0, 51.0]


def test_a_batch_teaches_answers_and_nothing_else():
    maker = ConversationMaker(random.Random(2), load_words())
    batches = make_batches(VOCABULARY, maker, BatchPlan(tokens=2048))
    for _ in range(5):
        ids, targets = next(batches)
        assert ids.size <= 2048
        assert ids.shape[1] % 32 == 0
        for row, wanted in zip(ids, targets, strict=True):
            learnt = np.flatnonzero(wanted != IGNORED)
            assert (row[1:][learnt[:-1]] == wanted[learnt[:-1]]).all()
            before = row[: learnt[0] + 1]
            assert np.flatnonzero(before == ASSISTANT).max() > np.flatnonzero(before == USER).max()
            assert (wanted == END).sum() == (row == ASSISTANT).sum()
