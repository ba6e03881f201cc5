"""The models on this PC: what they are, which one writes, carrying models in, and what this PC can run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.doctor import Diagnosis, ModelVerdict, diagnose
from desktop.drafting.models_here import ModelHere, ModelsList, Place
from desktop.gui.controllers.engine_line import EngineLine
from desktop.gui.controllers.jobs import Job, Listener, start_detached
from desktop.gui.controllers.parts import Parts
from desktop.gui.item_models.model_table import ModelTableModel
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.busy_row import BusyRow
from desktop.gui.widgets.confirm import ConfirmDialog, confirm
from desktop.gui.widgets.hint import Hint
from desktop.gui.widgets.model_detail import ModelDetail
from desktop.gui.widgets.model_facts import pc_words
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.table import table_of
from desktop.gui.widgets.text import button, label, wear_icon
from models.errors import CancelledError, ModelFileBrokenError

ROOMY_PX = 1040
ROOMY_COLUMNS = (3, 4, 5)
FIXED = "使えるモデルは、管理者の設定で決まっています（管理者により固定）。"
LOOKING, COPYING = "モデルを調べています", "写しながら、大きさとSHA-256を確かめています"
HASHING, MEASURING = "改変がないか調べています", "この端末の速さを測っています（数十秒かかります）"
REMOVING = "削除しています"


class ModelsScreen(Screen):
    """Lists models and does with them what `kian models` does.

    Signals:
        reopen_asked: Open the window again, with the default model.
    """

    reopen_asked = Signal()
    help_text = (
        "文章を作るモデルの一覧です。行を選ぶと、右に説明が出ます。\n\n"
        "モデルのフォルダーか .gguf ファイルをこの画面に落とすと、取り込みます。"
        "取り込むときに大きさとSHA-256を確かめ、合わないものは .bad という名前で取り分けます。\n\n"
        "「端末診断」で、この端末でモデルがどのくらい動くかを測ります。\n\n"
        "Ctrl+Enter　端末診断\nDelete　削除する\nF6　一覧・操作・取り込みのあいだを移る\nEsc　設定に戻る"
    )

    def __init__(
        self, theme: Theme, parts: Parts, line: EngineLine, *, is_writing: Callable[[], bool]
    ) -> None:
        super().__init__(theme, title="モデル", back="設定", primary="端末診断")
        self._parts, self._line, self._is_writing = parts, line, is_writing
        self._job: Job | None = None
        self._stage = ""
        self._verified: dict[str, datetime] = {}
        self.diagnosis: Diagnosis | None = None
        self.found = ModelsList((), (), ())
        self.question: ConfirmDialog | None = None
        self.model = ModelTableModel(self)
        self.table = table_of(
            self.model,
            theme,
            name="モデルの一覧",
            widths={1: 140, 2: 96, 3: 84, 4: 136, 5: 120},
            stretched=0,
        )
        self.table.selectionModel().selectionChanged.connect(self._selection_changed)
        delete = QShortcut(Qt.Key.Key_Delete, self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._ask_removal)
        self._build_body()
        self._build_footer()
        self.primary.setText("端末診断　Ctrl+Enter")
        self.primary.setAccessibleName("端末診断")
        self.primary.clicked.connect(self.diagnose)

    # --- what the window calls ----------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._job is not None

    def entered(self) -> None:
        """Everything newest, the keyboard in the list."""
        if self._job is None:
            self.banner.clear()
            self.refresh()
        self.table.setFocus()

    def refresh(self) -> None:
        """Look again, in the background: a share that is down can hang."""
        models = self._parts.models
        self._begin(lambda _job: models.list(), self._take_list, LOOKING)

    def take_in(self, sources: Sequence[Path]) -> None:
        """Import bundles and files, one after the other, with proof."""
        models = self._parts.models

        def work(job: Job) -> tuple[ModelsList, ModelsList]:
            before = models.list()
            for source in sources:
                models.take_in(
                    source,
                    on_progress=lambda done, total: job.tell(COPYING, done >> 10, total >> 10),
                    is_cancelled=lambda: job.is_cancelled,
                )
            return before, models.list()

        def taken(lists: tuple[ModelsList, ModelsList]) -> None:
            before, found = lists
            self._take_list(found)
            known = {model.path for model in before.models}
            new = [model for model in found.models if model.path not in known]
            for model in new:
                self._verified[str(model.path)] = datetime.now()
            titles = "、".join(model.card.title for model in new)
            self._say_done(
                f"「{titles}」を取り込みました。" if new else "同じモデルが、すでに入っています。",
                "大きさとSHA-256を確かめ、壊れていないことを確認しました。",
            )
            if new:
                self.select(new[0])

        if self._job is not None and self._stage == LOOKING:
            self._job.drop()
            self._job = None
        if self._job is not None:
            self.banner.say("いまの作業が終わってから、もう一度お試しください。", tone="amber")
        elif sources:
            self._begin(work, taken, COPYING, self._import_failed)

    def diagnose(self) -> None:
        """端末診断: measure with the window's own engine, judge every model."""
        if self._job is not None:
            return
        if self._parts.model.server is not None:
            self.banner.say(
                self._parts.model.server_notice,
                "この端末のモデルは使わないため、測りません。担当の方は「kian models doctor」で確かめられます。",
                tone="amber",
            )
            return
        if self._is_writing():
            self.banner.say("いま下書きを書いています。", "書き終わってから測ってください。", tone="amber")
            return
        line, parts = self._line, self._parts
        line.wake()

        def work(job: Job) -> Diagnosis:
            return diagnose(
                line.caller(job),
                parts.model,
                parts.models.beside(parts.model),
                data_dir=parts.preferences_file.parent,
                loaded_in=line.pid,
            )

        self._begin(work, self._take_diagnosis, MEASURING)

    def select(self, model: ModelHere) -> None:
        """Put the cursor on a model."""
        row = max(0, self.model.row_of(str(model.path)))
        flags = QItemSelectionModel.SelectionFlag
        index = self.model.index(row, 0)
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def stop(self) -> None:
        """Stop what runs, because the window closes."""
        if self._job is not None:
            self._job.drop()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Where the window is narrow, size, version and place stand in the pane at the right alone."""
        super().resizeEvent(event)
        for column in ROOMY_COLUMNS:
            self.table.setColumnHidden(column, self.width() < self.theme.px(ROOMY_PX))

    def panes(self) -> Sequence[QWidget]:
        """List, actions, import."""
        return (self.table, self.detail.verify_button, self.import_button)

    # --- building -----------------------------------------------------------------------------

    def _build_body(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(Space.S)
        if self._parts.policy.allowed_models is not None:
            left.addWidget(label(FIXED, "caption", wraps=True))
        self._busy = BusyRow(self.theme)
        self._busy.stop_requested.connect(self._cancel)
        left.addWidget(self._busy)
        left.addWidget(self.table, 1)
        self._pc = label("", "caption", wraps=True)
        self._notes = label("", "problem", wraps=True)
        for words in (self._pc, self._notes):
            words.hide()
            left.addWidget(words)
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        row.setSpacing(Space.M)
        row.addLayout(left, 1)
        self.detail = ModelDetail(self.theme)
        self.detail.choice_asked.connect(self._choose)
        self.detail.proof_asked.connect(self._verify)
        self.detail.removal_asked.connect(self._ask_removal)
        row.addWidget(self.detail)
        self.body.addLayout(row, 1)

    def _build_footer(self) -> None:
        self.import_button = button("取り込む")
        wear_icon(self.import_button, self.theme, IconName.PLUS)
        menu = QMenu(self.import_button)
        menu.addAction("フォルダー（持ち込み用の一式）を選ぶ…", self.choose_folder)
        menu.addAction("ファイル（.gguf）を選ぶ…", self.choose_file)
        self.import_button.setMenu(menu)
        self.back_to_before = button("一つ前のモデルに戻す")
        wear_icon(self.back_to_before, self.theme, IconName.UNDO)
        self.back_to_before.clicked.connect(self._roll_back)
        hint = Hint("モデルのファイルをここに落としても取り込めます。")
        for place, widget in enumerate((self.import_button, self.back_to_before, hint)):
            self.footer_row.insertWidget(place, widget)

    def choose_folder(self) -> None:
        """Ask for a bundle."""
        self._ask(QFileDialog.FileMode.Directory, "モデルのフォルダーを選ぶ")

    def choose_file(self) -> None:
        """Ask for a model file."""
        self._ask(QFileDialog.FileMode.ExistingFile, "モデルのファイルを選ぶ")

    def _ask(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.ExistingFile:
            dialog.setNameFilters(["モデル (*.gguf)", "すべてのファイル (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.take_in([Path(chosen)]))
        dialog.open()

    # --- jobs ---------------------------------------------------------------------------------

    def _begin(
        self,
        work: Callable[[Job], object],
        on_done: Callable[[Any], None],
        stage: str,
        on_failed: Callable[[Exception], None] | None = None,
    ) -> None:
        def done(result: object) -> None:
            self._job = None
            on_done(result)
            self._update()

        def failed(error: Exception) -> None:
            self._job = None
            (on_failed or self._say_failure)(error)
            self._update()

        self._stage = stage
        self._busy.say(f"{stage}…")
        listener = Listener(done, failed, self._show_progress)
        self._job = start_detached(work, listener, name="models", parent=self)
        self._update()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._busy.say("止めています…")

    def _show_progress(self, stage: str, done_kib: int, total_kib: int) -> None:
        words = f"{stage}…　{done_kib >> 10:,} / {total_kib >> 10:,} MB"
        self._busy.show_progress(words, done_kib, total_kib)

    def _say_done(self, title: str, what: str = "") -> None:
        """A step is done; where the next start uses another model, the button opens the window again."""
        is_other = any(
            model.is_default and model.path != self._parts.model.path for model in self.found.models
        )
        self.banner.say(
            title,
            f"{what}このモデルは、次に開いたときから使います。" if is_other else what,
            tone="green",
            action="いま開き直す" if is_other else "",
            on_action=self.reopen_asked.emit if is_other else None,
        )

    def _say_failure(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            self.banner.say("止めました。", "途中のものは残っていません。", tone="amber")
            return
        notice = message_for(error)
        self.banner.say(notice.title, notice.what)

    def _import_failed(self, error: Exception) -> None:
        if isinstance(error, CancelledError):
            self.banner.say("取り込みを止めました。", "途中までの写しは消しました。", tone="amber")
            return
        notice = message_for(error)
        is_bad = isinstance(error, ModelFileBrokenError) and error.reason == "hash"
        kept = "確かめられなかった写しは、.bad という名前で取り分けました。使われることはありません。"
        self.banner.say(notice.title, f"{notice.what}{kept if is_bad else ''}取り込んでいません。")
        if is_bad:
            self._relist()

    # --- listing ------------------------------------------------------------------------------

    def _relist(self) -> None:
        models = self._parts.models
        self._begin(lambda _job: models.list(), self._take_list, LOOKING)

    def _take_list(self, found: ModelsList) -> None:
        chosen = self._chosen()
        self.found = found
        self._show_rows()
        self._show_notes()
        at = next((m for m in found.models if chosen is not None and m.path == chosen.path), None)
        in_use = next((m for m in found.models if m.path == self._parts.model.path), None)
        target = at or in_use or next(iter(found.models), None)
        if target is not None:
            self.select(target)
        self._show_chosen()

    def _show_rows(self) -> None:
        in_use = str(self._parts.model.path)
        self.model.show_models(self.found.models, in_use=in_use, verdicts=self._verdicts())

    def _show_notes(self) -> None:
        server = self._parts.model.server_notice
        lines = [f"{server}。この端末のモデルは使いません。"] if server else []
        if self.found.quarantined:
            names = "、".join(path.name for path in self.found.quarantined[:3])
            lines.append(
                f"確かめられず取り分けたファイル：{len(self.found.quarantined)}件（{names}）。使われることはありません。"
            )
        lines += [message_for(lost).what for lost in self.found.unreachable]
        self._notes.setText("\n".join(lines))
        self._notes.setVisible(bool(lines))

    def _verdicts(self) -> dict[str, ModelVerdict]:
        if self.diagnosis is None:
            return {}
        by_id = {verdict.model_id: verdict for verdict in self.diagnosis.models[1:]}
        found = {str(m.path): by_id[m.key] for m in self.found.models if m.key in by_id}
        return found | {str(self._parts.model.path): self.diagnosis.models[0]}

    def _take_diagnosis(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        self._pc.setText(pc_words(diagnosis))
        self._pc.show()
        chosen = self._chosen()
        self._show_rows()
        if chosen is not None:
            self.select(chosen)
        self._show_chosen()
        mine = diagnosis.models[0]
        self.banner.say(
            f"端末診断が終わりました。いまのモデルは「{mine.words}」です。",
            "ほかのモデルは、大きさから見込んだ値です。行を選ぶと、待ち時間の目安が右に出ます。",
            tone="green",
        )

    # --- the chosen model ---------------------------------------------------------------------

    def _chosen(self) -> ModelHere | None:
        rows = self.table.selectionModel().selectedRows()
        return self.model.row_at(rows[0].row()) if rows else None

    def _selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = self._chosen()
        path = str(chosen.path) if chosen is not None else ""
        self.detail.show_model(chosen, self._verdicts().get(path), self._verified.get(path))
        self._update()

    def _update(self) -> None:
        is_busy, chosen = self._job is not None, self._chosen()
        self._busy.setVisible(is_busy)
        is_in_use = chosen is not None and chosen.path == self._parts.model.path
        self.detail.allow(chosen, is_in_use=is_in_use, is_busy=is_busy)
        self.import_button.setEnabled(not is_busy)
        has_own = any(m.place is Place.OWN and m.is_default for m in self.found.models)
        self.back_to_before.setEnabled(has_own and not is_busy)
        self.primary.setEnabled(not is_busy)

    # --- what can be done ---------------------------------------------------------------------

    def _change(self, step: Callable[[], object], stage: str, done: Callable[[], None]) -> None:
        models = self._parts.models

        def work(_job: Job) -> ModelsList:
            step()
            return models.list()

        def taken(found: ModelsList) -> None:
            self._take_list(found)
            done()

        self._begin(work, taken, stage)

    def _choose(self) -> None:
        chosen, models = self._chosen(), self._parts.models
        if chosen is None:
            return
        key, is_own, title = chosen.key, chosen.place is Place.OWN, chosen.card.title
        self._change(
            (lambda: models.choose(key)) if is_own else models.forget_choice,
            LOOKING,
            lambda: self._say_done(f"「{title}」を使うことにしました。"),
        )

    def _roll_back(self) -> None:
        models = self._parts.models

        def done() -> None:
            now = next((m.card.title for m in self.found.models if m.is_default), "")
            self._say_done(f"一つ前のモデル「{now}」に戻しました。")

        self._change(models.roll_back, LOOKING, done)

    def _verify(self) -> None:
        chosen, models = self._chosen(), self._parts.models
        if chosen is None:
            return

        def work(job: Job) -> None:
            models.verify(
                chosen,
                on_progress=lambda done, total: job.tell(HASHING, done >> 10, total >> 10),
                is_cancelled=lambda: job.is_cancelled,
            )

        def proven(_nothing: object) -> None:
            self._verified[str(chosen.path)] = datetime.now()
            self._show_chosen()
            self.banner.say(
                f"「{chosen.card.title}」に改変はありません。",
                "ファイル全体のSHA-256が、記録された値と一致しました。",
                tone="green",
            )

        def failed(error: Exception) -> None:
            if isinstance(error, ModelFileBrokenError) and error.reason == "hash":
                self.banner.say(
                    f"「{chosen.card.title}」は、取り込んだときと違う内容になっています。",
                    "ファイルは .bad という名前にして取り分けました。使われることはありません。"
                    "情報政策の担当にお知らせください。",
                )
                self._relist()
            else:
                self._say_failure(error)

        self._begin(work, proven, HASHING, failed)

    def _ask_removal(self) -> None:
        chosen, models = self._chosen(), self._parts.models
        if chosen is None or not self.detail.remove_button.isEnabled():
            return
        key, title = chosen.key, chosen.card.title
        self.question = confirm(
            self,
            title="このモデルを削除しますか。",
            what=f"「{title}」（版 {chosen.version}）のファイルを消します。元には戻せません。"
            "もう一度使うには、取り込み直してください。だれがいつ消したかは、記録に残ります。",
            action="削除する",
            on_yes=lambda: self._change(
                lambda: models.remove(key),
                REMOVING,
                lambda: self._say_done(f"「{title}」を削除しました。", "削除は記録に残しました。"),
            ),
        )
