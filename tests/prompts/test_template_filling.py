"""Filling a template: offsets, empty fields, lists, and values that do not fit."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.errors import VALUE_REASONS, FieldValueError, MissingFieldError, UnknownFieldError
from prompts.template import Field, FieldType, clean_value, parse, render
from prompts.template.dates import DateProblem, is_time, read_date

FORM = """---
schema: 1
id: 6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1
version: 1
title: 通知文
category: 文案作成
system: 正確に書く。
fields:
  - {name: subject, label: 件名, required: true}
  - {name: place, label: 場所}
  - {name: points, label: 要点, type: long_text}
  - {name: note, label: 備考, type: long_text, default: なし}
---
次の項目で作成してください。

件名：{{subject}}
場所：{{ place }}
要点：
・{{points}}

【備考】
{{note}}
"""


@pytest.fixture
def form():
    return parse(FORM)


def test_every_value_stands_where_its_segment_says(form):
    prompt = render(
        form, {"subject": "訓練𠮷", "place": "小学校", "points": "雨天決行\n駐車不可", "note": "一\n二"}
    )
    assert [prompt.text[s.start : s.end] for s in prompt.segments] == [
        "訓練𠮷",
        "小学校",
        "雨天決行",
        "駐車不可",
        "一\n二",
    ]
    assert [s.field.name for s in prompt.segments] == ["subject", "place", "points", "points", "note"]
    assert prompt.system == "正確に書く。"
    assert prompt.fixed_prefix == "次の項目で作成してください。\n\n件名："


def test_a_line_of_empty_placeholders_goes_with_its_label(form):
    prompt = render(form, {"subject": "訓練", "note": ""})
    assert prompt.text == "次の項目で作成してください。\n\n件名：訓練"


def test_a_value_left_out_takes_its_default(form):
    assert render(form, {"subject": "訓練"}).text.endswith("件名：訓練\n\n【備考】\nなし")


def test_a_list_line_is_repeated_without_doubling_typed_markers(form):
    text = render(form, {"subject": "a", "points": "・一\n- 二\n\n　三\n・"}).text
    assert "要点：\n・一\n・二\n・三\n" in text


def test_a_placeholder_inside_a_value_stays_as_typed(form):
    prompt = render(form, {"subject": "{{place}}", "place": "{{subject}}"})
    assert "件名：{{place}}\n場所：{{subject}}" in prompt.text


def test_a_label_stays_while_one_of_its_lines_stays():
    source = FORM.replace("・{{points}}", "・{{points}}\n・{{place}}")
    text = render(parse(source), {"subject": "a", "place": "b"}).text
    assert "要点：\n・b" in text


def test_a_missing_required_field_is_named(form):
    for values in ({}, {"subject": " \u3000"}):
        with pytest.raises(MissingFieldError) as caught:
            render(form, values)
        assert (caught.value.name, caught.value.label) == ("subject", "件名")


def test_an_unknown_field_is_named_with_those_there_are(form):
    with pytest.raises(UnknownFieldError) as caught:
        render(form, {"subject": "a", "title": "b"})
    assert caught.value.name == "title"
    assert caught.value.known == ("subject", "place", "points", "note")


@given(
    st.dictionaries(
        st.sampled_from(["place", "points", "note"]),
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40),
    )
)
def test_segments_never_overlap_and_hold_only_what_was_typed(values):
    prompt = render(parse(FORM), {"subject": "a", **values})
    end = 0
    for segment in prompt.segments:
        assert end <= segment.start < segment.end <= len(prompt.text)
        end = segment.end
        typed = {"subject": "a", "note": "なし", **values}[segment.field.name]
        assert prompt.text[segment.start : segment.end] in typed.replace("\u2028", "\n").replace(
            "\u2029", "\n"
        )


def field(kind: FieldType, *options: str) -> Field:
    return Field("x", "項目", kind, options=options)


ACCEPTED = [
    (FieldType.TEXT, "  市長　", "市長"),
    (FieldType.LONG_TEXT, "\n 一\r\n二\u2028三  \n\n", " 一\n二\n三"),
    (FieldType.TABLE, "a\tb\n1\t2", "a\tb\n1\t2"),
    (FieldType.NUMBER, "１，２００", "１，２００"),
    (FieldType.NUMBER, "-3.5", "-3.5"),
    (FieldType.DATE, "令和9年1月17日", "令和9年1月17日"),
    (FieldType.TIME, "午後1時半", "午後1時半"),
    (FieldType.CHECKBOX, "true", "はい"),
    (FieldType.CHECKBOX, "いいえ", "いいえ"),
    (FieldType.CHECKBOX, "", "いいえ"),
]


@pytest.mark.parametrize(("kind", "typed", "kept"), ACCEPTED)
def test_a_fitting_value_is_kept_as_typed(kind, typed, kept):
    assert clean_value(field(kind), typed) == kept


def test_a_checkbox_with_texts_gives_the_text_of_its_state():
    box = field(FieldType.CHECKBOX, "読みがなを付ける")
    assert clean_value(box, "はい") == "読みがなを付ける"
    assert clean_value(box, "いいえ") == ""


REFUSED = [
    (FieldType.TEXT, "a\nb", "line_break"),
    (FieldType.TEXT, "a\0b", "control_character"),
    (FieldType.LONG_TEXT, "a\x1b[31m", "control_character"),
    (FieldType.LONG_TEXT, "a\ud83db", "lone_surrogate"),
    (FieldType.LONG_TEXT, "あ" * 200_001, "too_long"),
    (FieldType.NUMBER, "12人", "not_a_number"),
    (FieldType.NUMBER, "1,20", "not_a_number"),
    (FieldType.DATE, "来週", "not_a_date"),
    (FieldType.DATE, "令和9年2月30日", "no_such_day"),
    (FieldType.DATE, "2027-02-29", "no_such_day"),
    (FieldType.DATE, "平成40年1月1日", "no_such_day"),
    (FieldType.DATE, "令和9年1月17日（月）", "weekday_mismatch"),
    (FieldType.TIME, "25時", "not_a_time"),
    (FieldType.CHECKBOX, "多分", "not_yes_or_no"),
]


@pytest.mark.parametrize(("kind", "typed", "reason"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_with_its_reason(kind, typed, reason):
    with pytest.raises(FieldValueError) as caught:
        clean_value(field(kind), typed)
    assert (caught.value.reason, caught.value.label) == (reason, "項目")
    assert reason in VALUE_REASONS


def test_a_choice_must_be_one_of_its_options():
    choice = field(FieldType.CHOICE, "敬体", "常体")
    assert clean_value(choice, "常体") == "常体"
    with pytest.raises(FieldValueError) as caught:
        clean_value(choice, "常 体")
    assert caught.value.reason == "not_an_option"


DATES = {
    "令和9年1月17日": (2027, 1, 17),
    "令和元年5月1日": (2019, 5, 1),
    "令和９年１月１７日（日）": (2027, 1, 17),
    "R9.1.17": (2027, 1, 17),
    "r9.1.17": DateProblem.NOT_A_DATE,
    "H31.4.30": (2019, 4, 30),
    "平成31年5月1日": DateProblem.NO_SUCH_DAY,
    "令和元年4月30日": DateProblem.NO_SUCH_DAY,
    "昭和64年1月7日": (1989, 1, 7),
    "昭和64年1月8日": DateProblem.NO_SUCH_DAY,
    "2027-01-17": (2027, 1, 17),
    "2027/1/17": (2027, 1, 17),
    "2027年1月17日(日曜日)": (2027, 1, 17),
    "2027/1-17": DateProblem.NOT_A_DATE,
    "2027-02-29": DateProblem.NO_SUCH_DAY,
    "2028-02-29": (2028, 2, 29),
    "令和9年13月1日": DateProblem.NO_SUCH_DAY,
    "令和0年1月1日": DateProblem.NO_SUCH_DAY,
    "": DateProblem.NOT_A_DATE,
}


@pytest.mark.parametrize(("typed", "expected"), DATES.items())
def test_dates_are_read_in_both_calendars(typed, expected):
    found = read_date(typed)
    if isinstance(expected, DateProblem):
        assert found is expected
    else:
        assert found == datetime.date(*expected)


def test_a_date_without_a_year_is_accepted_and_has_no_year():
    assert read_date("1月17日") is None
    assert read_date("2月29日（日）") is None
    assert read_date("2月30日") is DateProblem.NO_SUCH_DAY


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9時", True),
        ("９：３０", True),
        ("9:3", False),
        ("午前9時30分", True),
        ("正午", True),
        ("24:00", True),
        ("24:01", False),
        ("午後13時", False),
        ("9時60分", False),
        ("朝", False),
    ],
)
def test_times_of_day_are_told_from_other_texts(typed, expected):
    assert is_time(typed) is expected
