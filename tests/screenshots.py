"""Pictures of every screen for the documents: `python tests/screenshots.py docs/images`.

A real window with the real workers and the demonstration model; the names and numbers typed in are
invented. Data lie in a temporary folder. Some screens are shown again with the largest text on a screen of
1024 x 600, and on one of 1920 x 1080 scaled to 150 %.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

# The folder of this script holds a `desktop` of its own: the tests.
sys.path[0] = str(Path(__file__).parents[1])

from PySide6.QtCore import QSize  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from desktop.app import build_parts, build_window, make_application  # noqa: E402
from desktop.drafting.paths import Paths  # noqa: E402
from desktop.drafting.records.drafts import NewDraft  # noqa: E402
from desktop.drafting.session import State  # noqa: E402
from desktop.gui.clients.engine_client import EngineState  # noqa: E402
from desktop.gui.clients.masking_client import MaskingState  # noqa: E402
from desktop.gui.theme import ColorScheme, TextSize, Theme  # noqa: E402
from models.catalog import load_catalog  # noqa: E402
from models.demo import DEMO_MODEL_ID  # noqa: E402
from models.masking.text import seal  # noqa: E402
from models.store import Manifest, seal_bundle  # noqa: E402
from models.store.copying import sha256_of  # noqa: E402
from prompts.library import ReviewStatus, Shelf  # noqa: E402
from prompts.template import Category, dump  # noqa: E402
from tests.support.random_gguf import write_random_gguf  # noqa: E402

SIZE = QSize(1366, 768)
SCALED_SIZE = QSize(1280, 720)
SMALL_SIZE = QSize(1024, 600)
SCALED_VARIABLE = "KIAN_SCREENSHOTS_SCALED"
WAIT_S = 120
CONSULTATION = (
    "11月3日、桜浜市中央2-3-4の山田花子さん（電話0123-45-5678、昭和22年5月6日生まれ）が来庁。"
    "隣に住む佐藤一郎さん（82歳）が最近姿を見せず、新聞がたまっているとのこと。"
    "佐藤さんの長女の鈴木和子さん（メール k.suzuki@example.jp）には連絡済み。"
    "佐藤さんは10月に中央病院を退院したばかりで、歩くのがつらそうだった。"
    "山田さんは、民生委員の訪問を希望している。"
)
OUTLINE = (
    "目的|定義|補助の対象者|補助の対象となる経費|補助金の額|交付の申請|交付の決定|申請の取下げ|計画の変更|実績の報告|"
    "額の確定|請求|交付決定の取消し|補助金の返還|帳簿の保存|立入検査|委任"
)
ARTICLE = (
    "（{title}）\n第{number}条　この要綱における{title}については、次の各号に定めるところによる。\n"
    "２　市長は、{title}に関して必要があると認めるときは、申請者に対し、様式第{number}号による書類の提出を求めることができる。"
    "この場合において、申請者は、その求めのあった日から{days}日以内に、これを提出しなければならない。\n"
    "３　前項の書類に不備があるときは、市長は、相当の期間を定めて、その補正を求めるものとする。"
    "ただし、軽微なものについては、職員が申請者の同意を得て補正することができる。\n"
    "４　{title}に要する費用は、{amount:,}円を限度として、予算の範囲内で市が負担する。\n\n"
)
"""An invented rule on grants, long enough to be read in parts."""


class Camera:
    """Drives a window and takes pictures of it."""

    def __init__(self, window, folder):
        self.window, self.folder = window, folder

    def shoot(self, name):
        QTest.qWait(250)
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
        window.draft_flow.begin(card.id)
        window.draft_flow.form.fill_example()
        for name, value in values.items():
            window.draft_flow.form.editors[name].set_value(value)

    def review(self):
        window = self.window
        if window.draft_flow.form._level_check.isVisible():
            window.draft_flow.form._level_check.setChecked(True)
        window.draft_flow.form.primary.click()
        self.wait(lambda: window.draft_flow.controller.state is State.REVIEW)

    def draft(self):
        self.window.draft_flow.review.primary.click()
        self.wait(lambda: self.window.draft_flow.controller.state is State.CHECKING)


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
    window.draft_flow.draft.paper.verticalScrollBar().setValue(0)
    camera.shoot("draft")
    paper = window.draft_flow.draft.paper
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
    for box in window.draft_flow.draft.panel.boxes:
        box.box.click()
    window.draft_flow.draft.primary.click()
    camera.shoot("confirmed")
    window.draft_flow.draft.template_button.click()
    camera.wait(lambda: window.screen_in_front is window.flow.builder)
    camera.shoot("template_from_draft")
    window.flow.builder.drop()
    take_templates(camera)
    camera.begin("相談記録票", **memo_of(window))
    camera.shoot("form_consultation")
    camera.review()
    window.draft_flow.review.choose_next()
    window.draft_flow.review.toggle()
    camera.shoot("review")
    window.draft_flow.review.undo()
    camera.begin("相談記録票", **memo_of(window, "個人番号は123456789018です。"))
    camera.review()
    camera.shoot("review_stop")
    window.go_home()
    window.home.history_asked.emit()
    camera.shoot("history")
    take_settings(camera)
    window.go_home()
    window.help.toggle(window.home)
    camera.shoot("help")
    window.help.hide()
    theme.choose(scheme=ColorScheme.DARK)
    camera.begin("相談記録票", **memo_of(window))
    camera.review()
    camera.shoot("review_dark")


def take_long_text(camera):
    """A text that the model reads in parts, as it is planned before anything is read."""
    articles = (
        ARTICLE.format(title=title, number=number, days=10 + number % 3 * 5, amount=10_000 * number)
        for number, title in enumerate(OUTLINE.split("|"), 1)
    )
    window = camera.window
    ready = (MaskingState.READY, EngineState.READY)
    camera.wait(lambda: (window._masking.state, window._engine.state) == ready)
    camera.begin("文書の要約", document="桜浜市地域活動補助金交付要綱\n\n" + "".join(articles))
    camera.review()
    window.draft_flow.review.primary.click()
    camera.wait(lambda: window.draft_flow.controller.state is State.PLANNED)
    camera.shoot("long_text")


def take_settings(camera):
    """The settings and what stands behind them, with invented uses and a model of random weights."""
    window = camera.window
    flow, parts = window.settings_flow, window._parts
    fill_uses(parts)
    window.history._bin.click()
    window.history.bin_choice.click()
    camera.shoot("history_bin")
    flow.open()
    camera.shoot("settings")
    flow.open_models()
    camera.wait(lambda: not flow.models.is_busy)
    with tempfile.TemporaryDirectory() as folder:
        flow.models.take_in([trial_bundle(Path(folder))])
        camera.wait(lambda: not flow.models.is_busy)
        camera.shoot("models_import")
    flow.models.diagnose()
    camera.wait(lambda: not flow.models.is_busy)
    flow.models.banner.clear()
    camera.shoot("models")
    key = flow.models._chosen().key
    window.go_to(flow.effects)
    camera.shoot("effects")
    parts.models.remove(key)


def trial_bundle(folder):
    """A bundle as IT carries one in; its weights are random and its card says so."""
    path = write_random_gguf(folder / "trial-model.gguf")
    card = replace(
        load_catalog().card(DEMO_MODEL_ID),
        id="trial-model",
        title="試験用のモデル（乱数の重み）",
        file=path.name,
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
        parameters=700_000,
        n_ctx=8192,
        is_demo=False,
        notice="",
    )
    seal_bundle(folder, Manifest(card, "", "2026-11-22T00:00:00+00:00", {}))
    return folder


def fill_uses(parts):
    """Uses of some templates over the year, half of them answered."""
    store = parts.archive._drafts
    for place, (title, uses) in enumerate(
        (("通知文", 14), ("案内メール", 11), ("議事録の要約", 8), ("お礼状", 5), ("FAQの一括作成", 3))
    ):
        card = next(c for c in parts.library.list() if c.title.startswith(title))
        by_hand = parts.library.get(card.id).minutes_by_hand or 20
        for number in range(uses):
            new = NewDraft(card.id, card.version, card.title, minutes_by_hand=by_hand)
            draft_id = store.create(new, seal("<氏名1>様"), state="checking")
            store.set_completion(draft_id, 0, seal(f"{card.title}の下書き <氏名1>様"), finish_reason="stop")
            if number % 2 == 0:
                taken = by_hand * (1.2 if (place, number) == (4, 0) else 0.4)
                store.answer_effect(draft_id, has_helped=number % 6 != 4, minutes_taken=taken)


def take_templates(camera):
    """The screens for managing templates, with a small invented collection."""
    window, library = camera.window, camera.window._parts.library
    flow = window.flow
    card = next(c for c in library.list() if c.title.startswith("通知文"))
    copy = library.duplicate(card.id, title="通知文（総務課）", shelf=Shelf.SECTION)
    mine = library.get(copy.id)
    body = mine.body.replace("作成", "総務課の書き方で作成", 1)
    library.save(replace(mine, body=body, version="1.1"), shelf=Shelf.SECTION, by="総務課　田中")
    library.set_status(copy.id, ReviewStatus.DRAFT, by="総務課　田中")
    library.set_status(copy.id, ReviewStatus.SECTION_APPROVED, by="総務課長　中村", note="課内会議で了承")
    flow.library.show_shelf_state("庁内標準：最終確認 11月22日 08:30", is_reachable=True)
    window.home.templates_asked.emit()
    flow.library.select(copy.id)
    camera.shoot("templates")
    flow.library.history_button.click()
    camera.shoot("template_versions")
    flow.revisions.go_back()
    flow.edit(copy.id)
    camera.shoot("form_builder")
    flow.builder.tabs.setCurrentIndex(1)
    flow.builder.body_edit.setPlainText(flow.builder.body_edit.toPlainText() + "\n\n会場：{{会場}}")
    flow.builder.body_edit.setFocus()
    QTest.qWait(400)
    area = flow.builder._left
    area.ensureWidgetVisible(flow.builder.body_edit)
    camera.shoot("form_builder_problem")
    flow.builder.drop()
    flow.library.select(copy.id)
    flow.library.export_button.click()
    camera.wait(lambda: flow.exporting.finds is not None)
    camera.shoot("export")
    with tempfile.TemporaryDirectory() as folder:
        fill_collection(Path(folder), library.get(copy.id), library.get(card.id))
        window.preview_import([Path(folder)])
        camera.wait(lambda: flow.importing.plan is not None and not flow.importing.is_busy)
        flow.importing.table.selectRow(1)
        camera.shoot("import")
    flow.importing.go_back()
    window.go_home()


def fill_collection(folder, conflict, known):
    """Files as another office might send them; the name and number in one are invented."""
    changed = replace(conflict, body=conflict.body + "\n結びの言葉は短くする。", description="他課の版です。")
    new = replace(
        known,
        id="7d0c3f53-92a0-4e0c-8a54-5f0f9a6b2f10",
        title="施設予約の返信",
        cautions=("問い合わせ先は山田花子、電話0123-45-5678です。",),
    )
    for name, template in (("食い違い", changed), ("新しいもの", new), ("同じもの", known)):
        (folder / f"{name}.prompt.md").write_text(dump(template), encoding="utf-8")
    (folder / "壊れたもの.prompt.md").write_text("---\ntitle: 題だけ\n---\n本文", encoding="utf-8")


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
    code = take_pictures(
        folder, [("", TextSize.STANDARD, SIZE), ("_large", TextSize.EXTRA_LARGE, SMALL_SIZE)]
    )
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
            close(window)
            if not suffix:
                theme.choose(scheme=ColorScheme.LIGHT)
                parts = build_parts(paths, stack)
                card = replace(parts.model.card, is_demo=False)  # the demonstration model reads no long texts
                window = build_window(replace(parts, model=replace(parts.model, card=card)), theme=theme)
                window.resize(pixels)
                window.show()
                take_long_text(Camera(window, folder))
                close(window)
    return 0


def close(window):
    window.close()
    window.deleteLater()


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
    window.settings_flow.open_models()
    camera.wait(lambda: not window.settings_flow.models.is_busy)
    camera.shoot(f"models{suffix}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
