"""The format: what parse accepts and gives, what it refuses and where, and the round trip."""

import dataclasses
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.errors import TEMPLATE_REASONS, TemplateSyntaxError, TemplateTooLargeError
from prompts.template import (
    Accuracy,
    Category,
    Example,
    Field,
    FieldType,
    PersonalInformation,
    PromptTemplate,
    SamplingParams,
    diff,
    dump,
    parse,
    read,
)

HEAD = (
    "schema: 1\nid: 6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1\nversion: 1.10\ntitle: 通知文\ncategory: 文案作成\n"
)


def text(front: str = "", body: str = "本文", head: str = HEAD) -> str:
    return f"---\n{head}{front}---\n{body}\n"


def test_a_short_template_takes_every_default():
    template = parse(text())
    assert (template.version, template.title, template.category) == ("1.10", "通知文", Category.DRAFTING)
    assert (template.accuracy, template.confidentiality) == (Accuracy.MIDDLE, 2)
    assert template.personal_information is PersonalInformation.MASKED
    assert template.body == "本文"
    assert not template.demo_model


def test_scalars_mean_what_a_person_reads():
    template = parse(
        text(
            "updated: 2026-11-22\nfields:\n"
            "  - {name: a, label: 12:30, default: no, example: 0123}\n"
            "  - {name: b, type: choice, options: [yes, no, 1.0, null]}\n",
            "{{a}} {{ b }}",
        )
    )
    first, second = template.fields
    assert (first.label, first.default, first.example) == ("12:30", "no", "0123")
    assert second.options == ("yes", "no", "1.0", "null")
    assert template.updated == "2026-11-22"


def test_byte_order_mark_and_windows_line_ends_are_accepted():
    assert parse("\ufeff" + text(body="一\n二").replace("\n", "\r\n")).body == "一\n二"


