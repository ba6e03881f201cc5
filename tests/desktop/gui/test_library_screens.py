import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.drafting.records.unsent import UnsentStore
from desktop.gui.controllers.template_edit import TemplateEdit, edit_from_content, empty_template
from desktop.gui.item_models.library_table import LibraryTableModel
from desktop.gui.windows.library_screen import BIN, PLACES
from prompts.library import ReviewStatus, Shelf
from prompts.template import FieldType, SamplingParams


@pytest.fixture(autouse=True)
def at_templates(window):
    window.go_home()
    window.home.templates_asked.emit()
    window.flow.library.search.clear()
    window.flow.library.places.setCurrentRow(0)
    window.flow.library.refresh()


@pytest.fixture
def library(window):
    return window.flow.library


@pytest.fixture
def builder(window):
    return window.flow.builder


def shelf(library, words):
    library.places.setCurrentRow([place for place, _ in PLACES].index(words))


def titles(library):
    return [library.model.row_at(row).title for row in range(library.model.rowCount())]


def new_template(window, title="町内会の回覧文"):
    window.flow.library.primary.click()
    window.flow.builder.title_edit.setText(title)
    window.flow.builder.save()
    return window.flow.builder.edit.template.id


# --- list -----------------------------------------------------------------------------------------


def test_the_table_of_templates_keeps_qts_rules(parts):
    model = LibraryTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(parts.library.list())
    assert model.rowCount() == parts.library.count()
    model.show(())


def test_shelves_and_search_narrow_the_list(library, parts):
    assert len(titles(library)) == parts.library.count()
    shelf(library, "付属")
    assert len(titles(library)) == len(parts.library.list(shelf=Shelf.BUILT_IN))
    library.search.setText("議事録")
    library.refresh()
    assert titles(library) and len(titles(library)) < parts.library.count()


def test_a_list_that_shows_only_the_first_says_so(library):
    whole = titles(library)
    most, library.most_shown = library.most_shown, 3
    try:
        library.refresh()
        assert titles(library) == whole[:3]
        assert library._nothing.text().startswith("先頭の3件")
        assert not library._nothing.isHidden()
    finally:
        library.most_shown = most
    library.refresh()
    assert library._nothing.isHidden()


def test_a_built_in_template_is_copied_before_it_is_edited(window, library, builder):
    library.select(library.model.row_at(0).id)
    before = library.chosen_cards()[0]
    assert not library.bin_button.isEnabled()
    library.edit_button.click()
    assert window.screen_in_front is builder
    assert builder.edit.template.id != before.id
    assert builder.edit.template.title == f"{before.title}（写し）"
    assert builder.edit.shelf is Shelf.PERSONAL
    builder.go_back()


def test_a_template_goes_to_the_bin_and_comes_back(window, library):
    made = new_template(window, "消してみるひな形")
    library.select(made)
    library.bin_button.click()
    assert "消してみるひな形" not in titles(library)
    shelf(library, BIN)
    assert titles(library) == ["消してみるひな形"]
    assert not library.edit_button.isVisible()
    library.back_from_bin.click()
    assert titles(library) == []
    shelf(library, "個人")
    assert "消してみるひな形" in titles(library)


def test_the_delete_key_bins_and_the_banner_takes_it_back(qtbot, window, library):
    made = new_template(window, "Deleteで消す")
    library.select(made)
    library.table.setFocus()
    qtbot.keyClick(library.table, Qt.Key.Key_Delete)
    assert "Deleteで消す" not in titles(library)
    library.banner.action_button.click()
    assert "Deleteで消す" in titles(library)


def test_a_favourite_is_marked_and_found_on_its_own_shelf(window, library, parts):
    library.select(library.model.row_at(3).id)
    chosen = library.chosen_cards()[0]
    library.star_button.click()
    shelf(library, "よく使う")
    assert titles(library) == [chosen.title]
    library.select(chosen.id)
    library.star_button.click()
    assert titles(library) == []


def test_old_states_are_compared_and_made_the_newest_again(window, library, builder, parts):
    made = new_template(window, "版のあるひな形")
    window.flow.edit(made)
    builder.body_edit.setPlainText("新しい指示です。\n{{件名}}\n{{要点}}")
    builder.save()
    library.select(made)
    library.history_button.click()
    screen = window.flow.revisions
    assert window.screen_in_front is screen
    assert screen.list.count() == 2
    assert "＋ 新しい指示です。" in screen.diff.toPlainText()
    assert "－ 次の内容で、文書を作成してください。" in screen.diff.toPlainText()
    screen.primary.click()
    assert parts.library.get(made).body.startswith("次の内容で")
    assert screen.list.count() == 3
    assert len(parts.library.revisions(made)) == 3


