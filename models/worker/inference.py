"""The worker `server`: the ops of the engine worker, with a server in the building instead of a library.

Its process is fenced like every other until `load` names the server of IT's policy; then the fence has one
door, to that server alone, for the life of the process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.engine.protocol import InferenceServer, LoadOptions
from models.errors import ProtocolError
from models.inference_server.connection import Address
from models.inference_server.engine import ServerEngine
from models.worker.engine import EngineOps
from models.worker.offline import Door, InternetForbiddenError, open_door
from models.worker.protocol import Json
from models.worker.server import CallContext


class ServerOps(EngineOps):
    """The handlers, around the engine that is a server."""

    def __init__(self) -> None:
        super().__init__(ServerEngine())

    def load(self, params: Json, context: CallContext) -> Json:
        """Open the door to the server in `options` and ask it for its model; results in a `ModelInfo`.

        Raises:
            ProtocolError: No server, or another one than before.
        """
        server = _server_of(params)
        try:
            address = Address(server)
            open_door(Door(address.host, address.port, address.networks))
        except (ValueError, InternetForbiddenError) as error:
            raise ProtocolError("server") from error
        return vars(self._engine.load(Path(), LoadOptions(server=server)))


def _server_of(params: Json) -> InferenceServer:
    try:
        row: dict[str, Any] = dict(params["options"]["server"])
        return InferenceServer(**{**row, "allowed_addresses": tuple(row["allowed_addresses"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("server") from error
