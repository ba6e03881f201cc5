import pytest

from desktop.drafting.errors import WrongStateError
from desktop.drafting.session import AnalyzeCall, DraftSession, SessionRules, State
from models.engine.protocol import Completion, FinishReason, Role, Usage
from models.errors import MyNumberFoundError, WorkerCrashedError
from models.masking.entities import EntityType, Span
from prompts.errors import MissingFieldError
from prompts.template import parse

TEMPLATE = parse(
    """---
schema: 1
id: 0b4f3c52-6c1a-4d0e-9f2a-1f2f7d1b8a01
version: "1"
title: 通知文
category: 文案作成
system: 自治体の文書を書きます。
fields:
  - name: subject
    label: 件名
    type: text
    required: true
  - name: when
    label: 日時
    type: text
    verbatim: true
  - name: notes
    label: 要点
    type: long_text
checklist:
  - 宛先を確かめた
  - 日付を確かめた
---
通知文を作成してください。

件名：{{subject}}
日時：{{when}}
要点：
{{notes}}
"""
)
VALUES = {"subject": "防災訓練", "when": "令和9年1月17日 午前9時", "notes": "担当は山田太郎（090-1234-5678）"}
USAGE = Usage(prompt_tokens=30, completion_tokens=10, prompt_ms=5, completion_ms=9)


def finds_in(text):
    kinds = {"山田太郎": EntityType.PERSON, "090-1234-5678": EntityType.PHONE, "佐藤花子": EntityType.PERSON}
    return [
        Span(text.index(value), text.index(value) + len(value), kind)
        for value, kind in kinds.items()
        if value in text
    ]


def answer(text, reason=FinishReason.STOP):
    return Completion(text, reason, USAGE)


GOOD = "防災訓練（通知）\n日時 <日付1>\n担当 <氏名1>（<電話番号1>）"


@pytest.fixture
def session():
    started = DraftSession(TEMPLATE, SessionRules(max_attempts=3))
    started.set_values(VALUES)
    return started


def to_review(session):
    call = session.begin_masking()
    return session.analysis_received(call, finds_in(call.text))


def to_checking(session, text=GOOD):
    to_review(session)
    session.confirm_review()
    assert session.completion_received(answer(text)) is None
    return session.turns[-1]


def test_the_way_of_one_draft_ends_in_a_confirmed_text_with_the_values_back(session):
    turn = to_checking(session)
    assert turn.completion == "防災訓練（通知）\n日時 令和9年1月17日 午前9時\n担当 山田太郎（090-1234-5678）"
    assert turn.report.missing_placeholders == ()
    assert not session.can_confirm
    session.tick(0)
    session.tick(1)
    session.confirm_draft("職員")
    assert session.state is State.CONFIRMED


def test_the_engine_is_handed_masked_text_only(session):
    to_review(session)
    call = session.confirm_review()
    text = "\n".join(message.text.text for message in call.messages)
    assert [message.role for message in call.messages] == [Role.SYSTEM, Role.USER]
    assert "<氏名1>" in text and "<日付1>" in text
    for value in ("山田", "090", "令和9年"):
        assert value not in text


def test_nothing_is_generated_before_the_review_is_confirmed(session):
    with pytest.raises(WrongStateError):
        session.confirm_review()
    session.begin_masking()
    with pytest.raises(WrongStateError):
        session.confirm_review()
    with pytest.raises(WrongStateError):
        session.chunk_received("x")


def test_an_analysis_of_another_text_is_refused(session):
    session.begin_masking()
    with pytest.raises(WrongStateError):
        session.analysis_received(AnalyzeCall("another text"), [])
    assert session.review is None


def test_without_an_answer_from_the_masker_there_is_no_way_on_and_back_leads_to_the_filled_form(session):
    session.begin_masking()
    session.failed(WorkerCrashedError("engine", -9))
    with pytest.raises(WrongStateError):
        session.confirm_review()
    session.back()
    assert session.state is State.FORM
    assert session.values["notes"] == VALUES["notes"]


def test_a_missing_required_field_leaves_the_form_open(session):
    session.set_values({"subject": ""})
    with pytest.raises(MissingFieldError):
        session.begin_masking()
    assert session.state is State.FORM


def test_a_my_number_keeps_the_review_open(session):
    call = session.begin_masking()
    at = call.text.index("090-1234-5678")
    session.analysis_received(call, [Span(at, at + 13, EntityType.MY_NUMBER)])
    with pytest.raises(MyNumberFoundError):
        session.confirm_review()
    assert session.state is State.REVIEW


def test_an_answer_without_a_verbatim_value_is_asked_for_again_a_little_freer(session):
    to_review(session)
    first = session.confirm_review()
    again = session.completion_received(answer("日時は未定です"))
    assert again is not None
    assert again.messages == first.messages
    assert (first.params.temperature, again.attempt) == (0.0, 1)
    assert again.params.temperature > 0
    assert session.completion_received(answer(GOOD)) is None
    assert session.turns[-1].attempts == 2


def test_an_answer_that_runs_in_circles_is_asked_for_again(session):
    to_review(session)
    session.confirm_review()
    assert session.completion_received(answer(GOOD + "検便が必要です。" * 9)) is not None


