"""Makes the offline bundle: one folder that IT carries to the file server.

    python installer/bundle/make.py --output dist/bundle --key private.pem
        [--package FILE ...] [--model FOLDER ...] [--templates FILE ...]
    python installer/bundle/make.py --new-key private.pem

Packages are what lies in dist/ unless named. A model is a folder written by `kian models bundle`. The
private key (Ed25519, PEM) stays with IT; without --key the bundle is unsigned, and it says so.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "installer"), str(HERE)]

import contents  # noqa: E402

from desktop.drafting.bundle import (  # noqa: E402
    MANIFEST_NAME,
    SIGNATURE_NAME,
    Manifest,
    describe_file,
    manifest_bytes,
    signature_bytes,
)
from models.errors import ModelsError  # noqa: E402
from models.store import read_bundle  # noqa: E402
from models.store.copying import sha256_of  # noqa: E402

HANDBOOK = ROOT / "docs" / "it-handbook.md"
SYSTEMS = ("linux", "windows")
VERIFIER = {
    "__main__.py": HERE / "verify_main.py",
    "ed25519.py": HERE / "ed25519.py",
    "desktop/__init__.py": None,
    "desktop/cli/__init__.py": None,
    "desktop/cli/output.py": ROOT / "desktop" / "cli" / "output.py",
    "desktop/cli/verify.py": ROOT / "desktop" / "cli" / "verify.py",
    "desktop/drafting/__init__.py": None,
    "desktop/drafting/bundle.py": ROOT / "desktop" / "drafting" / "bundle.py",
}
"""What `verify.pyz` is made of: the program's own checking code, and a signature check without packages."""
READ_ME = """\
起案 オフライン一式

1. まず、この一式が壊れていないかを確かめます（どれか1つ）。
     Python のある端末      python verify.pyz --key 公開鍵
     起案を入れた端末       kian verify このフォルダー --key 公開鍵
     ハッシュだけを見る     Linux: sha256sum -c SHA256SUMS    Windows: Get-FileHash
   公開鍵は、この一式とは別の経路（文書、電話など）で受け取ったものを使ってください。
2. docs/it-handbook.md（または .pdf）の手順で、packages の中のパッケージを配ります。
3. models の中のフォルダーを1つずつ、端末のモデル置き場へ取り込みます（コピーしただけでは使えません）。
     kian models import models/フォルダー --store 置き場所
4. docs/policy.sample.toml をもとに policy.toml を作り、kian policy check で確かめてから置きます。
"""


def make(output: Path, inputs: argparse.Namespace, key: Ed25519PrivateKey | None, epoch: int) -> None:
    """Write the bundle into a new folder.

    Raises:
        SystemExit: The folder is there already, a named input is missing, a model is not whole, or the
            disk is full.
    """
    if output.exists():
        sys.exit(f"{output} はすでにあります。別の名前にするか、消してからやり直してください。")
    for model in inputs.model:
        check_model(model)
    partial = output.with_name(output.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _fill(partial, inputs, epoch)
        _finish(partial, key, epoch)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        sys.exit(f"一式を書けませんでした（{error.strerror}）：{error.filename}")
    partial.rename(output)


def check_model(folder: Path) -> None:
    """Make sure that a model is what its own manifest says: the bundle's signature is going to vouch for it.

    Raises:
        SystemExit: It is not.
    """
    try:
        card = read_bundle(folder).card
        is_whole = sha256_of(folder / card.file) == card.sha256
    except (ModelsError, OSError):
        is_whole = False
    if not is_whole:
        sys.exit(f"{folder} は、kian models bundle で作ったままの一式ではありません。作り直してください。")


def _fill(folder: Path, inputs: argparse.Namespace, epoch: int) -> None:
    for name, paths in (
        ("packages", inputs.package),
        ("models", inputs.model),
        ("templates", inputs.templates),
    ):
        (folder / name).mkdir(parents=True)
        for path in paths:
            if path.is_dir():
                shutil.copytree(path, folder / name / path.name)
            else:
                shutil.copy2(path, folder / name / path.name)
    (folder / "docs").mkdir()
    for path in (HANDBOOK, ROOT / "docs" / "policy.sample.toml", ROOT / "LICENSE"):
        shutil.copy2(path, folder / "docs" / path.name)
    target = folder / "docs" / f"{HANDBOOK.stem}.pdf"
    # A process of its own: Qt wants one application per process.
    subprocess.run([sys.executable, str(HERE / "handbook_pdf.py"), str(HANDBOOK), str(target)], check=True)
    (folder / "sbom").mkdir()
    import sbom  # only here: the checking parts need no CycloneDX

    for system in SYSTEMS:
        (folder / "sbom" / f"{system}.cdx.json").write_text(sbom.sbom(system, epoch), "utf-8")
    (folder / "verify.pyz").write_bytes(verifier())
    (folder / "README.txt").write_text(READ_ME, "utf-8-sig", newline="\r\n")


def verifier() -> bytes:
    """The content of `verify.pyz`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in VERIFIER.items():
            content = b"" if path is None else path.read_bytes()
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return b"#!/usr/bin/env python3\n" + buffer.getvalue()


def _finish(folder: Path, key: Ed25519PrivateKey | None, epoch: int) -> None:
    """SHA256SUMS, the manifest, and its signature."""
    sums = folder / "SHA256SUMS"
    files = [describe_file(folder, path) for path in _paths(folder)]
    sums.write_text("".join(f"{file.sha256}  {file.path}\n" for file in files), "utf-8", newline="\n")
    files.append(describe_file(folder, sums.name))
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d")
    manifest = Manifest("起案 オフライン一式", contents.version(), created, tuple(files))
    content = manifest_bytes(manifest)
    (folder / MANIFEST_NAME).write_bytes(content)
    if key is not None:
        public = key.public_key().public_bytes_raw()
        (folder / SIGNATURE_NAME).write_bytes(signature_bytes(public, key.sign(content)))


def _paths(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def new_key(path: Path) -> str:
    """Write a new private key (readable by its owner only); returns the public key in Base64."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    path.with_suffix(".pub").write_text(public + "\n", "ascii")
    return public


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        SystemExit: It is none.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        sys.exit(f"{path} を秘密鍵として読めません。")
    if not isinstance(key, Ed25519PrivateKey):
        sys.exit(f"{path} は Ed25519 の秘密鍵ではありません。")
    return key


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / f"kian-bundle-{contents.version()}")
    parser.add_argument("--package", type=Path, action="append")
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--templates", type=Path, action="append", default=[])
    parser.add_argument("--key", type=Path)
    parser.add_argument("--new-key", type=Path)
    arguments = parser.parse_args()
    if arguments.new_key is not None:
        if arguments.new_key.exists():
            sys.exit(f"{arguments.new_key} はすでにあります。鍵は上書きしません。")
        print(f"公開鍵：{new_key(arguments.new_key)}")
        return 0
    if arguments.package is None:
        made = [*(ROOT / "dist").glob("kian_*.deb"), *(ROOT / "dist").glob("kian-*-x64.*")]
        arguments.package = sorted(made)
    if not arguments.package:
        sys.exit(
            "dist にパッケージがありません。先に make package と make package-windows を実行してください。"
        )
    key = read_key(arguments.key) if arguments.key is not None else None
    git = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.run(git, check=True, capture_output=True).stdout
    make(arguments.output, arguments, key, int(epoch))
    print(
        f"{arguments.output}：{'署名しました' if key else '署名はありません（--key を付けると署名します）'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
