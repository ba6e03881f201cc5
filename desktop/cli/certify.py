"""`kian certify`: one report for the auditor, as JSON and as a page to print."""

from __future__ import annotations

import argparse
import hashlib
import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from desktop.cli.output import give, give_json, say
from desktop.cli.policy import settings
from desktop.drafting.certify import (
    WATCH_EVERY_S,
    WatchedDraft,
    installed_program,
    model_files,
    places,
    this_machine,
    watch_draft,
)
from desktop.drafting.errors import ExportFailedError, write_trouble
from desktop.drafting.messages import message_for
from desktop.drafting.model_choice import SERVER_NOTICE
from desktop.drafting.paths import Paths
from desktop.drafting.policy import policy_in_force
from models.demo import demo_model_path
from models.engine.protocol import InferenceServer
from models.store.copying import sha256_of

EXIT_NOT_PROVEN: Final = 1
REPORT_NAME: Final = "kian-certificate"
ROLES: Final = {
    "draft": "下書きのコマンド",
    "masking": "マスキングの処理",
    "engine": "文章を作る処理",
    "server": "庁内サーバーとやり取りする処理",
    "other": "その他",
}
PLACES: Final = {
    "policy_file": "管理者設定",
    "data_dir": "この利用者のデータ（全体）",
    "drafts_db": "下書き（マスキング済みの文章だけ）",
    "audit_db": "監査ログ（文章なし）",
    "library_db": "ひな形",
    "unsent_dir": "入力途中の内容（暗号化）",
    "backups_dir": "移行前の控え",
    "logs_dir": "動作ログ（文章なし）",
    "models_dir": "モデル（この利用者）",
    "machine_models_dirs": "モデル（この端末の全員）",
    "machine_shelf_dirs": "庁内標準のひな形（この端末の全員）",
}
MACHINE: Final = {
    "name": "端末名",
    "system": "OS",
    "python": "Python",
    "processor": "CPUの種類",
    "at": "調べた日時",
}
LIMITS: Final = (
    f"ソケットは約{WATCH_EVERY_S}秒ごとに調べました。その間に開いて閉じたものは、この方法では見えません。",
    "調べたのは見本の下書き1件です。ファイアウォールの記録とあわせてご確認ください。",
    "ハッシュは、この端末で読み取った値です。配布元の一覧（manifest.json）と照らし合わせてください。",
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `certify` to the commands."""
    parser = commands.add_parser("certify", help="外部に通信しないこと、版、設定、保存場所の確認書を作ります")
    parser.add_argument(
        "--output", type=Path, default=None, metavar="フォルダー", help="確認書（HTMLとJSON）を書き出す所"
    )
    parser.add_argument("--json", action="store_true", help="結果をJSONで標準出力に出します")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Gather the evidence. Exit code 0 only when the watched draft proves what it should.

    Raises:
        ExportFailedError: The report cannot be written.
    """
    if arguments.output is not None:
        _make_folder(arguments.output)
    report = gather()
    if arguments.output is not None:
        _write(arguments.output, report)
    if arguments.json:
        give_json(report)
    else:
        for line in summary(report):
            give(line)
    return 0 if report["proven"] else EXIT_NOT_PROVEN


def gather(watch: Callable[[InferenceServer | None], WatchedDraft] = watch_draft) -> dict[str, Any]:
    """The whole report as JSON values; `watch` makes and watches one draft."""
    paths = Paths.from_environment()
    policy, problem = policy_in_force(paths.policy_file)
    say("プログラムのファイルを調べています…")
    program = installed_program()
    say("見本の下書きを1件作り、その間の通信を調べています…")
    draft = watch(policy.inference_server)
    return {
        "format": "kian-certificate",
        "version": 1,
        "proven": draft.is_proof and problem is None,
        "machine": asdict(this_machine()),
        "program": asdict(program),
        "demo_model_sha256": sha256_of(demo_model_path()),
        "models": [asdict(file) for file in model_files(paths)],
        "policy": {
            "path": str(paths.policy_file),
            "sha256": _policy_sha256(paths.policy_file),
            "obeyed": problem is None,
            "problem": "" if problem is None else message_for(problem).what,
            "settings": settings(policy),
        },
        "draft": {**asdict(draft), "proof": draft.is_proof},
        "places": [asdict(place) for place in places(paths)],
        "findings": findings(draft),
        "limits": list(LIMITS),
    }


def findings(draft: WatchedDraft) -> list[str]:
    """What the watched draft shows, in sentences."""
    seen = f"プロセス{len(draft.processes)}個を{draft.looks}回調べました（{draft.seconds}秒間）。"
    if draft.exit_code is None:
        return [seen, "下書きが時間内に終わらなかったため、確かめられませんでした。"]
    if draft.exit_code != 0:
        return [seen, f"下書きができなかったため、確かめられませんでした（終了コード {draft.exit_code}）。"]
    if draft.forbidden:
        return [
            seen,
            f"通信のためのソケットが{len(draft.forbidden)}件見つかりました。一覧を確認してください。",
        ]
    if draft.unreadable or not draft.looks:
        return [seen, "調べられないプロセスがあったため、通信がないと言い切れません。"]
    nothing = "通信のためのソケット（IPv4・IPv6）は、1つも開かれませんでした。"
    if any(process.role == "server" for process in draft.processes):
        return [
            seen,
            f"{SERVER_NOTICE}：管理者が許可した庁内サーバーとの通信は{len(draft.sockets)}件でした。",
            f"それ以外の{nothing}",
        ]
    return [seen, nothing]


def summary(report: Mapping[str, Any]) -> list[str]:
    """The report in a few lines for the terminal."""
    program, policy = report["program"], report["policy"]
    state = "書かれたとおりに有効" if policy["obeyed"] else "読めないため、いちばん厳しい設定"
    return [
        f"プログラム：{program['folder']}（{len(program['files'])}ファイル）",
        f"全体のハッシュ：{program['digest']}",
        f"管理者設定：{policy['path']}（{'あり' if policy['sha256'] else 'なし・初期値'}、{state}）",
        *report["findings"],
        *(f"（{limit}）" for limit in report["limits"]),
    ]


def page(report: Mapping[str, Any]) -> str:
    """The report as one HTML page without any reference to outside."""
    program, policy, draft, machine = (report[key] for key in ("program", "policy", "draft", "machine"))
    verdict = "確認できました" if report["proven"] else "確認できませんでした"
    parts = [
        f"<h1>起案 確認書</h1><p class=verdict>{verdict}</p>",
        _list(report["findings"]),
        "<h2>端末</h2>",
        _table(("項目", "値"), [(MACHINE[name], value) for name, value in machine.items()]),
        "<h2>版</h2>",
        _table(("部品", "版"), [(name, text or "（不明）") for name, text in program["versions"].items()]),
        "<h2>管理者設定</h2>",
        _table(
            ("項目", "値"), [("場所", policy["path"]), ("SHA-256", policy["sha256"] or "（ファイルなし）")]
        ),
        f"<p>{html.escape(policy['problem'])}</p>" if policy["problem"] else "",
        _table(
            ("項目", "値", "固定"),
            [
                (name, json.dumps(row["value"], ensure_ascii=False), "固定" if row["locked"] else "")
                for name, row in policy["settings"].items()
            ],
        ),
        "<h2>下書き中のプロセスと通信</h2>",
        _table(("番号", "役割"), [(row["pid"], ROLES[row["role"]]) for row in draft["processes"]]),
        _sockets(draft["sockets"]),
        "<h2>保存場所</h2>",
        _table(
            ("内容", "場所", "ファイル数", "バイト"),
            [(PLACES[row["kind"]], row["path"], row["files"], row["size_bytes"]) for row in report["places"]],
        ),
        "<h2>モデル</h2>",
        _table(
            ("ファイル", "バイト", "SHA-256"),
            [
                ("見本モデル（付属）", "", report["demo_model_sha256"]),
                *(row.values() for row in report["models"]),
            ],
        ),
        "<h2>この確認書の限界</h2>",
        _list(report["limits"]),
        f"<h2>プログラムのファイル</h2><p>全体のハッシュ：<code>{program['digest']}</code></p>",
        _table(("ファイル", "バイト", "SHA-256"), [row.values() for row in program["files"]]),
    ]
    return f'<!doctype html><html lang="ja"><meta charset="utf-8">{_STYLE}{"".join(parts)}</html>\n'


_STYLE: Final = (
    "<title>起案 確認書</title><style>body{font-family:sans-serif;max-width:60em;margin:2em auto}"
    "table{border-collapse:collapse;width:100%;margin:1em 0}th,td{border:1px solid #999;padding:.2em .5em;"
    "text-align:left;overflow-wrap:anywhere;font-size:.85em}.verdict{font-size:1.4em;font-weight:bold}</style>"
)


def _table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{''.join(f'<th>{html.escape(name)}</th>' for name in head)}</tr>{lines}</table>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"


def _sockets(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "<p>通信のためのソケットはありませんでした。</p>"
    cells = [
        (
            ROLES[row["role"]],
            row["family"],
            row["local"],
            row["remote"],
            row["status"],
            "許可（庁内サーバー）" if row["is_permitted"] else "許可なし",
        )
        for row in rows
    ]
    return _table(("役割", "種類", "こちら", "相手", "状態", "管理者設定"), cells)


def _policy_sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _make_folder(folder: Path) -> None:
    """Before the minute that the evidence takes, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # a drive or a share that is not there
        raise ExportFailedError("no_folder") from error
    except OSError as error:
        raise ExportFailedError(write_trouble(error)) from error


def _write(folder: Path, report: Mapping[str, Any]) -> None:
    try:
        text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
        (folder / f"{REPORT_NAME}.json").write_text(text, "utf-8")
        (folder / f"{REPORT_NAME}.html").write_text(page(report), "utf-8")
    except OSError as error:
        raise ExportFailedError(write_trouble(error)) from error
    say(f"確認書を書き出しました：{folder / REPORT_NAME}.html、.json")