def test_after_the_last_attempt_the_best_answer_is_shown_with_what_is_missing(session):
    to_review(session)
    session.confirm_review()
    assert session.completion_received(answer("何もない <氏名9>")) is not None
    assert session.completion_received(answer("日時なし")) is not None
    assert session.completion_received(answer("やはり何もない <氏名8>")) is None
    turn = session.turns[-1]
    assert turn.completion == "日時なし"
    assert "<日付1>" in turn.report.missing_placeholders


def test_with_the_demonstration_model_every_single_line_value_must_be_in_the_answer():
    session = DraftSession(TEMPLATE, SessionRules(is_demo=True, max_attempts=2))
    session.set_values(VALUES)
    to_review(session)
    session.confirm_review()
    without_subject = GOOD.replace("防災訓練", "訓練")
    assert session.completion_received(answer(without_subject)) is not None


def test_chunks_are_restored_as_they_come_even_when_a_placeholder_is_cut(session):
    to_review(session)
    session.confirm_review()
    shown = "".join(
        session.chunk_received(piece) for piece in ("担当 <氏", "名", "1", ">（<電話番", "号1>）です")
    )
    assert shown == "担当 山田太郎（090-1234-5678）です"


def test_stopping_keeps_what_had_been_written(session):
    to_review(session)
    session.confirm_review()
    session.completion_received(answer("担当 <氏名1>", FinishReason.CANCELLED))
    assert (session.state, session.text) == (State.CHECKING, "担当 山田太郎")


def test_stopping_before_the_first_word_leads_back_to_the_review(session):
    to_review(session)
    session.confirm_review()
    session.completion_received(answer("", FinishReason.CANCELLED))
    assert session.state is State.REVIEW
    assert session.review is not None


def test_a_fixed_follow_up_carries_the_whole_masked_conversation(session):
    to_checking(session)
    call = session.begin_follow_up("もっと短くしてください。", is_fixed=True)
    assert [message.role for message in call.messages] == [
        Role.SYSTEM,
        Role.USER,
        Role.ASSISTANT,
        Role.USER,
    ]
    assert call.messages[2].text.text == GOOD
    session.completion_received(answer("短い <氏名1>"))
    assert session.text == "短い 山田太郎"
    assert len(session.turns) == 2


def test_a_value_of_the_form_that_a_follow_up_lost_is_reported(session):
    to_checking(session)
    session.begin_follow_up("もっと短くしてください。", is_fixed=True)
    session.completion_received(answer("担当 <氏名1>（<電話番号1>）"))
    assert session.turns[-1].report.missing_placeholders == ("<日付1>",)


def test_a_follow_up_of_the_demonstration_model_is_asked_again_until_every_value_is_there():
    session = DraftSession(TEMPLATE, SessionRules(is_demo=True, max_attempts=3))
    session.set_values(VALUES)
    to_review(session)
    call = session.confirm_review()
    whole = call.messages[-1].text.text
    session.completion_received(answer(whole))
    session.begin_follow_up("もっと短くしてください。", is_fixed=True)
    again = session.completion_received(answer(whole.replace("<日付1>", "")))
    assert again is not None
    assert again.attempt == 1
    assert session.completion_received(answer(whole)) is None
    assert len(session.turns) == 2


def test_a_typed_follow_up_is_reviewed_and_the_same_person_keeps_the_placeholder(session):
    to_checking(session)
    call = session.begin_follow_up("山田太郎を佐藤花子に替えて", is_fixed=False)
    assert session.state is State.MASKING
    session.analysis_received(call, finds_in(call.text))
    generate = session.confirm_review()
    assert generate.messages[-1].text.text == "<氏名1>を<氏名2>に替えて"


def test_leaving_a_follow_ups_review_leads_back_to_the_answer(session):
    to_checking(session)
    session.begin_follow_up("山田太郎を外して", is_fixed=False)
    session.back()
    assert session.state is State.CHECKING
    assert session.text


def test_asking_again_replaces_the_answer_and_a_failure_brings_the_old_one_back(session):
    old = to_checking(session)
    call = session.regenerate()
    assert call.params.temperature > 0
    session.failed(WorkerCrashedError("engine", -9))
    session.back()
    assert session.turns == [old]
    session.regenerate()
    session.completion_received(answer(GOOD + "\n以上"))
    assert session.text.endswith("以上")
    assert len(session.turns) == 1


def test_two_regenerations_use_different_seeds(session):
    to_checking(session)
    first = session.regenerate()
    session.completion_received(answer(GOOD))
    assert session.regenerate().params.seed != first.params.seed


def test_after_a_crash_of_the_engine_the_confirmed_request_can_be_sent_again(session):
    to_review(session)
    first = session.confirm_review()
    session.failed(WorkerCrashedError("engine", -9))
    assert session.retry().messages == first.messages


def test_a_new_answer_has_to_be_checked_anew(session):
    to_checking(session)
    session.tick(0)
    session.tick(1)
    session.begin_follow_up("敬体で", is_fixed=True)
    session.completion_received(answer(GOOD))
    assert not session.can_confirm


def test_an_invented_placeholder_is_reported(session):
    to_review(session)
    session.confirm_review()
    while session.completion_received(answer(GOOD + "\n連絡先 <氏名5>")):
        pass
    assert session.turns[-1].report.unknown_placeholders == ("<氏名5>",)


def test_taking_up_a_draft_keeps_its_vault(session):
    turn = to_checking(session)
    later = DraftSession(TEMPLATE, SessionRules(), vault=session.vault)
    later.set_values(VALUES)
    to_review(later)
    assert later.confirm_review().messages[-1].text == turn.request
