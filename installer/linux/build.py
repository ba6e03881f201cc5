"""Builds the Linux package: a PyInstaller folder, and a .deb around it.

    python installer/linux/build.py        -> dist/kian_<version>_amd64.deb

Everything comes from pinned inputs: packages by SHA-256 (installer/lock/linux.txt), llama.cpp by
SHA-256 and fixed options (installer/llama). Times inside the package are that of the last commit.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "installer"))

import contents  # noqa: E402
from packaging_environment import packaging_python  # noqa: E402

WORK = ROOT / "build" / "linux"
PREFIX = "opt/kian"
DEPENDS = (
    "libc6 (>= 2.36)",
    "libstdc++6 (>= 12)",
    "libgcc-s1",
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libfontconfig1",
    "libdbus-1-3",
    "fonts-noto-cjk",
)
FOR_GPU = ("libvulkan1", "mesa-vulkan-drivers")
"""Recommended only: without them, and with the maker's own driver in their place, the program runs as well."""


def commit_time() -> str:
    """SOURCE_DATE_EPOCH of the build, unless it is given."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    git = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return given or subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()


def freeze(python: Path, epoch: str) -> Path:
    """Run PyInstaller; returns the program's folder."""
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(WORK / "dist"), "--workpath", str(WORK / "work"), str(HERE / "kian.spec")]
    # A fixed hash seed: sets are written into the archive in the order they are met.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "1"}
    subprocess.run(command, check=True, env=environment)
    return WORK / "dist" / "kian"


def check_contents(folder: Path) -> None:
    """Refuse a folder that holds what terminals must not have.

    Raises:
        SystemExit: It does.
    """
    names = {path.name.split("-")[0].split(".")[0] for path in (folder / "_internal").iterdir()}
    bad = names & set(contents.NEVER)
    if bad:
        sys.exit(f"入ってはいけない部品が入っています: {', '.join(sorted(bad))}")


def stage(folder: Path) -> Path:
    """Lay out the files of the .deb; returns the root of the tree."""
    root = WORK / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(folder, root / PREFIX, symlinks=True)
    places = {
        "kian.desktop": "usr/share/applications",
        "kian.svg": "usr/share/icons/hicolor/scalable/apps",
        "kian.xml": "usr/share/mime/packages",
    }
    for name, place in places.items():
        (root / place).mkdir(parents=True)
        shutil.copy(HERE / name, root / place / name)
    documents = root / "usr/share/doc/kian"
    documents.mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", documents / "copyright")
    shutil.copy(ROOT / "docs" / "policy.sample.toml", documents / "policy.sample.toml")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/kian").symlink_to(f"/{PREFIX}/kian")
    return root


def control(root: Path) -> None:
    """Write DEBIAN/control, md5sums and the maintainer scripts."""
    folder = root / "DEBIAN"
    folder.mkdir()
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files) // 1024
    fields = {
        "Package": "kian",
        "Version": contents.version(),
        "Section": "office",
        "Priority": "optional",
        "Architecture": "amd64",
        "Depends": ", ".join(DEPENDS),
        **({"Recommends": ", ".join(FOR_GPU)} if contents.HAS_GPU else {}),
        "Installed-Size": str(size),
        "Maintainer": "Kian developers <kian@localhost>",
        "Description": "offline drafting for municipal offices with a local language model",
    }
    text = "".join(f"{key}: {value}\n" for key, value in fields.items())
    where = (
        "端末か庁内サーバーで動く文書の下書き支援。庁外への通信は行いません。"
        if contents.HAS_SERVER
        else "端末の中だけで動く文書の下書き支援。外部への通信は行いません。"
    )
    (folder / "control").write_text(f"{text} 起案：{where}\n", "utf-8")
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(root)}\n"
        for path in files
    ]
    (folder / "md5sums").write_text("".join(sums), "utf-8")
    for name in ("preinst", "postinst", "prerm", "postrm"):
        script = (HERE / name).read_text("utf-8").replace("@KILOBYTES@", str(size))
        (folder / name).write_text(script.replace("@VERSION@", contents.version()), "utf-8")
        (folder / name).chmod(0o755)


def normalize(root: Path, epoch: str) -> None:
    """The same rights and times whoever builds: readable by all, writable by root."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            is_program = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (int(epoch), int(epoch)), follow_symlinks=False)


def main() -> int:
    """Entry of the script."""
    os.umask(0o022)
    epoch = commit_time()
    folder = freeze(packaging_python(), epoch)
    check_contents(folder)
    root = stage(folder)
    control(root)
    normalize(root, epoch)
    package = contents.output_folder() / f"kian_{contents.version()}_amd64.deb"
    package.parent.mkdir(parents=True, exist_ok=True)
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build", str(root), str(package)]
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": epoch})
    content = package.read_bytes()
    print(f"{package.relative_to(ROOT)}  {len(content) / 1e6:.0f} MB  {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
