"""`kian policy check`: whether a policy file will be obeyed, and what it means, before IT rolls it out."""

from __future__ import annotations

import argparse
import importlib.util
import json
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from desktop.cli.output import give, give_json, say
from desktop.drafting.errors import PolicyUnreadableError
from desktop.drafting.messages import message_for, message_table
from desktop.drafting.paths import Paths
from desktop.drafting.policy import MaskingProfile, Policy, PolicyKey, load_policy, policy_keys
from desktop.drafting.reach import within_reach
from models.engine.protocol import InferenceServer

EXIT_REFUSED: Final = 1
WIDE_ADDRESSES: Final = 256
_NOT_SETTINGS: Final = frozenset({"schema", "changeable"})


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `policy` and what can be done with it."""
    parser = commands.add_parser("policy", help="管理者設定（policy.toml）を確かめます")
    actions = parser.add_subparsers(dest="action", required=True, metavar="操作")
    check = actions.add_parser("check", help="設定ファイルがそのとおりに効くか、配る前に確かめます")
    check.add_argument(
        "path",
        type=Path,
        nargs="?",
        metavar="ファイル",
        help="設定ファイル。省くと、この端末に置かれたもの",
    )
    check.add_argument("--json", action="store_true", help="結果を JSON で出します")
    check.set_defaults(run=run_check)


def run_check(arguments: argparse.Namespace) -> int:
    """Read a policy file and tell what will be in force. Exit code 0 only when it is obeyed as written."""
    path = arguments.path or Paths.from_environment().policy_file
    if not _exists(path) and arguments.path is not None:
        say(f"設定ファイルがありません：{path}")
        if arguments.json:
            give_json({"obeyed": False, "reason": "missing", "line": 0, "key": ""})
        return EXIT_REFUSED
    try:
        policy = load_policy(path)
    except PolicyUnreadableError as error:
        for line in refusal(path, error, is_in_place=arguments.path is None):
            say(line)
        if arguments.json:
            give_json({"obeyed": False, **error.fields()})
        return EXIT_REFUSED
    warnings = doubts(policy)
    if arguments.path is None:
        warnings += unreachable(Paths.from_environment())
    if arguments.json:
        give_json({"obeyed": True, "settings": settings(policy), "warnings": warnings})
    else:
        for name, setting in settings(policy).items():
            mark = "固定" if setting["locked"] else "固定していない"
            give(f"{name} = {json.dumps(setting['value'], ensure_ascii=False)}（{mark}）")
    for warning in warnings:
        say(f"注意：{warning}")
    if _exists(path):
        say("この設定ファイルは、書かれたとおりに効きます。")
    else:
        say(f"設定ファイルがありません：{path}")
        say("この端末には管理者設定がなく、初期値（上の値）で動きます。")
    return 0


def refusal(path: Path, error: PolicyUnreadableError, *, is_in_place: bool) -> list[str]:
    """Where the fault is, what the key takes and what the file would do, in Japanese."""
    reason = message_table()[error.code]["reasons"][error.reason]
    place = "、".join(filter(None, (f"{error.line}行目" if error.line else "", error.key)))
    lines = [f"この設定ファイルは使えません：{path}", f"{place}：{reason}" if place else reason]
    key = next((key for key in policy_keys() if key.name == error.key), None)
    if key is not None:
        lines.append(f"書けるもの：{key.description}{_limits(key)}")
    when = "この端末は、安全のため、" if is_in_place else "このまま配ると、端末は全体を無効とし、"
    lines.append(
        f"{when}最も厳しい設定で動きます（個人情報が見つかると止まり、保存やコピーはできません）。"
        "直してから、もう一度確かめてください。"
    )
    return lines


def _limits(key: PolicyKey) -> str:
    low, high = (key.schema.get(word) for word in ("minimum", "maximum"))
    return "" if low is None or high is None else f"（{low:,}～{high:,}の整数）"


def settings(policy: Policy) -> dict[str, dict[str, object]]:
    """Every key with the value in force and whether staff may change it."""
    rows: dict[str, dict[str, object]] = {}
    for key in policy_keys():
        if key.name not in _NOT_SETTINGS:
            rows[key.name] = {"value": _value(policy, key.name), "locked": policy.is_locked(key.name)}
    return rows


def doubts(policy: Policy) -> list[str]:
    """What is allowed to be written but is likely not meant, in Japanese."""
    found = []
    if policy.sharing_require_signature and not policy.sharing_trusted_keys:
        found.append("署名を必須にしていますが、信頼する鍵がないため、ひな形集とモデルをすべて断ります。")
    if policy.masking_profile is MaskingProfile.FORBIDDEN:
        found.append("個人情報が見つかると、置き換えずに止まります。住民への文書は作れません。")
    if not policy.export_enabled:
        found.append("下書きの保存とコピーができません。")
    if (server := policy.inference_server) is not None:
        found += _doubts_of_server(server)
    for key, folder in (
        ("masking.dictionary_file", policy.masking_dictionary_file),
        ("sharing.shelf", policy.sharing_shelf),
        ("guideline.file", policy.guideline_file),
    ):
        if folder and not _exists(Path(folder)):
            found.append(f"{key} の場所に、この端末からは届きません：{folder}")
    return found


def _doubts_of_server(server: InferenceServer) -> list[str]:
    found = [
        f"下書きは、この端末ではなく庁内サーバー（{server.name}）が作ります。マスキングした文が、そこへ送られます。"
    ]
    networks = [ip_network(network) for network in server.allowed_addresses]
    if any(network.num_addresses > WIDE_ADDRESSES for network in networks):
        found.append(
            "inference_server.allowed_addresses の範囲が広すぎます。サーバーのアドレスだけにしてください。"
        )
    if any(network.is_global for network in networks):
        found.append(
            "inference_server.allowed_addresses に、庁内ではない（インターネットの）アドレスがあります。"
        )
    for key, file in (("ca_file", server.ca_file), ("key_file", server.key_file)):
        if file and not _exists(Path(file)):
            found.append(f"inference_server.{key} の場所に、この端末からは届きません：{file}")
    if importlib.util.find_spec("models.inference_server") is None:
        found.append(
            "この端末の起案には、庁内サーバーを使うための部品が入っていないため、下書きを作れません。"
        )
    return found


def unreachable(paths: Paths) -> list[str]:
    """Folders that the installer was given and that are not there now, in Japanese."""
    return [message_for(error).what for error in within_reach(paths)[1]]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a share that went away
        return False


def _value(policy: Policy, name: str) -> object:
    section, _, last = name.rpartition(".")
    if section == "masking.operators":
        return next(value for kind, value in policy.masking_operators.items() if kind.value == last)
    value = getattr(policy, name.replace(".", "_"))
    return sorted(value) if isinstance(value, frozenset) else value
