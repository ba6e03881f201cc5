"""Runs before anything else in the packaged program on Linux: is this processor one we can use?"""

import sys
from pathlib import Path

EXIT_CPU = 5
NEEDED = {"pni", "ssse3", "sse4_1", "sse4_2", "popcnt", "cx16"}
"""x86-64-v2, the least that Python's packages were compiled for. What more there is, the engine finds out."""


def _has_v2() -> bool:
    try:
        text = Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return True  # not knowable here; the engine's own process will tell
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "")
    return not flags or set(flags.split()) >= NEEDED


if not _has_v2():
    sys.stderr.write(
        "この端末のCPUは、起案の部品が使う命令（SSE4.2）に対応していないため、起案は動きません。\n"
        "2011年ごろより新しいCPU（Intel Core i シリーズ、AMD FX 以降など）の端末でお使いください。\n"
    )
    sys.exit(EXIT_CPU)
