"""Memory of the window's process and time to a usable window. Run by `make bench`, or by hand:

    QT_QPA_PLATFORM=offscreen .venv/bin/python tests/benchmarks/bench_window.py

Resident memory of the window's own process (its workers are processes of their own) after the window
is shown, masking and model are ready and a form of a built-in template is open.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil  # noqa: E402

STARTED = time.perf_counter()

from PySide6.QtCore import QTimer  # noqa: E402

from desktop.app import build_parts, build_window, make_application  # noqa: E402
from desktop.drafting.paths import Paths  # noqa: E402
from tests.benchmarks.results import record, row  # noqa: E402


def main() -> None:
    """Open the window, wait until it is idle, measure."""
    app = make_application(["kian"])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        paths = Paths(Path(folder) / "data", Path(folder) / "policy.toml")
        paths.ensure()
        window = build_window(build_parts(paths, stack))
        window.show()
        app.processEvents()
        usable_s = time.perf_counter() - STARTED
        QTimer.singleShot(15_000, app.quit)
        app.exec()
        own = psutil.Process()
        resident = own.memory_info().rss / 1e6
        figures = {
            "window_memory": row(resident, "MB", "<= 200"),
            "window_start": row(usable_s, "s", ""),
        }
        window.close()
    record(figures)


if __name__ == "__main__":
    main()
