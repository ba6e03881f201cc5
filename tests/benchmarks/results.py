"""Where benchmarks put their figures: `build/bench.json`, one entry a figure, the last run counts."""

from __future__ import annotations

import json
from pathlib import Path

PATH = Path(__file__).parents[2] / "build" / "bench.json"


def row(value: float, unit: str, target: str, against: str = "") -> dict[str, object]:
    """One figure: what was measured, in what, what it should be, and against what it is a ratio."""
    return {"value": round(value, 4), "unit": unit, "target": target, "against": against}


def record(figures: dict[str, dict[str, object]]) -> None:
    """Write the figures beside those of other benchmarks, and print them."""
    PATH.parent.mkdir(exist_ok=True)
    known = json.loads(PATH.read_text("utf-8")) if PATH.exists() else {}
    PATH.write_text(json.dumps({**known, **figures}, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for name, figure in figures.items():
        print(f"{name:40} {figure['value']!s:>10} {figure['unit']!s:6} target {figure['target']}")
