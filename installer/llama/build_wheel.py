"""Builds a portable llama-cpp-python wheel for Linux or Windows, both on Linux.

    python installer/llama/build_wheel.py linux|windows --output build/wheels

The registry has the source only, and what `pip install` compiles on the spot uses every instruction of
the machine it runs on. The packages need one that runs on every terminal and is fast on each: the code for
the processor is built several times (the variants of source.toml), and the engine loads the best one
(models/engine/variants.py). Only the library `llama` is built (no multimodal part, no tools), with fixed
options and no build paths or times in it; a build with the same source and options is taken from
build/llama instead of repeated.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAMES = {"linux": "lib{}.so", "windows": "{}.dll"}
LIBRARIES = ("llama", "ggml", "ggml-base")
TAGS = {"linux": "py3-none-linux_x86_64", "windows": "py3-none-win_amd64"}
ZIP_TIME = (2020, 1, 1, 0, 0, 0)


def build(target: str, output: Path) -> Path:
    """Build (or reuse) the wheel for `target`; returns its path.

    Raises:
        SystemExit: The source is not the pinned one.
        subprocess.CalledProcessError: A tool failed.
    """
    options = tomllib.loads((HERE / "source.toml").read_text("utf-8"))
    variants = options["processors"]["variants"]
    told = defines(target, {**options["cmake"], "variants": " ".join(variants)})
    key = key_of(target, options["sdist"], told)
    work = ROOT / "build" / "llama" / f"{target}-{key}"
    name = f"llama_cpp_python-{options['sdist']['version']}-{TAGS[target]}.whl"
    made = work / name
    if not made.exists():
        source = source_folder(options["sdist"], work.parent)
        _keep_variants(source, variants)
        names = [*LIBRARIES, *(f"ggml-cpu-{variant}" for variant in variants)]
        bin_folder = compile_target("llama", source, work / "cmake", defines(target, options["cmake"]))
        libraries = [find(bin_folder, NAMES[target].format(name)) for name in names]
        _write_wheel(made, source, libraries, TAGS[target])
    output.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(made, output / name))


def defines(target: str, options: dict[str, str]) -> dict[str, str]:
    """What CMake is told, the same for the same target on every machine."""
    if target == "windows":
        return {**options, "CMAKE_TOOLCHAIN_FILE": str(HERE / "mingw.cmake")}
    # No version in the names: a wheel has no links, and two copies of a library must not be loaded.
    own = {"CMAKE_PLATFORM_NO_VERSIONED_SONAME": "ON", "CMAKE_SHARED_LINKER_FLAGS": "-s"}
    own["CMAKE_MODULE_LINKER_FLAGS"] = "-s"
    return {**options, **own, "CMAKE_INSTALL_RPATH": "$ORIGIN", "CMAKE_BUILD_WITH_INSTALL_RPATH": "ON"}


def key_of(target: str, sdist: dict[str, str], told: dict[str, str]) -> str:
    """Changes when the source or what CMake is told changes."""
    digest = hashlib.sha256(sdist["sha256"].encode())
    for name, value in sorted(told.items()):
        digest.update(f"{name}={value.replace(str(HERE), '')}\n".encode())
    if target == "windows":
        for name in ("mingw.cmake", "mingw_compat.h"):
            digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:12]


def source_folder(sdist: dict[str, str], folder: Path) -> Path:
    """The unpacked source of the pinned version."""
    archive = folder / f"llama_cpp_python-{sdist['version']}.tar.gz"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = f"llama-cpp-python=={sdist['version']}"
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "llama-cpp-python"]
        subprocess.run([*pip, "-d", str(folder), wanted], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != sdist["sha256"]:
        archive.unlink()
        sys.exit(f"{archive.name}: SHA-256 が source.toml と違います。取り直してください。")
    unpacked = folder / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return unpacked


def _keep_variants(source: Path, wanted: list[str]) -> None:
    """Leave only the wanted lines in llama.cpp's list of processors; it has no option for that.

    Raises:
        SystemExit: The list does not name one of them.
    """
    path = source / "vendor" / "llama.cpp" / "ggml" / "src" / "CMakeLists.txt"
    text = path.read_text("utf-8")
    line = re.compile(r"ggml_add_cpu_backend_variant\((\w+)[^)]*\)")
    if missing := set(wanted) - set(line.findall(text)):
        sys.exit(f"{path.name}: {', '.join(sorted(missing))} がありません。source.toml を直してください。")
    path.write_text(line.sub(lambda found: found[0] if found[1] in wanted else "", text), "utf-8")


def compile_target(name: str, source: Path, work: Path, told: dict[str, str], *, cxx_flags: str = "") -> Path:
    """Configure, and compile CMake's target `name`; returns the folder of the libraries."""
    vendor = source / "vendor" / "llama.cpp"
    # __FILE__ stands in llama.cpp's assertions: the machine's folders must not.
    flags = f"-ffile-prefix-map={vendor}=llama.cpp -ffile-prefix-map={work}=build"
    # Through the environment: -DCMAKE_C_FLAGS would put the toolchain's own flags aside.
    environment = {**os.environ, "CFLAGS": flags, "CXXFLAGS": f"{flags} {cxx_flags}"}
    # CMake and Ninja of the packaging environment, so that the system needs none.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    # llama.cpp writes the commit of the repository around it into the library: that would be ours.
    environment["GIT_CEILING_DIRECTORIES"] = str(source.parent)
    command = ["cmake", "-S", str(vendor), "-B", str(work), "-G", "Ninja"]
    command += [f"-D{key}={value}" for key, value in told.items()]
    subprocess.run(command, check=True, env=environment)
    jobs = os.environ.get("KIAN_BUILD_JOBS", str(os.cpu_count() or 2))
    subprocess.run(["cmake", "--build", str(work), "--target", name, "-j", jobs], check=True, env=environment)
    return work / "bin"


def find(folder: Path, name: str) -> Path:
    """A library that was compiled, whatever prefix its name has.

    Raises:
        FileNotFoundError: There is none.
    """
    for candidate in (folder / name, folder / f"lib{name}"):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(folder / name)


def _write_wheel(path: Path, source: Path, libraries: list[Path], tag: str) -> None:
    """Python files of the source, the libraries, and the metadata of a wheel."""
    version = path.name.split("-")[1]
    info = f"llama_cpp_python-{version}.dist-info"
    files = {
        p.relative_to(source).as_posix(): p.read_bytes()
        for p in sorted((source / "llama_cpp").rglob("*"))
        if p.suffix in {".py", ".typed"} and "server" not in p.parts
    }
    for library in libraries:
        files[f"llama_cpp/lib/{library.name}"] = library.read_bytes()
    files[f"{info}/METADATA"] = (source / "PKG-INFO").read_bytes()
    files[f"{info}/licenses/LICENSE.md"] = (source / "LICENSE.md").read_bytes()
    files[f"{info}/licenses/LICENSE.llama.cpp"] = (source / "vendor/llama.cpp/LICENSE").read_bytes()
    wheel = f"Wheel-Version: 1.0\nGenerator: kian-installer\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files[f"{info}/WHEEL"] = wheel.encode()
    record = io.StringIO()
    writer = csv.writer(record, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow([name, f"sha256={digest}", len(content)])
    writer.writerow([f"{info}/RECORD", "", ""])
    files[f"{info}/RECORD"] = record.getvalue().encode()
    partial = path.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    partial.replace(path)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("target", choices=sorted(NAMES))
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "wheels")
    arguments = parser.parse_args()
    print(build(arguments.target, arguments.output.resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
