"""The check 「資料に無い」: what it reports, what it lets pass, what it must not cry about."""

from __future__ import annotations

import time

import pytest

from desktop.drafting.checks import CheckReport, check_completion, find_repetitions, find_unsupported
from desktop.drafting.facts.finder import find_facts
from desktop.drafting.facts.quantities import parse_numeral
from desktop.drafting.facts.values import fold

SOURCE = """件名：防災訓練の実施について
日時：令和８年10月24日（土）午後１時30分から3時まで
会場：市民会館（霞が関1丁目2番3号）
定員：先着30名　参加費：1,500円
問い合わせ先：防災課　山田太郎　電話 03-1234-5678 内線 123
根拠：災害対策基本法第48条第1項、○○市防災訓練実施要綱
予算額 3億2,000万円、対象 12,345世帯、前年比 5.2％増、第41回、小学3年生
"""


@pytest.mark.parametrize(
    "answer",
    [
        "2026年10月24日(土)に開催します。",
        "令和八年十月二十四日に開催します。",
        "R8.10.24 に開催します。",
        "10月24日（土曜日）に開催します。",
        "10/24（土）に開催します。",
        "２４日に開催します。",
        "令和８年度の事業です。",
        "2026年10月の行事です。",
        "時間は13時30分から15時までです。",
        "時間は13:30～15:00です。",
        "午後１時半から始めます。",
        "会場は霞が関1-2-3です。",
        "定員は30人です。",
        "定員は三十名です。",
        "参加費は千五百円です。",
        "参加費は金１，５００円です。",
        "参加費は¥1,500です。",
        "電話は０３（１２３４）５６７８です。",
        "電話は0312345678です。",
        "内線123へどうぞ。",
        "山田太郎様へ。",
        "担当　山田太郎",
        "山田課長に確認しました。",
        "山田　太郎さんに聞きました。",
        "災害対策基本法第48条により行います。",
        "災害対策基本法第四十八条第一項により行います。",
        "本市の防災訓練実施要綱により行います。",
        "予算額は320,000千円です。",
        "対象は1万2345世帯です。",
        "前年比5.2パーセントの増です。",
        "第41回の訓練です。",
        # Numbering and words that only look like facts.
        "１　日時\n２　会場\n３　その他\n（１）持ち物\n① 筆記用具\n1. 受付\n10）その他",
        "# 1 はじめに\n- (2) 次に",
        "皆様、お客様、保護者様、関係者の方、各位、会長様、利用者さん、お子さん",
        "同様に、一様に、多様な様式、氏名、仕様",
        "一般、一部、一緒、一人ひとり、十分に、万一、千代田区、三重県、四国、一日も早く、一時的、二次、数十名、数千円",
        "この方法により、用法を守り、当該規則、本条例、司法",
        "A4用紙、COVID-19、5G、USB3、Windows11",
        "<氏名1>様の<電話番号2>、［項目3］",
        "※1 注2 表3",
        "今年度、来年度、来月、翌日、毎週",
        "",
    ],
)
def test_what_stands_in_the_source_or_is_no_fact_is_not_reported(answer: str) -> None:
    assert [u.text for u in find_unsupported(answer, [SOURCE])] == []


@pytest.mark.parametrize(
    ("answer", "reported"),
    [
        ("令和８年10月25日に開催します。", [("令和８年10月25日", "date")]),
        ("令和７年10月24日に開催します。", [("令和７年10月24日", "date")]),
        ("10月24日（日）に開催します。", [("10月24日（日）", "date")]),
        ("令和９年度の事業です。", [("令和９年度", "date")]),
        ("11月の行事です。", [("11月", "date")]),
        ("午後２時30分から始めます。", [("午後２時30分", "time")]),
        ("午前１時30分から始めます。", [("午前１時30分", "time")]),
        ("午前10時からです。", [("午前10時", "time")]),
        ("正午に終わります。", [("正午", "time")]),
        ("参加費は1,600円です。", [("1,600円", "amount")]),
        ("参加費は二千円です。", [("二千円", "amount")]),
        ("予算額は3億2,000円です。", [("3億2,000円", "amount")]),
        ("定員は31名です。", [("31名", "number")]),
        ("定員は三十一名です。", [("三十一名", "number")]),
        ("30回実施しました。", [("30回", "number")]),
        ("前年比は52％増です。", [("52％", "number")]),
        ("第42回の訓練です。", [("42回", "number")]),
        ("電話は03-1234-5679です。", [("03-1234-5679", "phone")]),
        ("お問い合わせは bousai@example.lg.jp へ。", [("bousai@example.lg.jp", "contact")]),
        ("災害対策基本法第49条によります。", [("第49条", "article")]),
        ("災害対策基本法第48条第2項によります。", [("第48条第2項", "article")]),
        ("地方自治法によります。", [("地方自治法", "law")]),
        ("個人情報の保護に関する法律を守ります。", [("個人情報の保護に関する法律", "law")]),
        ("防災会議条例施行規則によります。", [("防災会議条例施行規則", "law")]),
        ("田中次郎様へ。", [("田中次郎", "name")]),
        ("佐藤さんに聞きました。", [("佐藤", "name")]),
        ("市長　鈴木一郎", [("鈴木一郎", "name")]),
        ("担当：高橋", [("高橋", "name")]),
        ("鈴木課長に確認しました。", [("鈴木", "name")]),
        ("スミス・ジョン氏が来ました。", [("スミス・ジョン", "name")]),
        ("山田花子様と山田太郎様", [("山田花子", "name")]),
    ],
)
def test_what_stands_in_no_source_is_reported_with_its_kind(
    answer: str, reported: list[tuple[str, str]]
) -> None:
    found = find_unsupported(answer, [SOURCE])
    assert [(u.text, u.kind.value) for u in found] == reported
    assert all(answer[u.start : u.end] == u.text for u in found)


