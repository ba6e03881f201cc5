import json

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QAbstractItemModelTester

from desktop.drafting.models_here import Place
from desktop.drafting.policy import parse_policy
from desktop.gui.clients.engine_client import EngineState
from desktop.gui.item_models.model_table import ModelTableModel, size_words
from desktop.gui.widgets.model_facts import number_words, seconds_words
from models.catalog import load_catalog
from models.demo import DEMO_MODEL_ID, demo_model_path
from models.store import export_bundle
from tests.support.random_gguf import write_random_gguf


@pytest.fixture
def screen(qtbot, window):
    window.go_home()
    window.home.settings_asked.emit()
    window.settings.models_button.click()
    models = window.settings_flow.models
    assert window.screen_in_front is models
    settle(qtbot, models)
    yield models
    settle(qtbot, models)
    here = models._parts.models
    for model in here.list().models:
        if model.place is Place.OWN:
            here.remove(model.key)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_random_gguf(tmp_path_factory.mktemp("share") / "庁内　模型.gguf")


def settle(qtbot, models):
    qtbot.waitUntil(lambda: not models.is_busy, timeout=20_000)


def drop(window, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(QPoint(300, 300)), Qt.DropAction.CopyAction, mime, buttons, modifiers)
    window.dropEvent(event)


def titles(models):
    return [models.model.row_at(row).card.title for row in range(models.model.rowCount())]


def facts(models):
    page = models.detail._facts.widget()
    return "\n".join(found.text() for found in page.findChildren(type(models.title_label)))


def test_the_table_of_models_keeps_qts_rules(parts):
    model = ModelTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_models(parts.models.list().models, in_use=str(parts.model.path), verdicts={})
    assert model.rowCount() == 1
    model.show_models((), in_use="", verdicts={})


def test_the_built_in_model_is_listed_with_its_card_and_cannot_be_removed(screen):
    card = load_catalog().card(DEMO_MODEL_ID)
    assert titles(screen) == [card.title]
    assert screen.model.state_of(screen.model.row_at(0)) == "使用中"
    shown = facts(screen)
    for words in (card.maker, card.licence, "日本", "4.7 MB", card.sha256[:8], "付属"):
        assert words in shown
    assert not screen.detail.remove_button.isEnabled()
    assert not screen.detail.default_button.isEnabled()
    assert not screen.back_to_before.isEnabled()


def test_a_dropped_model_is_taken_in_with_proof_chosen_given_back_and_removed(qtbot, window, screen, weights):
    drop(window, weights)
    assert screen.is_busy and screen._busy.stop_button.isVisible()
    settle(qtbot, screen)
    assert "取り込みました" in screen.banner.text and "SHA-256" in screen.banner.text
    assert "次に開いたときから" in screen.banner.text
    taken = screen._chosen()
    assert taken.place is Place.OWN and taken.is_default
    assert "一致しました" in facts(screen)
    screen.select(next(m for m in screen.found.models if m.place is Place.BUILT_IN))
    screen.detail.default_button.click()
    settle(qtbot, screen)
    assert [m.place for m in screen.found.models if m.is_default] == [Place.BUILT_IN]
    screen.select(taken)
    screen.detail.default_button.click()
    settle(qtbot, screen)
    assert screen._chosen().is_default
    screen.back_to_before.click()
    settle(qtbot, screen)
    assert not screen._chosen().is_default
    screen.table.setFocus()
    qtbot.keyClick(screen.table, Qt.Key.Key_Delete)
    screen.question.no.click()
    assert len(titles(screen)) == 2
    screen.detail.remove_button.click()
    screen.question.yes.click()
    settle(qtbot, screen)
    assert len(titles(screen)) == 1
    record = json.loads(
        (screen._parts.models.store._folder / "removed.jsonl").read_text("utf-8").splitlines()[-1]
    )
    assert record["model"] == taken.key
    entry = screen._parts.open_audit().records()[-1].entry
    assert (entry.outcome, entry.model_sha256) == ("model", taken.card.sha256)


def test_a_bundle_dropped_onto_home_leads_to_the_models(qtbot, window, screen, tmp_path):
    here = screen._parts.models
    bundle = export_bundle(here.take_in(demo_model_path()), tmp_path)
    here.remove(DEMO_MODEL_ID)
    window.go_home()
    drop(window, bundle)
    assert window.screen_in_front is screen
    settle(qtbot, screen)
    assert [m.place for m in screen.found.models] == [Place.OWN, Place.BUILT_IN]


