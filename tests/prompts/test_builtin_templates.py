"""The shipped templates: what every one of them must offer."""

import collections
import re
from importlib import resources

import pytest

from prompts.builtin import load_builtin
from prompts.template import (
    Category,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
    Rule,
    lint,
    render,
)

TEMPLATES = load_builtin()
DEMO = [template for template in TEMPLATES if template.demo_model]


def titles(template):
    return template.title


def test_all_categories_are_served_by_at_least_four_of_at_least_48():
    counts = collections.Counter(template.category for template in TEMPLATES)
    assert len(TEMPLATES) >= 48
    assert min(counts[category] for category in Category) >= 4


def test_ids_and_titles_are_unique():
    assert len({template.id for template in TEMPLATES}) == len(TEMPLATES)
    assert len({template.title for template in TEMPLATES}) == len(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES, ids=titles)
def test_a_template_meets_every_rule_and_renders_with_and_without_its_optional_fields(template):
    assert lint(template) == ()
    assert 1 <= sum(field.required for field in template.fields) <= 3
    assert template.minutes_by_hand > 0
    assert template.updated
    full = render(template, template.example_values)
    assert {segment.field.name for segment in full.segments} == {field.name for field in template.fields}
    needed = {field.name: field.example for field in template.fields if field.required}
    short = render(template, needed)
    for text in (full.text, short.text):
        assert "{{" not in text
        assert "\n\n\n" not in text
        assert not re.search(r"[：:]$", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=titles)
def test_fixed_instructions_come_before_the_persons_data(template):
    prompt = render(template, template.example_values)
    if not template.demo_model:
        assert len(prompt.fixed_prefix) > 100
        assert "記号は" in template.system


RESIDENTS = [
    template
    for template in TEMPLATES
    if template.category is Category.RESIDENTS and template.personal_information is PersonalInformation.MASKED
]


@pytest.mark.parametrize("template", RESIDENTS, ids=titles)
def test_a_template_for_residents_information_reminds_of_the_masking(template):
    assert any("マスキング" in caution for caution in template.cautions)
    assert any(field.pii for field in template.fields)


def test_the_source_of_every_time_is_written_beside_it():
    for entry in resources.files("prompts.builtin").iterdir():
        if entry.name.endswith(".prompt.md"):
            assert "\n# minutes_by_hand: " in entry.read_text("utf-8"), entry.name


@pytest.mark.parametrize("template", DEMO, ids=titles)
def test_forms_for_the_demonstration_model_are_in_the_order_that_it_learnt(template):
    names = [field.name for field in template.fields]
    lines = template.body.split("\n")
    assert lines[1] == ""
    heading = "意見" if template.category is Category.MEETING else "要点"
    assert f"{heading}：\n・{{{{points}}}}" in template.body
    if "contact" in names:
        assert lines[-1] == "問い合わせ先：{{contact}}", "after the contact the model drops all points"
    for field in template.fields:
        assert field.type in (FieldType.TEXT, FieldType.DATE, FieldType.LONG_TEXT)
        if field.name in (
            "contact",
            "datetime",
            "place",
            "issued",
            "deadline",
            "fee",
            "number",
            "capacity",
            "bring",
        ):
            assert field.verbatim


NOUNS = {
    "日時": "日付",
    "提出期限": "日付",
    "場所": "施設名",
    "手数料": "金額",
    "費用": "金額",
    "文書番号": "番号",
    "定員": "定員",
    "問い合わせ先": "電話番号",
    "提出先": "部署",
    "宛名": "団体名",
    "発信日": "日付",
    "件名": "件名",
}


@pytest.mark.parametrize(("label", "noun"), NOUNS.items())
def test_a_verbatim_field_travels_under_a_general_noun(label, noun):
    assert Field("x", label).noun == noun


def bad(**changes):
    values = {
        "schema": 1,
        "id": TEMPLATES[0].id,
        "version": "1",
        "title": "題",
        "category": Category.SUMMARY,
        "body": "本文",
    }
    return PromptTemplate(**{**values, **changes})


def test_what_a_template_could_do_better_is_found():
    many = tuple(Field(f"x{n}", "欄", required=True) for n in range(4))
    body = "{{x0}}{{x1}}{{x2}}"
    rules = [finding.rule for finding in lint(bad(fields=many, body=body))]
    assert rules == [
        Rule.UNUSED_FIELD,
        Rule.TOO_MANY_REQUIRED,
        *[Rule.NO_EXAMPLE] * 4,
        Rule.NO_DESCRIPTION,
        Rule.NO_CAUTION,
        Rule.NO_CHECKLIST,
    ]
    assert Rule.NO_FIELDS in [finding.rule for finding in lint(bad())]
    late = bad(
        fields=(Field("x", "資料", FieldType.LONG_TEXT, required=True),),
        body="{{x}}\n\n上の資料を、次の決まりに従って3行に要約してください。",
    )
    found = [finding.rule for finding in lint(late)]
    assert Rule.TEXT_AFTER_DATA in found
    assert Rule.NO_HELP in found
