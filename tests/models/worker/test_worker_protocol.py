import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engine.protocol import Message, Role
from models.errors import ERRORS_BY_CODE, ContextTooLongError, ProtocolError
from models.masking.entities import EntityType, Span
from models.masking.text import seal
from models.worker.protocol import (
    Cancel,
    Event,
    Failure,
    FrameReader,
    Ready,
    Request,
    Result,
    decode,
    encode,
    messages_from_json,
    messages_to_json,
    params_from_json,
    span_from_json,
    span_to_json,
)

TEXT = st.text(st.characters(codec=None, exclude_categories=[]), max_size=60)
JSON = st.dictionaries(
    TEXT, st.one_of(TEXT, st.integers(), st.booleans(), st.lists(TEXT, max_size=3)), max_size=4
)
FRAMES = st.one_of(
    st.builds(Request, TEXT, TEXT, JSON),
    st.builds(Cancel, TEXT),
    st.builds(Ready, TEXT, st.integers()),
    st.builds(Event, TEXT, TEXT, JSON),
    st.builds(Result, TEXT, JSON),
    st.builds(Failure, TEXT, TEXT, JSON),
)


@given(FRAMES)
def test_every_frame_survives_the_wire(frame):
    line = encode(frame)
    assert line.count(b"\n") == 1
    assert decode(line) == frame


@given(st.lists(FRAMES, max_size=6), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_frames_survive_however_the_pipe_cuts_them(frames, cuts):
    data = b"".join(encode(frame) for frame in frames)
    reader, seen, at, step = FrameReader(), [], 0, 0
    while at < len(data):
        width = cuts[step % len(cuts)]
        seen += reader.feed(data[at : at + width])
        at, step = at + width, step + 1
    assert seen == frames


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"v":2,"kind":"cancel","id":"1"}',
        b'{"v":1,"kind":"shell","id":"1"}',
        b'{"v":1,"kind":"cancel"}',
        b'{"v":1,"kind":"cancel","id":7}',
        b'{"v":1,"kind":"request","id":"1","op":"x","params":[]}',
        b'{"v":1,"kind":"cancel","id":"1","extra":1}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_no_frame_is_refused(line):
    with pytest.raises(ProtocolError):
        decode(line)


def test_every_error_crosses_the_pipe_with_its_fields():
    error = ContextTooLongError(prompt_tokens=3000, max_tokens=512, n_ctx=1024)
    back = Failure("1", error.code, error.fields()).to_error()
    assert back == error
    assert len(ERRORS_BY_CODE) == len(set(ERRORS_BY_CODE.values())) > 10


def test_masked_messages_keep_roles_and_text():
    messages = [Message(Role.SYSTEM, seal("規則")), Message(Role.USER, seal("<氏名1>様"))]
    assert messages_from_json(messages_to_json(messages)) == messages


@pytest.mark.parametrize("rows", [[{}], [{"role": "boss", "masked": "x"}], [{"role": "user"}], [3]])
def test_messages_of_another_shape_are_refused(rows):
    with pytest.raises(ProtocolError):
        messages_from_json(rows)


def test_unknown_generation_parameters_are_refused():
    with pytest.raises(ProtocolError):
        params_from_json({"n_predict": 3})


def test_a_span_keeps_everything_the_review_needs():
    span = Span(3, 7, EntityType.PERSON, score=0.4, sources=("ginza", "title"), person="p1")
    assert span_from_json(span_to_json(span)) == span


@pytest.mark.parametrize(
    "row", [{}, {"start": 3, "end": 3, "label": "PERSON", "score": 1, "sources": [], "person": ""}]
)
def test_a_row_that_is_no_span_is_refused(row):
    with pytest.raises(ProtocolError):
        span_from_json(row)
