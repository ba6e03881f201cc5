"""The network fence: after `forbid_internet` this process reaches no network, whoever asks.

Kian has no code that would. Libraries do: urllib3, which comes with presidio's dependencies, opens an
IPv6 socket when it is imported, to see whether it can. AF_UNIX stays allowed (the window system, the
key store).

The fence is an audit hook (PEP 578): the interpreter itself asks it before each socket, connection and
look-up of a name, it cannot be taken down again, and a library that knows another name for `socket.socket`
gains nothing. The worker that talks to the inference server named by IT's policy opens one `Door` in it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

_INTERNET: Final = frozenset({socket.AF_INET, socket.AF_INET6})
_KIND_BITS: Final = 0xF
"""On Linux the type of a socket carries flags in its higher bits."""


class InternetForbiddenError(OSError):
    """Something asked for the network. An `OSError`, so that callers take it for no network."""


@dataclass(frozen=True)
class Door:
    """The one server that may be reached.

    Attributes:
        host: Its name, the only one that may be looked up.
        port: Its TCP port.
        networks: Where its address must lie, whatever the name leads to.
    """

    host: str
    port: int
    networks: tuple[IPv4Network | IPv6Network, ...]

    def allows(self, address: object) -> bool:
        """Whether a socket may connect to this address (host, port, …)."""
        if not isinstance(address, tuple) or len(address) < 2 or address[1] != self.port:
            return False
        try:
            ip = ip_address(address[0])
        except ValueError:
            return False  # a name: the system would look it up where nobody sees the result
        return any(ip in network for network in self.networks)


def forbid_internet() -> None:
    """Refuse the network in this process from now on. Calling it twice does no harm."""
    _FENCE.put_up()


def open_door(door: Door) -> None:
    """Let this process, which is fenced, reach one server.

    Raises:
        InternetForbiddenError: Another door is open: a process has one for its life.
    """
    _FENCE.open(door)


class _Fence:
    """What the audit hook asks."""

    def __init__(self) -> None:
        self._is_up = False
        self._door: Door | None = None
        self.checks: dict[str, Callable[..., None]] = {
            "socket.__new__": self._create,
            "socket.connect": self._connect,
            "socket.bind": self._bind,
            "socket.sendto": self._send_to,
            "socket.sendmsg": self._send_to,
            "socket.getaddrinfo": self._look_up,
            "socket.gethostbyname": self._look_up,
            "socket.gethostbyaddr": self._look_up,
            "socket.getnameinfo": self._look_up,
        }

    def put_up(self) -> None:
        socket.has_ipv6 = False
        if not self._is_up:
            self._is_up = True
            sys.addaudithook(_ask)

    def open(self, door: Door) -> None:
        if self._door not in (None, door):
            raise InternetForbiddenError("another server may not be reached from this process")
        self._door = door

    def _create(self, _socket: object, family: int, kind: int, *_rest: object) -> None:
        is_stream = kind & _KIND_BITS == socket.SOCK_STREAM
        if family in _INTERNET and not (self._door and is_stream):
            _refuse()

    def _connect(self, sock: socket.socket, address: object) -> None:
        if sock.family in _INTERNET and not (self._door and self._door.allows(address)):
            _refuse()

    def _bind(self, sock: socket.socket, _address: object) -> None:
        if sock.family in _INTERNET:
            _refuse()

    def _send_to(self, sock: socket.socket, address: object) -> None:
        if sock.family in _INTERNET and address is not None:
            _refuse()

    def _look_up(self, host: object, *_rest: object) -> None:
        if self._door is None or host != self._door.host:
            _refuse()


def _refuse() -> None:
    raise InternetForbiddenError("internet sockets are forbidden in this process")


_FENCE: Final = _Fence()
_CHECKS: Final = _FENCE.checks


def _ask(event: str, arguments: tuple[Any, ...]) -> None:
    """The hook. A plain function: the interpreter looks at it thousands of times a second, and a method is slow."""
    check = _CHECKS.get(event)
    if check is not None:
        check(*arguments)
