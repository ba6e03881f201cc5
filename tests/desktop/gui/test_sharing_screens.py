import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester

import desktop.__main__ as program
from desktop.drafting.handover import Handover
from desktop.drafting.policy import parse_policy
from desktop.drafting.sharing import plan_paths
from desktop.gui.controllers.arrivals import Arrivals
from desktop.gui.controllers.jobs import Job, JobPool, Listener
from desktop.gui.controllers.preferences import Preferences
from desktop.gui.controllers.standard_shelf import StandardShelf, shelf_words
from desktop.gui.controllers.template_edit import empty_template
from desktop.gui.item_models.import_table import ImportTableModel, Outcome, rows_of
from prompts.library import PromptLibrary, Shelf
from prompts.sharing import Decision, ShelfRefresh, export, refresh_shelf
from prompts.template import dump, parse


@pytest.fixture(autouse=True)
def at_home(window):
    window.go_home()


@pytest.fixture
def screen(window):
    return window.flow.importing


def made(title, **changes):
    return replace(empty_template("総務課"), title=title, **changes)


def written(folder, *templates):
    for template in templates:
        (folder / f"{template.title}.prompt.md").write_text(dump(template), encoding="utf-8")
    return folder


def previewed(qtbot, window, *paths):
    window.preview_import(paths)
    screen = window.flow.importing
    assert window.screen_in_front is screen
    qtbot.waitUntil(lambda: not screen.is_busy and screen.plan is not None)
    assert screen.banner.text == ""
    return screen


def outcomes(screen):
    rows = [screen.model.row_at(row) for row in range(screen.model.rowCount())]
    return {row.entry.template.title if row.entry else row.path: row.outcome for row in rows}


# --- import ---------------------------------------------------------------------------------------


def test_everything_that_can_happen_to_an_entry_is_shown_before_anything_is_stored(
    qtbot, window, parts, tmp_path
):
    same, older, other = made("同じもの"), made("古い版"), made("食い違うもの")
    for template in (same, older, other):
        parts.library.save(template)
    before = parts.library.count()
    (tmp_path / "壊れた.prompt.md").write_text("---\nschema: 1\n---\n本文", encoding="utf-8")
    written(
        tmp_path,
        same,
        replace(older, version="1.1", title="新しい版"),
        replace(other, body="別の本文です。"),
        made("はじめてのもの"),
    )
    screen = previewed(qtbot, window, tmp_path)
    assert outcomes(screen) == {
        "壊れた.prompt.md": Outcome.REJECTED,
        "食い違うもの": Outcome.CONFLICT,
        "はじめてのもの": Outcome.NEW,
        "新しい版": Outcome.UPDATED,
        "同じもの": Outcome.UNCHANGED,
    }
    assert "壊れた.prompt.md" in screen.detail.toPlainText()
    assert "新規 1件　新しい版 1件　変更なし 1件　食い違い 1件　取り込めない 1件" in screen._summary.text()
    assert parts.library.count() == before
    screen.table.selectRow(1)
    assert "＋ 別の本文です。" in screen.detail.toPlainText()
    screen.store()
    qtbot.waitUntil(lambda: window.screen_in_front is window.flow.library)
    assert parts.library.count() == before + 1
    assert parts.library.get(older.id).title == "新しい版"
    assert parts.library.get(other.id).body == other.body
    assert "2件を取り込みました" in window.flow.library.banner.text
    assert "食い違い 1件" in window.flow.library.banner.text


@pytest.mark.parametrize("decision", list(Decision))
def test_a_conflict_goes_the_way_the_person_chose(qtbot, window, parts, tmp_path, decision):
    present = made(f"選ぶ {decision}")
    parts.library.save(present)
    before = parts.library.count()
    written(tmp_path, replace(present, body="取り込む本文です。"))
    screen = previewed(qtbot, window, tmp_path)
    assert not screen.primary.isEnabled()
    screen.choices[decision].click()
    assert screen.primary.isEnabled() is (decision is not Decision.SKIP)
    if decision is Decision.SKIP:
        return
    screen.primary.click()
    qtbot.waitUntil(lambda: window.screen_in_front is window.flow.library)
    is_replaced = decision is Decision.REPLACE
    assert (parts.library.get(present.id).body == "取り込む本文です。") is is_replaced
    assert parts.library.count() == before + (not is_replaced)


