"""The checking script inside a bundle (`verify.pyz`): needs Python 3.11 and nothing else.

python verify.pyz --key issuer.pub
"""

import argparse
import sys
from pathlib import Path

from ed25519 import is_signed

from desktop.cli.verify import add_arguments, check


def main() -> int:
    """Check the bundle that this script lies in, or the one named."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    parser = argparse.ArgumentParser(description="配布用の一式が壊れていないか、1ファイルずつ確かめます。")
    add_arguments(parser)
    own_folder = str(Path(sys.argv[0]).absolute().parent)
    has_path = any(not given.startswith("-") for given in sys.argv[1:2])
    arguments = parser.parse_args(sys.argv[1:] if has_path else [own_folder, *sys.argv[1:]])
    return check(arguments, trusted_keys=(), must_be_trusted=False, is_signed=is_signed)


if __name__ == "__main__":
    sys.exit(main())
