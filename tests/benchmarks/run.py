"""`make bench`: every benchmark, one after the other, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = ("bench_masking.py", "bench_library.py", "bench_sharing.py", "bench_window.py", "bench_engine.py")


def main() -> int:
    """Run them all; the exit code tells whether every one ran to its end."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    failed = [
        name
        for name in SCRIPTS
        if subprocess.run([sys.executable, str(HERE / name)], env=environment).returncode
    ]
    for name in failed:
        print(f"{name} did not run to its end", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
