"""An engine worker whose process ends while llama.cpp loads a model: `dying_engine.py illegal|killed|aborted|fault`.

All of it is the real worker; only llama.cpp's own loading function is another.
"""

import os
import signal
import sys

from models.worker.__main__ import main

WAYS = {
    "illegal": signal.SIGILL,
    "killed": signal.SIGKILL,
    "aborted": signal.SIGABRT,
    "fault": signal.SIGSEGV,
}


def die(*_arguments: object) -> None:
    os.kill(os.getpid(), WAYS[sys.argv[1]])


if __name__ == "__main__":
    from llama_cpp import llama_cpp

    llama_cpp.llama_model_load_from_file = die
    sys.exit(main("engine"))
