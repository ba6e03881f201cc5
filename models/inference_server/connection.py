"""One HTTP request to the inference server: address checked, certificate checked, given up at any moment.

The bytes of HTTP/1.1 are h11's; the socket is ours, because only then can a person's stop be heard while
nothing comes, and every address be looked at before it is connected to. There is no proxy, no redirect, no
environment variable, no certificate store of the system: what IT's policy names is all there is.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from types import TracebackType
from typing import Final, TypeVar
from urllib.parse import urlsplit

import h11

from models.engine.protocol import InferenceServer
from models.errors import InferenceServerError, ServerFault

CONNECT_LIMIT_S: Final = 5.0
STEP_S: Final = 0.05
"""How often a waiting call looks up."""
MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_READ_BYTES: Final = 65_536
_CERTIFICATE_FAULTS: Final = {
    10: ServerFault.CERTIFICATE_EXPIRED,
    62: ServerFault.CERTIFICATE_NAME,  # another host's name
    64: ServerFault.CERTIFICATE_NAME,  # another address
}
"""OpenSSL's X509_V_ERR_* that IT can do something particular about."""

Watch = Callable[[], None]
"""Called while something is waited for; raises to give up."""
_T = TypeVar("_T")


class Address:
    """Where the server is, taken apart.

    Args:
        server: As the policy names it; its URL was checked there.
    """

    def __init__(self, server: InferenceServer) -> None:
        parts = urlsplit(server.url)
        self.name = server.name
        self.is_tls = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = server.port
        self.path = parts.path.rstrip("/")
        self.networks = tuple(ip_network(network) for network in server.allowed_addresses)
        self.ca_file = server.ca_file

    def fault(self, fault: ServerFault, status: int = 0) -> InferenceServerError:
        """The error that this server did not do what it should."""
        return InferenceServerError(fault.value, self.name, status)


class Connection:
    """A connection for one request. Close it, or use it as a context, and the server stops writing.

    Args:
        address: The server.
        watch: Asked many times a second while this waits.

    Raises:
        InferenceServerError: It cannot be reached, or is not who it should be. From every method.
    """

    def __init__(self, address: Address, *, watch: Watch) -> None:
        self._address, self._watch = address, watch
        self._http = h11.Connection(h11.CLIENT)
        self._socket = _connect(address, watch)
        if address.is_tls:
            try:
                self._socket = self._with_tls(self._socket)
            except BaseException:
                self._socket.close()
                raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, method: str, path: str, *, body: bytes = b"", key: str = "") -> h11.Response:
        """Send the request; returns the head of the answer."""
        headers = [
            ("Host", self._address.name),
            ("Accept", "text/event-stream, application/json"),
            ("Connection", "close"),
        ]
        if body:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if key:
            headers.append(("Authorization", f"Bearer {key}"))
        self._send(h11.Request(method=method, target=self._address.path + path, headers=headers))
        if body:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        while not isinstance(event := self._next(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise self._address.fault(ServerFault.INTERRUPTED)
        return event

    def body(self) -> Iterator[bytes]:
        """The body of the answer, as it comes."""
        size = 0
        while isinstance(event := self._next(), h11.Data):
            size += len(event.data)
            if size > MAX_ANSWER_BYTES:
                raise self._address.fault(ServerFault.MALFORMED)
            yield bytes(event.data)

    def _next(self) -> object:
        try:
            event = self._http.next_event()
            while event is h11.NEED_DATA:
                self._http.receive_data(self._patiently(lambda: self._socket.recv(_READ_BYTES)))
                event = self._http.next_event()
        except h11.RemoteProtocolError as error:
            is_cut = self._http.their_state is h11.ERROR and self._http.trailing_data[1]
            fault = ServerFault.INTERRUPTED if is_cut else ServerFault.MALFORMED
            raise self._address.fault(fault) from error
        return event

    def _send(self, event: h11.Event) -> None:
        view = memoryview(self._http.send(event) or b"")
        while view:
            view = view[self._patiently(lambda waiting=view: self._socket.send(waiting)) :]  # type: ignore[misc]

    def _patiently(self, step: Callable[[], _T]) -> _T:
        """Do what the network may keep waiting, looking up in between."""
        while True:
            self._watch()
            try:
                return step()
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
            except ssl.SSLCertVerificationError as error:
                fault = _CERTIFICATE_FAULTS.get(error.verify_code, ServerFault.CERTIFICATE)
                raise self._address.fault(fault) from error
            except ssl.SSLError as error:
                raise self._address.fault(ServerFault.TLS) from error
            except OSError as error:
                raise self._address.fault(ServerFault.INTERRUPTED) from error

    def _with_tls(self, plain: socket.socket) -> ssl.SSLSocket:
        """TLS that trusts the policy's authority and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the certificate and the name in it
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_verify_locations(cafile=self._address.ca_file)
        except OSError as error:  # unreadable, or not PEM (`ssl.SSLError`)
            raise self._address.fault(ServerFault.CA_FILE) from error
        wrapped = context.wrap_socket(
            plain, server_hostname=self._address.host, do_handshake_on_connect=False
        )
        wrapped.settimeout(STEP_S)
        self._patiently(wrapped.do_handshake)
        return wrapped


def _connect(address: Address, watch: Watch) -> socket.socket:
    """A socket to the first allowed address that answers."""
    fault = ServerFault.ADDRESS_NOT_ALLOWED
    for family, place in _places(address):
        if not any(ip_address(place[0]) in network for network in address.networks):
            continue
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            _reach(sock, place, watch)
        except TimeoutError:
            fault = ServerFault.UNREACHABLE
        except ConnectionRefusedError:
            fault = ServerFault.REFUSED
        except OSError:
            fault = ServerFault.UNREACHABLE
        except BaseException:
            sock.close()
            raise
        else:
            return sock
        sock.close()
    raise address.fault(fault)


def _places(address: Address) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """What the name leads to: looked up once for a request, then connected to by number."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise address.fault(ServerFault.NAME_UNKNOWN) from error
    return [(family, place) for family, _, _, _, place in found]  # type: ignore[misc]


def _reach(sock: socket.socket, place: tuple[str, int], watch: Watch) -> None:
    """Connect, looking up in between.

    Raises:
        OSError: It did not come to that.
    """
    sock.setblocking(False)
    limit = time.monotonic() + CONNECT_LIMIT_S
    try:
        sock.connect(place)
    except BlockingIOError:
        # On Windows a refused connection shows among the exceptions, not among the writable.
        while not any(select.select([], [sock], [sock], STEP_S)):
            watch()
            if time.monotonic() > limit:
                raise TimeoutError from None
        if code := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, "connect") from None  # Python picks the subclass by the code
    sock.settimeout(STEP_S)
