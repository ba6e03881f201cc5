"""The server of llama-cpp-python with the demonstration model on loopback, in a process of its own.

Run as `python real_inference_server.py BODIES [CERTIFICATE KEY]`: prints its port when it listens, then
appends the body of every request it gets to the file BODIES. Ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import uvicorn
from llama_cpp.server.app import create_app
from llama_cpp.server.settings import ModelSettings, ServerSettings

from models.demo import demo_model_path
from models.engine.amx import amx_refused
from models.engine.native.library import system_info
from tests.support.inference_servers import KEY, MODEL


class Recording:
    """An ASGI application that keeps what it is sent and lets another one answer; slowly below `/slow`."""

    def __init__(self, app, bodies: Path) -> None:
        self._app, self._bodies = app, bodies

    async def __call__(self, scope, receive, send) -> None:
        async def heard():
            message = await receive()
            with self._bodies.open("ab") as file:
                file.write(message.get("body", b""))
            return message

        async def said(message):
            await asyncio.sleep(0.1)
            await send(message)

        is_slow = scope.get("path", "").startswith("/slow/")
        if is_slow:
            scope = {**scope, "path": scope["path"].removeprefix("/slow")}
        await self._app(scope, heard, said if is_slow else send)


async def serve(bodies: Path, tls: list[str]) -> None:
    model = ModelSettings(model=str(demo_model_path()), model_alias=MODEL, n_ctx=2048, verbose=False)
    settings = ServerSettings(api_key=KEY, interrupt_requests=False)
    with amx_refused(is_built_in="AMX_INT8 = 1" in system_info()):
        app = create_app(server_settings=settings, model_settings=[model])
    files = {"ssl_certfile": tls[0], "ssl_keyfile": tls[1]} if tls else {}
    config = uvicorn.Config(Recording(app, bodies), host="127.0.0.1", port=0, log_level="warning", **files)
    server = uvicorn.Server(config)
    threading.Thread(
        target=lambda: (sys.stdin.read(), setattr(server, "should_exit", True)), daemon=True
    ).start()
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await task


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2:]))