BAD = {
    "no front matter": ("本文だけ", "no_front_matter", 1, ""),
    "front matter not closed": ("---\ntitle: a\n", "unclosed_front_matter", 1, ""),
    "not YAML": (text("tags: [a\n"), "bad_yaml", None, None),
    "a list as front matter": ("---\n- a\n---\nb", "not_a_mapping", 2, ""),
    "an empty front matter": ("---\n---\nb", "not_a_mapping", 2, ""),
    "unknown key": (text("color: red\n"), "unknown_key", 7, "color"),
    "unknown key of a field": (text("fields:\n- name: a\n  size: 3\n"), "unknown_key", 9, "fields[1].size"),
    "duplicate key": (text("title: b\n"), "duplicate_key", 7, "title"),
    "anchor": (text("tags: &a [x]\n"), "alias_not_allowed", 7, "tags"),
    "alias": (text("tags: [*a]\n"), "alias_not_allowed", 7, "tags[1]"),
    "tag": (text("tags: !!python/object/apply:os.system [ls]\n"), "tag_not_allowed", 7, "tags"),
    "string tag": (text("issuer: !!str 課\n"), "tag_not_allowed", 7, "issuer"),
    "yaml directive": ("%YAML 1.1\n" + text(), "no_front_matter", 1, ""),
    "deep nesting": (text("tags: " + "[" * 50 + "]" * 50 + "\n"), "too_deep", 7, None),
    "no title": (text(head=HEAD.replace("title: 通知文\n", "")), "missing_key", 2, "title"),
    "empty title": (text(head=HEAD.replace("通知文", "''")), "empty", 5, "title"),
    "title of two lines": (text(head=HEAD.replace("通知文", '"a\\nb"')), "too_long", 5, "title"),
    "long title": (text(head=HEAD.replace("通知文", "あ" * 121)), "too_long", 5, "title"),
    "unknown category": (text(head=HEAD.replace("文案作成", "その他")), "not_an_option", 6, "category"),
    "id is no UUID": (text(head=HEAD.replace("6b1a4e0c", "zzzz")), "not_a_uuid", 3, "id"),
    "id in braces": (
        text(
            head=HEAD.replace(
                "6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1", "'{6b1a4e0c-9f0e-5b6e-8f43-0d6f1a52c7d1}'"
            )
        ),
        "not_a_uuid",
        3,
        "id",
    ),
    "version is no number": (text(head=HEAD.replace("1.10", "第2版")), "not_a_version", 4, "version"),
    "schema of the future": (
        text(head=HEAD.replace("schema: 1", "schema: 2")),
        "unsupported_schema",
        2,
        "schema",
    ),
    "confidentiality 4": (text("confidentiality: 4\n"), "out_of_range", 7, "confidentiality"),
    "confidentiality in words": (text("confidentiality: 高\n"), "not_a_number", 7, "confidentiality"),
    "demo_model yes": (text("demo_model: yes\n"), "not_true_or_false", 7, "demo_model"),
    "date of an impossible day": (text("updated: 2026-02-30\n"), "not_a_date", 7, "updated"),
    "tags as a text": (text("tags: a, b\n"), "not_a_list", 7, "tags"),
    "a mapping among tags": (text("tags: [{a: b}]\n"), "not_text", 7, "tags[1]"),
    "an empty tag": (text("tags: ['']\n"), "empty", 7, "tags[1]"),
    "too many tags": (text("tags: [" + "a," * 101 + "]\n"), "too_many", 7, "tags"),
    "fields as a mapping": (text("fields: {a: b}\n"), "not_a_list", 7, "fields"),
    "a text among fields": (text("fields: [a]\n"), "not_a_mapping", 7, "fields[1]"),
    "field without a name": (text("fields:\n- label: x\n"), "missing_key", 8, "fields[1].name"),
    "field name with a hyphen": (text("fields:\n- name: a-b\n"), "bad_name", 8, "fields[1].name"),
    "two fields of one name": (text("fields: [{name: a}, {name: a}]\n"), "duplicate_name", 7, "fields"),
    "unknown field type": (text("fields: [{name: a, type: int}]\n"), "not_an_option", 7, "fields[1].type"),
    "choice without options": (
        text("fields: [{name: a, type: choice}]\n"),
        "options_needed",
        7,
        "fields[1].options",
    ),
    "options of a text": (
        text("fields: [{name: a, options: [b]}]\n"),
        "options_not_allowed",
        7,
        "fields[1].options",
    ),
    "the same option twice": (
        text("fields: [{name: a, type: choice, options: [b, b]}]\n"),
        "duplicate_name",
        7,
        "fields[1].options",
    ),
    "a default that is no option": (
        text("fields: [{name: a, type: choice, options: [b], default: c}]\n"),
        "bad_default",
        7,
        "fields[1].default",
    ),
    "an example that is no date": (
        text("fields: [{name: a, type: date, example: いつか}]\n"),
        "bad_example",
        7,
        "fields[1].example",
    ),
    "params with an unknown key": (text("params: {min_p: 0.1}\n"), "unknown_key", 7, "params.min_p"),
    "temperature too high": (text("params: {temperature: 3}\n"), "out_of_range", 7, "params.temperature"),
    "example for an unknown field": (
        text("examples: [{title: t, values: {x: y}}]\n"),
        "unknown_placeholder",
        7,
        "examples[1].values.x",
    ),
    "no body": (text(body=""), "empty", None, "body"),
    "placeholder without a field": (text(body="あ\n{{x}}"), "unknown_placeholder", 9, "x"),
    "placeholder with logic": (text(body="{{#if x}}"), "bad_placeholder", 8, "#if x"),
    "triple braces": (text("fields: [{name: x}]\n", "{{{x}}}"), "bad_placeholder", 9, "body"),
    "placeholder not closed": (text(body="{{x"), "bad_placeholder", 8, "body"),
    "placeholder in the system message": (text("system: '{{x}}'\n"), "placeholder_in_system", 7, "system"),
    "a null character": (text(body="a\0b"), "bad_character", 8, ""),
    "a lone surrogate": (text(body="\ud800"), "bad_character", 0, ""),
    "null as a key": (text("? [a]\n: b\n"), "not_text", 7, None),
    "a second document": ("---\n" + HEAD + "...\n--- {}\n---\nb", "bad_yaml", None, None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_format_does_not_allow_is_refused_with_line_and_key(name):
    source, reason, line, key = BAD[name]
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source)
    assert caught.value.reason == reason
    assert reason in TEMPLATE_REASONS
    if line is not None:
        assert caught.value.line == line
    if key is not None:
        assert caught.value.key == key


def test_a_text_over_the_bound_is_refused_before_it_is_read():
    with pytest.raises(TemplateTooLargeError) as caught:
        parse(text(body="あ" * 100_000))
    assert caught.value.size_bytes > caught.value.limit_bytes


def test_a_flood_of_nodes_is_refused():
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(text("tags: [" + "a," * 60_000 + "]\n"))
    assert caught.value.reason == "too_many"


def test_reading_keeps_the_text_with_its_comments():
    source = text("# why\ntags: [a]\n")
    kept = read(source)
    assert kept.text == source
    assert kept.template.tags == ("a",)


line_text = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)
block = st.text(
    st.characters(
        exclude_categories=["Cs"],
        exclude_characters=[chr(c) for c in (*range(9), *range(11, 32), *range(127, 160))],
    ),
    max_size=80,
).map(lambda value: value.strip("\n").rstrip())
field = st.builds(
    Field,
    name=st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    label=line_text,
    type=st.sampled_from([FieldType.TEXT, FieldType.LONG_TEXT, FieldType.TABLE]),
    required=st.booleans(),
    help=block,
    example=line_text.filter(lambda value: "\u2028" not in value and "\u2029" not in value),
    pii=st.booleans(),
    verbatim=st.booleans(),
)


