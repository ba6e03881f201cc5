"""One loaded analyzer for all tests of the folder: loading costs seconds."""

from __future__ import annotations

import pytest

from models.masking.analyzer import MaskingAnalyzer


@pytest.fixture(scope="session")
def fast_analyzer() -> MaskingAnalyzer:
    analyzer = MaskingAnalyzer()
    analyzer.load_fast()
    return analyzer
