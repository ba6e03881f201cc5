"""The handbook on paper: nothing torn in two, heads repeated, headings with what follows."""

import re

import pytest


@pytest.fixture(scope="module")
def pdf(script):
    return script("bundle/handbook_pdf.py")


def stacked(pdf, heights):
    """Pieces one below the other; `(height, 'h')` is a heading, `(height, 'r')` a row below the last heading."""
    made, top, head = [], 0, None
    for height, kind in heights:
        piece = pdf.Piece(top, top + height, head if kind == "r" else None, kind == "h")
        head = piece if kind == "h" else head
        made.append(piece)
        top += height
    return made


def test_every_piece_is_on_a_page_once_and_no_page_is_too_long(pdf):
    pieces = stacked(pdf, [(30, "p")] * 10)
    pages = pdf.paginate(pieces, 100)
    assert [piece for page in pages for piece in page] == pieces
    assert [len(page) for page in pages] == [3, 3, 3, 1]


def test_a_heading_goes_to_the_page_of_what_follows_it(pdf):
    pieces = stacked(pdf, [(80, "p"), (15, "h"), (30, "p")])
    assert pdf.paginate(pieces, 100) == [[pieces[0]], [pieces[1], pieces[2]]]


def test_the_head_of_a_table_is_repeated_above_its_rows_on_the_next_page(pdf):
    pieces = stacked(pdf, [(20, "h"), (40, "r"), (40, "r"), (40, "r")])
    head = pieces[0]
    assert pdf.paginate(pieces, 100) == [pieces[:3], [head, pieces[3]]]


def test_a_piece_longer_than_a_page_has_one_of_its_own(pdf):
    pieces = stacked(pdf, [(10, "p"), (300, "p"), (10, "p")])
    assert [len(page) for page in pdf.paginate(pieces, 100)] == [1, 1, 1]


def test_line_ends_inside_a_sentence_leave_no_space_and_comments_go(pdf):
    text = "<!-- policy-keys -->\n\n置き場所です。環境変数では\n動かせません。\n\n- 一つ目は\n  続きます\n- 二つ目\n"
    assert pdf.joined(text) == "置き場所です。環境変数では動かせません。\n\n- 一つ目は続きます\n- 二つ目\n"


def test_the_handbook_becomes_a_pdf_of_several_pages(pdf, script, qapp, tmp_path):
    from pypdf import PdfReader

    source = script("bundle/make.py").HANDBOOK
    pdf.write_pdf(source, tmp_path / "handbook.pdf")
    pages = PdfReader(tmp_path / "handbook.pdf").pages
    assert len(pages) > 5
    assert f"1/{len(pages)}" in re.sub(r"\s", "", pages[0].extract_text())
