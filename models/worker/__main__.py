"""Entry of a worker process: `python -m models.worker masking|engine`.

Nothing but the worker's name comes through argv: on Windows argv uses the ANSI code page, and it is
visible to every other process.
"""

from __future__ import annotations

import gc
import sys

from models.worker.offline import forbid_internet
from models.worker.server import Handler, WorkerServer, claim_stdin, claim_stdout


def handlers_of(worker: str) -> dict[str, Handler]:
    """The handlers of a worker; its heavy imports happen here and nowhere else.

    Raises:
        ValueError: No such worker.
    """
    if worker == "masking":
        from models.worker.masking import MaskingOps

        return MaskingOps().handlers()
    if worker == "engine":
        from models.engine.llama import LlamaEngine
        from models.worker.engine import EngineOps

        return EngineOps(LlamaEngine()).handlers()
    raise ValueError(worker)


def main(worker: str) -> int:
    """Serve until stdin closes. Returns the exit code."""
    source, sink = claim_stdin(), claim_stdout()
    forbid_internet()
    handlers = handlers_of(worker)
    gc.freeze()
    WorkerServer(worker, handlers, source=source, sink=sink).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
