"""Writes the WiX source of the MSI: one component per file, settings in the registry, shortcut, file type.

wixl turns every non-ASCII string into an empty one, so all texts here are ASCII; build.py puts the
Japanese ones into the finished tables.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

NAMESPACE = uuid.UUID("b7f4d9c2-62e5-4a0c-9a63-51c4a8f0de27")
"""Everything's GUID is derived from it: the same file has the same component in every version."""
CONDITIONS = {"CModelDir": "MODELDIR", "CShelf": "SHELF", "CAutoStart": 'AUTOSTART="1"'}
"""When these components are installed; wixl cannot write it, build.py puts it into the table."""
KEY = "Software\\Kian"
REMEMBERED = {"MODELDIR": "ModelDir", "SHELF": "ShelfDir", "AUTOSTART": "AutoStart"}
"""Properties of the command line that an upgrade keeps, and the registry values that hold them."""


def guid(name: str) -> str:
    """The GUID of something with this name."""
    return str(uuid.uuid5(NAMESPACE, name)).upper()


def source(payload: Path, version: str, product_code: str, *, checks: str, size_bytes: int) -> str:
    """The WiX source for a payload folder; wixl must be run in that folder (it knows no absolute paths).

    Args:
        payload: The program folder.
        version: Three numbers.
        product_code: GUID of this version.
        checks: Path of checks.dll from the payload folder.
        size_bytes: Room that the program needs on the disk.
    """
    tree = list(_folder(payload, "", 3))
    components = [line.split('Id="')[1].split('"')[0] for line in tree if "<Component " in line]
    own = ["CMenu", "CModelDir", "CShelf", "CAutoStart", "CPlaces"]
    references = "".join(f'<ComponentRef Id="{name}"/>' for name in own + components)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Id="{product_code}" Name="Kian" Language="1041" Version="{version}" Manufacturer="Kian developers"
  UpgradeCode="{guid("upgrade")}">
<Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"/>
<MajorUpgrade DowngradeErrorMessage="DOWNGRADE"/>
<Media Id="1" Cabinet="kian.cab" EmbedCab="yes"/>
<Property Id="ARPNOMODIFY" Value="1"/>
<Property Id="MSIRESTARTMANAGERCONTROL" Value="Disable"/>
<Property Id="KIANBYTES" Value="{size_bytes}"/>
<Binary Id="Checks" SourceFile="{checks}"/>
<CustomAction Id="CheckMachine" BinaryKey="Checks" DllEntry="CheckMachine"/>
{"".join(_remembered(name, value) for name, value in REMEMBERED.items())}
<Directory Id="TARGETDIR" Name="SourceDir">
 <Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="Kian">
{chr(10).join(tree)}
 </Directory></Directory>
 <Directory Id="CommonAppDataFolder"><Directory Id="DATADIR" Name="Kian">
  {_setting("CPlaces", "DataDir", "[DATADIR]", "<CreateFolder/>")}
  {_setting("CModelDir", "ModelDir", "[MODELDIR]")}
  {_setting("CShelf", "ShelfDir", "[SHELF]")}
  {_autostart()}
 </Directory></Directory>
 <Directory Id="ProgramMenuFolder">
  <Component Id="CMenu" Guid="{guid("menu")}" Win64="yes">
   <Shortcut Id="SMenu" Name="Kian" Target="[INSTALLDIR]kian.exe" WorkingDirectory="INSTALLDIR"/>
   <RegistryValue Root="HKLM" Key="{KEY}" Name="Menu" Type="integer" Value="1" KeyPath="yes"/>
  </Component>
 </Directory>
</Directory>
<Feature Id="Main" Level="1" Title="Main">{references}</Feature>
{_sequence()}
</Product></Wix>
"""


def _remembered(name: str, value: str) -> str:
    """What an earlier version was given, in a property of its own: a new value on the command line wins."""
    return (
        f'<Property Id="OLD{name}"><RegistrySearch Id="R{name}" Root="HKLM" Key="{KEY}" Name="{value}" '
        f'Type="raw" Win64="yes"/></Property>\n'
        f'<CustomAction Id="Keep{name}" Property="{name}" Value="[OLD{name}]"/>\n'
    )


def _sequence() -> str:
    actions = "".join(
        f'<Custom Action="Keep{name}" After="AppSearch">NOT {name} AND OLD{name}</Custom>'
        for name in REMEMBERED
    )
    actions += '<Custom Action="CheckMachine" After="CostFinalize"/>'
    return f"<InstallExecuteSequence>{actions}</InstallExecuteSequence>"


def _setting(component: str, name: str, value: str, more: str = "") -> str:
    return (
        f'<Component Id="{component}" Guid="{guid(component)}" Win64="yes">{more}'
        f'<RegistryValue Root="HKLM" Key="{KEY}" Name="{name}" Type="string" Value="{value}" KeyPath="yes"/>'
        "</Component>"
    )


def _autostart() -> str:
    run = "Software\\Microsoft\\Windows\\CurrentVersion\\Run"
    return (
        f'<Component Id="CAutoStart" Guid="{guid("CAutoStart")}" Win64="yes">'
        f'<RegistryValue Root="HKLM" Key="{KEY}" Name="AutoStart" Type="string" Value="1" KeyPath="yes"/>'
        f'<RegistryValue Root="HKLM" Key="{run}" Name="Kian" Type="string" Value="&quot;[INSTALLDIR]kian.exe&quot;"/>'
        "</Component>"
    )


def _folder(folder: Path, place: str, depth: int) -> Iterator[str]:
    pad = " " * depth
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for entry in entries:
        path = f"{place}/{entry.name}".lstrip("/")
        if entry.is_file():
            extra = _file_type() if path == "kian.exe" else ""
            yield (
                f'{pad}<Component Id="{_id("c", path)}" Guid="{guid(path)}" Win64="yes">'
                f'<File Id="{_id("f", path)}" Name={quoteattr(entry.name)} Source={quoteattr(path)} '
                f'KeyPath="yes"/>{extra}</Component>'
            )
    for entry in entries:
        if entry.is_dir():
            path = f"{place}/{entry.name}".lstrip("/")
            yield f'{pad}<Directory Id="{_id("d", path)}" Name={quoteattr(entry.name)}>'
            yield from _folder(Path(entry.path), path, depth + 1)
            yield f"{pad}</Directory>"


def _file_type() -> str:
    classes = "Software\\Classes"
    rows = [
        (f"{classes}\\.kianpack", "", "Kian.Pack"),
        (f"{classes}\\Kian.Pack", "", "Kian template pack"),
        (f"{classes}\\Kian.Pack\\DefaultIcon", "", "[INSTALLDIR]kian.exe,0"),
        (
            f"{classes}\\Kian.Pack\\shell\\open\\command",
            "",
            "&quot;[INSTALLDIR]kian.exe&quot; &quot;%1&quot;",
        ),
    ]
    return "".join(
        f'<RegistryValue Root="HKLM" Key="{key}" {f"Name={quoteattr(name)} " if name else ""}'
        f'Type="string" Value="{value}"/>'
        for key, name, value in rows
    )


def _id(kind: str, path: str) -> str:
    return kind + hashlib.sha256(path.encode()).hexdigest()[:30]
