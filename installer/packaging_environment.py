"""The virtual environment in which packages are built: the locked packages and the builders' tools.

    python installer/packaging_environment.py        prints its interpreter

It is not the developer's `.venv`: nothing but what the lock names can slip into a package.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

INSTALLER = Path(__file__).parent
ROOT = INSTALLER.parent


def packaging_python() -> Path:
    """Its interpreter; the environment is made anew when the lock, the tools or llama.cpp's recipe changed."""
    lock, project = INSTALLER / "lock" / "linux.txt", ROOT / "pyproject.toml"
    recipe = [INSTALLER / "llama" / name for name in ("source.toml", "build_wheel.py")]
    folder = ROOT / "build" / "linux" / "venv"
    python, stamp = folder / "bin" / "python", folder / "installed"
    tools = tomllib.loads(project.read_text("utf-8"))["dependency-groups"]["package"]
    content = b"".join(path.read_bytes() for path in (lock, *recipe)) + "\n".join(tools).encode()
    wanted = hashlib.sha256(content).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "pip>=25.1"], check=True)
    subprocess.run([*pip, "--group", f"{project}:package"], check=True)  # CMake and Ninja among them
    subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(lock)], check=True
    )
    subprocess.run([str(python), str(INSTALLER / "llama" / "build_wheel.py"), "linux"], check=True)
    built = next((ROOT / "build" / "wheels").glob("llama_cpp_python-*-linux_x86_64.whl"))
    subprocess.run([*pip, "--no-deps", str(built)], check=True)
    stamp.write_text(wanted, "ascii")
    return python


if __name__ == "__main__":
    print(packaging_python())
