"""The network fence: after `forbid_internet` this process opens no internet socket, whoever asks.

Kian has no code that would. Libraries do: urllib3, which comes with presidio's dependencies, opens an
IPv6 socket when it is imported, to see whether it can. AF_UNIX stays allowed (the window system, the
key store).
"""

from __future__ import annotations

import socket
from typing import Any

_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})


class InternetForbiddenError(OSError):
    """Something asked for an internet socket. An `OSError`, so that callers take it for no network."""


def forbid_internet() -> None:
    """Refuse internet sockets in this process from now on. Calling it twice does no harm."""
    socket.has_ipv6 = False
    if not issubclass(socket.socket, _LocalSocket):
        socket.socket = _LocalSocket  # type: ignore[misc]


class _LocalSocket(socket.socket):
    """A socket that knows no internet."""

    def __init__(self, family: int = -1, *rest: Any, **named: Any) -> None:
        fileno = named.get("fileno", rest[2] if len(rest) > 2 else None)
        if fileno is None and (family == -1 or family in _INTERNET):
            raise InternetForbiddenError("internet sockets are forbidden in this process")
        super().__init__(family, *rest, **named)
