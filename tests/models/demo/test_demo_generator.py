"""What the generator promises: complete answers, placeholders as the vault counts, words kept apart."""

import json
import random
import re
from importlib import resources
from pathlib import Path

import pytest

from desktop.gui.controllers.follow_ups import FOLLOW_UPS
from models.demo.conversations import ConversationMaker
from models.demo.forms import Kind, wording
from models.demo.layouts import OPINION_NOUNS, Style, write
from models.demo.phrases import load_phrases, phrase
from models.demo.words import load_words
from models.masking.vault import Vault
from prompts.template import parse

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FORMS = {"demo_forms.json": 60, "demo_forms_second.json": 20}
PLACEHOLDER = re.compile(r"<[^<>0-9\s]{1,12}\d+>")
# Verbs and adjectives are too few to be kept apart, and the rest are not words of values.
SHARED_LISTS = {
    "placeholder_nouns", "company_forms", "refused_documents", "ichidan_verbs", "godan_verbs", "adjectives", "particles", "verb_stems",
}  # fmt: skip


def documents(kind, count=40, *, held_out=False):
    maker = ConversationMaker(random.Random(f"{kind}-{held_out}"), load_words(held_out=held_out))
    return [maker.document(kind) for _ in range(count)]


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_value_of_a_form_stands_in_its_answer(kind, held_out):
    for document in documents(kind, held_out=held_out):
        request, answer = document.turns[0]
        for value in document.form.values:
            assert value in request
            assert value in answer


@pytest.mark.parametrize("kind", list(Kind))
def test_every_point_stands_in_the_answer_in_plain_or_polite_form(kind):
    for document in documents(kind):
        for jottings in (document.form.points, document.form.decisions):
            for line in jottings.lines if jottings else ():
                assert line.point.plain in document.turns[0][0]
                assert line.point.plain in document.turns[0][1] or line.point.polite in document.turns[0][1]


@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_holds_the_placeholders_of_its_request_and_no_others(kind):
    for document in documents(kind):
        request, answer = document.turns[0]
        assert set(PLACEHOLDER.findall(answer)) <= set(PLACEHOLDER.findall(request))
        # A rule such as 「<氏名1>などの記号はそのまま」 names one that may belong to no value.
        left = set(PLACEHOLDER.findall(request)) - set(PLACEHOLDER.findall(answer))
        assert len(left) <= 1 and all(name.startswith("<氏名") for name in left)


def test_the_vault_reads_every_placeholder_of_the_generator():
    vault = Vault()
    for document in documents(Kind.MINUTES):
        for found in PLACEHOLDER.findall(document.turns[0][1]):
            assert vault.restore(found).unknown == (found,)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_has_no_line_of_blanks_and_no_two_empty_lines(kind):
    for document in documents(kind):
        answer = document.turns[0][1]
        assert "\n\n\n" not in answer
        assert answer == answer.strip("\n")


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.REQUEST, Kind.MINUTES])
def test_the_polite_follow_up_leaves_no_point_in_plain_form(kind):
    for document in documents(kind):
        points = document.form.points
        if points is None or points.is_hidden or document.form.holds_opinions:
            continue
        answer = write(document.form, Style.POLITE)
        assert all(f"・{line.point.polite}" in answer for line in points.lines)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_short_follow_up_is_shorter_and_keeps_the_points(kind):
    for document in documents(kind):
        short = write(document.form, Style.SHORT)
        assert len(short) < len(write(document.form))
        for line in document.form.points.lines if document.form.points else ():
            assert line.point.plain in short or line.point.polite in short


def test_an_opinion_that_ends_in_a_noun_gets_the_short_ending():
    endings = phrase("minutes", "opinion_short")
    for document in documents(Kind.MINUTES, 120):
        for line in document.form.points.lines if document.form.holds_opinions else ():
            if line.point.plain.endswith(OPINION_NOUNS):
                assert line.point.plain + endings in document.turns[0][1]


def test_refusals_are_among_the_conversations_and_hold_nothing_of_the_request():
    maker = ConversationMaker(random.Random(4), load_words())
    answers = {maker.refusal().turns[0][1] for _ in range(200)}
    assert answers == {phrase("refusal", name) for name in ("chat", "prose", "kind")}


def test_the_same_seed_gives_the_same_conversations():
    one, other = (ConversationMaker(random.Random(9), load_words()) for _ in range(2))
    assert [one.make(copying_share=0.3) for _ in range(50)] == [
        other.make(copying_share=0.3) for _ in range(50)
    ]


def test_held_out_words_are_in_no_list_of_training():
    training = {word for words in load_words().lists.values() for word in words}
    held_out = load_words(held_out=True)
    changed = [name for name in held_out.lists if held_out[name] != load_words()[name]]
    assert changed == ["topics", "facilities", "departments"]
    assert not training & {word for name in changed for word in held_out[name]}


@pytest.mark.parametrize("name", list(FORMS))
def test_no_noun_of_the_generator_stands_in_a_natural_form(name):
    nouns = {
        word
        for held_out in (False, True)
        for name, words in load_words(held_out=held_out).lists.items()
        for word in words
        if name not in SHARED_LISTS and len(word) >= 3
    }
    forms = json.loads((BENCHMARKS / name).read_text("utf-8"))
    assert len(forms) == FORMS[name]
    for form in forms:
        for value in form["values"].values():
            assert not [noun for noun in nouns if noun in re.sub(r"\{[^:{}]+:([^{}]*)\}", r"\1", value)]


def test_the_program_s_own_follow_ups_are_among_those_trained():
    known = wording()
    trained = {*known["follow_up_short"], *known["follow_up_polite"], *known["follow_up_other"]}
    assert {chip.request for chip in FOLLOW_UPS} <= trained


def test_the_built_in_templates_for_the_model_use_trained_words():
    known = wording()
    asks = {ask.format(name) for ask in known["asks"] for names in known["kinds"].values() for name in names}
    labels = {label for names in known["labels"].values() for label in names}
    served = [
        parse(p.read_text("utf-8"))
        for p in resources.files("prompts.builtin").iterdir()
        if p.name.endswith(".prompt.md")
    ]
    served = [template for template in served if template.demo_model]
    assert len(served) >= 7
    for template in served:
        assert template.body.split("\n")[0] in asks, template.title
        assert template.system in known["systems"], template.title
        assert {field.label for field in template.fields} <= labels, template.title


def test_every_phrase_is_used_by_a_layout():
    text = "".join(p.read_text("utf-8") for p in (Path(str(resources.files("models.demo")))).glob("*.py"))
    for section in load_phrases().values():
        for name in section:
            assert f'"{name.removesuffix("_polite")}' in text, name
