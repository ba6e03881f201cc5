"""The promised figures, on a part of the invented documents (make bench-masking measures all)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from models.masking.analyzer import MaskingAnalyzer

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def test_leak_over_masking_and_f1_keep_what_the_documentation_promises(
    fast_analyzer: MaskingAnalyzer,
) -> None:
    score = module("masking_score").Score()
    for document in module("invented_documents").generate(150, seed=7):
        spans = fast_analyzer.analyze_fast(document["text"])
        score.add(document, [(span.start, span.end, span.entity_type.value) for span in spans])
    assert score.leak <= 0.02
    assert score.over_mask <= 0.03
    assert score.clean_documents >= 0.8
    assert score.f1() >= 0.88
    assert all(score.touched[kind] / total <= 0.05 for kind, total in score.negatives.items() if total >= 10)
