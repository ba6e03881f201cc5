"""Bad input: bounded time, never an exception, spans inside the text."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import AnalyzerUnavailableError, CancelledError
from models.masking.analyzer import AnalyzerSettings, MaskingAnalyzer
from models.masking.entities import EntityType
from models.masking.gazetteer import load_gazetteer

HOSTILE = {
    "brackets": "（" * 5000 + "佐藤" + "）" * 5000,
    "placeholders": "［氏名1］［住所2］" * 2000,
    "digits": "1" * 30_000,
    "dashes": "1-" * 15_000,
    "kanji_numbers": "一" * 20_000,
    "letters": "Ab " * 10_000,
    "at_signs": "a@" * 10_000,
    "colons": ":" * 20_000,
    "titles": "様" * 20_000,
    "relations": "妻の" * 10_000,
    "labels": "氏名:" * 8_000,
    "katakana": "ア・" * 10_000,
    "surrogates": "\ud800佐藤\udfff様" * 2_000,
    "controls": "".join(map(chr, range(32))) * 500,
    "emoji": "👨‍👩‍👧‍👦佐藤さん🏠" * 1_000,
    "quotes": "氏名,住所,電話\n" + '"' * 10_000,
    "inserts": "INSERT INTO t (name) VALUES " + "('佐藤')," * 3_000,
    "binary": bytes(random.Random(2).randrange(256) for _ in range(20_000)).decode("latin-1"),
    "unicode": "".join(chr(random.Random(i).randrange(0x3000, 0xD7FF)) for i in range(10_000)),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_is_read_in_bounded_time(fast_analyzer: MaskingAnalyzer, name: str) -> None:
    text = HOSTILE[name]
    began = time.process_time()
    spans = fast_analyzer.analyze_fast(text)
    assert time.process_time() - began < 4
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_names_between_surrogates_emoji_and_controls_are_found(fast_analyzer: MaskingAnalyzer) -> None:
    text = "\ud800氏名:佐藤\u200b太郎\x00👍"
    assert [text[s.start : s.end] for s in fast_analyzer.analyze_fast(text)] == ["佐藤\u200b太郎"]


def test_time_grows_linearly_up_to_a_long_document(fast_analyzer: MaskingAnalyzer) -> None:
    r = random.Random(5)
    lines = [
        f"氏名 {r.choice('佐高鈴山')}{r.choice('藤橋木田')}{r.choice('太花健')}{r.choice('郎子一')} 電話 090-{r.randrange(10**4):04}-{r.randrange(10**4):04} 備考{i}"  # noqa: E501
        for i in range(3_200)
    ]

    def seconds(count: int) -> float:
        fast_analyzer.forget()
        began = time.process_time()
        fast_analyzer.analyze_fast("\n".join(lines[:count]))
        return time.process_time() - began

    seconds(100)
    assert seconds(3_200) < 8 * max(seconds(800), 0.05)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_gives_sorted_spans_without_overlap(text: str) -> None:
    spans = _shared().analyze_fast(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))


_ANALYZER = MaskingAnalyzer()


def _shared() -> MaskingAnalyzer:
    _ANALYZER.load_fast()
    return _ANALYZER


def test_a_typed_change_costs_a_fraction_of_the_first_reading(fast_analyzer: MaskingAnalyzer) -> None:
    text = "\n\n".join(
        f"第{i}号\n申請者 佐藤{i}郎様、電話 03-1234-{i:04}。" + "審査の経過を記録する。" * 30
        for i in range(60)
    )
    fast_analyzer.forget()
    began = time.process_time()
    fast_analyzer.analyze_fast(text)
    first = time.process_time() - began
    began = time.process_time()
    fast_analyzer.analyze_fast(text[:9_000] + "あ" + text[9_000:])
    assert time.process_time() - began < max(first / 3, 0.05)


def test_a_missing_gazetteer_is_an_error_and_not_an_empty_answer(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalyzerUnavailableError) as caught:
        load_gazetteer(tmp_path / "none.db")
    assert caught.value.part == "gazetteer"


def test_quasi_identifiers_are_reported_only_when_asked_for(fast_analyzer: MaskingAnalyzer) -> None:
    text = "性別:女 75歳 若葉保育園 緯度35.681236 経度139.767125 長男と同居"
    asked = fast_analyzer.with_settings(AnalyzerSettings(include_quasi=True)).analyze_fast(text)
    kinds = {span.entity_type for span in asked}
    assert {EntityType.GENDER, EntityType.AGE, EntityType.COORDINATES, EntityType.FAMILY_RELATION} <= kinds
    assert not {span.entity_type for span in fast_analyzer.analyze_fast(text)} & kinds


def test_every_layer_finds_what_only_the_slow_one_knows_and_can_be_cancelled() -> None:
    analyzer = MaskingAnalyzer()
    analyzer.load()
    text = "その後、ブーマーとイーバー・ウォードが引退した。"
    fast = len(analyzer.analyze_fast(text))
    assert len(analyzer.analyze(text)) >= fast
    with pytest.raises(CancelledError):
        analyzer.analyze("ランズベリーは山本五十六と会った。", is_cancelled=lambda: True)
