"""The demonstration model: its weights, and the code that makes them anew."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

DEMO_MODEL_ID = "kian-demo"
"""The card's id in the catalogue."""

_FILE_NAME = "kian-demo-q8_0.gguf"


def demo_model_path() -> Path:
    """Where the shipped weights lie.

    The package is always installed as plain files (llama.cpp maps the file into memory),
    so the resource is a path.
    """
    return Path(str(resources.files(__name__) / _FILE_NAME))
