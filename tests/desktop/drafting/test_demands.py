"""What the demonstration model's answers are held against before one of them is kept."""

from importlib import resources

import pytest

from desktop.drafting.demands import changes_amiss
from desktop.drafting.session import DraftSession, SessionRules, State
from models.engine.protocol import Completion, FinishReason, Usage
from prompts.template import parse

SOURCE = "会場に行って下さい。\n受付は１０時です。"
MENDED = "会場に行ってください。\n受付は10時です。"
CHANGES = "・下さい → ください：平仮名で書きます。\n・１０ → 10：数字を半角でそろえます。"
NONE = "直すところはありません。"


def told(whole, changes):
    return f"１　直した全文\n{whole}\n２　直した箇所\n{changes}"


@pytest.mark.parametrize(
    ("answer", "amiss"),
    [
        (told(MENDED, CHANGES), 0),
        (told(SOURCE, NONE), 0),
        (told(MENDED, CHANGES.splitlines()[0]), 1),  # changed in silence
        (told(SOURCE, CHANGES), 1),  # listed and not changed
        (told(MENDED, NONE), 1),
        (told(MENDED, f"{CHANGES}\n・ます → です：語句"), 1),  # stands nowhere in the text
        (told(MENDED, f"{CHANGES}\n・受付 → 受付：語句"), 1),  # no change
        (told(MENDED, f"{CHANGES}\n{CHANGES.splitlines()[0]}"), 1),  # told twice
        (told(MENDED.replace("会場", "会議室"), CHANGES), 1),
        (MENDED, 1),
        ("", 1),
    ],
)
def test_a_list_of_changes_and_its_text_must_tell_the_same(answer, amiss):
    assert changes_amiss(SOURCE, answer) == amiss


@pytest.mark.parametrize(("is_demo", "asked"), [(True, 2), (False, 1)])
def test_a_proofread_text_that_its_list_does_not_explain_is_asked_for_again(is_demo, asked):
    template = parse((resources.files("prompts.builtin") / "proofread.prompt.md").read_text("utf-8"))
    session = DraftSession(template, SessionRules(is_demo=is_demo, max_attempts=8))
    session.set_values({"kind": "その他", "text": SOURCE})
    session.analysis_received(session.begin_masking(), [])
    call = session.confirm_review()
    answers = [told(MENDED, NONE), told(MENDED, CHANGES)]
    count = 0
    while call is not None:
        call = session.completion_received(
            Completion(answers[count], FinishReason.STOP, Usage(10, 10, 10, 10))
        )
        count += 1
    assert session.state is State.CHECKING
    assert count == asked