@st.composite
def templates(draw):
    fields = draw(st.lists(field, max_size=3, unique_by=lambda entry: entry.name))
    body = draw(block.filter(lambda value: value and "{{" not in value and "}}" not in value))
    body = "\n".join(["、" + body, *("・{{" + entry.name + "}}" for entry in fields)])
    return PromptTemplate(
        schema=1,
        id=str(draw(st.uuids())),
        version=draw(st.sampled_from(["1", "1.0", "2.10", "1.2.3"])),
        title=draw(line_text),
        category=draw(st.sampled_from(Category)),
        body=body,
        tags=tuple(draw(st.lists(line_text, max_size=3))),
        description=draw(block),
        updated=draw(st.sampled_from(["", "2026-11-22"])),
        accuracy=draw(st.sampled_from(Accuracy)),
        confidentiality=draw(st.integers(1, 3)),
        personal_information=draw(st.sampled_from(PersonalInformation)),
        minutes_by_hand=draw(st.integers(0, 500)),
        system=draw(block.filter(lambda value: "{{" not in value)),
        params=SamplingParams(
            temperature=draw(st.sampled_from([None, 0.0, 0.25])), seed=draw(st.sampled_from([None, 7]))
        ),
        fields=tuple(fields),
        examples=(Example("例", tuple((entry.name, entry.example) for entry in fields)),) if fields else (),
        cautions=tuple(draw(st.lists(line_text, max_size=2))),
        demo_model=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(templates())
def test_what_is_written_is_read_back_the_same(template):
    assert parse(dump(template)) == template


def test_a_difference_names_the_entry_and_both_values():
    old = parse(text("tags: [a]\nfields: [{name: x, label: 件名}]\nparams: {seed: 1}\n", "{{x}}"))
    new = dataclasses.replace(
        old,
        title="依頼文",
        tags=("a", "b"),
        params=SamplingParams(seed=2),
        fields=(dataclasses.replace(old.fields[0], required=True), Field("y", "日付")),
        body="{{x}}\n{{y}}",
    )
    changes = {change.key: (change.before, change.after) for change in diff(old, new)}
    assert changes == {
        "title": ("通知文", "依頼文"),
        "tags": ("a", "a\nb"),
        "params.seed": ("1", "2"),
        "fields.x.required": ("false", "true"),
        "fields.y": ("", "日付"),
        "body": ("{{x}}", "{{x}}\n{{y}}"),
    }
    assert diff(old, old) == ()


def test_a_changed_order_of_fields_is_a_difference():
    old = parse(text("fields: [{name: x}, {name: y}]\n", "{{x}}{{y}}"))
    assert [change.key for change in diff(old, dataclasses.replace(old, fields=old.fields[::-1]))] == [
        "fields"
    ]


def test_versions_compare_as_numbers():
    keys = [
        dataclasses.replace(parse(text()), version=version).version_key
        for version in ("1.9", "1.10", "1.10.1", "2")
    ]
    assert keys == sorted(keys)


def test_an_id_in_capitals_is_taken_in_its_canonical_form():
    source = text(head=HEAD.replace("6b1a4e0c", "6B1A4E0C"))
    assert parse(source).id == str(uuid.UUID(parse(source).id))
