"""The engine worker: a language model in a process of its own. It sees masked text only.

Ops: `load`, `generate` (emits `progress` and `chunk`), `count_tokens`, `unload`.
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
            "count_tokens": self.count_tokens,
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

    def count_tokens(self, params: Json, context: CallContext) -> Json:
        """Count the tokens of the prompt that `messages` make."""
        return {"tokens": self._engine.count_tokens(messages_from_json(params["messages"]))}

    def unload(self, params: Json, context: CallContext) -> Json:
        """Free the model."""
        self._engine.unload()
        return {}
