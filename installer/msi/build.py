"""Builds the MSI (per machine, silent) and the zip for trials from the Windows payload.

    python installer/msi/build.py [--version X.Y.Z]     -> dist/kian-X.Y.Z-x64.msi, dist/kian-X.Y.Z-x64.zip

The same payload gives the same bytes: times are fixed, the product code comes from the version and the
package code from the payload's content.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "installer"), str(HERE)]

import contents  # noqa: E402
import wxs  # noqa: E402

PAYLOAD = ROOT / "build" / "windows" / "Kian"
WORK = ROOT / "build" / "msi"
LIMIT_BYTES = 300_000_000
FIXED_TIME = "2020-01-01 00:00:00"
DOWNGRADE = "新しい版の起案が入っているため、この版はインストールしません。いまの版はそのまま使えます。"
OLD_WINDOWS = "起案には、64ビット版の Windows 10 以降が必要です。"
NO_RIGHTS = "起案の導入には、管理者の権限が必要です。管理者として、もう一度お試しください。"
JAPANESE = (
    f"UPDATE `LaunchCondition` SET `Description`='{DOWNGRADE}' WHERE `Description`='DOWNGRADE'",
    "UPDATE `Property` SET `Value`='起案' WHERE `Property`='ProductName'",
    "UPDATE `Shortcut` SET `Name`='KIAN|起案' WHERE `Shortcut`='SMenu'",
    "UPDATE `Registry` SET `Value`='起案のひな形集' WHERE `Value`='Kian template pack'",
    f"INSERT INTO `LaunchCondition` (`Condition`, `Description`) VALUES ('VersionNT64 >= 603', '{OLD_WINDOWS}')",
    f"INSERT INTO `LaunchCondition` (`Condition`, `Description`) VALUES ('Privileged', '{NO_RIGHTS}')",
)
"""What goes into the tables after wixl, which cannot write it."""
LOCK = (
    "MsiLockPermissionsEx\tLockObject\tTable\tSDDLText\tCondition\r\ns72\ts72\ts32\ts0\tS255\r\n"
    "MsiLockPermissionsEx\tMsiLockPermissionsEx\r\n"
    "LockData\tDATADIR\tCreateFolder\tD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;GRGX;;;BU)\t\r\n"
)
"""The machine's folder: SYSTEM and administrators write, everybody reads. Windows would let staff add files
to a folder below ProgramData, a policy among them."""
SECURE = ("MODELDIR", "POLICY", "SHELF", "AUTOSTART", "OLDMODELDIR", "OLDSHELF", "OLDAUTOSTART")


def payload_digest(payload: Path) -> str:
    """SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for path in sorted(payload.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{content}  {path.relative_to(payload).as_posix()}\n".encode())
    return digest.hexdigest()


def build_msi(payload: Path, version: str, target: Path) -> None:
    """Write the MSI.

    Raises:
        subprocess.CalledProcessError: wixl or msibuild failed.
    """
    WORK.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    description = WORK / f"kian-{version}.wxs"
    text = wxs.source(
        payload,
        version,
        wxs.guid(f"product-{version}"),
        checks=os.path.relpath(_build_checks(), payload),
        size_bytes=sum(path.stat().st_size for path in payload.rglob("*") if path.is_file()),
    )
    description.write_text(text, "ascii")
    _at_fixed_time("wixl", "--arch", "x64", "-o", str(target), str(description), folder=payload)
    _import(target, "_ForceCodepage", "\r\n\r\n65001\t_ForceCodepage\r\n")
    # Copies the policy file that POLICY names to its place; what lies there is kept without POLICY.
    move = "FileKey\tComponent_\tSourceName\tDestName\tSourceFolder\tDestFolder\tOptions\r\n"
    move += "s72\ts72\tS255\tL255\tS72\ts72\ti2\r\nMoveFile\tFileKey\r\n"
    _import(target, "MoveFile", move + "MPolicy\tCPlaces\t\tpolicy.toml\tPOLICY\tDATADIR\t0\r\n")
    _import(target, "MsiLockPermissionsEx", LOCK)
    for component, condition in wxs.CONDITIONS.items():
        query = f"UPDATE `Component` SET `Condition`='{condition}' WHERE `Component`='{component}'"
        _at_fixed_time("msibuild", str(target), "-q", query)
    for query in JAPANESE:
        _at_fixed_time("msibuild", str(target), "-q", query)
    _sequence(target)
    # Without this a person with rights who starts the MSI by hand loses the properties at elevation.
    secure = ";".join([*_property(target, "SecureCustomProperties"), *SECURE])
    _at_fixed_time(
        "msibuild",
        str(target),
        "-q",
        f"UPDATE `Property` SET `Value`='{secure}' WHERE `Property`='SecureCustomProperties'",
    )
    package_code = "{" + wxs.guid(f"package-{payload_digest(payload)}-{version}") + "}"
    _at_fixed_time("msibuild", str(target), "-s", "Kian", "Kian developers", "x64;1041", package_code)


def _build_checks() -> Path:
    """checks.dll, which looks at the machine before anything is changed."""
    made = WORK / "checks.dll"
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-s", "-static-libgcc"]
    options += ["-Wl,--no-insert-timestamp", "-Wl,--dynamicbase", "-Wl,--nxcompat"]
    command = ["x86_64-w64-mingw32-gcc-posix", *options, "-o", str(made), str(HERE / "checks.c"), "-lmsi"]
    subprocess.run(command, check=True)
    return made


def _sequence(target: Path) -> None:
    """Put the actions in order: wixl numbers some wrongly and does not know MoveFiles."""
    # Removing the old version inside the transaction: when the new one fails, the old one is put back.
    numbers = {"RemoveExistingProducts": 1501, "CheckMachine": 1010}
    numbers |= {f"Keep{name}": 51 + index for index, name in enumerate(wxs.REMEMBERED)}
    for action, number in numbers.items():
        query = f"UPDATE `InstallExecuteSequence` SET `Sequence`={number} WHERE `Action`='{action}'"
        _at_fixed_time("msibuild", str(target), "-q", query)
    query = "INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) "
    query += "VALUES ('MoveFiles', 'POLICY', 3800)"
    _at_fixed_time("msibuild", str(target), "-q", query)


def build_zip(payload: Path, target: Path) -> None:
    """Write the zip for trials: the same folder, to be unpacked and started."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(payload.rglob("*")):
            if path.is_file():
                name = f"Kian/{path.relative_to(payload).as_posix()}"
                entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _at_fixed_time(*command: str, folder: Path = ROOT) -> None:
    subprocess.run(["faketime", "-f", FIXED_TIME, *command], check=True, cwd=folder)


def _import(target: Path, table: str, text: str) -> None:
    path = WORK / f"{table}.idt"
    path.write_bytes(text.encode("utf-8"))
    _at_fixed_time("msibuild", str(target), "-i", str(path))


def _export(target: Path, table: str) -> str:
    done = subprocess.run(["msiinfo", "export", str(target), table], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def _property(target: Path, name: str) -> list[str]:
    rows = [line.split("\t") for line in _export(target, "Property").splitlines()]
    return [row[1].strip() for row in rows if len(row) == 2 and row[0] == name]


def main() -> int:
    """Entry of the script: exit code 1 when the MSI is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", default=contents.version())
    parser.add_argument("--payload", type=Path, default=PAYLOAD)
    parser.add_argument("--no-zip", action="store_true")
    parser.add_argument("--output", type=Path, default=contents.output_folder())
    arguments = parser.parse_args()
    made = [arguments.output.resolve() / f"kian-{arguments.version}-x64.msi"]
    build_msi(arguments.payload, arguments.version, made[0])
    if not arguments.no_zip:
        made.append(made[0].parent / f"kian-{arguments.version}-x64.zip")
        build_zip(arguments.payload, made[1])
    for path in made:
        content = path.read_bytes()
        print(f"{path}  {len(content) / 1e6:.0f} MB  {hashlib.sha256(content).hexdigest()}")
    if made[0].stat().st_size > LIMIT_BYTES:
        print(f"{made[0].name}: 上限の {LIMIT_BYTES / 1e6:.0f} MB を超えています。")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
