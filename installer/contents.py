"""What of our own code goes into the packages: one answer for Linux and Windows."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("desktop", "models", "prompts")

HAS_SERVER = os.environ.get("KIAN_SERVER") == "1"
"""Whether this package can use an inference server in the building (`make package SERVER=1`)."""

HAS_GPU = os.environ.get("KIAN_GPU") == "1"
"""Whether this package can use a GPU (`make package GPU=1`)."""

NOT_ON_TERMINALS = (
    "models.fetch",
    *(() if HAS_SERVER else ("models.inference_server", "models.worker.inference")),
)
"""The modules and rooms that may reach a network; a terminal's package does not contain them."""

ONLY_DEMO_WEIGHTS = "models.demo."
"""Of `models.demo` the weights are shipped, not the code that trains them."""

NEVER = ("huggingface_hub", "hf_xet", "torch", "faker", "tokenizers", "gguf", "pip", "PyInstaller")
"""Packages that must not be in a terminal's package, not even by accident."""


def modules() -> list[str]:
    """Dotted names of all modules that are shipped."""
    names = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            is_left_out = any(f"{name}.".startswith(f"{left_out}.") for left_out in NOT_ON_TERMINALS)
            if not is_left_out and not name.startswith(ONLY_DEMO_WEIGHTS):
                names.append(name)
    return names


def data_files() -> list[Path]:
    """Files beside the modules, as pyproject.toml declares them, relative to the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = project["tool"]["setuptools"]["package-data"]
    found = {
        path.relative_to(ROOT)
        for package, patterns in declared.items()
        for pattern in patterns
        for path in (ROOT / package).glob(pattern)
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    return sorted(found)


def output_folder() -> Path:
    """Where packages are put; those that can more lie apart, so that nobody takes one for the other."""
    more = [name for name, is_in in (("gpu", HAS_GPU), ("server", HAS_SERVER)) if is_in]
    return ROOT / "dist" / "-".join(more) if more else ROOT / "dist"


def version() -> str:
    """The program's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def write_metadata(folder: Path) -> Path:
    """Write our own distribution metadata, so that the packaged program knows its version."""
    info = folder / f"kian-{version()}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    text = f"Metadata-Version: 2.1\nName: kian\nVersion: {version()}\nLicense: Apache-2.0\n"
    (info / "METADATA").write_text(text, "utf-8", newline="\n")
    return info
