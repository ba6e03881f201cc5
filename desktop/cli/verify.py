"""`kian verify`: whether an offline bundle arrived whole and comes from whom it should."""

from __future__ import annotations

import argparse
import base64
import binascii
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Final

from desktop.cli.output import give, give_json, say
from desktop.drafting.bundle import (
    BundleReport,
    FileState,
    FileVerdict,
    ManifestFault,
    SignatureCheck,
    SignatureState,
    verify_bundle,
)

EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2

FAULTS: Final = {
    ManifestFault.MISSING: "一覧（manifest.json）がありません。フォルダーの指定違いか、コピーの途中です。",
    ManifestFault.UNREADABLE: "一覧（manifest.json）を読めません。アクセス権を確かめてください。",
    ManifestFault.BROKEN: "一覧（manifest.json）が壊れています。配布元からコピーし直してください。",
    ManifestFault.NEWER: "新しい版の一式です。その一式に入っている起案で確かめてください。",
    ManifestFault.UNSAFE_PATH: "一覧に、一式の外を指すファイル名があります。使わないでください。",
}
SIGNATURES: Final = {
    SignatureState.TRUSTED: "署名：正しい署名です（信頼する発行者）。",
    SignatureState.UNKNOWN_KEY: "署名：署名は合っていますが、信頼する鍵の一覧にない発行者です。",
    SignatureState.MISSING: "署名：署名がありません。",
    SignatureState.WRONG: "署名：署名が一覧の内容と合いません。書き換えられています。使わないでください。",
}
FILES: Final = {
    FileState.WHOLE: "正しい",
    FileState.CHANGED: "内容が変わっています",
    FileState.WRONG_SIZE: "大きさが違います（コピーが途中で終わった可能性があります）",
    FileState.MISSING: "ありません",
    FileState.UNREADABLE: "読めません（使用中か、アクセス権がありません）",
    FileState.UNLISTED: "一覧にないファイルです",
    FileState.LINK: "ファイルではなくリンクです",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `verify` to the commands."""
    parser = commands.add_parser("verify", help="配布用の一式が壊れていないか、1ファイルずつ確かめます")
    add_arguments(parser)
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments, also for the script inside a bundle."""
    parser.add_argument(
        "path", type=Path, metavar="フォルダー", help="一式のフォルダー（manifest.json のある所）"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="公開鍵",
        help="信頼する発行者の公開鍵（Base64、またはそれを書いたファイル）。指定すると署名を必須にします",
    )
    parser.add_argument("--json", action="store_true", help="結果を JSON で出します")


def run(arguments: argparse.Namespace) -> int:
    """Check a bundle against the keys given and the policy. Exit code 0 only when it may be used."""
    from desktop.drafting.paths import Paths
    from desktop.drafting.policy import policy_in_force

    policy, error = policy_in_force(Paths.from_environment().policy_file)
    if error is not None:
        say("管理者設定を読めないため、いちばん厳しい設定（署名が必須）で確かめます。")
    return check(
        arguments,
        trusted_keys=policy.sharing_trusted_keys,
        must_be_trusted=policy.sharing_require_signature,
        is_signed=_is_signed,
    )


def check(
    arguments: argparse.Namespace,
    *,
    trusted_keys: Collection[str],
    must_be_trusted: bool,
    is_signed: SignatureCheck,
) -> int:
    """Check and tell; the part that the script inside a bundle shares."""
    keys = {*trusted_keys}
    for given in arguments.key:
        key = read_key(given)
        if key is None:
            say(f"公開鍵の形が正しくありません：{given}")
            return EXIT_USAGE
        keys.add(key)
    folder = arguments.path.parent if arguments.path.name == "manifest.json" else arguments.path
    must_be_trusted = must_be_trusted or bool(arguments.key)

    def tell(verdict: FileVerdict) -> None:
        if not arguments.json:
            mark = "○" if verdict.state is FileState.WHOLE else "×"
            give(f"{mark} {verdict.path}：{FILES[verdict.state]}")

    report = verify_bundle(folder, trusted_keys=keys, is_signed=is_signed, on_file=tell)
    is_accepted = report.is_accepted(must_be_trusted=must_be_trusted)
    if arguments.json:
        give_json(_as_json(report, is_accepted=is_accepted))
    _tell_result(report, is_accepted=is_accepted, must_be_trusted=must_be_trusted)
    return 0 if is_accepted else EXIT_REFUSED


def read_key(given: str) -> str | None:
    """Base64 of a public key given as such or as a file; None when it is neither."""
    path = Path(given)
    try:
        text = path.read_text("ascii").strip() if path.is_file() else given.strip()
        key = base64.b64decode(text, validate=True)
    except (OSError, ValueError, binascii.Error):
        return None
    return base64.b64encode(key).decode() if len(key) == 32 else None


def _is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _tell_result(report: BundleReport, *, is_accepted: bool, must_be_trusted: bool) -> None:
    if report.fault is not None:
        say(FAULTS[report.fault])
        return
    say(SIGNATURES[report.signature])
    if report.public_key:
        say(f"　　　発行者の公開鍵：{report.public_key}")
    counts = Counter(verdict.state for verdict in report.files)
    bad = len(report.files) - counts[FileState.WHOLE]
    say(
        f"ファイル：{len(report.files)}件のうち{counts[FileState.WHOLE]}件が正しく、{bad}件に問題があります。"
    )
    if is_accepted and report.signature is not SignatureState.TRUSTED:
        say("壊れてはいません。ただし、だれが作ったものかは確かめていません。")
        say("別の経路で受け取った公開鍵を --key に付けると、確かめられます。")
    elif is_accepted:
        say("この一式は使えます。")
    elif bad == 0 and must_be_trusted and report.signature is not SignatureState.WRONG:
        say("信頼する発行者の署名が必要なため、この一式は使えません。")
    else:
        say("この一式は使えません。配布元からコピーし直してください。")


def _as_json(report: BundleReport, *, is_accepted: bool) -> dict[str, object]:
    return {
        "accepted": is_accepted,
        "fault": report.fault,
        "signature": report.signature,
        "public_key": report.public_key,
        "files": [asdict(verdict) for verdict in report.files],
    }
