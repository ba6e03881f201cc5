"""States of fixed text: kept, found again after a restart, and never trusted when damaged."""

import os

import pytest

from models.demo import demo_model_path
from models.engine.llama import LlamaEngine
from models.engine.prefixes import PrefixStore, prefix_key
from models.engine.protocol import LoadOptions
from models.errors import ContextTooLongError
from tests.support.conversations import Recorder, system, user

FIXED = "自治体の職員が使う文書の下書きを作成します。入力にない事実を加えないでください。" * 16
FORM = "お礼状を作成してください。\n\n件名：市民文化祭への出展\n宛名：<会社名1> 様"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "状態 置き場" / "prefixes"


def started(folder, **options):
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(n_threads=1, state_folder=str(folder.parent), **options))
    return engine


def prepare(engine, *messages, is_cancelled=lambda: False):
    seen = []
    count = engine.prepare_prefix(
        messages, on_progress=lambda done, total: seen.append((done, total)), is_cancelled=is_cancelled
    )
    return count, seen


def test_prepared_text_is_not_read_again(folder):
    engine = started(folder)
    count, seen = prepare(engine, system(FIXED))
    completion = Recorder().run(engine, system(FIXED), user(FORM))
    engine.unload()
    assert seen[-1] == (count, count)
    assert completion.usage.reused_tokens == count > 50


def test_prepared_text_survives_a_restart(folder):
    first = started(folder)
    count, _ = prepare(first, system(FIXED))
    first.unload()
    second = started(folder)
    completion = Recorder().run(second, system(FIXED), user(FORM))
    second.unload()
    assert completion.usage.reused_tokens == count


def test_the_answer_is_the_same_with_and_without_a_kept_state(folder):
    plain = LlamaEngine()
    plain.load(demo_model_path(), LoadOptions(n_threads=1))
    expected = Recorder().run(plain, system(FIXED), user(FORM)).text
    plain.unload()
    prepare(engine := started(folder), system(FIXED))
    engine.unload()
    engine = started(folder)
    assert Recorder().run(engine, system(FIXED), user(FORM)).text == expected
    engine.unload()


def test_the_fixed_beginning_of_a_users_text_counts_too(folder):
    beginning = "次の項目で、お礼状を作成してください。値は変えずに使ってください。入力にない事実は書かないでください。"
    engine = started(folder)
    count, _ = prepare(engine, system(FIXED), user(beginning))
    completion = Recorder().run(engine, system(FIXED), user(beginning + "\n\n件名：出展のお礼"))
    engine.unload()
    assert completion.usage.reused_tokens >= count - 2


def test_two_templates_change_places_without_reading(folder):
    engine = started(folder)
    other = FIXED.replace("自治体", "市役所")
    prepare(engine, system(FIXED))
    prepare(engine, system(other))
    for text in (FIXED, other, FIXED):
        assert Recorder().run(engine, system(text), user(FORM)).usage.reused_tokens > 50
    engine.unload()


def test_a_longer_conversation_in_memory_is_not_thrown_away_for_a_kept_state(folder):
    engine = started(folder)
    prepare(engine, system(FIXED))
    first = Recorder().run(engine, system(FIXED), user(FORM))
    again = Recorder().run(engine, system(FIXED), user(FORM))
    engine.unload()
    assert again.usage.reused_tokens == first.usage.prompt_tokens - 1


def test_preparing_can_be_stopped_and_keeps_nothing_half(folder):
    engine = started(folder)
    count, _ = prepare(engine, system(FIXED), is_cancelled=lambda: True)
    engine.unload()
    assert count == 0
    assert not list(folder.glob("*.state")) if folder.exists() else True


def test_fixed_text_beyond_the_context_is_refused(folder):
    engine = started(folder)
    with pytest.raises(ContextTooLongError):
        prepare(engine, system("長い" * 2000))
    engine.unload()


def test_what_a_person_typed_and_what_was_written_is_never_kept(folder):
    engine = started(folder)
    prepare(engine, system(FIXED))
    before = sorted(path.name for path in folder.iterdir())
    Recorder().run(engine, system(FIXED), user(FORM))
    engine.unload()
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-100], lambda data: data[:50] + b"\xff" * 50 + data[100:], lambda data: b""]
)
def test_a_damaged_state_is_deleted_and_the_text_read_anew(folder, damage):
    engine = started(folder)
    prepare(engine, system(FIXED))
    engine.unload()
    (state,) = folder.glob("*.state")
    state.write_bytes(damage(state.read_bytes()))
    engine = started(folder)
    completion = Recorder().run(engine, system(FIXED), user(FORM))
    engine.unload()
    assert completion.usage.reused_tokens == 0
    assert not state.exists()


@pytest.mark.parametrize("options", [{"n_ctx": 1024}, {"kv_type": "f32"}, {"sha256": "0" * 64}])
def test_a_state_serves_only_the_settings_it_was_made_with(folder, options):
    engine = started(folder)
    prepare(engine, system(FIXED))
    engine.unload()
    engine = started(folder, **options)
    completion = Recorder().run(engine, system(FIXED), user("件名"), max_tokens=5)
    engine.unload()
    assert completion.usage.reused_tokens == 0


def write_of_size(size):
    def write(path):
        path.write_bytes(b"x" * size)
        return size

    return write


def test_the_longest_unused_states_go_first_when_there_is_no_room(folder):
    store = PrefixStore(folder, prefix_key("m"), limit_bytes=2500)
    for number, age in ((1, 300), (2, 100), (3, 200)):
        assert store.save([number] * 40, write_of_size(1000))
        for path in folder.glob("*.state"):
            if path.stat().st_mtime > 1e9:
                os.utime(path, (1e6 - age, 1e6 - age))
    assert store.save([4] * 40, write_of_size(1000))
    assert [store.has([number] * 40) for number in (1, 2, 3, 4)] == [False, True, False, True]


def test_the_limit_holds_over_all_models(folder):
    PrefixStore(folder, prefix_key("old"), limit_bytes=1500).save([1] * 40, write_of_size(1000))
    for path in folder.glob("*.state"):
        os.utime(path, (1, 1))
    PrefixStore(folder, prefix_key("new"), limit_bytes=1500).save([1] * 40, write_of_size(1000))
    assert len(list(folder.glob("*.state"))) == 1


def test_a_state_that_cannot_be_written_costs_nothing_but_speed(tmp_path):
    (tmp_path / "file").write_text("")
    assert not PrefixStore(tmp_path / "file" / "x", "k").save([1] * 40, write_of_size(10))
    assert not PrefixStore(tmp_path / "y", "k").save([1] * 40, lambda path: 0)
