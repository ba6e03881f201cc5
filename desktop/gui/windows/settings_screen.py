"""Settings: what a person may choose, what IT fixed, and what this program is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.messages import message_for
from desktop.gui.controllers.own_words import OwnWord
from desktop.gui.controllers.parts import Parts
from desktop.gui.theme import ColorScheme, IconName, Space, TextSize, Theme
from desktop.gui.widgets.audit_card import FIXED, AuditCard
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import button, empty, icon_button, label, measured, titled_card, wear_icon
from models.masking.entities import NOUNS

SHEET_PX = 820


class SettingsScreen(Screen):
    """Text size, colours, the policy in force, about.

    Signals:
        changed: A choice was made; the theme already follows it.
        models_asked, effects_asked: The screens behind the settings.
    """

    changed = Signal()
    models_asked = Signal()
    effects_asked = Signal()
    help_text = (
        "文字の大きさと色を選べます。「モデル」では、文章を作るモデルを選び、取り込み、この端末でどのくらい動くかを測れます。"
        "「管理者により固定」の項目は、情報政策の担当が決めています。\n\n"
        "F6　大きさ・色・モデル・記録のあいだを移る\nEsc　ホームに戻る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="設定", back="ホーム")
        self._parts = parts
        page = QWidget()
        page.setProperty("role", "ground")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column = QVBoxLayout()
        column.setSpacing(Space.L)
        sizes = [(size.label, size.value) for size in TextSize]
        schemes = [(scheme.label, scheme.value) for scheme in ColorScheme]
        self._sizes = self._choice_card("文字の大きさ", sizes, theme.size.value, column)
        self._schemes = self._choice_card("画面の色", schemes, theme.scheme.value, column)
        column.addWidget(self._behind_card())
        self._words_column = QVBoxLayout()
        column.addWidget(self._words_card())
        self.audit = AuditCard(theme, parts.policy, parts.open_audit)
        column.addWidget(self.audit)
        column.addWidget(self._policy_card())
        column.addWidget(self._about_card())
        column.addStretch(1)
        holder = QWidget()
        holder.setLayout(column)
        measured(holder, theme, lambda: holder.setMaximumWidth(theme.px(SHEET_PX)))
        outer.addStretch(1)
        outer.addWidget(holder, 100)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        self.body.addWidget(area)
        self._sizes.buttonClicked.connect(lambda b: self._choose(size=TextSize(str(b.property("value")))))
        self._schemes.buttonClicked.connect(
            lambda b: self._choose(scheme=ColorScheme(str(b.property("value"))))
        )

    def entered(self) -> None:
        """The keyboard on the text size."""
        checked = self._sizes.checkedButton()
        if checked is not None:
            checked.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Both choices, what stands behind, the log."""
        found = (
            self._sizes.checkedButton(),
            self._schemes.checkedButton(),
            self.models_button,
            self.audit.verify_button,
        )
        return [b for b in found if b is not None]

    def _choose(self, *, size: TextSize | None = None, scheme: ColorScheme | None = None) -> None:
        self.theme.choose(size=size, scheme=scheme)
        self.changed.emit()

    def _choice_card(
        self, title: str, options: Sequence[tuple[str, str]], current: str, column: QVBoxLayout
    ) -> QButtonGroup:
        sheet, inner = titled_card(title, spacing=Space.M)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        group = QButtonGroup(self)
        for words, value in options:
            choice: QPushButton = button(words, "chip", name=f"{title}: {words}")
            choice.setCheckable(True)
            choice.setProperty("value", value)
            choice.setChecked(value == current)
            group.addButton(choice)
            row.addWidget(choice)
        row.addStretch(1)
        inner.addLayout(row)
        column.addWidget(sheet)
        return group

    def _behind_card(self) -> QWidget:
        sheet, inner = titled_card("モデルと効果", spacing=Space.M)
        self.models_button = button("モデル")
        self.effects_button = button("効果の記録")
        for made, name, signal, words in (
            (
                self.models_button,
                IconName.MODEL,
                self.models_asked,
                "文章を作るモデルを選ぶ、取り込む。この端末でどのくらい動くかを測る（端末診断）。",
            ),
            (
                self.effects_button,
                IconName.CHART,
                self.effects_asked,
                "利用した回数、役に立ったか、短くなった時間を見る。報告書を作る。",
            ),
        ):
            wear_icon(made, self.theme, name, tone="green")
            made.clicked.connect(signal)
            measured(made, self.theme, lambda m=made: m.setFixedWidth(self.theme.px(150)))  # type: ignore[misc]
            row = QHBoxLayout()
            row.setSpacing(Space.M)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(words, wraps=True), 1)
            inner.addLayout(row)
        return sheet

    def _words_card(self) -> QWidget:
        sheet, inner = titled_card("自分の辞書")
        inner.addWidget(
            label(
                "マスキングの確認で「この語は今後も」を選んだ語です。この端末に暗号化して保存します。",
                "caption",
                wraps=True,
            )
        )
        inner.addLayout(self._words_column)
        self._parts.own_words.changed.connect(self._fill_words)
        self._fill_words()
        return sheet

    def _fill_words(self) -> None:
        empty(self._words_column)
        words = self._parts.own_words.words
        if not words:
            self._words_column.addWidget(label("まだありません。"))
        for word in words:
            self._words_column.addWidget(self._word_row(word))

    def _word_row(self, word: OwnWord) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(word.text), 1)
        row.addWidget(label("伏せない" if word.kind is None else f"伏せる（{NOUNS[word.kind]}）", "caption"))
        drop = icon_button(self.theme, IconName.CLOSE, f"「{word.text}」を辞書から消す")
        drop.clicked.connect(lambda: self._parts.own_words.forget(word.text))
        row.addWidget(drop)
        return holder

    def _policy_card(self) -> QWidget:
        sheet, inner = titled_card("この端末のきまり")
        if self._parts.policy_problem is not None:
            message = message_for(self._parts.policy_problem)
            inner.addWidget(label(f"{message.title}　{message.what}", "problem", wraps=True))
        policy = self._parts.policy
        lines = (
            ("masking.profile", "マスキングの厳しさ", policy.masking_profile.value),
            ("masking.person_cap", "1日に扱える人数", f"{policy.masking_person_cap:,}人"),
            ("confidentiality.level_1", "機密性1の情報", policy.confidentiality_level_1.value),
            ("confidentiality.level_2", "機密性2の情報", policy.confidentiality_level_2.value),
            ("confidentiality.level_3", "機密性3の情報", policy.confidentiality_level_3.value),
            ("records.retention_days", "下書きを残す日数", f"{policy.records_retention_days}日"),
            ("records.keep_unsent", "書きかけの保存", "する" if policy.records_keep_unsent else "しない"),
            (
                "models.allowed",
                "使えるモデル",
                "制限なし" if policy.allowed_models is None else "決められたものだけ",
            ),
            ("export.enabled", "保存・コピー", "できる" if policy.export_enabled else "できない"),
        )
        for key, words, value in lines:
            row = QHBoxLayout()
            name = label(words)
            measured(name, self.theme, lambda n=name: n.setFixedWidth(self.theme.px(180)))  # type: ignore[misc]
            row.addWidget(name)
            row.addWidget(label(value), 1)
            if policy.is_locked(key):
                row.addWidget(label(FIXED, "badge"))
            inner.addLayout(row)
        return sheet

    def _about_card(self) -> QWidget:
        sheet, inner = titled_card("起案について")
        model = self._parts.model.card
        for words in (
            f"Kian（起案）{self._parts.version}",
            f"モデル: {model.title}（{'、'.join(filter(None, (model.maker, model.licence)))}）",
            f"{self._parts.model.server_notice}。庁外とは通信しません。"
            if self._parts.model.server
            else "この端末の中だけで動き、外部と通信しません。入力から学習することもありません。",
            "マスキングした文も個人情報に当たることがあります。取り扱いは利用ルールに従ってください。",
            "ライセンス: Apache-2.0。画面部品 Qt（LGPL-3.0）、アイコン Phosphor Icons（MIT）。",
        ):
            inner.addWidget(label(words, wraps=True))
        return sheet
