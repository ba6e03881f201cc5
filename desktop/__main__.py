"""`python -m desktop`, the command `kian`: a worker, a command in the terminal, or the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from models.worker.launch import WORKER_FLAG


def main(argv: Sequence[str] | None = None) -> int:
    """Start what the arguments ask for. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [WORKER_FLAG] and len(arguments) == 2:
        from models.worker.__main__ import main as worker_main

        return worker_main(arguments[1])
    if arguments:
        from desktop.cli.main import main as cli_main

        return cli_main(arguments)
    from desktop.app import run_app

    return run_app()


if __name__ == "__main__":
    sys.exit(main())