@pytest.mark.parametrize(
    ("source", "answer", "is_supported"),
    [
        ("期間は10月24日から26日まで", "10月26日までです。", True),
        ("期間は10月24日から26日まで", "11月26日までです。", False),
        ("10月24日に行う。令和8年度事業", "令和8年10月24日に行います。", True),
        ("10月24日に行う。", "令和8年10月24日に行います。", False),
        ("令和8年10月24日に行う。", "10月24日（土）に行います。", True),
        ("令和8年10月24日に行う。", "10月24日（金）に行います。", False),
        ("令和元年5月1日", "2019年5月1日", True),
        ("平成31年4月30日", "H31.4.30", True),
        ("定員: 30", "定員は30名です。", True),
        ("30回", "30名です。", False),
        ("金額 1500", "1,500円です。", True),
        ("開会 9時", "午前9時に開会します。", True),
        ("開会 9時", "午後9時に開会します。", True),
        ("開会 午前9時", "午後9時に開会します。", False),
        ("第2条第1項第3号", "第2条です。", True),
        ("第2条の2", "第2条です。", False),
        ("第20条", "第2条です。", False),
        ("二〇二六年三月", "2026年3月", True),
        ("電話0798-35-1234", "(0798)35-1234", True),
        ("〒123-4567", "1234567", False),
        ("３か月", "3ヶ月間です。", True),
        ("ﾔﾏﾀﾞ様", "ヤマダ様", True),
    ],
)
def test_spelling_does_not_matter_but_the_value_does(source: str, answer: str, is_supported: bool) -> None:
    assert (find_unsupported(answer, [source]) == ()) is is_supported


def test_a_fact_may_stand_in_any_of_several_sources() -> None:
    assert find_unsupported("10月24日に30名で。", ["10月24日", "定員30名"]) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234),
        ("3億2,000万", 320_000_000),
        ("千五百", 1500),
        ("二〇二六", 2026),
        ("十", 10),
        ("二十四", 24),
        ("1,500千", 1_500_000),
        ("3.5万", 35_000),
        ("百二十", 120),
        ("1万2345", 12_345),
        ("百万", 1_000_000),
    ],
)
def test_numerals_are_read_in_every_spelling(text: str, number: int) -> None:
    assert parse_numeral(text) == number


def test_offsets_lead_back_to_the_original_through_folding() -> None:
    text = "㈱ﾊﾞｽは１０月２４日　℡０３－１２３４－５６７８"
    assert [text[f.start : f.end] for f in find_facts(text)] == ["１０月２４日", "０３－１２３４－５６７８"]
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.text.startswith("(株)バスは10月")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("お知らせします。お知らせします。お知らせします。お知らせします。お知らせします。", 1),
        ("会場は市民会館です。\n" * 3, 2),
        ("会場は市民会館です。\n会場は市民会館です。\n", 0),
        ("----------------------------\n" * 5, 0),
        ("・はい\n・はい\n・はい\n", 0),
        ("ふつうの文章です。繰り返しはありません。", 0),
    ],
)
def test_endless_repetition_is_found(text: str, count: int) -> None:
    assert len(find_repetitions(text)) == count


@pytest.mark.parametrize(
    ("report", "is_clean"),
    [
        (check_completion("30名です。", [SOURCE]), True),
        (check_completion("31名です。", [SOURCE]), False),
        (check_completion("30名です。", [SOURCE], missing_placeholders=["<氏名1>"]), False),
        (check_completion("30名です。", [SOURCE], unknown_placeholders=["<氏名9>"]), False),
        (check_completion("30名です。", [SOURCE], has_ended=False), False),
        (check_completion("30名です、はい。" * 6, [SOURCE]), False),
    ],
)
def test_a_report_is_clean_only_when_nothing_at_all_was_found(report: CheckReport, is_clean: bool) -> None:
    assert report.is_clean is is_clean


@pytest.mark.parametrize(
    "text",
    [
        "1" * 20_000,
        "一" * 20_000,
        "山田様" * 5_000,
        "の法" * 10_000,
        "1-" * 10_000,
        "(1)" * 7_000,
        "ア・" * 10_000,
        "あ" * 20_000,
        "の条" * 10_000,
        "山 田 " * 5000,
        "〇" * 20_000,
        "1,111" * 4000,
        "個人の" * 7000 + "法律",
    ],
)
def test_hostile_text_is_checked_in_bounded_time(text: str) -> None:
    # Processor time, many times what it takes: the guard is against time that grows with the square.
    started = time.process_time()
    check_completion(text, [SOURCE])
    assert time.process_time() - started < 5
