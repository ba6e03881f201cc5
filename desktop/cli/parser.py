"""argparse in Japanese: headings, help and complaints."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, Final, NoReturn

from desktop.cli.output import say

EXIT_USAGE: Final = 2

_COMPLAINTS: Final = (
    (r"the following arguments are required: (.+)", r"\1 を指定してください"),
    (r"unrecognized arguments: (.+)", r"「\1」は使えません"),
    (r"argument (.+): expected (?:one|at least one) argument", r"\1 の後に値を指定してください"),
    (
        r"argument (.+): invalid choice: (.+?) \(choose from (.+)\)",
        r"\1 に \2 は使えません（使えるもの：\3）",
    ),
    (r"argument (.+): invalid \w+ value: (.+)", r"\1 の値 \2 が正しくありません"),
    (r"argument (.+): (「.+」.+)", r"\1 の値\2"),
    (r"ambiguous option: (.+?) could match (.+)", r"\1 では決まりません（候補：\2）"),
)


class JapaneseParser(argparse.ArgumentParser):
    """An argument parser whose every word is Japanese."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["add_help"] = False
        super().__init__(*arguments, **options)
        self._positionals.title = "コマンド・引数"
        self._optionals.title = "オプション"
        self.add_argument("-h", "--help", action="help", help="この説明を表示します")

    def format_help(self) -> str:
        """The help text."""
        return super().format_help().replace("usage: ", "使い方: ", 1)

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong and leave with code 2."""
        say(f"指定のしかたが正しくありません：{in_japanese(message)}。")
        say(f"使い方は「{self.prog} --help」で見られます。")
        sys.exit(EXIT_USAGE)


def in_japanese(message: str) -> str:
    """One of argparse's complaints in Japanese; what is not known stays as it is."""
    for pattern, words in _COMPLAINTS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return found.expand(words)
    return message
