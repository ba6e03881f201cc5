"""What IT told the installer: folders for models and templates outside the machine's own place.

The MSI writes its properties MODELDIR and SHELF to the machine's part of the registry, which staff cannot
change. On Linux there is no such thing: /var/lib/kian is the place, and a link or mount there does the rest.
"""

from __future__ import annotations

import sys
from pathlib import Path

REGISTRY_KEY = "Software\\Kian"
"""Below HKEY_LOCAL_MACHINE; written by the MSI."""


def given_models_folders() -> tuple[Path, ...]:
    """The folder given as MODELDIR when the program was installed, if any."""
    return _given("ModelDir")


def given_shelf_folders() -> tuple[Path, ...]:
    """The folder given as SHELF when the program was installed, if any."""
    return _given("ShelfDir")


def _given(name: str) -> tuple[Path, ...]:
    value = _registry_value(name)
    return (Path(value),) if value else ()


def _registry_value(name: str) -> str:
    if sys.platform == "win32":
        import winreg

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, REGISTRY_KEY, 0, access) as key:
                value, kind = winreg.QueryValueEx(key, name)
        except OSError:  # not installed by the MSI: a trial from a folder
            return ""
        return str(value) if kind == winreg.REG_SZ else ""
    return ""
