"""The keys of model cards in words, for the window and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PURPOSES: Final[Mapping[str, str]] = {
    "trial": "お試し",
    "mail": "メール",
    "summary": "要約",
    "drafting": "文案作成",
    "proofreading": "校正",
    "translation": "翻訳",
    "spreadsheet": "表計算",
    "demo": "動作確認",
}
COUNTRIES: Final[Mapping[str, str]] = {"JP": "日本", "US": "米国", "CN": "中国", "FR": "フランス"}
LANGUAGES: Final[Mapping[str, str]] = {"ja": "日本語", "en": "英語", "zh": "中国語", "fr": "フランス語"}
