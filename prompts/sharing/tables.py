"""Lists of prompts as tables: CSV in the encodings of Japanese offices, and Excel workbooks."""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import ParseError

from prompts.errors import ImportRefusedError
from prompts.sharing.archive import MAX_FILE_BYTES, read_archive
from prompts.sharing.foreign import make_template, one_line
from prompts.sharing.open_webui import read_variables
from prompts.sharing.sources import Reading, decode
from prompts.template import PromptTemplate

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": (
        "title",
        "act",
        "name",
        "タイトル",
        "題名",
        "表題",
        "名称",
        "件名",
        "プロンプト名",
        "テンプレート名",
        "業務名",
        "業務",
        "場面",
        "タスク",
        "用途",
        "ひな形名",
    ),
    "body": (
        "prompt",
        "content",
        "body",
        "text",
        "instruction",
        "本文",
        "プロンプト",
        "指示",
        "指示文",
        "指示内容",
        "プロンプト例",
        "プロンプト本文",
        "プロンプト文",
        "テンプレート",
        "内容",
    ),
    "system": ("system", "システム", "役割"),
    "category": ("category", "カテゴリ", "カテゴリー", "分類", "区分"),
    "tags": ("tags", "tag", "タグ", "キーワード"),
    "description": ("description", "説明", "概要", "利用場面", "備考"),
    "issuer": ("issuer", "作成課", "所管課", "発行"),
    "id": ("id",),
}
"""What a column holds, by the headers it may have."""
MAX_ROWS = 50_000
_HEADER_ROWS = 10
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BROKEN_WORKBOOK = (
    zipfile.BadZipFile,
    ParseError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    RecursionError,
    NotImplementedError,
    AssertionError,
    RuntimeError,
)


def read_csv(path: str, content: bytes, columns: Mapping[str, str] | None = None) -> Reading:
    """Reads a CSV or TSV file in UTF-8, UTF-16 or cp932.

    Args:
        path: name for messages.
        content: the file.
        columns: header of the file by what it holds (`title`, `body` …), where a person said so.
    """
    reading = Reading()
    text = decode(content)
    if text is None:
        reading.reject(path, "bad_encoding")
        return reading
    csv.field_size_limit(MAX_FILE_BYTES)
    try:
        rows = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=_delimiter(text), strict=False))
    except csv.Error:
        reading.reject(path, "bad_encoding")
        return reading
    return _read_rows(path, rows, columns)


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",\t;", key=head.count)


def read_xlsx(path: str, content: bytes, columns: Mapping[str, str] | None = None) -> Reading:
    """Reads the sheets of an Excel workbook; each begins with a row of headers."""
    # Loaded with the first workbook: with numpy and lxml it costs the window 20 MB.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    reading = Reading()
    try:
        for part in read_archive(content):
            if part.name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part.content:
                reading.reject(path, "bad_workbook")
                return reading
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheets = [
                (sheet.title, [_cells(row) for row in sheet.iter_rows(max_row=MAX_ROWS, values_only=True)])
                for sheet in book.worksheets
            ]
            book.close()
    except ImportRefusedError as error:
        reading.reject(path, error.reason)
        return reading
    except (*_BROKEN_WORKBOOK, InvalidFileException):
        reading.reject(path, "bad_workbook")
        return reading
    for title, rows in sheets:
        if any(any(row) for row in rows):
            reading.extend(_read_rows(f"{path}!{title}" if len(sheets) > 1 else path, rows, columns))
    if not reading.candidates and not reading.rejected:
        reading.reject(path, "no_columns")
    return reading


def _cells(row: Iterable[object]) -> list[str]:
    return ["" if value is None else str(value) for value in row]


def _read_rows(path: str, rows: Sequence[list[str]], columns: Mapping[str, str] | None) -> Reading:
    reading = Reading()
    # A list of an office often has its own title above the header.
    head = next((n for n, row in enumerate(rows[:_HEADER_ROWS]) if "body" in _places(row, columns)), 0)
    rows = rows[head:]
    places = _places(rows[0] if rows else [], columns)
    if "body" not in places:
        reading.reject(path, "no_columns")
        return reading
    if len(rows) > MAX_ROWS:
        reading.reject(path, "too_many")
        return reading
    for number, row in enumerate(rows[1:], head + 2):
        values = {
            key: restore_formula(row[place])
            for key, place in places.items()
            if place < len(row) and row[place]
        }
        if values:
            _read_row(reading, f"{path}#{number}", values)
    return reading


def _read_row(reading: Reading, path: str, values: Mapping[str, str]) -> None:
    body = values.get("body", "")
    title = one_line(values.get("title", "")) or one_line(body)[:40]
    if title:
        path = f"{path} {title[:60]}"
    if not body.strip():
        reading.reject(path, "missing_body")
        return
    text, fields = read_variables(body)
    tags = values.get("tags", "").replace("、", ",").replace(";", ",").split(",")
    reading.add_template(
        path,
        make_template(
            template_id=values.get("id", ""),
            kind="table",
            key=title,
            title=title,
            body=text,
            fields=fields,
            system=values.get("system", "").replace("{{", "{ {").strip(),
            category=values.get("category", ""),
            tags=tags,
            description=values.get("description", ""),
            issuer=values.get("issuer", ""),
        ),
        # A list of our own has fewer entries than the templates in it: it never passes for a newer version.
        has_version="id" in values,
    )


def _places(header: Sequence[str], columns: Mapping[str, str] | None) -> dict[str, int]:
    folded = [unicodedata.normalize("NFKC", name).strip().casefold() for name in header]
    wanted = {key: (name,) for key, name in (columns or {}).items()} or COLUMNS
    places: dict[str, int] = {}
    for key, names in wanted.items():
        for name in names:
            word = unicodedata.normalize("NFKC", name).strip().casefold()
            if word in folded and folded.index(word) not in places.values():
                places[key] = folded.index(word)
                break
    return places


def defuse_formula(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula (CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def restore_formula(cell: str) -> str:
    """Undoes `defuse_formula`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def write_csv(templates: Iterable[PromptTemplate]) -> bytes:
    """A list for reading in Excel (UTF-8 with mark, CR LF), formulas defused."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(
        ["題名", "分類", "タグ", "説明", "作成課", "正確性の水準", "機密性", "システム", "本文", "版", "ID"]
    )
    for template in templates:
        cells = [
            template.title,
            template.category.value,
            "、".join(template.tags),
            template.description,
            template.issuer,
            template.accuracy.value,
            str(template.confidentiality),
            template.system,
            template.body,
            template.version,
            template.id,
        ]
        writer.writerow([defuse_formula(cell) for cell in cells])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8")
