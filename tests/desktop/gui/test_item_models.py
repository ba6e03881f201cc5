import datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.drafting.records.drafts import StoredDraft
from desktop.gui.controllers.mask_preview import preview
from desktop.gui.item_models.find_list import FindListModel, rows_of
from desktop.gui.item_models.grid_model import GridModel
from desktop.gui.item_models.grid_model import rows_of as cells_of
from desktop.gui.item_models.history_list import HistoryModel
from desktop.gui.item_models.template_list import IS_SERVED_ROLE, TemplateListModel
from models.masking.entities import EntityType, Span
from models.masking.masker import Masker
from models.masking.operators import Operator
from models.masking.review import Review
from models.masking.vault import Vault

TEXT = "申請者は山田太郎です。山田太郎の電話は0123-45-6789、35歳、桜浜市中央1-2です。"


def span(value, kind, score=1.0, occurrence=0):
    at = -1
    for _ in range(occurrence + 1):
        at = TEXT.index(value, at + 1)
    return Span(at, at + len(value), kind, score=score)


@pytest.fixture
def review():
    finds = [
        span("山田太郎", EntityType.PERSON),
        span("山田太郎", EntityType.PERSON, occurrence=1),
        span("0123-45-6789", EntityType.PHONE),
        span("35歳", EntityType.AGE),
        span("桜浜市中央1-2", EntityType.ADDRESS, score=0.4),
    ]
    return Review.of(TEXT, finds, vault=Vault())


def strict(model):
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_the_list_of_finds_keeps_qts_rules_through_every_decision(qapp, review):
    model = FindListModel()
    tester = strict(model)
    vault = Vault()
    model.show(review, preview(review, vault))
    for step in (
        lambda: review.toggle(0),
        lambda: review.toggle(0, all_mentions=True),
        lambda: review.change_kind(2, EntityType.OTHER_ID),
        lambda: review.mask_selection(0, 3, EntityType.CUSTOM),
        review.undo,
        review.redo,
    ):
        step()
        model.show(review, preview(review, vault))
    assert model.rowCount() == len(rows_of(review, preview(review, vault)))
    assert tester is not None


def test_doubtful_finds_come_first_and_hints_last(review):
    headings = [row.heading for row in rows_of(review, preview(review, Vault())) if not row.items]
    assert headings == ["要確認　1件", "氏名　2件", "電話番号　1件", "組み合わせに注意　1件"]


def test_mentions_of_one_value_are_one_row(review):
    (person,) = [r for r in rows_of(review, preview(review, Vault())) if r.value == "山田太郎"]
    assert len(person.items) == 2
    assert person.masked_count == 2
    assert person.label == "氏名1"


def test_headings_cannot_be_chosen(qapp, review):
    model = FindListModel()
    model.show(review, preview(review, Vault()))
    assert model.flags(model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_the_preview_is_what_the_masker_makes(review):
    vault = Vault()
    vault.placeholder_for("佐藤", entity_type=EntityType.PERSON)
    shown = preview(review, vault)
    assert len(vault) == 1
    assert Masker().mask(review.confirm(), vault).text.text == shown.text
    assert [shown.text[s.start : s.end] for s in shown.spans] == [f"<{s.label}>" for s in shown.spans]


def test_the_grid_keeps_qts_rules_while_it_grows(qapp):
    model = GridModel()
    tester = strict(model)
    model.paste(3, 2, "a\tb\tc\nd\te\tf")
    model.add_row()
    model.add_column()
    model.setData(model.index(0, 0), "品名")
    model.set_text("月\t件数\n4月\t12")
    assert model.text == "月\t件数\n4月\t12"
    assert not model.setData(QModelIndex(), "x")
    assert model.headerData(0, Qt.Orientation.Vertical) == "見出し"
    assert tester is not None


@pytest.mark.parametrize(
    ("pasted", "cells"),
    [
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("| 月 | 件 |\n|---|---|\n| 4 | 12 |", [["月", "件"], ["4", "12"]]),
        ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
        ("一行だけ", [["一行だけ"]]),
        ("\n\n", []),
    ],
)
def test_pasted_text_becomes_cells(pasted, cells):
    assert cells_of(pasted) == cells


def test_an_empty_grid_has_no_value(qapp):
    assert GridModel().text == ""


def test_the_list_of_templates_keeps_qts_rules(qapp, parts):
    model = TemplateListModel(is_demo=True)
    tester = strict(model)
    cards = parts.library.list()
    model.show(cards)
    assert model.rowCount() == len(cards) > 0
    served = [model.data(model.index(row), IS_SERVED_ROLE) for row in range(len(cards))]
    assert served == [card.demo_model for card in cards]
    model.show([])
    assert model.rowCount() == 0
    assert tester is not None


def test_the_history_keeps_qts_rules(qapp):
    now = datetime.datetime.now(datetime.UTC)
    draft = StoredDraft(
        "1", "t", "1", "通知文", "confirmed", 2, "m", "", {}, 0, now, now, "", None, None, "<氏名1>\n様"
    )
    model = HistoryModel()
    tester = strict(model)
    model.show([draft])
    assert model.data(model.index(0, 2)) == "<氏名1> 様"
    assert model.data(model.index(0, 3)) == "確認済み"
    model.show([])
    assert tester is not None


@pytest.mark.parametrize(
    ("kind", "operator", "value"),
    [
        (EntityType.ADDRESS, Operator.TOWN, "桜浜市中央2丁目3-4"),
        (EntityType.DATE_OF_BIRTH, Operator.AGE, "昭和22年5月6日"),
        (EntityType.PERSON, Operator.REMOVE, "山田太郎"),
    ],
)
def test_the_preview_follows_the_policys_operators(kind, operator, value):
    text = f"本人は{value}です。電話0123-45-6789。"
    phone = text.index("0123")
    finds = [Span(3, 3 + len(value), kind), Span(phone, phone + 12, EntityType.PHONE)]
    vault = Vault()
    shown_review = Review.of(text, finds, vault=vault)
    masker = Masker(operators={kind: operator})
    shown = preview(shown_review, vault, masker)
    assert shown.text == masker.mask(shown_review.confirm(), vault).text.text
    assert value not in shown.text
    assert all(shown.label_of(span.item) for span in shown.spans)
    last = shown.spans[-1]
    assert shown.text[last.start : last.end] == "<電話番号1>"
