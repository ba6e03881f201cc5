from __future__ import annotations

from models.masking.analyzer import MaskingAnalyzer
from models.masking.consistency import PersonName, mention_terms, person_keys


def found(analyzer: MaskingAnalyzer, text: str) -> list[tuple[str, str]]:
    return [
        (text[s.start : s.end], s.person) for s in analyzer.analyze_fast(text) if s.entity_type == "PERSON"
    ]


def test_mentions_by_surname_share_the_person_of_the_full_name(fast_analyzer: MaskingAnalyzer) -> None:
    text = "申請者 山田太郎。山田様は本日来庁。山田の妻は不在。"
    assert found(fast_analyzer, text) == [
        ("山田太郎", "山田太郎"),
        ("山田", "山田太郎"),
        ("山田", "山田太郎"),
    ]


def test_a_surname_two_people_share_is_a_person_of_its_own(fast_analyzer: MaskingAnalyzer) -> None:
    text = "山田太郎様と山田花子様。山田様は不在。"
    assert [person for _, person in found(fast_analyzer, text)] == ["山田太郎", "山田花子", "山田"]


def test_a_name_found_late_is_masked_before_and_far_away(fast_analyzer: MaskingAnalyzer) -> None:
    text = "栗花落が来た。\n\n" + "会議の記録。" * 200 + "\n\n氏名:栗花落 隆"
    assert found(fast_analyzer, text)[0] == ("栗花落", "栗花落隆")


def test_a_value_found_once_by_its_label_is_masked_wherever_it_stands(fast_analyzer: MaskingAnalyzer) -> None:
    text = "口座番号 7654321\n\n照合:7654321 は一致、17654321 は不一致。"
    assert [text[s.start : s.end] for s in fast_analyzer.analyze_fast(text)] == ["7654321", "7654321"]


def test_places_and_firms_with_the_name_stay_visible(fast_analyzer: MaskingAnalyzer) -> None:
    text = "高橋一郎様。高橋工務店は高橋駅前にある。"
    assert [value for value, _ in found(fast_analyzer, text)] == ["高橋一郎"]


def test_terms_leave_out_common_nouns_and_keep_ambiguous_parts_apart() -> None:
    names = [PersonName("佐藤さくら", "佐藤", "さくら"), PersonName("佐藤一郎", "佐藤", "一郎")]
    terms = mention_terms(names, lambda word: word == "さくら")
    assert "さくら" not in terms
    assert terms["佐藤"] == "佐藤"
    assert person_keys([*names, PersonName("佐藤"), PersonName("一郎")])["一郎"] == "佐藤一郎"
