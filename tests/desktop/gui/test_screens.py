import datetime
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton

from desktop.drafting.records.unsent import UnsentStore
from desktop.drafting.session import State
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.own_words import OwnWord, OwnWords
from desktop.gui.controllers.pace import DraftPace, ReadingPace, WritingPace, about
from desktop.gui.controllers.preferences import Preferences, load_preferences, save_preferences
from desktop.gui.theme import ColorScheme, TextSize
from desktop.gui.widgets.offsets import Offsets
from desktop.gui.widgets.span_view import Mark, SpanView
from desktop.gui.windows.home_screen import when
from desktop.gui.windows.rules_screen import digest_of
from models.engine.protocol import Usage
from models.masking.entities import EntityType
from prompts.template import Category


@pytest.fixture(autouse=True)
def at_home(window):
    window.go_home()
    window.home.go_back()


# --- home -----------------------------------------------------------------------------------------


def test_the_promise_stands_on_every_screen(window):
    assert "外部通信なし" in window.status.words
    assert "マスキング 準備完了" in window.status.words
    assert "見本モデル（準備完了）" in window.status.words


def test_a_two_character_word_finds_templates_as_it_is_typed(qtbot, window):
    window.home.search.setText("案内")
    qtbot.waitUntil(lambda: window.home.results.rowCount() > 0)
    titles = [window.home.results.card_at(r).title for r in range(window.home.results.rowCount())]
    assert "案内メール" in titles


def test_a_search_without_hits_says_what_to_do(qtbot, window):
    window.home.search.setText("存在しない業務の名前xyz")
    qtbot.waitUntil(lambda: bool(window.home._nothing.text()))
    assert "自由に書く" in window.home._nothing.text()


def test_a_category_shows_its_templates(window):
    window.home.show_category(Category.PUBLICITY)
    cards = [window.home.results.card_at(r) for r in range(window.home.results.rowCount())]
    assert cards and all(card.category is Category.PUBLICITY for card in cards)


def test_every_category_with_templates_has_a_tile(window, parts):
    categories = {card.category for card in parts.library.list()}
    assert len(window.home._category_tiles) == len(categories)


def test_a_favourite_comes_first(window, parts, template_id):
    chosen = template_id("文書の要約")
    window.draft_flow.begin(chosen)
    window.draft_flow.form._star.setChecked(True)
    window.go_home()
    assert window.home._tiles[0].accessibleName().startswith("文書の要約")
    parts.library.set_favourite(chosen, False)


@pytest.mark.parametrize(("hours_before", "words"), [(1, "09:42"), (20, "昨日 14:42"), (24 * 19, "11月3日")])
def test_a_moment_is_said_as_one_says_it(hours_before, words):
    now = datetime.datetime(2026, 11, 22, 10, 42).astimezone()
    assert when(now - datetime.timedelta(hours=hours_before), now=now) == words


# --- form -----------------------------------------------------------------------------------------


def test_the_form_says_before_that_the_demonstration_model_cannot_serve(window, template_id):
    window.draft_flow.begin(template_id("相談記録"))
    assert "このひな形の下書きを作れません" in window.draft_flow.form.banner.text
    assert "kian models" in window.draft_flow.form.banner.text
    window.draft_flow.form.banner.action_button.click()
    assert window.screen_in_front is window.settings_flow.models
    window.draft_flow.begin(template_id("通知文"))
    assert window.draft_flow.form.banner.text == ""


def test_an_example_fills_the_form_and_asks_before_it_replaces(window, template_id):
    window.draft_flow.begin(template_id("通知文"))
    first = next(iter(window.draft_flow.form.editors.values()))
    first.set_value("自分で書いた件名")
    window.draft_flow.form.fill_example()
    assert first.value() == "自分で書いた件名"
    assert all(e.value() for e in window.draft_flow.form.editors.values())
    window.draft_flow.form.banner.action_button.click()
    assert first.value() == window.draft_flow.controller.template.example_values[first.field.name]


def test_an_empty_required_field_is_told_at_the_field(window, template_id):
    window.draft_flow.begin(template_id("通知文"))
    window.draft_flow.form.primary.click()
    assert window.screen_in_front is window.draft_flow.form
    assert any(e.problem_text for e in window.draft_flow.form.editors.values())
    assert window.draft_flow.controller.state is State.FORM


def test_confidentiality_follows_the_policy(window):
    window.draft_flow.begin(free_template().id)
    form = window.draft_flow.form
    form._levels.setCurrentIndex(form._levels.findData(1))
    assert form.primary.isEnabled()
    form._levels.setCurrentIndex(form._levels.findData(2))
    assert not form.primary.isEnabled()
    assert "印を付けると" in form._why_not.text()
    form._level_check.setChecked(True)
    assert form.primary.isEnabled()
    form._levels.setCurrentIndex(form._levels.findData(3))
    assert not form.primary.isEnabled()


