from __future__ import annotations

import pytest

from models.masking.analyzer import AnalyzerSettings, DictionaryEntry, MaskingAnalyzer
from models.masking.dictionary import TermIndex, read_dictionary
from models.masking.entities import EntityType


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_dictionary_is_read_in_every_encoding_offices_use(encoding: str) -> None:
    content = (
        "語,種別,指定\n秘密計画,,常に伏せる\n大森,氏名\n関,PERSON,伏せない\n,氏名\n何か,不明な種別\n".encode(
            encoding
        )
    )
    dictionary = read_dictionary(content)
    assert dictionary.always == (
        DictionaryEntry("秘密計画", EntityType.CUSTOM),
        DictionaryEntry("大森", EntityType.PERSON),
    )
    assert dictionary.never == ("関",)
    assert dictionary.rejected_lines == (5, 6)


def test_always_masked_words_are_found_in_any_width(fast_analyzer: MaskingAnalyzer) -> None:
    analyzer = fast_analyzer.with_settings(AnalyzerSettings(always_mask=(DictionaryEntry("ABC計画"),)))
    text = "ＡＢＣ計画とabc計画"
    assert [(text[s.start : s.end], s.entity_type) for s in analyzer.analyze_fast(text)] == [
        ("ＡＢＣ計画", EntityType.CUSTOM),
        ("abc計画", EntityType.CUSTOM),
    ]


def test_never_masked_words_stay_visible(fast_analyzer: MaskingAnalyzer) -> None:
    analyzer = fast_analyzer.with_settings(AnalyzerSettings(never_mask=("徳川家康",)))
    assert analyzer.analyze_fast("徳川家康と山田太郎様")[0].start == 5


def test_kinds_limit_what_is_reported(fast_analyzer: MaskingAnalyzer) -> None:
    analyzer = fast_analyzer.with_settings(AnalyzerSettings(kinds=frozenset({EntityType.PHONE})))
    assert [s.entity_type for s in analyzer.analyze_fast("山田太郎様 090-1234-5678")] == [EntityType.PHONE]


def test_the_longest_term_wins_and_terms_do_not_overlap() -> None:
    assert list(TermIndex(["山田", "山田太郎", "太"]).find("山田太郎と山田と太")) == [
        (0, 4, "山田太郎"),
        (5, 7, "山田"),
        (8, 9, "太"),
    ]
