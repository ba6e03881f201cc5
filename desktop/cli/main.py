"""The command line of `kian`: its commands, and one place that tells errors in Japanese."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence

from desktop.cli import audit, certify, data, draft, mask, models, policy, templates, verify
from desktop.cli.output import say
from desktop.cli.parser import JapaneseParser
from desktop.drafting.errors import DraftingError
from desktop.drafting.messages import message_for
from models.errors import ModelsError
from models.worker.offline import forbid_internet
from prompts.errors import PromptsError

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """All commands and options. The documentation is tested against it."""
    parser = JapaneseParser(
        prog="kian",
        description="起案：この端末の中だけで動く文書の下書き支援。コマンドを付けなければ画面が開きます。",
    )
    commands = parser.add_subparsers(dest="command", metavar="コマンド", parser_class=JapaneseParser)
    for module in (draft, mask, templates, models, data, policy, audit, verify, certify):
        module.add_parser(commands)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one command. Returns the exit code: 0 only when what was asked for was done."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    arguments = build_parser().parse_args(argv)
    if not getattr(arguments, "needs_internet", False):  # only `kian models fetch`, on IT's internet PC
        forbid_internet()
    try:
        return int(arguments.run(arguments))
    except (ModelsError, PromptsError, DraftingError) as error:
        message = message_for(error)
        say(f"{message.title}\n{message.what}\n{message.todo}".strip())
        return EXIT_FAILED
    except KeyboardInterrupt:
        say("\n中止しました。")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_FAILED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        say(
            "結果を書き出せませんでした。出力先の空き容量がありません。空き容量を作ってから、もう一度お試しください。"
        )
        return EXIT_FAILED
