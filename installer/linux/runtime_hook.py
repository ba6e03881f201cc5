"""Runs before anything else in the packaged program on Linux: is this processor one we can use?"""

import sys
from pathlib import Path

EXIT_CPU = 5


def _has_avx2() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return True  # not knowable here; the engine's own process will tell
    return " avx2" in flags and " fma" in flags


if not _has_avx2():
    sys.stderr.write(
        "この端末のCPUは、文章を作る部品が使う命令（AVX2）に対応していないため、起案は動きません。\n"
        "2015年ごろより新しいCPU（Intel Core 第4世代以降、AMD Ryzen など）の端末でお使いください。\n"
    )
    sys.exit(EXIT_CPU)
