"""Writes the lists of packages that go into the installers: exact versions, one SHA-256 each.

    python installer/lock/update.py        (needs the registry; `pip install --group package` first)

uv resolves pyproject.toml for each system (it knows that system's environment markers, pip does not);
pip then names the one wheel of each package that it would install there. llama-cpp-python is not in the
lists: its wheel is built by installer/llama.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = "3.11"
OWN_WHEEL = "llama-cpp-python"
WINDOWS = "--platform win_amd64 --implementation cp --abi cp311 --abi abi3 --abi none --python-version"
SYSTEMS = {
    "linux": ("x86_64-manylinux_2_34", ()),
    "windows": ("x86_64-pc-windows-msvc", (*WINDOWS.split(), PYTHON)),
}


def resolve(system: str) -> list[str]:
    """`name==version` of every package for `system`."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--no-header", "--no-annotate"]
    command += ["--python-platform", SYSTEMS[system][0], "--python-version", PYTHON]
    overrides = HERE / f"overrides-{system}.txt"
    if overrides.exists():
        command += ["--override", str(overrides)]
    done = subprocess.run(
        [*command, "--extra", "server", "pyproject.toml"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    lines = done.stdout.decode().split()
    return [line for line in lines if not line.startswith(f"{OWN_WHEEL}==")]


def with_hashes(system: str, pins: list[str]) -> list[str]:
    """The same, each with the SHA-256 of the wheel for `system`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        command += ["--no-deps", "--only-binary=:all:", "--report", "-", "--target", folder]
        done = subprocess.run([*command, *SYSTEMS[system][1], *pins], check=True, stdout=subprocess.PIPE)
    lines = []
    for item in json.loads(done.stdout)["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        version = item["metadata"]["version"]
        digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(f"{name}=={version} --hash=sha256:{digest}")
    return sorted(lines)


def main() -> int:
    """Entry of the script."""
    for system in SYSTEMS:
        lines = with_hashes(system, resolve(system))
        (HERE / f"{system}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        print(system, len(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
