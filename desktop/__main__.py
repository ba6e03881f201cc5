"""`python -m desktop`, the command `kian`: a worker, a command in the terminal, or the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.worker.launch import WORKER_FLAG

IMPORT_SUFFIXES: Final = (".prompt.md", ".kianpack")
"""The file types that belong to this program: a double click on one opens the window with its preview."""


def main(argv: Sequence[str] | None = None) -> int:
    """Start what the arguments ask for. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [WORKER_FLAG] and len(arguments) == 2:
        from models.worker.__main__ import main as worker_main

        return worker_main(arguments[1])
    to_import = _file_to_import(arguments)
    if arguments and to_import is None:
        from desktop.cli.main import main as cli_main

        return cli_main(arguments)
    from desktop.app import run_app

    return run_app(to_import=to_import)


def _file_to_import(arguments: list[str]) -> Path | None:
    """The file of templates that was double-clicked: the one argument, where it is such a file."""
    if len(arguments) != 1 or not arguments[0].lower().endswith(IMPORT_SUFFIXES):
        return None
    path = Path(arguments[0])
    return path.absolute() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
