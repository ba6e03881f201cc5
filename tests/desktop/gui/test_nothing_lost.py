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
    own_window.begin_draft(free_template().id)
    own_window.form.editors["request"].set_value("書きかけの文 𠮷")
    own_window.go_home()
    own_window.begin_draft(free_template().id)
    assert own_window.form.editors["request"].value() == ""
    own_window.go_home()
    chips = own_window.home.findChildren(QPushButton)
    next(chip for chip in chips if chip.accessibleName().startswith("つづきから")).click()
    assert own_window.form.editors["request"].value() == "書きかけの文 𠮷"


def test_a_draft_left_behind_can_be_thrown_away(own_window, parts):
    own_window.begin_draft(free_template().id)
    own_window.form.editors["request"].set_value("要らない")
    draft_id = own_window.controller.draft_id
    own_window.go_home()
    own_window.home.unsent_discarded.emit(draft_id)
    assert own_window._parts.unsent.draft_ids() == ()
    assert own_window.home._unsent_box.isHidden()


def test_throwing_another_draft_away_leaves_the_open_one(own_window):
    own_window.begin_draft(free_template().id)
    own_window.form.editors["request"].set_value("一つ目")
    first = own_window.controller.draft_id
    own_window.go_home()
    own_window.begin_draft(free_template().id)
    own_window.form.editors["request"].set_value("二つ目")
    own_window.go_home()
    own_window.home.unsent_discarded.emit(first)
    assert own_window._parts.unsent.draft_ids() == (own_window.controller.draft_id,)


def test_an_answer_that_was_not_taken_out_is_offered_again(qtbot, own_window):
    own_window.begin_draft(free_template().id)
    controller = own_window.controller
    own_window.form.editors["request"].set_value("山田太郎さんへの案内")
    own_window.form.masking_asked.emit()
    qtbot.waitUntil(lambda: own_window.review.primary.isEnabled())
    with qtbot.waitSignal(controller.answered):
        own_window.review.primary.click()
    draft_id = controller.draft_id
    own_window.go_home()
    own_window.begin_draft(free_template().id)
    own_window.take_up(draft_id)
    assert "前回作った下書き" in own_window.form.banner.text
    assert "山田太郎" in controller.answer_text


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
    own_window.begin_draft(free_template().id)
    own_window.autosave.failed.emit(DataFolderUnwritableError("full"))
    assert "空き容量" in own_window.form.banner.text


def test_a_second_instance_says_so_and_leaves(tmp_path):
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
