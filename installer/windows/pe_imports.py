"""Does every program file of a Windows payload find every DLL that it imports on a bare Windows 10?

    python installer/windows/pe_imports.py FOLDER

Wine cannot answer this: it brings DLLs that Windows does not have (msvcp140.dll). So each PE file's
import table, delayed imports included, is resolved the way the loader and Python's `add_dll_directory`
would, and whatever is left must be on the list of DLLs that every Windows 10 has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pefile

SYSTEM_LIST = Path(__file__).with_name("windows10_dlls.txt")
FROM_DRIVERS = {"ggml-vulkan.dll": {"vulkan-1.dll"}}
"""What graphics drivers bring to Windows. llama.cpp loads the file that asks for it, and goes on without it."""
PROGRAM_SUFFIXES = frozenset({".exe", ".com", ".dll", ".pyd"})


@dataclass(frozen=True)
class MissingDll:
    """A DLL that a file imports and nobody provides."""

    file: str
    dll: str


def system_dlls() -> frozenset[str]:
    """Names, in lower case, of the DLLs that Windows 10 brings."""
    lines = SYSTEM_LIST.read_text("ascii").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def program_files(folder: Path) -> Iterator[Path]:
    """Every PE file below `folder`, by name and by content."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in PROGRAM_SUFFIXES:
            yield path


def imported(path: Path) -> list[str]:
    """Names of the DLLs that a PE file imports.

    Raises:
        pefile.PEFormatError: It is none.
    """
    with pefile.PE(str(path), fast_load=True) as image:
        kinds = ("IMAGE_DIRECTORY_ENTRY_IMPORT", "IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT")
        image.parse_data_directories([pefile.DIRECTORY_ENTRY[kind] for kind in kinds])
        entries = [
            *getattr(image, "DIRECTORY_ENTRY_IMPORT", ()),
            *getattr(image, "DIRECTORY_ENTRY_DELAY_IMPORT", ()),
        ]
        return [entry.dll.decode("ascii", "replace") for entry in entries]


def missing_dlls(folder: Path) -> list[MissingDll]:
    """Every import that is neither in the payload's reach nor part of Windows 10."""
    known = system_dlls()
    everywhere = _names(folder)
    shared = {name for place in _shared_folders(folder) for name in _names(place)}
    missing = []
    for path in program_files(folder):
        reachable = everywhere | shared | _names(path.parent) | FROM_DRIVERS.get(path.name.lower(), set())
        for dll in imported(path):
            name = dll.lower()
            is_system = name in known or name.startswith(("api-ms-win-", "ext-ms-win-"))
            if name not in reachable and not is_system:
                missing.append(MissingDll(path.relative_to(folder).as_posix(), dll))
    return missing


def wrong_machine(folder: Path) -> list[str]:
    """Program files that are not for 64-bit Intel and AMD processors."""
    wrong = []
    for path in program_files(folder):
        with pefile.PE(str(path), fast_load=True) as image:
            if image.FILE_HEADER.Machine != pefile.MACHINE_TYPE["IMAGE_FILE_MACHINE_AMD64"]:
                wrong.append(path.relative_to(folder).as_posix())
    return wrong


def _shared_folders(folder: Path) -> Iterator[Path]:
    """Folders that packages add to the loader's search when they are imported."""
    packages = folder / "Lib" / "site-packages"
    yield from packages.glob("*.libs")  # delvewheel: numpy.libs and the like
    for name in ("PySide6", "shiboken6", "llama_cpp/lib"):
        yield packages / name


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {path.name.lower() for path in folder.iterdir() if path.suffix.lower() in PROGRAM_SUFFIXES}


def main() -> int:
    """Entry of the script: exit code 1 when something is missing."""
    folder = Path(sys.argv[1])
    count = sum(1 for _ in program_files(folder))
    missing, wrong = missing_dlls(folder), wrong_machine(folder)
    for entry in missing:
        print(f"{entry.file}: {entry.dll} がありません")
    for name in wrong:
        print(f"{name}: 64ビット版ではありません")
    print(f"{count}個のプログラムファイルを調べ、足りないDLLは{len(missing)}件です。")
    return 1 if missing or wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
