"""Entry of a worker process: `python -m models.worker masking|engine|server`.

Nothing but the worker's name comes through argv: on Windows argv uses the ANSI code page, and it is
visible to every other process.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from models.errors import InferenceServerError, ServerFault
from models.worker.offline import forbid_internet
from models.worker.protocol import Json
from models.worker.server import CallContext, Handler, WorkerServer, claim_stdin, claim_stdout

_OPS_WITHOUT_SERVER = ("load", "generate", "prepare_prefix", "count_tokens", "runtime", "unload")


def handlers_of(worker: str) -> tuple[dict[str, Handler], Callable[[], None] | None]:
    """The handlers of a worker, and what is done when it is told to stop (see `WorkerServer`).

    Its heavy imports happen here and nowhere else.

    Raises:
        ValueError: No such worker.
    """
    if worker == "masking":
        from models.worker.masking import MaskingOps

        return MaskingOps().handlers(), None
    if worker == "engine":
        from models.engine.llama import LlamaEngine
        from models.worker.engine import EngineOps

        engine = LlamaEngine()
        return EngineOps(engine).handlers(), engine.withdraw_note
    if worker == "server":
        try:
            from models.worker.inference import ServerOps
        except ModuleNotFoundError:  # the package was built without it
            return dict.fromkeys(_OPS_WITHOUT_SERVER, _not_installed), None
        return ServerOps().handlers(), None
    raise ValueError(worker)


def _not_installed(params: Json, context: CallContext) -> Json:
    raise InferenceServerError(ServerFault.NOT_INSTALLED.value, "")


def main(worker: str) -> int:
    """Serve until stdin closes. Returns the exit code."""
    source, sink = claim_stdin(), claim_stdout()
    forbid_internet()
    handlers, on_stop = handlers_of(worker)
    gc.freeze()
    WorkerServer(worker, handlers, source=source, sink=sink, on_stop=on_stop).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
