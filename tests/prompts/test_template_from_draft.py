"""A good draft becomes a template, without what belonged to its one case."""

import re

from hypothesis import given
from hypothesis import strategies as st

from prompts.template import Category, FieldType, Particular, dump, parse, render, template_from_draft

DRAFT = """令和9年1月17日

山田太郎 様

　防災訓練について（通知）

１　日時　令和9年1月17日
２　連絡先　山田太郎（電話 0123-45-6789）
"""


def particulars(draft, *wanted):
    return [
        Particular(match.start(), match.end(), label, is_personal)
        for text, label, is_personal in wanted
        for match in re.finditer(re.escape(text), draft)
    ]


def make(draft, found):
    return template_from_draft(draft, found, title="通知", category=Category.DRAFTING)


def test_particulars_become_fields_and_the_rest_the_model_to_follow():
    found = particulars(
        DRAFT,
        ("山田太郎", "氏名", True),
        ("0123-45-6789", "電話番号", True),
        ("令和9年1月17日", "日付", False),
    )
    template = make(DRAFT, found)
    assert [(field.name, field.pii, field.example) for field in template.fields] == [
        ("日付1", False, "令和9年1月17日"),
        ("氏名1", True, ""),
        ("電話番号1", True, ""),
    ]
    assert "{{氏名1}} 様" in template.body
    assert "日時　{{日付1}}" in template.body
    assert parse(dump(template)) == template
    filled = render(template, {"日付1": "令和10年1月16日", "氏名1": "佐藤花子", "電話番号1": "0123-00-0000"})
    assert "佐藤花子 様" in filled.text


def test_a_personal_value_that_was_marked_once_is_left_nowhere():
    found = particulars(DRAFT, ("山田太郎", "氏名", True))[:1]
    assert "山田太郎" not in dump(make(DRAFT, found))


def test_two_values_of_one_kind_are_two_fields_and_overlaps_count_once():
    draft = "佐藤一郎と鈴木花子"
    template = make(draft, [Particular(0, 4, "氏名"), Particular(0, 2, "氏"), Particular(5, 9, "氏名")])
    assert [field.name for field in template.fields] == ["氏名1", "氏名2"]


def test_a_value_of_several_lines_is_a_long_field():
    assert make("あ\nい", [Particular(0, 3, "要点", False)]).fields[0].type is FieldType.LONG_TEXT


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12), st.sampled_from(["氏名", "1番", "", "a-b", "日付"])),
    max_size=8,
)


@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029")
        | st.sampled_from("{}\n山田"),
        min_size=1,
        max_size=50,
    ),
    spans,
    st.booleans(),
)
def test_every_draft_gives_a_template_that_can_be_stored_and_filled(draft, wanted, is_personal):
    found = [
        Particular(start, min(start + length, len(draft)), label, is_personal)
        for start, length, label in wanted
        if start < len(draft)
    ]
    template = make(draft, found)
    assert parse(dump(template)).fields == template.fields
    render(template, {})
