"""Drafts as files: the parts of a letter in their places, the mark on every copy, nothing half written."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.drafting.documents.blocks import (
    Blank,
    Block,
    Code,
    Heading,
    Item,
    Paragraph,
    Table,
    parse_blocks,
    split_bold,
)
from desktop.drafting.documents.docx_writer import docx_bytes
from desktop.drafting.documents.export import export_draft, suggest_file_name
from desktop.drafting.documents.label import DEMO, UNCONFIRMED, DraftLabel
from desktop.drafting.documents.official import parse_official
from desktop.drafting.documents.reading import read_document
from desktop.drafting.documents.text_writer import labelled_text, text_bytes
from desktop.drafting.errors import ExportFailedError

NOTICE = """　　　　防第123号
　　　　令和8年10月1日

桜町自治会連合会
会長　山田　太郎　様

　　　　みどり市長　鈴木　一郎

　　防災訓練の実施について（通知）

　日頃から、本市の行政に御協力をいただき、厚くお礼申し上げます。
　このことについて、下記のとおり実施します。

　　　　記

１　日時　令和8年10月24日（土）午後1時30分
２　内容
(1) 避難誘導訓練
・**筆記用具**

　　　　以上

（問い合わせ先）
防災課　電話 03-1234-5678
"""
UNMARKED = DraftLabel(is_confirmed=False, is_demo=False)
CONFIRMED = DraftLabel(is_confirmed=True, is_demo=False)
DEMONSTRATION = DraftLabel(is_confirmed=False, is_demo=True)


def opened(text: str, label: DraftLabel = UNMARKED) -> WordDocument:
    return docx.Document(io.BytesIO(docx_bytes(text, label=label, title="通知文")))


def test_the_parts_of_a_letter_are_recognised() -> None:
    letter = parse_official(NOTICE)
    assert letter is not None
    assert (letter.number, letter.date) == ("防第123号", "令和8年10月1日")
    assert letter.addressees == ("桜町自治会連合会", "会長　山田　太郎　様")
    assert letter.sender == ("みどり市長　鈴木　一郎",)
    assert letter.title == "防災訓練の実施について（通知）"
    assert [block.text for block in letter.body if isinstance(block, Paragraph)] == [
        "日頃から、本市の行政に御協力をいただき、厚くお礼申し上げます。",
        "このことについて、下記のとおり実施します。",
    ]
    assert letter.details[0] == Item("日時　令和8年10月24日（土）午後1時30分", "１", 0)
    assert letter.is_closed
    assert letter.after == (Paragraph("（問い合わせ先）"), Paragraph("防災課　電話 03-1234-5678"))


@pytest.mark.parametrize(
    ("text", "addressees", "sender", "title"),
    [
        ("関係者各位\n\n道路工事のお知らせ\n\n　工事をします。", ("関係者各位",), (), "道路工事のお知らせ"),
        (
            "文書番号：総第1号\n宛先：各所属長\n発信者：総務課長\n件名：研修の実施について\n\n本文です。",
            ("各所属長",),
            ("総務課長",),
            "研修の実施について",
        ),
        (
            "令和　年　月　日\n\n○○株式会社　御中\n\nみどり市\n総務課\n\n見積書の提出について（依頼）\n\n　お願いします。",
            ("○○株式会社　御中",),
            ("みどり市", "総務課"),
            "見積書の提出について（依頼）",
        ),
        ("**件名：工事について**\n\n山田様\n\n工事をします。\n\n記\n\n1. 場所 市役所\n\n以上", ("山田様",), (), "工事について"),
        ("山田太郎様\n\n総務課長\n\n拝啓　秋冷の候", ("山田太郎様",), ("総務課長",), None),
    ],
)  # fmt: skip
def test_letters_are_recognised_however_much_of_them_is_there(
    text: str, addressees: tuple[str, ...], sender: tuple[str, ...], title: str | None
) -> None:
    letter = parse_official(text)
    if title is None:
        assert letter is None
    else:
        assert letter is not None
        assert (letter.addressees, letter.sender, letter.title) == (addressees, sender, title)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "こんにちは。",
        "件名：工事のご案内\n\n山田様\n\nいつもお世話になっております。\n総務課です。\n\nよろしくお願いします。",
        "防災訓練のお知らせ\n\n市民の皆様へお知らせします。\n\n■日時：10月24日\n■場所：市民会館",
        "環境会議　議事録（要約）\n\n１　日時　10月1日\n２　主な意見\n・意見があった。\n\n　　　　以上",
        "Q. 手数料はいくらですか。\nA. 300円です。",
        "# 要約\n\n- 一つ目\n- 二つ目",
    ],
)
def test_what_is_no_letter_is_not_laid_out_as_one(text: str) -> None:
    assert parse_official(text) is None


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# 題\n本文\n\n\n次", (Heading("題", 1), Paragraph("本文"), Blank(), Paragraph("次"))),
        ("#### 深い", (Heading("深い", 3),)),
        ("#タグではない", (Paragraph("#タグではない"),)),
        ("　字下げ", (Paragraph("字下げ", True),)),
        ("- 一\n  - 二\n* 三\n・四", (Item("一"), Item("二", "", 1), Item("三"), Item("四"))),
        ("１　日時\n(1) 一\n① 二", (Item("日時", "１"), Item("一", "(1)", 1), Item("二", "①", 2))),
        ("ア　三\n1. 四\n2) 五", (Item("三", "ア", 2), Item("四", "1."), Item("五", "2)"))),
        ("10 月 24 日", (Paragraph("10 月 24 日"),)),
        ("1.5倍になる", (Paragraph("1.5倍になる"),)),
        ("2026年のこと", (Paragraph("2026年のこと"),)),
        ("-5度", (Paragraph("-5度"),)),
        ("■日時：10月", (Paragraph("■日時：10月"),)),
        ("一\n---\n二", (Paragraph("一"), Blank(), Paragraph("二"))),
        ("| a | b |\n|---|:-:|\n| **1** | 2\\|3 |\n| 4 |", (Table((("a", "b"), ("1", "2|3"), ("4", "")), True),)),
        ("| a | b |\n| c | d |", (Table((("a", "b"), ("c", "d")), False),)),
        ("a|b", (Paragraph("a|b"),)),
        ("|", (Paragraph("|"),)),
        ("```vb\nSub A()\n# x\n```\n後", (Code(("Sub A()", "# x")), Paragraph("後"))),
        ("```\n閉じない", (Code(("閉じない",)),)),
    ],
)  # fmt: skip
def test_markdown_and_office_numbering_become_blocks(text: str, blocks: tuple[Block, ...]) -> None:
    assert parse_blocks(text) == blocks


def test_bold_marks_become_runs_and_single_stars_stay() -> None:
    assert split_bold("a**b**c") == (("a", False), ("b", True), ("c", False))
    assert split_bold("3 * 4 ** 5, `x`") == (("3 * 4 ** 5, x", False),)


def test_a_letter_is_laid_out_as_the_handbooks_of_offices_say() -> None:
    word = opened(NOTICE, DEMONSTRATION)
    at = {paragraph.text: paragraph for paragraph in word.paragraphs}
    right, center = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.CENTER
    assert [at[text].alignment for text in ("防第123号", "令和8年10月1日", "以上")] == [right] * 3
    assert at["みどり市長　鈴木　一郎"].alignment == right
    assert at["防災訓練の実施について（通知）"].alignment == center
    assert at["記"].alignment == center
    assert at["会長　山田　太郎　様"].alignment is None
    indent = at["このことについて、下記のとおり実施します。"]._p.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "100"
    assert at["筆記用具"].style.name == "List Bullet"
    assert at["筆記用具"].runs[0].bold
    hanging = at["１\t日時　令和8年10月24日（土）午後1時30分"]._p.pPr.find(qn("w:ind"))
    assert hanging.get(qn("w:hangingChars")) == "200"
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_the_fonts_are_named_for_japanese_and_no_theme_overrides_them() -> None:
    word = opened(NOTICE)
    fonts = word.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "BIZ UDMincho Medium"
    defaults = word.styles.element.find(qn("w:docDefaults"))
    for element in [fonts, *defaults.iter(qn("w:rFonts"))]:
        assert not [name for name in element.attrib if "heme" in name]
    assert next(defaults.iter(qn("w:lang"))).get(qn("w:eastAsia")) == "ja-JP"
    table = next(p for p in word.part.package.iter_parts() if p.partname == "/word/fontTable.xml")
    assert "游明朝" in table.blob.decode()


def test_tables_headings_and_lists_are_words_own() -> None:
    word = opened(
        "# 題\n\n| 項目 | 金額 |\n|---|---|\n| 会場 | 1,000円 |\n\n1. 一\n- 二\n  - 三\n\n```\ncode\n```"
    )
    assert [p.style.name for p in word.paragraphs if p.text] == [
        "Heading 1",
        "Normal",
        "List Bullet",
        "List Bullet 2",
        "Normal",
    ]
    (table,) = word.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["項目", "金額"],
        ["会場", "1,000円"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.cell(1, 1).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT


@pytest.mark.parametrize(
    ("label", "header", "footer", "status"),
    [
        (UNMARKED, UNCONFIRMED, ["この文書はAI（起案）が生成した下書きです（未確認）"], "未確認"),
        (DEMONSTRATION, UNCONFIRMED, ["この文書はAI（起案）が生成した下書きです（未確認）", DEMO], "未確認"),
        (CONFIRMED, "", ["この文書はAI（起案）を使って作成し、職員が確認しました"], "確認済み"),
        (
            DraftLabel(True, True),
            "",
            ["この文書はAI（起案）を使って作成し、職員が確認しました", DEMO],
            "確認済み",
        ),
    ],
)
def test_every_copy_carries_its_mark(label: DraftLabel, header: str, footer: list[str], status: str) -> None:
    word = opened(NOTICE, label)
    section = word.sections[0]
    assert "".join(p.text for p in section.header.paragraphs) == header
    assert [p.text for p in section.footer.paragraphs][:-1] == footer
    properties = word.core_properties
    assert properties.content_status == status
    assert properties.author == "起案（AI生成）"
    assert properties.title == "防災訓練の実施について（通知）"
    text = labelled_text(NOTICE, label)
    assert text.startswith(f"【{UNCONFIRMED}】" if header else "　　　　防第123号")
    for line in footer:
        assert line in text


def test_text_files_open_in_every_editor_of_windows() -> None:
    content = text_bytes("一\n二\r\n三\x00", UNMARKED)
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert "一\r\n二\r\n三\r\n".encode() in content


@pytest.mark.parametrize("suffix", [".docx", ".TXT"])
def test_what_was_written_can_be_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"通知　案{suffix}"
    export_draft(path, NOTICE, label=UNMARKED)
    text = read_document(path).text
    for part in ("防第123号", "会長　山田　太郎　様", "防災訓練の実施について（通知）", "以上"):
        assert part in text
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_file_is_replaced_in_one_step_and_readable_by_colleagues(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    export_draft(path, "古い", label=UNMARKED)
    export_draft(path, "新しい", label=UNMARKED)
    assert "新しい" in path.read_text("utf-8")
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        assert path.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a.odt", "unsupported"), ("no/folder/a.txt", "no_folder"), ("folder.txt", "bad_name"), ("a\0.txt", "bad_name"),
     ("あ" * 300 + ".txt", "other"), ("file/a.txt", "bad_name")],
)  # fmt: skip
def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportFailedError) as caught:
        export_draft(tmp_path / name, NOTICE, label=UNMARKED)
    assert caught.value.reason == reason
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder.txt"]


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        (NOTICE, "通知文", "20261001_防災訓練の実施について（通知）.docx"),
        ("本文。", "要約 A/B: 案?", "20261001_要約_AB_案.docx"),
        ("本文。", "", "20261001_下書き.docx"),
        ("本文。", "CON", "20261001_下書き.docx"),
        ("本文。", "あ" * 200, f"20261001_{'あ' * 60}.docx"),
    ],
)
def test_suggested_names_are_such_as_windows_takes(text: str, title: str, name: str) -> None:
    assert suggest_file_name(text, title=title, day=date(2026, 10, 1), suffix=".docx") == name


@settings(max_examples=25, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("山田様記以上第1１号年月日　 \n|-*#・。(),`\x00\ud800😀<&>"), max_size=120
    )
)
def test_no_text_a_model_can_write_breaks_the_export(text: str) -> None:
    word = docx.Document(io.BytesIO(docx_bytes(text, label=UNMARKED)))
    assert word.sections[0].footer.paragraphs[0].text
    text_bytes(text, UNMARKED)