@pytest.mark.parametrize("title", ["通知文", "案内メール", "相談記録", "Excel"])
def test_every_kind_of_built_in_template_gets_a_form(window, template_id, title):
    window.draft_flow.begin(template_id(title))
    assert list(window.draft_flow.form.editors) == [
        f.name for f in window.draft_flow.controller.template.fields
    ]


# --- review ---------------------------------------------------------------------------------------


def long_text(length):
    line = "申請者の山田太郎さん（電話0123-45-6789）から、佐藤花子さんについて相談があった。𠮷田も同席。\n"
    return (line * (length // len(line) + 1))[:length]


def test_a_document_of_20000_characters_stays_smooth(qtbot, window):
    window.draft_flow.begin(free_template().id)
    window.draft_flow.form.editors["request"].set_value(long_text(20_000))
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW, timeout=20_000)
    review = window.draft_flow.controller.session.review
    assert len(review.items) > 1000
    started = time.perf_counter()
    window.draft_flow.review.toggle()
    window.draft_flow.review.source_view.grab()
    one = time.perf_counter() - started
    started = time.perf_counter()
    window.draft_flow.review.choose_next()
    window.draft_flow.review.source_view.grab()
    step = time.perf_counter() - started
    assert one < 1.5, one
    assert step < 0.5, step


def test_a_click_chooses_and_a_double_click_changes(qtbot, theme):
    view = SpanView(theme)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show_text("𠮷田さんと山田太郎さん", [Mark(7, 5, 9, "氏名1", "name")])
    view.show()
    qtbot.waitExposed(view)
    rect = next(iter(view._visible_rects()))[1].toRect()
    with qtbot.waitSignal(view.item_chosen) as chosen:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert chosen.args == [7]
    with qtbot.waitSignal(view.item_opened):
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert view.mark_at(QPoint(rect.right() + 60, rect.center().y())) is None


def test_a_selection_is_told_in_code_points(qtbot, theme):
    view = SpanView(theme)
    qtbot.addWidget(view)
    view.show_text("𠮷𠮷田さん", [])
    cursor = view.textCursor()
    cursor.setPosition(4)
    cursor.setPosition(5, cursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected_range() == (2, 3)


@pytest.mark.parametrize("text", ["", "abc", "山田", "𠮷a𠮷", "a𠮷𠮷b"])
def test_offsets_go_there_and_back(text):
    offsets = Offsets(text)
    for point in range(len(text) + 1):
        unit = len(text[:point].encode("utf-16-le")) // 2
        assert offsets.to_units(point) == unit
        assert offsets.to_points(unit) == point


def test_only_the_part_that_differs_is_replaced(qtbot, theme):
    view = SpanView(theme)
    qtbot.addWidget(view)
    for text in ("", "山田さんへ", "<氏名1>さんへ", "<氏名1>さんと𠮷さんへ", "", "終わり\n二行目"):
        view.show_text(text, [])
        assert view.toPlainText() == text


def test_hints_that_point_to_one_person_together_are_warned_of(qtbot, window):
    window.draft_flow.begin(free_template().id)
    window.draft_flow.form.editors["request"].set_value("12歳の男性、佐藤さんの長男")
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: window.draft_flow.controller.state is State.REVIEW)
    assert "組み合わせると" in window.draft_flow.review.banner.text


# --- history, rules, settings ---------------------------------------------------------------------


def test_a_draft_can_be_found_binned_and_taken_back(qtbot, window):
    window.draft_flow.begin(free_template().id)
    window.draft_flow.form.editors["request"].set_value("紫陽花まつりの案内")
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: window.draft_flow.review.primary.isEnabled())
    with qtbot.waitSignal(window.draft_flow.controller.answered):
        window.draft_flow.review.primary.click()
    window.go_home()
    window.home.history_asked.emit()
    window.history.search.setText("紫陽花")
    window.history.refresh()
    assert window.history.model.rowCount() == 1
    window.history._bin.click()
    assert window.history.model.rowCount() == 0
    assert "その言葉を含む下書きはありません" in window.history._nothing.text()
    window.history.banner.action_button.click()
    assert window.history.model.rowCount() == 1
    window.history.search.clear()


def test_the_rules_are_shown_at_the_first_run_and_again_when_they_change(window):
    assert window._preferences.guideline_read == digest_of(window._parts.guideline)
    assert digest_of("新しいルール") != window._preferences.guideline_read
    window._preferences = Preferences(guideline_read=digest_of("前のルール"))
    window._open_first_screen()
    assert window.screen_in_front is window.rules
    window.rules.go_back()
    assert window.screen_in_front is window.rules
    window.rules.primary.click()
    assert window.screen_in_front is window.home


