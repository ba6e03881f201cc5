"""Guessing from the prompt: it may change the time, never the text."""

import pytest

from models.engine.lookup import GuessMeter, NgramIndex
from tests.support.conversations import Recorder, user

REWRITE = """次の文章を、です・ます調に書き直してください。

市は来年度から粗大ごみの収集を予約制とする。予約は収集日の3日前までに行うこと。処理券は市内の取扱店で購入できる。"""
FORM = """お知らせを作成してください。

件名：粗大ごみの戸別収集の予約方法が変わります
実施日：令和8年4月1日から
対象：市内にお住まいの全世帯
お問い合わせ先：環境課 ごみ減量推進係 0557-82-1111"""


@pytest.mark.parametrize("prompt", [REWRITE, FORM, FORM + "\n" + FORM])
@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_the_text_is_the_same_with_guessing(demo_engine, prompt, temperature):
    def run(**params):
        recorder = Recorder()
        completion = recorder.run(
            demo_engine, user(prompt), max_tokens=150, temperature=temperature, seed=4, **params
        )
        assert "".join(recorder.chunks) == completion.text
        return completion.text, completion.finish_reason, completion.usage.completion_tokens

    assert run(is_lookup_allowed=True) == run(is_lookup_allowed=False)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 13, 21, 22, 23])
def test_max_tokens_is_kept_to_the_token(demo_engine, limit):
    completion = Recorder().run(demo_engine, user(REWRITE), max_tokens=limit)
    assert completion.usage.completion_tokens <= limit


def test_a_run_of_three_is_found_and_the_longest_run_decides():
    index = NgramIndex()
    index.extend([9, 1, 2, 3, 50, 51, 52, 8, 2, 3, 7, 60, 61, 62])
    index.extend([1, 2, 3])
    assert index.guess(3) == [50, 51, 52]
    index.extend([5, 9, 1, 2, 3])
    assert index.guess(3) == [50, 51, 52]


def test_two_tokens_are_no_match():
    index = NgramIndex()
    index.extend([1, 2, 30, 31, 32, 99, 1, 2])
    assert index.guess(3) == []


def test_guesses_come_in_steps_that_llama_cpp_multiplies_at_once():
    index = NgramIndex()
    index.extend(list(range(100, 130)))
    index.extend([100, 101, 102])
    assert [len(index.guess(limit)) for limit in (2, 3, 6, 7, 10, 11, 50)] == [0, 3, 3, 7, 7, 11, 11]


def measured(right, guessed=3, guess_s=0.013, plain_s=0.010, steps=30):
    meter = GuessMeter()
    for _ in range(10):
        meter.add_plain(plain_s)
    for _ in range(steps):
        if meter.guesses == 0:
            break
        meter.add_guess(guess_s, guessed=guessed, right=right)
    return meter


def test_the_first_steps_guess_nothing_to_have_a_measure():
    assert GuessMeter().guesses == 0


def test_guesses_that_are_right_go_on_and_grow():
    meter = measured(right=3)
    assert meter.guesses == 11
    assert meter.gain > 3


def test_guesses_that_are_wrong_pause():
    assert measured(right=0).guesses == 0


def test_guesses_that_are_right_but_too_slow_pause():
    assert measured(right=3, guess_s=0.05).guesses == 0


def test_after_a_pause_it_is_tried_again():
    meter = measured(right=0)
    for _ in range(200):
        meter.add_plain(0.01)
    assert meter.guesses > 0


def test_one_slow_step_does_not_decide():
    meter = measured(right=2, steps=10)
    meter.add_guess(5.0, guessed=3, right=2)
    assert meter.guesses > 0
