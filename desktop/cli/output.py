"""What the terminal prints: results to stdout, everything else in Japanese to stderr."""

from __future__ import annotations

import json
import sys
from typing import Any


def say(message: str, *, end: str = "\n") -> None:
    """A message to the person, on stderr."""
    sys.stderr.write(_printable(message) + end)
    sys.stderr.flush()


def give(text: str) -> None:
    """A result, on stdout."""
    sys.stdout.write(_printable(text) + "\n")
    sys.stdout.flush()


def give_json(value: Any) -> None:
    """A result as one JSON document, on stdout."""
    give(json.dumps(value, ensure_ascii=False, indent=2))


def _printable(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8; they are shown as `?` rather than as a crash."""
    return text.encode("utf-8", "replace").decode("utf-8")
