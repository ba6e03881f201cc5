"""Runs `kian` as a person in a terminal would: a process of its own, folders of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self):
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Program:
    """`kian` with a home, a data folder and a temporary folder below `root`."""

    root: Path

    def run(self, *arguments, timeout_s=180, stdin=""):
        for name in ("home", "tmp"):
            (self.root / name).mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "KIAN_DATA_DIR": str(self.root / "data"),
            "PYTHONUTF8": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "desktop", *map(str, arguments)],
            env=environment,
            input=stdin.encode(),
            capture_output=True,
            timeout=timeout_s,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def templates(self):
        return self.run("templates", "list", "--json").json