def test_personal_information_is_shown_and_has_to_be_looked_at(qtbot, window, parts, tmp_path):
    found = made("個人情報の入ったもの", cautions=("担当は山田太郎、0123-45-6789です。",))
    written(tmp_path, found)
    screen = previewed(qtbot, window, tmp_path)
    assert "山田太郎" in screen.detail.toPlainText()
    assert "0123-45-6789" in screen.detail.toPlainText()
    assert not screen.primary.isEnabled()
    assert "個人情報の指摘" in screen._why_not.text()
    screen.confirm.setChecked(True)
    screen.shelf.setCurrentIndex(screen.shelf.findData(Shelf.SECTION))
    screen.primary.click()
    qtbot.waitUntil(lambda: window.screen_in_front is window.flow.library)
    assert parts.library.card(found.id).shelf is Shelf.SECTION
    screen.shelf.setCurrentIndex(0)


def test_leaving_the_preview_stores_nothing(qtbot, window, parts, tmp_path):
    before = parts.library.count()
    screen = previewed(qtbot, window, written(tmp_path, made("やめるもの")))
    screen.go_back()
    assert window.screen_in_front is window.flow.library
    assert parts.library.count() == before


def test_stopping_the_look_for_personal_information_stores_nothing(qtbot, window, parts, tmp_path):
    written(tmp_path, *(made(f"止める{n}", body=f"ゆっくり探す{n}") for n in range(20)))
    before = parts.library.count()
    window.preview_import([tmp_path])
    screen = window.flow.importing
    assert screen.is_busy
    qtbot.waitUntil(lambda: "個人情報" in screen._busy.words)
    screen._busy.stop_button.click()
    qtbot.waitUntil(lambda: not screen.is_busy)
    assert "何も取り込んでいません" in screen.banner.text
    assert parts.library.count() == before
    assert screen.model.rowCount() == 20, "the plan is to be seen while the search goes on"
    assert not screen.primary.isEnabled()
    screen.store()
    assert not screen.is_busy, "what was not looked through does not come in"
    screen.banner.action_button.click()
    assert screen.is_busy
    screen.go_back()


def test_files_dropped_on_home_are_previewed(qtbot, window, tmp_path):
    written(tmp_path, made("落としたもの"))
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path)) for path in tmp_path.iterdir()])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        dropped,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    screen = window.flow.importing
    assert window.screen_in_front is screen
    qtbot.waitUntil(lambda: not screen.is_busy)
    assert outcomes(screen) == {"落としたもの": Outcome.NEW}


def test_several_files_are_one_import_with_one_conflict_for_two_of_one_id(parts, tmp_path):
    first = made("二度あるもの")
    one, two = tmp_path / "一.prompt.md", tmp_path / "二.prompt.md"
    one.write_text(dump(first), encoding="utf-8")
    two.write_text(dump(replace(first, body="別の本文")), encoding="utf-8")
    plan = plan_paths([one, two, one], parts.library, policy=parts.policy)
    assert [e.path for e in plan.new] == ["一.prompt.md"]
    assert [e.path for e in plan.conflicts] == ["二.prompt.md"]
    assert len(plan.unchanged) == 1


def test_without_the_signature_that_the_policy_asks_for_nothing_comes_in(qtbot, window, parts, tmp_path):
    strict = replace(parts, policy=parse_policy("[sharing]\nrequire_signature = true\n"))
    screen = window.flow.importing
    screen._parts = strict
    try:
        window.preview_import([written(tmp_path, made("署名のないもの"))])
        qtbot.waitUntil(lambda: not screen.is_busy)
    finally:
        screen._parts = parts
    assert screen.plan is None
    assert "署名" in screen.banner.text


