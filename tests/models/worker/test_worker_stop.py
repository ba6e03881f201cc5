"""A worker that is told to stop says so at once to whoever wants to know, even while a request runs."""

import os
import threading

from models.worker.protocol import Cancel, Request, encode
from models.worker.server import WorkerServer


def test_a_cancel_and_the_end_of_the_pipe_are_told_while_the_handler_is_busy():
    told, busy, done = threading.Semaphore(0), threading.Event(), threading.Event()

    def work(params, context):
        busy.set()
        done.wait(30)  # as a library that asks nobody
        return {}

    frames, sink = os.pipe(), os.pipe()
    with os.fdopen(frames[0], "rb", buffering=0) as source, os.fdopen(sink[1], "wb") as answers:
        server = WorkerServer("busy", {"work": work}, source=source, sink=answers, on_stop=told.release)
        serving = threading.Thread(target=server.serve)
        serving.start()
        os.write(frames[1], encode(Request("1", "work")))
        assert busy.wait(30)
        os.write(frames[1], encode(Cancel("1")))
        assert told.acquire(timeout=30)
        os.close(frames[1])
        assert told.acquire(timeout=30)
        done.set()
        serving.join(30)
        assert not serving.is_alive()
    os.close(sink[0])
