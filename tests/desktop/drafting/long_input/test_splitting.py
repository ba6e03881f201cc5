"""Where texts are cut, and what the parts are called."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.drafting.long_input.boundaries import Rank, find_boundaries, protected_spans, words_of
from desktop.drafting.long_input.splitting import MAX_LEAD_CHARS, Outline, Stretch

ORDINANCE = """桜浜市自転車等の放置の防止に関する条例
目次
　第1章　総則（第1条―第3条）

第1章　総則

（目的）
第1条　この条例は、公共の場所における自転車等の放置を防止し、市民の良好な生活環境を確保することを目的とする。
（定義）
第2条　この条例において、次の各号に掲げる用語の意義は、当該各号に定めるところによる。
(1)　自転車等　自転車及び原動機付自転車をいう。
(2)　公共の場所　道路、公園、広場その他公共の用に供する場所をいう。
２　前項の規定にかかわらず、市長が定めるものは除く。
（市の責務）
第3条　市長は、第1条の目的を達成するため、必要な施策の実施に努めなければならない。
２　市長は、前項の施策の実施に当たっては、関係機関と協議するものとする。

第2章　雑則

（罰則）
第4条の2　第3条の規定に違反した者は、
第2条の規定により過料に処する。

附　則
１　この条例は、令和9年4月1日から施行する。
２　現に放置されている自転車等については、なお従前の例による。
"""
MINUTES = """第2回公共施設再編検討委員会　会議録
日時：令和9年8月27日
１　開会
○事務局（山田）　ただいまから開会します。
２　協議事項
（１）旧第三小学校の跡地利用について
○<氏名1>委員長　資料１について事務局から説明をお願いします。
○事務局（<氏名2>）　資料１をご覧ください。跡地の面積は１２，０００平方メートルです。
○<氏名3>委員　図書館との複合化を検討してはどうか。駐車場が足りない。
（２）維持管理費について
○<氏名4>委員　維持管理費の試算を示してほしい。
○事務局　次回までに3案を作成します。
３　その他
○事務局　次回は10月15日です。
４　閉会
"""
GUIDELINE = """生ごみ処理機購入費補助金交付要綱
（趣旨）
第１条　この要綱は、補助金の交付について、必要な事項を定める。
（補助対象者）
第２条　補助の対象となる者は、次のいずれにも該当する者とする。
　一　市内に住所を有する者
　二　市税を滞納していない者
別表第１（第２条関係）
区分\t補助率\t限度額
電動式\t２分の１\t20,000円
非電動式\t３分の１\t5,000円
コンポスト\t３分の１\t3,000円
"""
SPECIFICATION = """# 庁舎清掃業務仕様書