def test_the_table_of_an_import_keeps_qts_rules(parts, tmp_path):
    plan = plan_paths([written(tmp_path, made("一"), made("二"))], parts.library, policy=parts.policy)
    model = ImportTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_plan(rows_of(plan), {})
    assert model.rowCount() == 2
    model.decide(0, Decision.COPY)
    model.show_plan((), {})


@pytest.mark.parametrize(
    ("arguments", "opens_window"),
    [
        (["届いた　ひな形.prompt.md"], True),
        (["集.KIANPACK"], True),
        (["無い.kianpack"], False),
        (["templates"], False),
        (["届いた　ひな形.prompt.md", "x"], False),
    ],
)
def test_a_double_click_on_the_file_type_opens_its_preview(tmp_path, monkeypatch, arguments, opens_window):
    monkeypatch.chdir(tmp_path)
    for name in ("届いた　ひな形.prompt.md", "集.KIANPACK"):
        (tmp_path / name).touch()
    found = program._file_to_import(arguments)
    assert found == (tmp_path / arguments[0] if opens_window else None)


# --- export ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".prompt.md", ".kianpack", ".json", ".csv", ".docx"])
def test_every_kind_of_file_is_written_after_the_look_for_personal_information(
    qtbot, window, parts, tmp_path, suffix
):
    card = parts.library.save(made(f"書き出す{suffix}"))
    window.flow.library.export_asked.emit([card.id])
    screen = window.flow.exporting
    assert window.screen_in_front is screen
    assert not screen.primary.isEnabled()
    qtbot.waitUntil(screen.primary.isEnabled)
    screen.formats[suffix].click()
    screen.write_to(tmp_path / "ひな形")
    assert (tmp_path / f"ひな形{suffix}").stat().st_size > 100
    assert window.screen_in_front is window.flow.library
    assert "書き出しました" in window.flow.library.banner.text
    if suffix in (".prompt.md", ".kianpack"):
        with PromptLibrary(None) as other:
            plan = plan_paths([tmp_path / f"ひな形{suffix}"], other, policy=parts.policy)
        assert [entry.template.title for entry in plan.new] == [f"書き出す{suffix}"]


def test_finds_are_confirmed_before_they_leave(qtbot, window, parts):
    card = parts.library.save(made("名前の残るもの", body="山田太郎まで。{{件名}}{{要点}}"))
    window.flow.library.export_asked.emit([card.id])
    screen = window.flow.exporting
    qtbot.waitUntil(lambda: screen.finds is not None)
    assert "山田太郎" in screen._result.toPlainText()
    assert not screen.primary.isEnabled()
    screen.confirm.setChecked(True)
    assert screen.primary.isEnabled()
    parts.library.delete(card.id)


def test_several_templates_are_not_offered_as_one_file(qtbot, window, parts):
    ids = [card.id for card in parts.library.list(limit=3)]
    window.flow.library.export_asked.emit(ids)
    screen = window.flow.exporting
    assert not screen.formats[".prompt.md"].isEnabled()
    screen.go_back()
    assert window.screen_in_front is window.flow.library


def test_an_export_that_the_policy_forbids_writes_nothing(qtbot, window, parts, tmp_path):
    screen = window.flow.exporting
    card = parts.library.save(made("出せないもの"))
    screen._parts = replace(parts, policy=parse_policy("[export]\nenabled = false\n"))
    try:
        screen.offer([card.id])
        qtbot.waitUntil(lambda: screen.finds is not None)
        assert not screen.primary.isEnabled()
        screen.write_to(tmp_path / "x")
    finally:
        screen._parts = parts
    assert list(tmp_path.iterdir()) == []
    assert screen.banner.text


# --- 庁内標準 -------------------------------------------------------------------------------------


