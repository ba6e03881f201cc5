"""A server that misbehaves as it is told, on loopback, in a process of its own.

Run as `python scripted_inference_server.py LOG [CERTIFICATE KEY]`: prints its port. What it does stands in
the first part of the path: `/silent/v1/chat/completions` is never answered. LOG gets a line for each
connection that its client closed before the answer was whole. Ends when its standard input closes.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.inference_servers import MODEL

REFUSALS = {
    "llama_cpp": (400, {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 900,
                                  "n_ctx": 512, "message": "the request exceeds the available context size"}}),
    "vllm_old": (400, {"object": "error", "message": "This model's maximum context length is 512 tokens. However, "
                       "you requested 1000 tokens (900 in the messages, 100 in the completion)."}),
    "vllm_new": (400, {"error": {"message": "'max_tokens' is too large: 400. This model's maximum context length "
                                 "is 512 tokens and your request has 200 input tokens (400 > 512 - 200)."}}),
    "stranger": (400, {"error": {"code": "context_length_exceeded", "message": "?"}}),
    "odd": (422, {"detail": "?"}),
    "html": (502, None),
    **{str(status): (status, {"error": {"message": "山田太郎"}}) for status in (301, 401, 403, 404, 429, 500, 503)},
}  # fmt: skip


def event(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log: Path

    def log_message(self, *_args: object) -> None:
        pass

    def do_GET(self) -> None:
        body = {"data": [{"id": MODEL}]} if self.script != "no_list" else {"models": 3}
        self.answer(200, json.dumps(body).encode())

    def do_POST(self) -> None:
        self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            if self.script == "vllm_new" and self.asked["max_tokens"] <= 312:
                self.stream([event(f"{self.asked['max_tokens']}字まで", "length"), b"data: [DONE]\n\n"])
            elif self.script in REFUSALS:
                status, body = REFUSALS[self.script]
                self.answer(status, b"<html>" if body is None else json.dumps(body).encode())
            else:
                getattr(self, self.script)()
        except OSError:
            with self.log.open("a") as file:
                file.write(f"{self.script} closed\n")

    @property
    def script(self) -> str:
        return self.path.split("/")[1]

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 301:
            self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        self.wfile.write(body)

    def stream(self, events: list[bytes], *, is_whole: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        if is_whole:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def silent(self) -> None:
        """Never a byte; notices when the client is gone."""
        self.connection.settimeout(60)
        if not self.connection.recv(1):
            raise OSError

    def pings(self) -> None:
        """Keeps the connection open and writes nothing."""
        self.stream([], is_whole=False)
        for _ in range(600):
            self.wfile.write(b"8\r\n: ping\n\n\r\n")
            time.sleep(0.1)

    def slow(self) -> None:
        """Writes for ever."""
        self.stream([], is_whole=False)
        while True:
            piece = event("字")
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(0.05)

    def whole(self) -> None:
        self.stream(
            [
                b"event: message\r\nid: 1\r\n",
                event("令和"),
                b": comment\n\n",
                event("\u2028九年"),
                event("", "stop"),
                b'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, '
                b'"prompt_tokens_details": {"cached_tokens": 4}}}\n\n',
                b"data: [DONE]\n\n",
            ]
        )

    def in_bits(self) -> None:
        """One byte at a time, cut in the middle of characters."""
        data = event("起案") + event("文書", "stop") + b"data: [DONE]\n\n"
        self.stream([data[at : at + 1] for at in range(len(data))])

    def half(self) -> None:
        """A lone half of a surrogate pair."""
        data = b'data: {"choices": [{"delta": {"content": "\\ud83da"}, "finish_reason": "stop"}]}\n\n'
        self.stream([data])

    def filtered(self) -> None:
        self.stream([event("途中", "content_filter"), b"data: [DONE]\n\n"])

    def broken(self) -> None:
        self.stream([event("はじめ"), b"data: {nonsense\n\n"])

    def other_json(self) -> None:
        self.stream([b'data: {"choices": [{"delta": {"content": 3}}]}\n\n'])

    def cut(self) -> None:
        self.stream([event("はじめ")], is_whole=False)

    def aside(self) -> None:
        """Pushed aside by another request: the end is said, but no reason for it."""
        self.stream([event("はじめ"), b"data: [DONE]\n\n"])

    def late(self) -> None:
        self.stream([event("はじめ"), b'data: {"error": {"message": "CUDA error", "code": 500}}\n\n'])

    def flood(self) -> None:
        self.stream([b"data: " + b"x" * 1_000_000] * 3)

    def endless(self) -> None:
        self.stream([b": " + b"x" * 1_000_000 + b"\n"] * 20)

    def no_stream(self) -> None:
        """An answer in one piece although a stream was asked for."""
        self.answer(200, b'{"choices": [{"message": {"content": "..."}, "finish_reason": "stop"}]}')

    def not_http(self) -> None:
        self.wfile.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")


def main(log: str, *tls: str) -> None:
    Handler.log = Path(log)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    print(server.server_address[1], flush=True)
    server.serve_forever(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
