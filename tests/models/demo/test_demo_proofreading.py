"""The generator's texts to proof-read: every fault is listed, and nothing else is changed."""

import random
from importlib import resources

import pytest

from models.demo.conversations import ConversationMaker
from models.demo.phrases import load_phrases, phrase
from models.demo.proofreading import known_faults, make_proof, request
from models.demo.values import ValueMaker
from models.demo.words import load_words
from prompts.template import parse, render


def proofs(count=150, document=""):
    for seed in range(count):
        yield make_proof(ValueMaker(random.Random(seed), load_words()), document)


def test_mending_the_listed_faults_one_by_one_gives_the_right_text():
    for proof in proofs():
        text, at = proof.faulty, 0
        for fault in proof.faults:
            place = text.index(fault.wrong, at)
            text = text[:place] + fault.right + text[place + len(fault.wrong) :]
            at = place + len(fault.right)
        assert text == proof.right


def test_a_right_text_holds_none_of_the_known_wrong_forms():
    for proof in proofs():
        assert not [fault.wrong for fault in known_faults() if fault.wrong in proof.right]


def test_no_wrong_form_stands_in_what_it_is_mended_to():
    for fault in known_faults():
        assert not [other.wrong for other in known_faults() if other.wrong in fault.right], fault


def test_an_answer_begins_with_the_whole_text_and_lists_each_fault_once():
    for proof in proofs():
        whole = "\n".join((phrase("proofread", "corrected"), proof.right, phrase("proofread", "list"), ""))
        assert proof.answer.startswith(whole)
        listed = proof.answer.removeprefix(whole).split("\n")
        expected = {fault.line for fault in proof.faults} or {phrase("proofread", "nothing")}
        assert set(listed) == expected
        assert len(listed) == len(expected)


def test_some_texts_have_no_fault_and_most_have():
    counts = [len(proof.faults) for proof in proofs()]
    assert 10 < counts.count(0) < 60
    assert max(counts) == 4


@pytest.mark.parametrize("reason", sorted(load_phrases()["reason"]))
def test_every_reason_occurs(reason):
    assert any(fault.reason == reason for proof in proofs(600) for fault in proof.faults)


def test_fixed_wording_of_a_document_stays_whole():
    wording = phrase("mail", "greeting") + "\n"
    document = wording + "資料を次のとおり送ります。\n" + phrase("mail", "closing")
    for proof in proofs(60, document):
        if proof.right == document:
            assert proof.faulty.startswith(wording)
            assert proof.faulty.endswith(phrase("mail", "closing"))


def test_the_request_is_that_of_the_built_in_template():
    template = parse((resources.files("prompts.builtin") / "proofread.prompt.md").read_text("utf-8"))
    known = set()
    for seed in range(80):
        maker = ValueMaker(random.Random(seed), load_words())
        known.add(request(maker, "本文です。"))
    for kind in template.field("kind").options:
        rendered = render(template, {"kind": kind, "text": "本文です。"})
        assert rendered.text in known
    system = ConversationMaker(random.Random(1), load_words()).proofread().system
    assert system == template.system