def test_the_shelf_is_read_when_the_window_opens_and_the_lists_follow(qtbot, window, parts, tmp_path):
    standard = made("庁内標準の通知文")
    written(tmp_path, standard)
    policy = parse_policy(f"[sharing]\nshelf = '{tmp_path}'\n")

    def refresh():
        with parts.open_library() as library:
            return refresh_shelf(library, tmp_path, trusted_keys=policy.sharing_trusted_keys)

    shelf = window.flow.shelf
    shelf._refresh, kept = refresh, shelf._refresh
    try:
        with qtbot.waitSignal(shelf.changed):
            shelf.look()
    finally:
        shelf._refresh = kept
    assert window.home._shelf_state.text().startswith("庁内標準：最終確認")
    window.home.templates_asked.emit()
    window.flow.library.places.setCurrentRow(4)
    assert [c.title for c in parts.library.list(shelf=Shelf.STANDARD)] == ["庁内標準の通知文"]
    assert window.flow.library.model.rowCount() == 1
    window.flow.library.places.setCurrentRow(0)


def test_a_shelf_out_of_reach_says_when_it_was_last_seen():
    words = shelf_words(ShelfRefresh(False, False, "2026-11-03T01:00:00+00:00"))
    assert words.startswith("庁内標準：届きません（最終確認 11月3日")
    assert shelf_words(ShelfRefresh(False, False, "")) == "庁内標準：届きません（最終確認 記録なし）"


def test_a_share_that_hangs_is_not_asked_twice(qtbot):
    released, calls = threading.Event(), []

    def hang():
        calls.append(1)
        released.wait(5)

    shelf = StandardShelf(hang)
    shelf.look()
    shelf.look()
    with qtbot.waitSignal(shelf.shown):
        released.set()
    assert calls == [1]


# --- jobs -----------------------------------------------------------------------------------------


def test_a_job_tells_its_end_in_the_windows_thread_and_a_dropped_one_tells_nothing(qtbot):
    pool, told = JobPool(), []
    here = threading.get_ident()

    def listener(name):
        return Listener(
            lambda result: told.append((name, result, threading.get_ident() == here)),
            lambda error: told.append((name, type(error), threading.get_ident() == here)),
        )

    def fail(job: Job):
        raise ZeroDivisionError

    pool.start(lambda job: 42, listener("good"))
    pool.start(fail, listener("bad"))
    pool.start(lambda job: 43, listener("dropped")).drop()
    pool.start(lambda job: 44, listener("last"))
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told == [("good", 42, True), ("bad", ZeroDivisionError, True), ("last", 44, True)]


def test_a_template_given_out_comes_back_the_same(parts, tmp_path):
    template = made("行って帰るもの")
    export([template], tmp_path / "x.prompt.md")
    assert parse((tmp_path / "x.prompt.md").read_text("utf-8")) == template


def test_a_double_click_while_the_window_is_open_previews_in_it(qtbot, window, tmp_path):
    handover = Handover(tmp_path)
    arrivals = Arrivals(handover)
    arrivals.arrived.connect(window.take_arrivals)
    file = tmp_path / "届いた.prompt.md"
    file.write_text(dump(made("届いたもの")), encoding="utf-8")
    handover.leave(file)
    screen = window.flow.importing
    qtbot.waitUntil(lambda: window.screen_in_front is screen and not screen.is_busy)
    assert outcomes(screen) == {"届いたもの": Outcome.NEW}
    assert list(handover.folder.iterdir()) == []


def test_a_second_start_brings_the_open_window_to_the_front(qtbot, window, tmp_path):
    handover = Handover(tmp_path)
    arrivals = Arrivals(handover)
    arrivals.arrived.connect(window.take_arrivals)
    before = window.screen_in_front
    window.showMinimized()
    left = handover.leave()
    qtbot.waitUntil(lambda: not left.exists() and not window.isMinimized())
    assert window.screen_in_front is before


def test_a_file_that_arrives_before_the_rules_are_read_waits_for_them(qtbot, window, tmp_path):
    file = tmp_path / "待つ.prompt.md"
    file.write_text(dump(made("待つもの")), encoding="utf-8")
    window._preferences = Preferences(guideline_read="前のルール")
    window._open_first_screen()
    window.preview_import([file])
    assert window.screen_in_front is window.rules
    window.rules.agreed.emit()
    screen = window.flow.importing
    qtbot.waitUntil(lambda: window.screen_in_front is screen and not screen.is_busy)
    assert outcomes(screen) == {"待つもの": Outcome.NEW}