def test_choices_are_kept(window, theme):
    window.settings._choose(size=TextSize.LARGE, scheme=ColorScheme.DARK)
    stored = load_preferences(window._parts.preferences_file)
    theme.choose(size=TextSize.STANDARD, scheme=ColorScheme.LIGHT)
    assert (stored.text_size, stored.color_scheme) == ("large", "dark")


@pytest.mark.parametrize("content", ["", "[window", "window = 3", "[window]\ntext_size = 5\n", "\x00"])
def test_unreadable_preferences_are_the_defaults(tmp_path, content):
    path = tmp_path / "settings.toml"
    path.write_text(content, "utf-8")
    assert load_preferences(path) == Preferences()


def test_preferences_come_back(tmp_path):
    chosen = Preferences("large", "dark", "ab12")
    save_preferences(tmp_path / "settings.toml", chosen)
    assert load_preferences(tmp_path / "settings.toml") == chosen


def test_the_pace_is_told_once_there_is_one():
    now = [0.0]
    reading, writing = ReadingPace(lambda: now[0]), WritingPace(lambda: now[0])
    assert reading.seconds_left(0, 100) is None
    now[0] = 2.0
    assert reading.seconds_left(50, 100) == pytest.approx(2.0)
    assert writing.add(10) is None
    now[0] = 4.0
    assert writing.add(30) == pytest.approx(20.0)


# --- the person's own words -----------------------------------------------------------------------


def test_a_word_decided_about_for_later_is_kept_encrypted_and_can_be_taken_out(qtbot, window, shared_paths):
    window.draft_flow.begin(free_template().id)
    window.draft_flow.form.editors["request"].set_value("佐藤花子さんへの案内")
    window.draft_flow.form._level_check.setChecked(True)
    window.draft_flow.form.primary.click()
    qtbot.waitUntil(lambda: window.draft_flow.review.primary.isEnabled())
    window.draft_flow.review._from_now_on.click()
    own_words = window._parts.own_words
    assert own_words.settings() == {"always_mask": [["佐藤花子", "PERSON"]], "never_mask": []}
    window.draft_flow.review.toggle()
    window.draft_flow.review._from_now_on.click()
    assert own_words.settings() == {"always_mask": [], "never_mask": ["佐藤花子"]}
    assert window._masking._settings["never_mask"] == ["佐藤花子"]
    stored = b"".join(p.read_bytes() for p in (shared_paths.data_dir / "own_words").iterdir())
    assert "佐藤".encode() not in stored
    drop = next(b for b in window.settings.findChildren(QToolButton) if "佐藤花子" in b.accessibleName())
    drop.click()
    assert own_words.words == ()


def test_own_words_come_back_with_the_next_start(paths):
    store = UnsentStore(paths.unsent_dir, b"k" * 32)
    OwnWords(store).always_mask("あおぞら園", EntityType.FACILITY)
    assert OwnWords(store).words == (OwnWord("あおぞら園", EntityType.FACILITY),)


def test_the_time_of_a_draft_is_told_from_the_drafts_before():
    pace = DraftPace()
    assert pace.seconds() is None
    pace.add(Usage(500, 3, 9_000, 9_000))  # too short to tell anything
    assert pace.seconds() is None
    pace.add(Usage(1_000, 200, 20_000, 20_000, reused_tokens=200))
    assert pace.seconds() == pytest.approx(40.0)
    pace.add(Usage(500, 100, 500, 100, reused_tokens=500))  # nothing to read is no division by nothing
    assert pace.seconds() > 0


def test_a_longer_text_is_said_to_take_longer():
    pace = DraftPace()
    pace.add(Usage(1_000, 200, 20_000, 20_000, reused_tokens=200), characters=1_600)  # half a token each
    assert pace.seconds(100) == pace.seconds(1_600) == pytest.approx(40.0)
    assert pace.seconds(5_600) == pytest.approx(40.0 + 2_000 / 40)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "約1秒"), (3.4, "約3秒"), (41.0, "約40秒"), (89.0, "約90秒"), (130.0, "約2分")],
)
def test_a_time_is_said_as_one_estimates_it(seconds, words):
    assert about(seconds) == words


def test_the_form_says_the_time_once_it_is_known(window, template_id):
    window.draft_flow.begin(template_id("通知文"))
    shown = window.draft_flow.form._duration.text()
    assert bool(shown) is (window.draft_flow.controller.seconds_expected is not None)
    window.draft_flow.controller._pace.add(Usage(1_000, 200, 20_000, 20_000))
    window.go_home()
    window.draft_flow.begin(template_id("通知文"))
    assert "（この端末）" in window.draft_flow.form._duration.text()
    window.draft_flow.controller._pace.add(Usage(1_000, 200, 20_000, 20_000), characters=500)
    window.draft_flow.form.editors["subject"].set_value("あ" * 40_000)
    assert "分（この端末）" in window.draft_flow.form._duration.text()
