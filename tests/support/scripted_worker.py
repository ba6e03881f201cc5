"""A worker process for tests of the harness: its handlers misbehave in every way a real one can."""

import ctypes
import os
import sys
import threading
import time

from models.errors import ContextTooLongError
from models.worker.server import WorkerServer, claim_stdout


def echo(params, context):
    return {"back": params}


def pollute(params, context):
    print("a library prints to stdout")
    sys.stdout.flush()
    os.write(1, b"C code writes to file descriptor 1\n")
    return {"done": True}


def count(params, context):
    for number in range(params["to"]):
        if context.is_cancelled():
            return {"reached": number}
        context.emit("counted", {"number": number})
        time.sleep(0.01)
    return {"reached": params["to"]}


def hang(params, context):
    context.emit("hanging", {})
    while True:
        time.sleep(1)


def generate(params, context):
    """Asks whether it is cancelled, which is a sign of life, for so many seconds; then only another thread does."""
    end = time.monotonic() + params["alive_s"]
    while time.monotonic() < end:
        context.is_cancelled()
        time.sleep(0.05)
    if params["hangs"]:
        threading.Thread(target=ask, args=(context,), daemon=True).start()
    while params["hangs"]:
        time.sleep(1)
    return {"done": True}


def ask(context):
    while True:
        context.is_cancelled()
        time.sleep(0.05)


def crash(params, context):
    ctypes.string_at(0)


def leave(params, context):
    os._exit(7)


def refuse(params, context):
    raise ContextTooLongError(prompt_tokens=9, max_tokens=1, n_ctx=8)


def bug(params, context):
    raise ZeroDivisionError("山田太郎 must not travel")


if __name__ == "__main__":
    sink = claim_stdout()
    ops = {f.__name__: f for f in (echo, pollute, count, hang, generate, crash, leave, refuse, bug)}
    WorkerServer("scripted", ops, source=sys.stdin.buffer, sink=sink).serve()
