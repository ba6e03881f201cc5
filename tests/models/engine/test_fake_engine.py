"""The scripted engine keeps the same contract as the real one."""

from pathlib import Path

import pytest

from models.engine.fake import FakeEngine
from models.engine.protocol import Engine, FinishReason, LoadOptions
from models.errors import ContextTooLongError, DecodeFailedError, ModelFileMissingError, ModelNotLoadedError
from tests.support.conversations import Recorder, system, user


def loaded(**fields) -> Engine:
    engine = FakeEngine(**fields)
    engine.load(Path("any.gguf"), LoadOptions())
    return engine


def test_it_gives_the_last_user_message_back_by_default():
    recorder = Recorder()
    completion = recorder.run(loaded(), system("方針"), user("［氏名1］様へ"))
    assert completion.text == "［氏名1］様へ" == "".join(recorder.chunks)
    assert completion.finish_reason is FinishReason.STOP
    assert recorder.progress[-1][0] == recorder.progress[-1][1] == completion.usage.prompt_tokens


def test_it_ends_at_max_tokens():
    completion = Recorder().run(loaded(), user("0123456789"), max_tokens=4)
    assert (completion.text, completion.finish_reason) == ("0123", FinishReason.LENGTH)


def test_it_stops_while_reading():
    completion = Recorder(stop_at_progress=1).run(loaded(), user("0123456789"))
    assert (completion.text, completion.finish_reason) == ("", FinishReason.CANCELLED)


def test_it_stops_while_writing():
    completion = Recorder(stop_at_chunk=2).run(loaded(), user("0123456789"))
    assert (completion.text, completion.finish_reason) == ("012345", FinishReason.CANCELLED)


def test_it_refuses_what_is_too_long():
    with pytest.raises(ContextTooLongError):
        Recorder().run(loaded(n_ctx=100), user("長" * 101))


def test_it_fails_as_the_script_says_and_then_goes_on():
    engine = loaded(errors=[DecodeFailedError(status=-1)])
    with pytest.raises(DecodeFailedError):
        Recorder().run(engine, user("あ"))
    assert Recorder().run(engine, user("あ")).text == "あ"


def test_it_wants_a_model_first():
    with pytest.raises(ModelNotLoadedError):
        FakeEngine().count_tokens([user("あ")])


def test_it_can_demand_that_the_file_exists(tmp_path):
    with pytest.raises(ModelFileMissingError):
        FakeEngine(must_exist=True).load(tmp_path / "none.gguf", LoadOptions())
