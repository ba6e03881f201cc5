from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.masking.blocks import split_blocks


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="あ山1,\t\n |。", max_size=300), st.integers(1, 60))
def test_blocks_cover_the_text_without_overlap(piece: str, times: int) -> None:
    text = piece * times
    assert "".join(block.text[block.head :] for block in split_blocks(text)) == text


def test_an_endless_line_is_cut() -> None:
    assert max(len(block.text) for block in split_blocks("あ" * 100_000)) <= 4_000


def test_the_rows_of_a_long_table_keep_their_head() -> None:
    head = "氏名\t住所\t電話\n"
    text = head + "佐藤太郎\t東京都千代田区霞が関1-2-3\t03-1234-5678\n" * 300
    blocks = split_blocks(text)
    assert len(blocks) > 2
    assert all(block.text.startswith(head) for block in blocks)


def test_a_change_leaves_the_other_blocks_as_they_are() -> None:
    paragraphs = [f"第{i}段落。" + "会議の記録を残す。" * 90 for i in range(20)]
    before = {block.text for block in split_blocks("\n\n".join(paragraphs))}
    paragraphs[7] += "追記"
    after = {block.text for block in split_blocks("\n\n".join(paragraphs))}
    assert len(after - before) <= 2