## 第１　総則
１．目的
本業務は、庁舎の清潔を保つことを目的とする。
１．２　履行期間
令和9年4月1日から令和10年3月31日までとする。
■ 日常清掃
① 床面の掃き掃除
② ごみの回収
【特記事項】
ア　作業員の名簿を提出すること。
"""
PROSE = "この市は海に面している。" * 40
ENDLESS = "本市は海に面し山も近く気候は温暖であり" * 60
PLACEHOLDERS = "<氏名1><電話番号2>" * 60
TEXTS = {
    "ordinance": ORDINANCE,
    "minutes": MINUTES,
    "guideline": GUIDELINE,
    "specification": SPECIFICATION,
    "prose": PROSE,
    "endless": ENDLESS,
    "placeholders": PLACEHOLDERS,
    "crlf": MINUTES.replace("\n", "\r\n"),
    "half": ORDINANCE.translate(str.maketrans("０１２３４５６７８９　", "0123456789 ")),
    "table": "区分\t件数\n" + "\n".join(f"支所{n}\t{n * 7}" for n in range(80)),
    "list": "\n".join(f"・意見{n}は駐車場が足りないということ" for n in range(60)),
    "blank": "\n\n\n",
}


def parts_of(text, limit):
    outline = Outline(text)
    return [(words_of(outline.mark(s), text), text[s.start : s.end]) for s in outline.split(limit)]


def names_in(text, *ranks):
    return [words_of(b.label, text) for b in find_boundaries(text) if b.label and b.rank in ranks]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("limit", [1, 17, 60, 250, 10_000])
def test_parts_cover_the_text_exactly_and_in_order(text, limit):
    stretches = Outline(text).split(limit)
    assert "".join(text[s.start : s.end] for s in stretches) == text
    assert [s.start for s in stretches[1:]] == [s.end for s in stretches[:-1]]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("limit", [17, 60, 250])
def test_no_part_is_longer_than_its_limit_and_no_placeholder_is_cut(text, limit):
    for stretch in Outline(text).split(limit):
        assert stretch.lead <= stretch.start < stretch.end
        assert stretch.end - stretch.lead <= limit
        for start, end in protected_spans(text):
            assert not start < stretch.start < end
            assert not start < stretch.lead < end


ALPHABET = "あ漢1１ 　\n。、・<>氏名12第条項（）(1)ア\t○：\r#■"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(ALPHABET, max_size=30),
            st.sampled_from(["<氏名1>", "第3条　", "\n第4条　", "\n２　", "（１）", "\n附則\n", "\n", "。"]),
        ),
        max_size=40,
    ),
    st.integers(12, 200),
)
@example(["111<11111111", ">"], 12)
def test_whatever_the_text_its_parts_cover_it_fit_and_have_a_name(pieces, limit):
    text = "".join(pieces)
    outline = Outline(text)
    stretches = outline.split(limit)
    assert "".join(text[s.start : s.end] for s in stretches) == text
    longest = max((end - start for start, end in protected_spans(text)), default=0)
    for stretch in stretches:
        assert stretch.end - stretch.lead <= max(limit, longest)
        assert not any(
            a < place < b for a, b in protected_spans(text) for place in (stretch.start, stretch.lead)
        )
        assert words_of(outline.mark(stretch), text)


@settings(max_examples=60, deadline=None)
@given(st.text(ALPHABET, min_size=40, max_size=300), st.integers(20, 90), st.integers(12, 40))
def test_a_part_that_is_cut_once_more_gives_parts_of_that_part(text, limit, smaller):
    outline = Outline(text)
    for stretch in outline.split(limit):
        again = outline.split(smaller, stretch)
        assert (again[0].start, again[-1].end) == (stretch.start, stretch.end)
        assert [s.start for s in again[1:]] == [s.end for s in again[:-1]]


def test_articles_clauses_and_items_are_found_with_their_names():
    assert names_in(ORDINANCE, Rank.ARTICLE) == ["第1条", "第2条", "第3条", "第4条の2"]
    assert names_in(ORDINANCE, Rank.CLAUSE) == ["第2条第２項", "第3条第２項", "附　則第１項", "附　則第２項"]
    assert names_in(ORDINANCE, Rank.ITEM) == ["第2条第1号", "第2条第2号"]
    assert names_in(GUIDELINE, Rank.ARTICLE) == ["第１条", "第２条"]
    assert names_in(GUIDELINE, Rank.ITEM) == ["第２条第一号", "第２条第二号"]


def test_an_article_that_is_only_mentioned_at_the_beginning_of_a_line_is_none():
    assert "第2条の規定" in ORDINANCE
    assert names_in(ORDINANCE, Rank.ARTICLE).count("第2条") == 1


def test_a_caption_stays_with_its_article():
    offsets = [b.offset for b in find_boundaries(ORDINANCE) if b.rank is Rank.ARTICLE]
    assert all(ORDINANCE[offset] == "（" for offset in offsets)


def test_articles_in_one_line_are_told_apart():
    line = "第1条 この要綱は、補助について定める。第2条 対象は、市内に住む者とする。第3条 額は、2万円とする。"
    assert names_in(line, Rank.ARTICLE) == ["第1条", "第2条", "第3条"]
    assert [mark for mark, _ in parts_of(line, 30)] == ["第1条", "第2条", "第3条"]


def test_headings_of_minutes_and_specifications_carry_their_own_words():
    assert names_in(MINUTES, Rank.HEADING) == [
        "「１　開会」",
        "「２　協議事項」",
        "「３　その他」",
        "「４　閉会」",
    ]
    assert names_in(MINUTES, Rank.CLAUSE) == [
        "「（１）旧第三小学校の跡地利用について」",
        "「（２）維持管理費について」",
    ]
    found = names_in(SPECIFICATION, *Rank)
    assert found == [
        "「庁舎清掃業務仕様書」",
        "「第１　総則」",
        "「１．目的」",
        "「１．２　履行期間」",
        "「■ 日常清掃」",
        "「【特記事項】」",
    ]


def test_numbers_of_a_sentence_or_a_table_are_no_headings():
    text = "第1条　定める。\n2026年に始まる。\n3 人が出席した。\n12\t5\n１　前払いとすること、又は後払いとすること。\n"
    assert names_in(text, *Rank) == ["第1条"]


@pytest.mark.parametrize(
    ("text", "limit", "marks"),
    [
        (ORDINANCE, 200, ["冒頭〜第1条", "第2条", "第3条〜附　則"]),
        (ORDINANCE, 10_000, ["冒頭〜附　則"]),
        (MINUTES, 120, [
            "冒頭〜「１　開会」",
            "「２　協議事項」〜「（１）旧第三小学校の跡地利用について」",
            "「（１）旧第三小学校の跡地利用について」の途中〜「（２）維持管理費について」",
            "「３　その他」〜「４　閉会」",
        ]),
        ("短い文。\n" * 30, 60, ["段落1〜10", "段落11〜20", "段落21〜30"]),
        ("支所\t12\n" * 30, 60, ["行1〜10", "行11〜20", "行21〜30"]),
        ("あ" * 90, 50, ["1〜45字目", "46〜67字目", "68〜90字目"]),
    ],
)  # fmt: skip
def test_parts_are_called_as_a_person_would_call_them(text, limit, marks):
    assert [mark for mark, _ in parts_of(text, limit)] == marks


def test_a_second_text_in_the_same_field_is_named_with_its_heading():
    text = "第1条　甲。\n第2条　乙。\n【別の要綱】\n第1条　丙。\n第2条　丁。\n"
    assert [mark for mark, _ in parts_of(text, 100)] == ["第1条〜「【別の要綱】」第2条"]


def test_a_cut_falls_on_the_best_place_near_the_even_one():
    text = "あ。" * 30 + "\n２　協議事項\n" + "い。" * 30
    assert [part[:6] for _, part in parts_of(text, 100)] == ["あ。あ。あ。", "２　協議事項"[:6]]


def test_rows_of_a_table_are_not_torn_from_each_other_where_a_sentence_can_end():
    text = "説明の文。説明の文。説明の文。\n" + "支所\t12\n" * 8 + "後の文。後の文。後の文。\n"
    assert {part.count("\t") for _, part in parts_of(text, 75)} == {0, 8}


def test_only_a_cut_sentence_is_shown_again_at_the_beginning_of_the_next_part():
    whole = Outline(PROSE).split(120)
    assert all(s.lead == s.start for s in whole)
    cut = Outline("まえ。" + "本市は海に面し、" * 40).split(120)
    assert all(0 < s.start - s.lead <= MAX_LEAD_CHARS for s in cut[1:])


def test_a_heading_that_is_long_is_shortened_beside_a_placeholder():
    text = "１　" + "あ" * 20 + "<氏名1>さんの申請について\n本文。\n"
    (label,) = names_in(text, *Rank)
    assert label == "「１　" + "あ" * 20 + "…」"


def test_a_very_long_text_is_cut_in_a_moment():
    for text in (ORDINANCE * 400, "あ" * 500_000, "<氏名1>" * 40_000, "1\t2\n" * 60_000, "（" * 200_000):
        assert sum(s.end - s.start for s in Outline(text).split(3_000)) == len(text)


def test_parts_together_are_called_by_the_first_and_the_last_of_them():
    outline = Outline(ORDINANCE)
    first, *_, last = outline.split(100)
    together = outline.mark(Stretch(first.start, last.end, first.lead))
    assert words_of(together, ORDINANCE) == "冒頭〜附　則"
