"""The person's own settings of the window, kept as TOML."""

from __future__ import annotations

import contextlib
import json
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path


@dataclass(frozen=True)
class Preferences:
    """What the person chose.

    Attributes:
        text_size: A `TextSize` value.
        color_scheme: A `ColorScheme` value.
        guideline_read: Digest of the guideline text that was last agreed to.
    """

    text_size: str = "standard"
    color_scheme: str = "system"
    guideline_read: str = ""


def load_preferences(path: Path) -> Preferences:
    """The stored settings; the defaults for whatever is missing or unreadable."""
    try:
        stored = tomllib.loads(path.read_text("utf-8-sig")).get("window", {})
    except (OSError, ValueError):
        return Preferences()
    names = {f.name for f in fields(Preferences)}
    table = stored if isinstance(stored, dict) else {}
    known = {k: v for k, v in table.items() if k in names and isinstance(v, str)}
    return replace(Preferences(), **known)


def save_preferences(path: Path, preferences: Preferences) -> None:
    """Store the settings; the file is whole at every moment. A failure loses a setting, nothing else."""
    # A JSON string is a TOML basic string.
    lines = [f"{f.name} = {json.dumps(getattr(preferences, f.name))}" for f in fields(Preferences)]
    partial = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        partial.write_text("[window]\n" + "\n".join(lines) + "\n", "utf-8")
        partial.replace(path)