def test_a_step_of_approval_is_kept_with_who_and_when(window, library, parts):
    made = new_template(window, "承認するひな形")
    library.select(made)
    library.history_button.click()
    screen = window.flow.revisions
    screen._status.setCurrentIndex(screen._status.findData(ReviewStatus.SECTION_APPROVED))
    screen._note.setText("課内会議で了承")
    screen.record_button.click()
    step = parts.library.reviews(made)[0]
    assert (step.status, step.note) == (ReviewStatus.SECTION_APPROVED, "課内会議で了承")
    assert step.reviewed_by == parts.person
    assert parts.person in screen._steps.text()
    assert parts.library.card(made).status is ReviewStatus.SECTION_APPROVED


def test_a_built_in_template_cannot_be_approved_or_turned_back(window, library):
    shelf(library, "付属")
    library.select("")
    library.history_button.click()
    assert not window.flow.revisions.record_button.isEnabled()
    assert not window.flow.revisions.primary.isEnabled()


# --- form builder ---------------------------------------------------------------------------------


def test_a_new_template_is_written_and_stored_on_the_chosen_shelf(window, library, builder, parts):
    library.primary.click()
    builder.title_edit.setText("苦情の記録")
    builder.shelf.setCurrentIndex(builder.shelf.findData(Shelf.SECTION))
    builder.edit.add_field()
    added = builder.cards[-1]
    added.label_edit.setText("受付の方法")
    added.name.setText("方法")
    added.kind.setCurrentIndex(added.kind.findData(FieldType.CHOICE))
    added.options.setPlainText("窓口\n電話\n\nメール")
    added.take_name()
    builder.body_edit.setPlainText("{{件名}}を{{方法}}で受けました。\n{{要点}}")
    builder.save()
    assert window.screen_in_front is library
    stored = parts.library.get(builder.edit.template.id)
    assert parts.library.card(stored.id).shelf is Shelf.SECTION
    assert stored.field("方法").options == ("窓口", "電話", "メール")
    assert stored.field("方法").label == "受付の方法"
    assert library.chosen_cards()[0].id == stored.id


def test_saving_again_gives_the_next_version_and_saving_nothing_gives_none(window, builder, parts):
    made = new_template(window, "版が進むひな形")
    window.flow.edit(made)
    builder.save()
    assert len(parts.library.revisions(made)) == 1
    window.flow.edit(made)
    builder.title_edit.setText("版が進んだひな形")
    builder.save()
    assert parts.library.get(made).version == "1.1"
    assert [r.version for r in parts.library.revisions(made)] == ["1.1", "1.0"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda edit: edit.put(title=""), "題名が空です"),
        (lambda edit: edit.put(body=""), "本文が空です"),
        (
            lambda edit: edit.put(body="{{件名}} {{要点}} {{無い項目}}"),
            "{{無い項目}} に当たる項目がありません",
        ),
        (lambda edit: edit.put(body="{{件名}} {{要点}} {{壊れた"), "本文: "),
        (lambda edit: edit.put(system="{{件名}}"), "はじめの指示: "),
        (lambda edit: edit.put_field(0, type=FieldType.CHOICE), "選択肢: "),
    ],
)
def test_what_cannot_be_saved_is_told_at_its_place_and_not_saved(window, builder, parts, change, words):
    before = parts.library.count()
    window.flow.library.primary.click()
    builder.title_edit.setText("誤りのあるひな形")
    change(builder.edit)
    builder.save()
    assert parts.library.count() == before
    assert window.screen_in_front is builder
    assert "このままでは保存できません" in builder.banner.text
    assert words in builder.banner.text
    assert "行目" not in builder.banner.text
    builder.drop()


def test_a_name_that_the_format_does_not_know_is_told_at_its_field(window, builder):
    window.flow.library.primary.click()
    builder.title_edit.setText("題")
    builder.cards[0].name.setText("1番目 です")
    builder.save()
    assert "名前" in builder.cards[0]._problem.text()
    assert window.screen_in_front is builder
    builder.drop()


def test_a_placeholder_without_a_field_gets_one_at_a_click(window, builder):
    window.flow.library.primary.click()
    builder.title_edit.setText("題")
    builder.body_edit.setPlainText("{{件名}}{{要点}}{{会場}}")
    builder.show_preview()
    assert builder._fix.isVisible()
    builder._fix.click()
    assert [f.name for f in builder.edit.template.fields] == ["件名", "要点", "会場"]
    assert builder.edit.error() is None
    builder.drop()


def test_the_body_follows_a_renamed_and_a_removed_field(window, builder):
    window.flow.library.primary.click()
    builder.cards[0].name.setText("表題")
    builder.cards[0].take_name()
    assert "{{表題}}" in builder.body_edit.toPlainText()
    assert "{{件名}}" not in builder.body_edit.toPlainText()
    builder.edit.remove_field(0)
    assert "表題" not in builder.body_edit.toPlainText()
    assert len(builder.cards) == 1
    builder.drop()


