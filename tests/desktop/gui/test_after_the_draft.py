import datetime

import pytest

from desktop.drafting.session import State
from desktop.drafting.template_proposal import propose_template
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.template_edit import PREFIX


@pytest.fixture
def draft(qtbot, window):
    """A draft whose text is what was typed: the quick engine writes back what it was asked."""

    def make(text):
        window.draft_flow.begin(free_template().id)
        window.draft_flow.form.editors["request"].set_value(text)
        window.draft_flow.form._level_check.setChecked(True)
        window.draft_flow.form.primary.click()
        qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW)
        with qtbot.waitSignal(window.draft_flow.controller.answered):
            window.draft_flow.review.primary.click()
        return window.draft_flow.draft

    return make


def confirm(window):
    for box in window.draft_flow.draft.panel.boxes:
        box.box.setChecked(True)
    window.draft_flow.draft.primary.click()
    assert window.draft_flow.controller.state is State.CONFIRMED


def test_a_draft_becomes_a_template_without_the_person_in_it(qtbot, window, parts, draft):
    screen = draft("山田太郎さん（電話0123-45-6789、82歳、女性）へ、来庁のお礼を伝える。")
    assert "山田太郎" in screen.paper.text
    screen.template_button.click()
    builder = window.flow.builder
    qtbot.waitUntil(lambda: window.screen_in_front is builder)
    body = builder.edit.template.body
    for secret in ("山田", "0123-45-6789", "82歳", "女性"):
        assert secret not in body
        assert secret not in repr(builder.edit.template)
    assert {"氏名1", "電話番号1"} <= {field.name for field in builder.edit.template.fields}
    assert "お礼を伝える" in body
    assert builder.edit.error() is None
    builder.autosave.flush()
    assert parts.unsent.load(builder.edit.draft_id) is not None
    assert builder.edit.draft_id.startswith(PREFIX)
    builder.save()
    assert parts.library.get(builder.edit.template.id).title.endswith("（下書きから）")


def test_names_typed_into_the_finished_text_are_found_too(qtbot, window, draft):
    screen = draft("来庁のお礼を伝える。")
    screen.paper.setPlainText("鈴木花子様\n来庁のお礼を申し上げます。")
    screen.template_button.click()
    builder = window.flow.builder
    qtbot.waitUntil(lambda: window.screen_in_front is builder)
    assert "鈴木" not in repr(builder.edit.template)
    builder.drop()


def test_without_the_masker_there_is_no_template(qtbot, window, draft):
    screen = draft("来庁のお礼を伝える。")
    screen.paper.setPlainText("マスキング異常終了")
    screen.template_button.click()
    qtbot.waitUntil(lambda: "ひな形は作っていません" in screen.banner.text, timeout=15_000)
    assert window.screen_in_front is screen


def test_a_harmless_exact_value_stays_as_an_example_and_no_other(window, draft, template_id):
    window.draft_flow.begin(template_id("通知文"))
    window.draft_flow.form.fill_example()
    session = window.draft_flow.controller.session
    session.set_values(window.draft_flow.controller.values)
    subject = window.draft_flow.controller.values["subject"]
    made = propose_template(f"件名：{subject}\n{subject}について。", [], session)
    assert subject not in made.body
    assert [field.example for field in made.fields] == [subject]
    found = [(3, 3 + len(subject), "PERSON")]
    assert propose_template(f"件名：{subject}", found, session).fields[0].example == ""


@pytest.mark.parametrize(("has_helped", "minutes"), [(True, 12), (False, None)])
def test_one_tap_tells_whether_the_draft_helped(qtbot, window, parts, draft, has_helped, minutes):
    start = datetime.datetime.now(datetime.UTC)
    screen = draft("効果を聞く下書き。")
    assert not screen.effect.isVisible()
    confirm(window)
    assert screen.effect.isVisible()
    screen.effect.minutes.setValue(minutes or 0)
    (screen.effect.yes if has_helped else screen.effect.no).click()
    assert "記録しました" in screen.effect._question.text()
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    answers = parts.archive._drafts.effects(start, end)
    assert [(a.has_helped, a.minutes_taken) for a in answers] == [(has_helped, minutes)]


def test_a_follow_up_after_a_correction_sends_the_corrected_text_and_reviews_it(qtbot, window, draft):
    screen = draft("来庁のお礼を伝える。令和9年6月1日。")
    screen.paper.setPlainText("鈴木花子様\n来庁のお礼を申し上げます。令和9年7月7日。")
    window.draft_flow.draft.follow_up.fixed_asked.emit("もっと短くしてください。")
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW)
    review = window.draft_flow.controller.session.review
    assert window.screen_in_front is window.draft_flow.review
    assert "もっと短くしてください。" in review.text
    assert "令和9年7月7日" in review.text
    assert "鈴木花子" not in window.draft_flow.review.masked_view.toPlainText()
    with qtbot.waitSignal(window.draft_flow.controller.answered):
        window.draft_flow.review.primary.click()
    found = [
        window.draft_flow.controller.session.text[u.start : u.end]
        for u in window.draft_flow.controller.report.unsupported
    ]
    assert any("7月7日" in words for words in found), "an earlier answer vouches for nothing"


def test_a_follow_up_without_a_correction_needs_no_second_review(qtbot, window, draft):
    draft("来庁のお礼を伝える。")
    with qtbot.waitSignal(window.draft_flow.controller.answered):
        window.draft_flow.draft.follow_up.fixed_asked.emit("もっと短くしてください。")
    assert window.screen_in_front is window.draft_flow.draft