def test_a_bundle_that_was_changed_is_refused_and_its_copy_set_aside(qtbot, window, screen, tmp_path):
    here = screen._parts.models
    bundle = export_bundle(here.take_in(demo_model_path()), tmp_path)
    here.remove(DEMO_MODEL_ID)
    path = next(bundle.glob("*.gguf"))
    content = bytearray(path.read_bytes())
    content[-10] ^= 1
    path.write_bytes(content)
    screen.take_in([bundle])
    settle(qtbot, screen)
    assert ".bad" in screen.banner.text and "取り込んでいません" in screen.banner.text
    assert "取り分けたファイル：1件" in screen._notes.text()
    assert len(titles(screen)) == 1
    for bad in screen.found.quarantined:
        bad.unlink()
    screen.refresh()


def test_an_import_that_is_stopped_leaves_nothing(qtbot, screen, weights):
    screen.take_in([weights])
    screen._busy.stop_button.click()
    settle(qtbot, screen)
    assert "止めました" in screen.banner.text
    screen.refresh()
    settle(qtbot, screen)
    assert len(titles(screen)) == 1


def test_a_model_that_was_changed_later_is_found_and_set_aside(qtbot, screen, weights):
    screen.take_in([weights])
    settle(qtbot, screen)
    chosen = screen._chosen()
    screen.detail.verify_button.click()
    settle(qtbot, screen)
    assert "改変はありません" in screen.banner.text
    with chosen.path.open("r+b") as file:
        file.seek(-64, 2)
        file.write(b"\1" * 64)
    screen.detail.verify_button.click()
    settle(qtbot, screen)
    assert "違う内容" in screen.banner.text and ".bad" in screen.banner.text
    qtbot.waitUntil(lambda: len(titles(screen)) == 1)
    for bad in screen.found.quarantined:
        bad.unlink()


def test_a_file_that_is_no_model_is_told_in_a_sentence(qtbot, screen, tmp_path):
    path = tmp_path / "なにか.gguf"
    path.write_bytes(b"not a model")
    screen.take_in([path])
    settle(qtbot, screen)
    assert "GGUF 形式のモデルではありません" in screen.banner.text


def test_the_doctor_judges_every_model_and_says_what_to_wait_for(qtbot, screen, weights):
    screen.take_in([weights])
    settle(qtbot, screen)
    assert screen.press_primary()
    settle(qtbot, screen)
    assert "いまのモデルは" in screen.banner.text
    verdicts = {screen.model.cells(screen.model.row_at(row))[2] for row in range(2)}
    assert verdicts <= {"快適", "動くが遅い", "動きません"}
    assert "書き始めまで約" in facts(screen) and "見込み" in facts(screen)
    assert "コア" in screen._pc.text()


def test_the_doctor_wakes_a_model_that_was_let_go_while_nobody_used_it(qtbot, window, screen):
    qtbot.waitUntil(lambda: not window._engine._client.is_busy)
    window._engine._let_go()
    assert window._engine.state is EngineState.RESTING
    screen.diagnosis = None
    screen.diagnose()
    settle(qtbot, screen)
    assert screen.diagnosis is not None
    assert window._engine.state is EngineState.READY, "it is let go again later, in its own time"


def test_the_doctor_can_be_stopped(qtbot, screen):
    screen.diagnosis = None
    screen.diagnose()
    screen._busy.stop_button.click()
    settle(qtbot, screen)
    assert screen.diagnosis is None or "いまのモデル" in screen.banner.text


def test_what_the_policy_does_not_allow_is_refused_and_the_list_says_who_decided(
    qtbot, paths, theme, weights
):
    from contextlib import ExitStack

    from tests.desktop.gui.conftest import close, opened

    paths.policy_file.write_text('[models]\nallowed = ["qwen3-4b"]\n', encoding="utf-8")
    assert parse_policy(paths.policy_file.read_text("utf-8")).allowed_models == ("qwen3-4b",)
    with ExitStack() as stack:
        from desktop.app import build_parts

        made = opened(build_parts(paths, stack), theme)
        made.settings_flow.open_models()
        models = made.settings_flow.models
        settle(qtbot, models)
        models.take_in([weights])
        settle(qtbot, models)
        assert "使えない設定" in models.banner.text
        assert len(titles(models)) == 1
        shown = [found.text() for found in models.findChildren(type(models.title_label))]
        assert any("管理者により固定" in words for words in shown)
        close(made)


@pytest.mark.parametrize(
    ("number", "words"), [(4_311_808, "431万"), (494_000_000, "4.9億"), (4_000_000_000, "40億")]
)
def test_numbers_of_parameters_are_said_as_one_says_them(number, words):
    assert number_words(number) == words


def test_sizes_and_waits_are_said_as_one_says_them():
    assert [size_words(n) for n in (4_675_680, 2_500_000_000)] == ["4.7 MB", "2.5 GB"]
    assert [seconds_words(s) for s in (0.3, 12.4, 200)] == ["1秒", "12秒", "3分"]
