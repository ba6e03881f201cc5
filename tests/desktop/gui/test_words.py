import pytest

from desktop.drafting.checks import CheckReport, check_completion
from desktop.drafting.messages import ERROR_BASES
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.clients.masking_client import MaskingState
from desktop.gui.controllers.follow_ups import FOLLOW_UPS, follow_ups_for
from desktop.gui.controllers.review_words import caution_of, chips_of, summary_of, why_it_stays
from desktop.gui.messages import REMEDIES, Remedy, message_for, value_problem
from desktop.gui.widgets.check_panel import concerns_of
from desktop.gui.widgets.status_strip import ENGINE_WORDS, MASKING_WORDS, SERVER_WORDS
from models.demo.forms import wording
from models.errors import ContextTooLongError, WorkerCrashedError
from models.masking.entities import EntityType, Span
from models.masking.review import Review
from models.masking.vault import Vault
from prompts.errors import FieldValueError, MissingFieldError
from prompts.template import PersonalInformation


def review(*kinds, score=1.0):
    text = "".join(chr(ord("ア") + i) * 2 for i in range(len(kinds)))
    spans = [Span(2 * i, 2 * i + 2, kind, score=score) for i, kind in enumerate(kinds)]
    return Review.of(text, spans, vault=Vault())


def test_counts_are_said_in_one_line():
    assert summary_of(review(), is_final=False) == "個人情報を探しています…"
    assert summary_of(review()) == "個人情報は見つかりませんでした"
    assert summary_of(review(EntityType.PERSON, EntityType.PERSON, EntityType.PHONE)) == (
        "見つかった個人情報　3件・2人"
    )


def test_what_stops_and_what_is_doubtful_comes_first():
    shown = review(EntityType.PERSON, EntityType.MY_NUMBER, EntityType.AGE, score=0.3)
    assert [words for words, _ in chips_of(shown)] == [
        "個人番号　1",
        "要確認　3",
        "氏名　1",
        "そのまま渡す　1",
    ]


@pytest.mark.parametrize(
    ("kinds", "rule", "begins"),
    [
        ((EntityType.MY_NUMBER,), PersonalInformation.ALLOWED, "個人番号"),
        ((EntityType.MY_NUMBER, EntityType.PERSON), PersonalInformation.FORBIDDEN, "個人番号"),
        ((EntityType.PERSON,), PersonalInformation.FORBIDDEN, "このひな形では"),
        ((EntityType.PERSON,), PersonalInformation.MASKED, None),
        ((EntityType.AGE, EntityType.GENDER), PersonalInformation.MASKED, None),
        ((EntityType.AGE, EntityType.GENDER, EntityType.FACILITY), PersonalInformation.MASKED, "組み合わせ"),
        ((), PersonalInformation.FORBIDDEN, None),
    ],
)
def test_one_thing_to_mind_is_said_above_the_review(kinds, rule, begins):
    caution = caution_of(review(*kinds), rule)
    assert (
        (caution.title if caution else None) is None if begins is None else caution.title.startswith(begins)
    )


def test_why_a_find_stays_masked_is_said():
    assert "個人番号" in why_it_stays(EntityType.MY_NUMBER)
    assert "伏せ字" in why_it_stays(EntityType.CUSTOM)


def test_every_concern_of_a_report_is_a_line():
    report = check_completion(
        "令和9年9月9日に開催します。",
        ["資料"],
        missing_placeholders=["<電話番号1>"],
        unknown_placeholders=["<氏名9>"],
        has_ended=False,
    )
    lines = concerns_of(report, lambda name: "0123-45-6789")
    assert [line.place for line in lines] == [0, None, None, None]
    assert [line.words for line in lines] == [
        "「令和9年9月9日」　資料に無い",
        "「0123-45-6789」（電話番号1）が下書きに使われていません",
        "<氏名9> は、もとの値がない記号です。直してください",
        "文が途中で終わっています",
    ]


def test_a_clean_report_has_no_concerns():
    assert concerns_of(CheckReport(), lambda name: "") == []


def test_the_programs_own_requests_hold_no_look_alike_of_a_value():
    vault = Vault()
    vault.placeholder_for("山田太郎", entity_type=EntityType.PERSON)
    for follow_up in FOLLOW_UPS:
        assert not vault.restore(follow_up.request).used
        assert not vault.find_lookalikes(follow_up.request)


def test_the_demonstration_model_is_asked_only_what_it_does_well():
    trained = {*wording()["follow_up_short"], *wording()["follow_up_polite"]}
    assert {f.request for f in follow_ups_for(is_demo=True)} <= trained
    assert [f.label for f in follow_ups_for(is_demo=True)] == ["もっと短く", "敬体で"]
    assert follow_ups_for(is_demo=False) == FOLLOW_UPS


def test_every_remedy_names_a_code_that_exists():
    codes = {error.code for base in ERROR_BASES for error in base.__subclasses__()}
    assert set(REMEDIES) <= codes
    assert all(remedy.label for remedy in Remedy if remedy is not Remedy.NONE)


def test_a_message_says_what_happened_and_offers_what_helps():
    crashed = message_for(WorkerCrashedError("engine", -11))
    assert crashed.remedy is Remedy.RETRY
    assert crashed.title and crashed.what
    assert message_for(ContextTooLongError(9000, 256, 4096)).remedy is Remedy.BACK_TO_FORM
    assert message_for(ZeroDivisionError("山田太郎")).remedy is Remedy.NONE
    assert "山田" not in message_for(ZeroDivisionError("山田太郎")).line


def test_a_problem_at_a_field_is_one_sentence():
    assert value_problem(MissingFieldError("subject", "件名")) == "「件名」が入力されていません。"
    assert "数字" in value_problem(FieldValueError("n", "人数", "not_a_number"))


def test_every_state_of_both_workers_has_its_words():
    assert set(ENGINE_WORDS) == set(SERVER_WORDS) == set(EngineState)
    assert set(MASKING_WORDS) == set(MaskingState)
