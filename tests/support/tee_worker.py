"""A real worker whose stdin is copied to a file: what the parent says to it can be read afterwards.

Usage: tee_worker.py WORKER FILE. The worker's own command is started as a child.
"""

import os
import subprocess
import sys

from models.worker.launch import worker_command, worker_environment

if __name__ == "__main__":
    worker, path = sys.argv[1:]
    child = subprocess.Popen(worker_command(worker), stdin=subprocess.PIPE, env=worker_environment())
    with open(path, "ab") as copy:  # noqa: PTH123 - a worker script, not the product
        while chunk := os.read(0, 65536):
            copy.write(chunk)
            copy.flush()
            child.stdin.write(chunk)
            child.stdin.flush()
    child.stdin.close()
    sys.exit(child.wait())
