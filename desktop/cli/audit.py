"""`kian audit`: the log of use without text, written out for IT and held against its own chain."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from desktop.cli.output import give, give_json, say
from desktop.cli.parser import EXIT_USAGE
from desktop.drafting.paths import Paths
from desktop.drafting.records.audit import AuditLog, verdict_words
from desktop.drafting.records.periods import day_begins

EXIT_BROKEN: Final = 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `audit` and what can be done with it."""
    parser = commands.add_parser("audit", help="利用の記録（監査ログ、本文なし）を書き出し、確かめます")
    actions = parser.add_subparsers(dest="action", required=True, metavar="操作")
    export = actions.add_parser("export", help="利用の記録を CSV に書き出します")
    export.add_argument("--output", type=Path, required=True, metavar="ファイル", help="書き出す CSV")
    export.add_argument("--since", type=_day, metavar="年月日", help="この日から（例：2026-04-01）")
    export.add_argument("--until", type=_day, metavar="年月日", help="この日まで")
    export.set_defaults(run=run_export)
    verify = actions.add_parser("verify", help="利用の記録が改変されていないか調べます")
    verify.add_argument("--json", action="store_true", help="結果を JSON で出します")
    verify.set_defaults(run=run_verify)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the log, or the days asked for, as CSV.

    Raises:
        ExportFailedError: The file cannot be written.
    """
    if arguments.since and arguments.until and arguments.since > arguments.until:
        say("--since（この日から）が --until（この日まで）より後です。日付を入れ替えてください。")
        return EXIT_USAGE
    start = day_begins(arguments.since) if arguments.since else None
    end = day_begins(arguments.until + timedelta(days=1)) if arguments.until else None
    with closing(_log()) as log:
        number = log.export_csv(arguments.output, start, end)
    say(f"{number:,}件の記録を書き出しました。本文は含まれていません。")
    give(str(arguments.output))
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Recompute the chain. Exit code 0 only when nothing was changed, removed or cut off."""
    with closing(_log()) as log:
        verdict = log.verify()
    if arguments.json:
        give_json({**asdict(verdict), "is_intact": verdict.is_intact})
    else:
        give(" ".join(verdict_words(verdict)))
    return 0 if verdict.is_intact else EXIT_BROKEN


def _log() -> AuditLog:
    paths = Paths.from_environment().ensure()
    return AuditLog(paths.audit_db, backups_dir=paths.backups_dir)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"「{text}」は日付ではありません（例：2026-04-01）") from None
