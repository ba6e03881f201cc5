"""Pictures of every screen for the documents: `python tests/screenshots.py docs/images`.

A real window with the real workers and the demonstration model; the names and numbers typed in are
invented. Data lie in a temporary folder. Some screens are shown again with the largest text, and on a
screen of 1920 x 1080 scaled to 150 %.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

# The folder of this script holds a `desktop` of its own: the tests.
sys.path[0] = str(Path(__file__).parents[1])

from PySide6.QtCore import QSize  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from desktop.app import build_parts, build_window, make_application  # noqa: E402
from desktop.drafting.paths import Paths  # noqa: E402
from desktop.drafting.session import State  # noqa: E402
from desktop.gui.clients.engine_client import EngineState  # noqa: E402
from desktop.gui.clients.masking_client import MaskingState  # noqa: E402
from desktop.gui.theme import ColorScheme, TextSize, Theme  # noqa: E402
from prompts.template import Category  # noqa: E402

SIZE = QSize(1366, 768)
SCALED_SIZE = QSize(1280, 720)
SCALED_VARIABLE = "KIAN_SCREENSHOTS_SCALED"
WAIT_S = 120
CONSULTATION = (
    "11月3日、桜浜市中央2-3-4の山田花子さん（電話0123-45-5678、昭和22年5月6日生まれ）が来庁。"
    "隣に住む佐藤一郎さん（82歳）が最近姿を見せず、新聞がたまっているとのこと。"
    "佐藤さんの長女の鈴木和子さん（メール k.suzuki@example.jp）には連絡済み。"
    "佐藤さんは10月に中央病院を退院したばかりで、歩くのがつらそうだった。"
    "山田さんは、民生委員の訪問を希望している。"
)


class Camera:
    """Drives a window and takes pictures of it."""

    def __init__(self, window, folder):
        self.window, self.folder = window, folder

    def shoot(self, name):
        QTest.qWait(80)
        self.window.grab().save(str(self.folder / f"{name}.png"))
        print(name)

    def wait(self, is_done):
        deadline = time.monotonic() + WAIT_S
        while not is_done():
            if time.monotonic() > deadline:
                sys.exit("timed out")
            QTest.qWait(20)

    def begin(self, title, **values):
        window = self.window
        card = next(c for c in window._parts.library.list() if c.title.startswith(title))
        window.begin_draft(card.id)
        window.form.fill_example()
        for name, value in values.items():
            window.form.editors[name].set_value(value)

    def review(self):
        window = self.window
        if window.form._level_check.isVisible():
            window.form._level_check.setChecked(True)
        window.form.primary.click()
        self.wait(lambda: window.controller.state is State.REVIEW)

    def draft(self):
        self.window.review.primary.click()
        self.wait(lambda: self.window.controller.state is State.CHECKING)


def take_all(camera, theme):
    window = camera.window
    camera.shoot("rules")
    window.rules.agreed.emit()
    ready = (MaskingState.READY, EngineState.READY)
    camera.wait(lambda: (window._masking.state, window._engine.state) == ready)
    camera.begin("相談記録票")
    window.go_home()
    camera.begin("お礼状")
    window.go_home()
    camera.shoot("home")
    window.home.search.setText("案内")
    camera.wait(lambda: window.home.results.rowCount() > 0)
    camera.shoot("home_search")
    window.home.go_back()
    window.home.show_category(Category.RESIDENTS)
    camera.shoot("home_category")
    window.home.go_back()
    camera.begin("通知文")
    camera.shoot("form")
    camera.review()
    camera.shoot("review_notice")
    camera.draft()
    window.draft.paper.verticalScrollBar().setValue(0)
    camera.shoot("draft")
    paper = window.draft.paper
    cursor = paper.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    cursor.insertText("\n参加費は1人500円です。締切は令和9年6月20日とします。")
    QTest.qWait(600)
    paper.verticalScrollBar().setValue(paper.verticalScrollBar().maximum())
    camera.shoot("check")
    cursor.movePosition(cursor.MoveOperation.StartOfBlock, cursor.MoveMode.KeepAnchor)
    cursor.removeSelectedText()
    cursor.deletePreviousChar()
    QTest.qWait(600)
    for box in window.draft.panel.boxes:
        box.box.click()
    window.draft.primary.click()
    camera.shoot("confirmed")
    camera.begin("相談記録票", **memo_of(window))
    camera.shoot("form_consultation")
    camera.review()
    window.review.choose_next()
    window.review.toggle()
    camera.shoot("review")
    window.review.undo()
    camera.begin("相談記録票", **memo_of(window, "個人番号は123456789018です。"))
    camera.review()
    camera.shoot("review_stop")
    window.go_home()
    window.home.history_asked.emit()
    camera.shoot("history")
    window.go_to(window.settings)
    camera.shoot("settings")
    window.go_home()
    window.help.toggle(window.home)
    camera.shoot("help")
    window.help.hide()
    theme.choose(scheme=ColorScheme.DARK)
    camera.begin("相談記録票", **memo_of(window))
    camera.review()
    camera.shoot("review_dark")


def memo_of(window, more=""):
    """The long text field of the consultation record, filled."""
    card = next(c for c in window._parts.library.list() if c.title.startswith("相談記録票"))
    fields = window._parts.library.get(card.id).fields
    name = next(f.name for f in fields if f.type.value in ("long_text", "attachment"))
    return {name: CONSULTATION + more}


def main(folder):
    """All pictures; the scaled ones in a process of their own, for Qt reads the factor once."""
    if os.environ.get(SCALED_VARIABLE):
        return take_pictures(folder, [("_150", TextSize.STANDARD, SCALED_SIZE)])
    code = take_pictures(folder, [("", TextSize.STANDARD, SIZE), ("_large", TextSize.EXTRA_LARGE, SIZE)])
    environment = {**os.environ, SCALED_VARIABLE: "1", "QT_SCALE_FACTOR": "1.5"}
    scaled = subprocess.run([sys.executable, __file__, str(folder)], env=environment, check=False)
    return code or scaled.returncode


def take_pictures(folder, looks):
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application(["kian"])
    with tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        paths = Paths(Path(data) / "kian", Path(data) / "policy.toml").ensure()
        theme = Theme(scheme=ColorScheme.LIGHT, parent=app)
        for suffix, size, pixels in looks:
            theme.choose(size=size, scheme=ColorScheme.LIGHT)
            window = build_window(build_parts(paths, stack), theme=theme)
            window.resize(pixels)
            window.show()
            camera = Camera(window, folder)
            if suffix:
                take_some(camera, suffix)
            else:
                take_all(camera, theme)
            window.close()
            window.deleteLater()
    return 0


def take_some(camera, suffix):
    """The main screens once more."""
    window = camera.window
    ready = (MaskingState.READY, EngineState.READY)
    window.rules.agreed.emit()
    camera.wait(lambda: (window._masking.state, window._engine.state) == ready)
    camera.shoot(f"home{suffix}")
    camera.begin("通知文")
    camera.shoot(f"form{suffix}")
    camera.begin("相談記録票", **memo_of(window))
    camera.review()
    camera.shoot(f"review{suffix}")
    camera.begin("通知文")
    camera.review()
    camera.draft()
    camera.shoot(f"draft{suffix}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
