import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from desktop.app import EXIT_SECOND_INSTANCE, build_parts
from desktop.drafting.errors import DataFolderUnwritableError
from desktop.drafting.paths import Paths, SingleInstance
from desktop.gui.controllers.autosave import Autosave
from desktop.gui.controllers.free_writing import free_template

HERE = Path(__file__).parent


def environment(data_dir):
    return {
        **os.environ,
        "KIAN_DATA_DIR": str(data_dir),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(HERE.parents[2]),
        "PYTHONUTF8": "1",
    }


def test_killing_the_window_loses_nothing_older_than_a_second(tmp_path):
    typed = []
    with subprocess.Popen(
        [sys.executable, str(HERE / "typing_program.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(tmp_path / "田中　太郎"),
    ) as program:
        while not typed or typed[-1][0] - typed[0][0] < 2.0:
            seconds, count = program.stdout.readline().split()
            typed.append((float(seconds), int(count)))
        killed_at = time.time()
        program.kill()
        typed += [(float(s), int(n)) for s, n in (line.split() for line in program.stdout if b" " in line)]
    due = max(count for seconds, count in typed if seconds <= killed_at - 1)
    with ExitStack() as stack:
        data_dir = tmp_path / "田中　太郎"
        parts = build_parts(Paths(data_dir, tmp_path / "none.toml").ensure(), stack)
        (draft,) = parts.unsent.recover().drafts
        assert len(draft.content["values"]["request"]) >= due > 20
        assert "あ" not in (data_dir / "unsent" / f"{draft.draft_id}.unsent").read_bytes().decode("latin-1")


def test_a_draft_is_taken_up_where_it_was_left(qtbot, own_window, paths):
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.form.editors["request"].set_value("書きかけの文 𠮷")
    own_window.go_home()
    own_window.draft_flow.begin(free_template().id)
    assert own_window.draft_flow.form.editors["request"].value() == ""
    own_window.go_home()
    chips = own_window.home.findChildren(QPushButton)
    next(chip for chip in chips if chip.accessibleName().startswith("つづきから")).click()
    assert own_window.draft_flow.form.editors["request"].value() == "書きかけの文 𠮷"


def test_a_draft_left_behind_can_be_thrown_away(own_window, parts):
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.form.editors["request"].set_value("要らない")
    draft_id = own_window.draft_flow.controller.draft_id
    own_window.go_home()
    own_window.home.unsent_discarded.emit(draft_id)
    assert own_window._parts.unsent.draft_ids() == ()
    assert own_window.home._unsent_box.isHidden()


def test_throwing_another_draft_away_leaves_the_open_one(own_window):
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.form.editors["request"].set_value("一つ目")
    first = own_window.draft_flow.controller.draft_id
    own_window.go_home()
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.form.editors["request"].set_value("二つ目")
    own_window.go_home()
    own_window.home.unsent_discarded.emit(first)
    assert own_window._parts.unsent.draft_ids() == (own_window.draft_flow.controller.draft_id,)


def drafted(qtbot, window, request="山田太郎さんへの案内、令和99年9月9日"):
    window.draft_flow.begin(free_template().id)
    window.draft_flow.form.editors["request"].set_value(request)
    window.draft_flow.form.masking_asked.emit()
    qtbot.waitUntil(lambda: window.draft_flow.review.primary.isEnabled())
    with qtbot.waitSignal(window.draft_flow.controller.answered):
        window.draft_flow.review.primary.click()
    return window.draft_flow.controller.draft_id


def test_a_draft_is_taken_up_with_its_answer_its_checks_and_its_ticks(qtbot, own_window):
    draft_id = drafted(qtbot, own_window, "山田太郎さんへ、架空の日付を入れて")
    own_window.draft_flow.draft.panel.boxes[0].box.click()
    own_window.go_home()
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.take_up(draft_id)
    assert own_window.screen_in_front is own_window.draft_flow.draft
    assert "山田太郎" in own_window.draft_flow.draft.paper.text
    assert own_window.draft_flow.draft.panel._title.text() == "確認すること　1件"
    assert own_window.draft_flow.controller.session.ticked == {0}
    for box in own_window.draft_flow.draft.panel.boxes[1:]:
        box.box.click()
    own_window.draft_flow.draft.primary.click()
    assert own_window.draft_flow.controller.is_confirmed


def test_a_draft_that_was_taken_up_can_be_changed_further_and_stays_one_draft_in_the_history(
    qtbot, own_window
):
    draft_id = drafted(qtbot, own_window)
    own_window.draft_flow.autosave.flush()
    own_window.draft_flow.controller._parts.archive._kept.clear()  # as after a new start of the program
    own_window.draft_flow.take_up(draft_id)
    with qtbot.waitSignal(own_window.draft_flow.controller.answered):
        own_window.draft_flow.draft.follow_up.chips[0].click()
    with qtbot.waitSignal(own_window.draft_flow.controller.answered):
        own_window.draft_flow.draft.again_button.click()
    (stored,) = own_window._parts.archive.search("")
    assert len(own_window._parts.archive.get(stored.id).turns) == 3


def test_a_correction_is_taken_up_too(qtbot, own_window):
    draft_id = drafted(qtbot, own_window)
    own_window.draft_flow.draft.paper.insertPlainText("書き足した文。")
    own_window.go_home()
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.take_up(draft_id)
    assert "書き足した文。" in own_window.draft_flow.draft.paper.text
    own_window.draft_flow.draft.go_back()
    assert own_window.draft_flow.form.editors["request"].value().startswith("山田太郎")


def test_an_answer_that_cannot_be_trusted_any_more_is_offered_as_text_alone(qtbot, own_window):
    draft_id = drafted(qtbot, own_window, "電話0123-45-6789への案内")
    own_window.draft_flow.autosave.flush()
    kept = dict(own_window._parts.unsent.load(draft_id).content)
    kept["session"]["turns"][0]["request"] += "0123-45-6789"
    own_window._parts.unsent.save(draft_id, kept)
    own_window.go_home()
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.take_up(draft_id)
    assert own_window.screen_in_front is own_window.draft_flow.form
    assert "前回作った下書き" in own_window.draft_flow.form.banner.text


def test_typing_without_a_pause_is_saved_all_the_same(qtbot):
    saves = []

    class Unsent:
        def save(self, draft_id, content):
            saves.append(content["n"])

    autosave, typed = Autosave(Unsent()), {"n": 0}
    autosave.follow("a", lambda: dict(typed))
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        typed["n"] += 1
        autosave.touch()
        qtbot.wait(10)
    autosave.flush()
    assert len(saves) >= 3
    assert saves[-1] == typed["n"]


def test_a_save_that_fails_is_told(qtbot):
    class Full:
        def save(self, draft_id, content):
            raise DataFolderUnwritableError("full")

    autosave = Autosave(Full())
    autosave.follow("a", dict)
    with qtbot.waitSignal(autosave.failed) as waiting:
        autosave.touch()
    assert waiting.args[0].reason == "full"


def test_a_full_disk_is_said_on_the_screen(own_window):
    own_window.draft_flow.begin(free_template().id)
    own_window.draft_flow.autosave.failed.emit(DataFolderUnwritableError("full"))
    assert "空き容量" in own_window.draft_flow.form.banner.text


def test_a_second_start_beside_a_window_that_hangs_says_so_and_leaves(tmp_path):
    paths = Paths(tmp_path / "data", tmp_path / "none.toml").ensure()
    with SingleInstance(paths):
        second = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from desktop.app import run_app; sys.exit(run_app(['kian']))",
            ],
            env=environment(paths.data_dir),
            capture_output=True,
            timeout=60,
        )
    assert second.returncode == EXIT_SECOND_INSTANCE
    assert "すでに起動しています" in second.stderr.decode()


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from desktop.app import run_app; sys.exit(run_app(['kian']))"],
        env=environment(tmp_path / "file"),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "保存場所" in done.stderr.decode()
