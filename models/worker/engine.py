"""The engine worker: a language model in a process of its own. It sees masked text only.

Ops: `load`, `prepare_prefix` (emits `progress`), `generate` (emits `progress` and `chunk`), `count_tokens`,
`runtime`, `unload`.
"""

from __future__ import annotations

from pathlib import Path

from models.engine.protocol import Engine, LoadOptions
from models.errors import ProtocolError
from models.worker.protocol import Json, completion_to_json, messages_from_json, params_from_json
from models.worker.server import CallContext, Handler


class EngineOps:
    """The handlers, around one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handlers(self) -> dict[str, Handler]:
        """The ops by name."""
        return {
            "load": self.load,
            "generate": self.generate,
            "prepare_prefix": self.prepare_prefix,
            "count_tokens": self.count_tokens,
            "runtime": self.runtime,
            "unload": self.unload,
        }

    def load(self, params: Json, context: CallContext) -> Json:
        """Load the model at `path` with `options`; results in its `ModelInfo`."""
        try:
            options = LoadOptions(**params.get("options", {}))
        except TypeError as error:
            raise ProtocolError("options") from error
        return vars(self._engine.load(Path(str(params["path"])), options))

    def generate(self, params: Json, context: CallContext) -> Json:
        """Write a completion to `messages`."""
        completion = self._engine.generate(
            messages_from_json(params["messages"]),
            params_from_json(params.get("params", {})),
            on_progress=lambda read, total: context.emit("progress", {"read": read, "total": total}),
            on_chunk=lambda text: context.emit("chunk", {"text": text}),
            is_cancelled=context.is_cancelled,
        )
        return completion_to_json(completion)

    def prepare_prefix(self, params: Json, context: CallContext) -> Json:
        """Read fixed text ahead of its use; results in the tokens that are then known."""
        tokens = self._engine.prepare_prefix(
            messages_from_json(params["messages"]),
            on_progress=lambda read, total: context.emit("progress", {"read": read, "total": total}),
            is_cancelled=context.is_cancelled,
        )
        return {"tokens": tokens}

    def runtime(self, params: Json, context: CallContext) -> Json:
        """What the engine can do on this PC; results in its `RuntimeInfo`."""
        return {**vars(self._engine.runtime()), "cpu_features": list(self._engine.runtime().cpu_features)}

    def count_tokens(self, params: Json, context: CallContext) -> Json:
        """Count the tokens of `prompts`, messages each; results in a list."""
        prompts = [messages_from_json(rows) for rows in params["prompts"]]
        return {"tokens": [self._engine.count_tokens(messages) for messages in prompts]}

    def unload(self, params: Json, context: CallContext) -> Json:
        """Free the model."""
        self._engine.unload()
        return {}
