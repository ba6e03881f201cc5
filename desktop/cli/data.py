"""`kian data`: a copy of this account's data, and its removal with a record for the register."""

from __future__ import annotations

import argparse
import getpass
import platform
import sys
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from desktop.cli.output import give, give_json, say
from desktop.cli.parser import EXIT_USAGE
from desktop.drafting.errors import ExportFailedError
from desktop.drafting.own_data import DeletionRecord, back_up, erase
from desktop.drafting.paths import Paths, SingleInstance

EXIT_NOT_DONE: Final = 1
YES: Final = "はい"
KINDS: Final = {
    "drafts": "下書き",
    "library": "ひな形",
    "audit": "監査ログ",
    "settings": "画面の設定と鍵",
    "unsent": "入力途中の内容",
    "own_words": "自分の用語",
    "handover": "受け渡し",
    "models": "モデル（この利用者）",
    "engine_states": "読み込みの控え",
    "backups": "移行前の控え",
    "logs": "動作ログ",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `data` and what can be done with it."""
    parser = commands.add_parser("data", help="この利用者のデータの控えを取り、または消して記録を残します")
    actions = parser.add_subparsers(dest="action", required=True, metavar="操作")
    copy = actions.add_parser("backup", help="下書き、ひな形、監査ログの控えを取ります")
    copy.add_argument("folder", type=Path, metavar="フォルダー", help="控えのフォルダーを作る所")
    copy.set_defaults(run=run_backup)
    removal = actions.add_parser("erase", help="この利用者のデータをすべて消し、消した記録を書きます")
    removal.add_argument(
        "--record", type=Path, required=True, metavar="フォルダー", help="消した記録（JSON）を置く所"
    )
    removal.add_argument("--yes", action="store_true", help="確かめずに消します")
    removal.add_argument("--json", action="store_true", help="記録をJSONで標準出力にも出します")
    removal.set_defaults(run=run_erase)


def run_backup(arguments: argparse.Namespace) -> int:
    """Copy the account's data.

    Raises:
        ExportFailedError, RecordsUnreadableError: See `own_data.back_up`.
    """
    target = back_up(Paths.from_environment(), arguments.folder, now=datetime.now())
    say("控えを取り、読み出せることを確かめました（入力途中の内容は含みません）。")
    give(str(target))
    return 0


def run_erase(arguments: argparse.Namespace) -> int:
    """Remove the account's data. Exit code 0 only when all of it is gone.

    Raises:
        SecondInstanceError: The window is open.
        ExportFailedError: The record cannot be written; nothing was removed.
    """
    paths = Paths.from_environment()
    if not paths.data_dir.is_dir():
        say(f"この利用者のデータはありません：{paths.data_dir}")
        return 0
    if arguments.record.absolute().is_relative_to(paths.data_dir):
        say("消した記録は、消すデータの中には置けません。別のフォルダーを指定してください。")
        return EXIT_USAGE
    if not arguments.yes and not _is_sure(paths.data_dir):
        say("何も消していません。")
        return EXIT_NOT_DONE
    now = datetime.now()
    file = arguments.record / f"kian-deletion-{now:%Y%m%dT%H%M%S}.json"
    with SingleInstance(paths):
        try:
            record = erase(
                paths,
                file,
                account=getpass.getuser(),
                machine=platform.node(),
                version=metadata.version("kian"),
                now=now,
            )
        except ExportFailedError:
            if file.exists():
                say(f"データを消しましたが、結果を記録に書き足せませんでした：{file}")
            else:
                say(f"消した記録を書けないため、何も消していません：{file}")
            raise
    _leave_no_empty_folder(paths)
    _tell(record, file)
    if arguments.json:
        give_json(asdict(record))
    return 0 if record.is_complete else EXIT_NOT_DONE


def _is_sure(folder: Path) -> bool:
    say(f"次のフォルダーの下書き、ひな形、監査ログなどをすべて消します。元に戻せません。\n　{folder}")
    if not sys.stdin.isatty():
        say("確認できないため、消しません。消すときは --yes を付けてください。")
        return False
    say(f"消すときは「{YES}」と入力してください：", end=" ")
    return sys.stdin.readline().strip() == YES


def _leave_no_empty_folder(paths: Paths) -> None:
    """The lock and the folder itself go last, unless something of somebody else's lies there."""
    try:
        paths.lock_file.unlink(missing_ok=True)
        paths.data_dir.rmdir()
    except OSError:
        return


def _tell(record: DeletionRecord, file: Path) -> None:
    for thing in record.things:
        if thing.files:
            left = f"、{thing.left}件は消せませんでした" if thing.left else ""
            say(f"{KINDS[thing.kind]}：{thing.files}ファイル（{thing.size_bytes:,}バイト）{left}")
    if record.others:
        say(f"起案のものではないファイルが{record.others}件あり、そのまま残しました。")
    if record.is_complete:
        say("この利用者のデータをすべて消しました。")
    else:
        say("一部のファイルを消せませんでした。使っているプログラムを閉じて、もう一度お試しください。")
    say(f"消した記録：{file}")
