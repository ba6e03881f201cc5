"""From files of an office to plain text: what is read, what is left out and said, what is refused."""

from __future__ import annotations

import contextlib
import datetime
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from desktop.drafting.documents.document import (
    FILE_LIMIT_BYTES,
    INPUT_LIMIT_CHARS,
    TEXT_LIMIT_BYTES,
    DocumentKind,
    check_input,
)
from desktop.drafting.documents.notes import Note
from desktop.drafting.documents.reading import read_document
from desktop.drafting.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    InputTooLongError,
    InvalidTextError,
)


@pytest.mark.parametrize(
    ("content", "text", "notes"),
    [
        ("お知らせ\r\n山田様\r\n".encode(), "お知らせ\n山田様", ()),
        (b"\xef\xbb\xbf" + "お知らせ".encode(), "お知らせ", ()),
        ("お知らせ①㈱～".encode("cp932"), "お知らせ①㈱～", (Note.NOT_UTF8,)),
        ("お知らせ".encode("iso2022_jp"), "お知らせ", (Note.NOT_UTF8,)),
        ("お知らせ".encode("utf-16"), "お知らせ", ()),
        ("一\x0b二\x0c三\x01四".encode(), "一\n二\n三四", (Note.CONTROL_CHARACTERS,)),
    ],
)
def test_text_is_read_in_the_encodings_of_offices(
    tmp_path: Path, content: bytes, text: str, notes: tuple[Note, ...]
) -> None:
    path = tmp_path / "メモ　１.TXT"
    path.write_bytes(content)
    document = read_document(path)
    assert (document.text, document.kind, document.notes) == (text, DocumentKind.TEXT, notes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.csv", '氏名,住所\r\n"山田\r\n太郎","霞が関1,2"\r\n,\r\n'.encode("cp932")),
        ("表.csv", b"\xef\xbb\xbf" + '氏名;住所\n"山田\n太郎";"霞が関1,2"\n'.encode()),
        ("表.tsv", "氏名\t住所\n山田 太郎\t霞が関1,2\n".encode()),
    ],
)
def test_tables_of_text_become_tab_separated_lines(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    document = read_document(path)
    assert document.text == "氏名\t住所\n山田 太郎\t霞が関1,2"
    assert document.parts == 2


def test_a_workbook_shows_values_as_a_person_sees_them_and_says_that_sheets_are_hidden(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名簿"
    sheet.append(["氏名", "日付", "金額", "率", "有無", None])
    sheet.append(["山田 太郎", datetime.date(2026, 10, 1), 1500.0, 0.125, True])
    sheet.append([None, None])
    sheet.append(["佐藤", datetime.datetime(2026, 10, 1, 13, 30), 3, datetime.time(9, 5)])
    sheet.cell(row=6, column=16_000, value=" ")
    hidden = book.create_sheet("控え")
    hidden.append(["見えない"])
    hidden.sheet_state = "hidden"
    book.create_sheet("二枚目").append(["別表"])
    book.save(tmp_path / "名簿.xlsx")
    document = read_document(tmp_path / "名簿.xlsx")
    assert document.text.splitlines() == [
        "【シート: 名簿】",
        "氏名\t日付\t金額\t率\t有無",
        "山田 太郎\t2026年10月1日\t1500\t0.125\tTRUE",
        "佐藤\t2026年10月1日 13:30\t3\t09:05",
        "【シート: 二枚目】",
        "別表",
    ]
    assert document.notes == (Note.HIDDEN_SHEETS,)
    assert document.parts == 4


RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
BOX = (
    '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    "<mc:Choice>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r>"
).format("<w:pict><w:txbxContent><w:p><w:r><w:t>枠の中</w:t></w:r></w:p></w:txbxContent></w:pict>")


def word_file(path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("一行目\t続き")
    table = word.add_table(rows=2, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "氏名"
    table.cell(0, 2).text = "住所"
    table.cell(1, 0).text = "山田"
    table.cell(1, 1).text = "太郎"
    table.cell(1, 2).text = "霞が関\n1-2-3"
    body = word.element.body
    w = nsdecls("w")
    pieces = [
        f"<w:p {w}>{RUN.format('消さない')}<w:del><w:r><w:delText>消した</w:delText></w:r></w:del>"
        f"<w:ins>{RUN.format('足した')}</w:ins></w:p>",
        f"<w:sdt {w}><w:sdtContent><w:p>{RUN.format('選んだ値')}</w:p></w:sdtContent></w:sdt>",
        f"<w:p {w}><w:r><w:ruby><w:rt>{RUN.format('やまだ')}</w:rt>"
        f"<w:rubyBase>{RUN.format('山田')}</w:rubyBase></w:ruby></w:r></w:p>",
        f"<w:p {w}>{RUN.format('枠の外')}{BOX}</w:p>",
    ]
    for piece in pieces:
        body.insert(len(body) - 1, parse_xml(piece))
    word.sections[0].header.paragraphs[0].text = "取扱注意"
    word.save(str(path))


def test_a_word_document_is_read_in_order_with_insertions_boxes_and_tables(tmp_path: Path) -> None:
    word_file(tmp_path / "案.docx")
    document = read_document(tmp_path / "案.docx")
    assert document.text.splitlines() == [
        "一行目\t続き",
        "氏名\t住所",
        "山田\t太郎\t霞が関 1-2-3",
        "消さない足した",
        "選んだ値",
        "山田",
        "枠の外",
        "枠の中",
    ]
    assert document.notes == (Note.FOOTNOTES,)


def pdf_bytes(pages: list[str], password: str = "") -> bytes:
    """A PDF whose pages hold the given lines of ASCII, or nothing."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode() if text else b""
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        box = "/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R{box}/Contents {len(objects)} 0 R>>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>".encode()
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    if not password:
        return out.getvalue()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out.getvalue()))
    writer.encrypt(password, algorithm="AES-256")
    encrypted = io.BytesIO()
    writer.write(encrypted)
    return encrypted.getvalue()


def test_a_pdf_is_read_page_by_page_and_pages_without_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_bytes(["first page", "", "third page"]))
    document = read_document(tmp_path / "a.pdf")
    assert document.text.split("\n") == ["first page", "third page"]
    assert document.parts == 3
    assert document.notes == (Note.PAGES_WITHOUT_TEXT,)


def zipped(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def docx_with_entities() -> bytes:
    """A Word file whose body is a billion laughs."""
    source = io.BytesIO()
    docx.Document().save(source)
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "ha">{laughs}]><w:document {nsdecls("w")}>'
        "<w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            new.writestr(item, body if item.filename == "word/document.xml" else old.read(item))
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED: list[tuple[str, bytes | Callable[[], bytes], str]] = [
    ("a.exe", b"MZ", "unsupported"),
    ("a", b"x", "unsupported"),
    ("a.doc", OLE, "old_format"),
    ("a.xls", OLE, "old_format"),
    ("a.docx", OLE, "encrypted"),
    ("a.xlsx", OLE, "encrypted"),
    ("a.docx", b"no zip", "broken"),
    ("a.docx", b"", "broken"),
    ("a.docx", lambda: zipped(("hello.txt", b"hello")), "broken"),
    ("a.docx", lambda: zipped(("[Content_Types].xml", b"<x"), ("_rels/.rels", b"<x")), "broken"),
    ("a.xlsx", lambda: zipped(("hello.txt", b"hello")), "broken"),
    ("a.xlsx", lambda: zipped(("xl/workbook.xml", b"<<<")), "broken"),
    ("a.docx", lambda: zipped(("word/document.xml", b" " * 30_000_000)), "bomb"),
    ("a.xlsx", lambda: zipped(*((str(i), b"") for i in range(10_001))), "bomb"),
    ("a.pdf", b"%PDF-1.4\n" + b"\xff" * 200, "broken"),
    ("a.pdf", b"", "broken"),
    ("a.pdf", lambda: pdf_bytes(["x"])[:300], "broken"),
    ("a.pdf", lambda: pdf_bytes(["", ""]), "no_text"),
    ("a.pdf", lambda: pdf_bytes(["secret"], password="pw"), "encrypted"),
    ("a.txt", b"", "no_text"),
    ("a.txt", b" \n ", "no_text"),
    ("a.txt", b"\x00\x01\x02binary", "broken"),
    ("a.txt", b"\xef\xbb\xbf\xff\xff", "encoding"),
    ("a.txt", b"\x81\xff\xfe\xa0\xa0", "encoding"),
    ("a.csv", b"\n\n,,\n", "no_text"),
]


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes | Callable[[], bytes], reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content())
    with pytest.raises(DocumentUnreadableError) as caught:
        read_document(path)
    assert caught.value.reason == reason
    assert caught.value.suffix == path.suffix


def test_an_empty_word_document_and_workbook_have_no_text(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    for name in ("a.docx", "a.xlsx"):
        with pytest.raises(DocumentUnreadableError) as caught:
            read_document(tmp_path / name)
        assert caught.value.reason == "no_text"


@pytest.mark.parametrize(
    ("name", "reason"), [("none.txt", "missing"), ("folder.txt", "denied"), ("a\0.txt", "missing")]
)
def test_what_is_not_there_or_no_file_is_said(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(DocumentUnreadableError) as caught:
        read_document(tmp_path / name)
    assert caught.value.reason == reason


def test_a_billion_laughs_expand_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx_with_entities())
    started = time.perf_counter()
    with pytest.raises(DocumentUnreadableError):
        read_document(path)
    assert time.perf_counter() - started < 2


def test_large_files_are_refused_and_never_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("あいうえお\n" * (TEXT_LIMIT_BYTES // 16 + 1), encoding="utf-8")
    with pytest.raises(DocumentTooLargeError) as caught:
        read_document(path)
    assert caught.value.limit_bytes == TEXT_LIMIT_BYTES
    with path.open("wb") as file:
        file.truncate(FILE_LIMIT_BYTES + 1)
    with pytest.raises(DocumentTooLargeError) as caught:
        read_document(path)
    assert caught.value.size_bytes == FILE_LIMIT_BYTES + 1


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pdf"])
def test_damaged_files_are_refused_or_read_but_never_crash(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".docx":
        word_file(path)
    elif suffix == ".xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["山田", 1, 2.5])
        book.save(path)
    else:
        path.write_bytes(pdf_bytes(["first page", "second page"]))
    content = path.read_bytes()
    step = max(len(content) // 60, 1)
    for at in range(0, len(content), step):
        damaged = bytearray(content)
        damaged[at : at + 3] = bytes(255 - byte for byte in damaged[at : at + 3])
        for variant in (bytes(damaged), content[:at]):
            path.write_bytes(variant)
            with contextlib.suppress(DocumentUnreadableError, DocumentTooLargeError):
                read_document(path)


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("山田\ud800", "surrogate", 2),
        ("a\0b", "control", 1),
        ("\x1b[31m", "control", 0),
        ("a\x9fb\x9f", "control", 1),
    ],
)
def test_typed_text_with_impossible_characters_is_refused_and_nothing_removed_in_silence(
    text: str, reason: str, position: int
) -> None:
    with pytest.raises(InvalidTextError) as caught:
        check_input(text)
    assert (caught.value.reason, caught.value.position) == (reason, position)


def test_typed_text_keeps_its_words_and_gets_plain_line_breaks() -> None:
    assert check_input("一\r\n二\r三\t四　五\u2028六😀") == "一\n二\n三\t四　五\n六😀"


def test_more_than_the_limit_is_refused_before_anything_else() -> None:
    with pytest.raises(InputTooLongError) as caught:
        check_input("あ" * (INPUT_LIMIT_CHARS + 1))
    assert caught.value.length_chars == INPUT_LIMIT_CHARS + 1
    assert check_input("あ" * 1000)
