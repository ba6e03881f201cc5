from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.masking.normalize import join_lines, normalize, soft_breaks


@pytest.mark.parametrize(
    ("original", "folded"),
    [
        ("㈱山田　℡０３－１２３４", "(株)山田 TEL03-1234"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ ハナコ"),
        ("ﾊﾟｸ", "パク"),
        ("１ー２‐３−４", "1-2-3-4"),
        ("コーヒー", "コーヒー"),
        ("①090", "①090"),
        ("〇九〇―一二三四―五六七八", "090-1234-5678"),
        ("一二三さんと三田", "一二三さんと三田"),
        ("髙橋・濵田", "高橋・浜田"),
        ("山\u200b田\ufe00", "山田"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ud800佐藤\x00", "\ufffd佐藤 "),
    ],
)
def test_folding_gives_the_form_recognizers_read(original: str, folded: str) -> None:
    assert normalize(original).text == folded


def test_a_find_in_folded_text_maps_to_the_original_characters() -> None:
    original = "㈱ﾔﾏﾀﾞの℡０３"
    source = normalize(original)
    start = source.text.index("ヤマダ")
    first, last = source.to_original(start, start + 3)
    assert original[first:last] == "ﾔﾏﾀﾞ"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_the_map_stays_in_order_and_inside_whatever_the_text(text: str) -> None:
    source = normalize(text)
    assert len(source.text) == len(source.starts) == len(source.ends)
    for index in range(len(source.text)):
        assert 0 <= source.starts[index] < source.ends[index] <= len(text)
    assert list(source.starts) == sorted(source.starts)


def test_hard_wrapped_lines_are_noticed_and_joined() -> None:
    letter = "山田太郎様の電話番号は次のとおり控えてあります。番号は0467-22-1234です。" * 3
    text = "\n".join(letter[i : i + 30] for i in range(0, len(letter), 30))
    breaks, is_wrapped = soft_breaks(text)
    assert is_wrapped
    assert join_lines(normalize(text), breaks).text.count("0467-22-1234") == 3


def test_a_list_of_short_lines_is_not_taken_for_wrapped_text() -> None:
    assert soft_breaks("氏名\n住所\n電話") == ([], False)