def test_a_name_that_another_field_has_does_not_swallow_its_placeholder():
    edit = TemplateEdit(empty_template(""))
    edit.put_field(0, name="要点")
    assert "{{件名}}" in edit.template.body
    assert edit.error() is not None
    edit.put_field(0, name="表題")
    assert "{{要点}}" in edit.template.body


def test_fields_move_and_the_preview_shows_form_and_request(window, builder):
    window.flow.library.primary.click()
    builder.edit.put_field(1, example="開催日は未定")
    builder.edit.move_field(1, -1)
    assert [f.name for f in builder.edit.template.fields] == ["要点", "件名"]
    builder.show_preview()
    assert "・開催日は未定" in builder._request.toPlainText()
    assert "（件名）" in builder._request.toPlainText()
    builder.drop()


def test_an_edit_left_with_esc_is_taken_up_again(window, library, builder, parts):
    made = new_template(window, "途中でやめるひな形")
    window.flow.edit(made)
    builder.title_edit.setText("書きかけの題名")
    builder.go_back()
    assert window.screen_in_front is library
    assert parts.library.get(made).title == "途中でやめるひな形"
    window.go_home()
    assert any(made in draft.draft_id for draft in parts.unsent.recover().drafts)
    window.draft_flow.take_up(f"template-{made}")
    assert window.screen_in_front is builder
    assert builder.title_edit.text() == "書きかけの題名"
    window.flow.edit(made)
    assert builder.title_edit.text() == "書きかけの題名"
    builder.banner.action_button.click()
    assert builder.title_edit.text() == "途中でやめるひな形"
    builder.drop()
    assert not any(made in draft.draft_id for draft in parts.unsent.recover().drafts)


def test_an_edit_is_not_lost_where_the_policy_lets_nothing_be_stored(window, builder, parts, tmp_path):
    made = new_template(window, "保存を禁じられたひな形")
    store = UnsentStore(tmp_path, None)
    builder.autosave._unsent, kept = store, builder.autosave._unsent
    try:
        window.flow.edit(made)
        builder.title_edit.setText("途中の題名")
        builder.go_back()
        window.flow.edit(made)
        assert builder.title_edit.text() == "途中の題名"
        builder.drop()
        window.flow.edit(made)
        assert builder.title_edit.text() == "保存を禁じられたひな形"
        builder.drop()
    finally:
        builder.autosave._unsent = kept
    assert list(tmp_path.iterdir()) == []


def test_a_built_in_field_of_every_kind_survives_the_builder_unchanged(parts):
    for card in parts.library.list(shelf=Shelf.BUILT_IN):
        template = parts.library.get(card.id)
        edit = edit_from_content(json.loads(json.dumps(TemplateEdit(template).content())))
        assert edit.template == template
        assert not [problem for problem in edit.problems() if problem.is_fatal]
        assert edit.preview()


def test_the_details_come_into_sight_when_they_are_opened(qtbot, window, library, builder):
    library.primary.click()
    builder.details.toggle.click()
    sheet, area = builder.details.sheet, builder._left.viewport()
    qtbot.waitUntil(lambda: sheet.mapTo(area, sheet.rect().bottomLeft()).y() <= area.height())
    assert sheet.mapTo(area, sheet.rect().topLeft()).y() >= 0
    builder.drop()


def test_the_details_are_folded_away_and_everything_of_the_format_can_be_set(window, library, builder, parts):
    made = new_template(window, "くわしい設定のひな形")
    window.flow.edit(made)
    details = builder.details
    assert not details.sheet.isVisible()
    details.toggle.click()
    assert details.sheet.isVisible()
    details.audience.setText("窓口の職員")
    details.license.setText("CC0-1.0")
    details.numbers["temperature"].setValue(0.35)
    details.numbers["max_tokens"].setValue(700)
    details.numbers["seed"].setValue(0)
    builder.cards[0].default.setPlainText("会議の案内")
    builder.save()
    saved = parts.library.get(made)
    assert (saved.audience, saved.license) == ("窓口の職員", "CC0-1.0")
    assert saved.params == SamplingParams(temperature=0.35, max_tokens=700, seed=0)
    assert saved.fields[0].default == "会議の案内"
    window.flow.edit(made)
    assert builder.details.numbers["temperature"].number == 0.35
    assert builder.details.numbers["top_p"].number is None
    builder.details.numbers["seed"].setValue(-1)
    assert builder.edit.template.params.seed is None
    builder.drop()
    window.draft_flow.begin(made)
    assert window.draft_flow.form.editors["件名"].value() == "会議の案内"


def test_a_default_that_is_no_option_is_told_at_its_field(window, library, builder):
    made = new_template(window, "選択のひな形")
    window.flow.edit(made)
    card = builder.cards[0]
    card.kind.setCurrentIndex(card.kind.findData(FieldType.CHOICE))
    card.options.setPlainText("紙\n電子")
    card.default.setPlainText("口頭")
    builder.save()
    assert "保存できません" in builder.banner.text
    card.default.setPlainText("電子")
    builder.save()
    assert window.screen_in_front is library
