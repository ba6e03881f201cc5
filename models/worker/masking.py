"""The masking worker: finds personal information. It only finds; masking itself happens where the vault is.

Ops: `load`, `analyze` (emits `partial` with the quick layers' spans, then results in all spans).
"""

from __future__ import annotations

import time

from models.errors import CancelledError, TextTooLongError
from models.masking.analyzer import AnalyzerSettings, MaskingAnalyzer
from models.masking.dictionary import DictionaryEntry
from models.masking.entities import EntityType
from models.worker.protocol import Json, span_to_json
from models.worker.server import CallContext, Handler

MAX_TEXT_CHARS = 2_000_000


class MaskingOps:
    """The handlers, around one analyzer: other settings share its dictionaries, model and cache."""

    def __init__(self) -> None:
        self._analyzer: MaskingAnalyzer | None = None

    def handlers(self) -> dict[str, Handler]:
        """The ops by name."""
        return {"load": self.load, "analyze": self.analyze}

    def load(self, params: Json, context: CallContext) -> Json:
        """Load dictionaries and the language model; `settings` as in `settings_from_json`."""
        self._with(settings_from_json(params.get("settings", {})))
        return {}

    def analyze(self, params: Json, context: CallContext) -> Json:
        """Find personal information in `text`.

        Raises:
            TextTooLongError: More than `MAX_TEXT_CHARS`.
            CancelledError: Stopped meanwhile.
        """
        text = str(params["text"])
        if len(text) > MAX_TEXT_CHARS:
            raise TextTooLongError(len(text), MAX_TEXT_CHARS)
        started = time.perf_counter()
        analyzer = self._with(settings_from_json(params.get("settings", {})))
        if params.get("fast_first", True):
            quick = analyzer.analyze_fast(text)
            context.emit("partial", {"spans": [span_to_json(span) for span in quick]})
        spans = analyzer.analyze(text, is_cancelled=context.is_cancelled)
        if context.is_cancelled():
            raise CancelledError
        return {
            "spans": [span_to_json(span) for span in spans],
            "seconds": time.perf_counter() - started,
        }

    def _with(self, settings: AnalyzerSettings) -> MaskingAnalyzer:
        """The loaded analyzer under these settings."""
        if self._analyzer is None:
            analyzer = MaskingAnalyzer(settings)
            analyzer.load()
            self._analyzer = analyzer
        elif settings != self._analyzer.settings:
            self._analyzer = self._analyzer.with_settings(settings)
        return self._analyzer


def settings_from_json(row: Json) -> AnalyzerSettings:
    """Analyzer settings from plain data.

    Keys: `always_mask` [[text, kind]…], `never_mask` [text…], `include_quasi` true or false.
    """
    return AnalyzerSettings(
        always_mask=tuple(DictionaryEntry(str(t), EntityType(k)) for t, k in row.get("always_mask", [])),
        never_mask=tuple(str(text) for text in row.get("never_mask", [])),
        include_quasi=bool(row.get("include_quasi", False)),
    )
