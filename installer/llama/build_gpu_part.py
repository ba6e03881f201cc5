"""Builds llama.cpp's part for GPUs (Vulkan) for Linux or Windows, both on Linux.

    python installer/llama/build_gpu_part.py linux|windows

Only packages made with GPU=1 contain it: one library beside those of the wheel, in a folder of its own (see
models/engine/variants.py). It comes from the wheel's source with the wheel's options; headers, shader compiler
and Vulkan's loader to link with are Debian's. The graphics driver itself is the terminal's.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import build_wheel  # noqa: E402

FOLDER = Path("llama_cpp") / "lib" / "gpu"
"""Where it lies in a package, below the folder of Python's packages."""

INCLUDE = Path("/usr/include")
HEADERS = ("vulkan", "vk_video", "spirv")
SPIRV_CMAKE = Path("/usr/share/cmake/SPIRV-Headers")


def build(target: str) -> Path:
    """Build (or reuse) the library for `target`; returns its path.

    Raises:
        SystemExit: A tool is missing, or the source is not the pinned one.
        subprocess.CalledProcessError: A tool failed.
    """
    glslc = _glslc()
    options = tomllib.loads((HERE / "source.toml").read_text("utf-8"))
    defines = build_wheel.defines(target, {**options["cmake"], **options["gpu"]})
    if target == "linux":
        defines["CMAKE_INSTALL_RPATH"] = "$ORIGIN/.."
    work = build_wheel.ROOT / "build" / "llama" / f"{target}-gpu-{_key(target, options, defines, glslc)}"
    made = work / build_wheel.NAMES[target].format("ggml-vulkan")
    if not made.exists():
        work.mkdir(parents=True, exist_ok=True)
        source = build_wheel.source_folder(options["sdist"], work.parent)
        flags = f"-include {HERE / 'vulkan_compat.h'}"
        if target == "windows":
            flags += f" -I{work / 'include'}"
            defines |= {"Vulkan_GLSLC_EXECUTABLE": glslc, **_windows_inputs(work)}
        folder = build_wheel.compile_target("ggml-vulkan", source, work / "cmake", defines, cxx_flags=flags)
        shutil.copy2(build_wheel.find(folder, made.name), made)
        shutil.rmtree(work / "cmake")
    return made


def _glslc() -> str:
    """The shader compiler.

    Raises:
        SystemExit: It, or one of the headers, is missing.
    """
    found = shutil.which("glslc")
    if found is None or not SPIRV_CMAKE.is_dir() or not all((INCLUDE / name).is_dir() for name in HEADERS):
        sys.exit(
            "GPU の部品は作られませんでした。次のコマンドを実行してから、もう一度お試しください：\n"
            "  sudo apt-get install -y glslc libvulkan-dev spirv-headers"
        )
    return found


def _key(target: str, options: dict[str, dict[str, str]], defines: dict[str, str], glslc: str) -> str:
    """Changes when the source, Debian's part or what CMake is told changes."""
    digest = hashlib.sha256(build_wheel.key_of(target, options["sdist"], defines).encode())
    digest.update(subprocess.run([glslc, "--version"], check=True, capture_output=True).stdout)
    for path in (HERE / "vulkan_compat.h", HERE / "vulkan-1.def", INCLUDE / "vulkan" / "vulkan_core.h"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _windows_inputs(work: Path) -> dict[str, str]:
    """Headers apart from Linux' own, and the loader's import library, as CMake's options."""
    for name in HEADERS:
        shutil.copytree(INCLUDE / name, work / "include" / name, dirs_exist_ok=True)
    library = work / "libvulkan-1.a"
    command = ["x86_64-w64-mingw32-dlltool", "-d", str(HERE / "vulkan-1.def"), "-l", str(library)]
    subprocess.run(command, check=True)
    return {
        "Vulkan_INCLUDE_DIR": str(work / "include"),
        "Vulkan_LIBRARY": str(library),
        "SPIRV-Headers_DIR": str(SPIRV_CMAKE),
    }


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("target", choices=sorted(build_wheel.NAMES))
    print(build(parser.parse_args().target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
