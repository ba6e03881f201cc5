"""A model hub on the loopback interface that speaks the part of the hub's protocol that fetching uses.

Metadata by HEAD with the commit, the linked size and digest; a redirect to a "CDN" path; ranges; and on
demand: connections that break in the middle, wrong bytes, missing files, gated repositories.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class LoopbackHub:
    """The hub's content and its faults.

    Attributes:
        repository: The only repository, `owner/name`.
        files: Its files by name.
        is_gated: Whether a token is demanded.
        break_after: Break each connection after so many bytes of body, that many times.
        breaks_left: How many connections still break.
        sent_instead: Bytes sent in the place of a file's own.
        without_digest: Leave the digest out, as for files that are not large.
        ignores_ranges: Answer a range with the whole file, as some proxies do.
        log: (method, path, range) of each request.
        tokens_at_cdn: Authorization headers that reached the CDN, where they have no business.
    """

    repository: str
    files: dict[str, bytes]
    is_gated: bool = False
    break_after: int = 0
    breaks_left: int = 0
    sent_instead: dict[str, bytes] = field(default_factory=dict)
    without_digest: bool = False
    ignores_ranges: bool = False
    log: list[tuple[str, str, str]] = field(default_factory=list)
    tokens_at_cdn: list[str] = field(default_factory=list)

    def __enter__(self) -> LoopbackHub:
        hub = self

        class Handler(_Handler):
            content = hub

        # The hub and its CDN: the client tells them apart by the port.
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_address[1]}"

    @property
    def cdn(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    content: LoopbackHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        hub = self.content
        hub.log.append((self.command, self.path, self.headers.get("Range", "")))
        api = re.fullmatch(rf"/api/models/{hub.repository}(/revision/[^/?]+)?(\?.*)?", self.path)
        file = re.fullmatch(rf"/{hub.repository}/resolve/([^/]+)/([^?]+)(\?.*)?", self.path)
        blob = re.fullmatch(r"/cdn/(.+)", self.path)
        if hub.is_gated and not blob and "Bearer hf_" not in self.headers.get("Authorization", ""):
            self._refuse(401, "GatedRepo", "Access to this model is restricted.")
        elif api:
            self._send_info()
        elif file and file[2] in hub.files:
            self._send_metadata(file[2])
        elif blob and blob[1] in hub.files:
            self._send_bytes(blob[1], with_body=with_body)
        elif file:
            self._refuse(404, "EntryNotFound", "Entry not found")
        else:
            self._refuse(404, "RepoNotFound", "Repository not found")

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_info(self) -> None:
        hub = self.content
        siblings = [{"rfilename": name, "size": len(data)} for name, data in hub.files.items()]
        body = json.dumps({"id": hub.repository, "sha": COMMIT, "siblings": siblings}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_metadata(self, name: str) -> None:
        hub, data = self.content, self.content.files[name]
        is_large = name.endswith(".gguf") and not hub.without_digest
        self.send_response(302 if is_large else 307)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Size", str(len(data)))
        digest = hashlib.sha256(data).hexdigest() if is_large else hashlib.sha1(data).hexdigest()
        self.send_header("X-Linked-ETag" if is_large else "ETag", f'"{digest}"')
        self.send_header("Location", f"{hub.cdn}/cdn/{name}" if is_large else f"/cdn/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_bytes(self, name: str, *, with_body: bool) -> None:
        hub = self.content
        if name.endswith(".gguf") and "Authorization" in self.headers:
            hub.tokens_at_cdn.append(str(self.headers["Authorization"]))
        data = hub.sent_instead.get(name, hub.files[name])
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        asked = None if hub.ignores_ranges else asked
        start = int(asked[1]) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if not with_body:
            return
        body = data[start:]
        if hub.breaks_left > 0 and name.endswith(".gguf"):
            hub.breaks_left -= 1
            body = body[: hub.break_after]
            self.close_connection = True
        self.wfile.write(body)
