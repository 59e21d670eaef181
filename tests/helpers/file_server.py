"""A real HTTP server on the loopback address that serves one file, as badly as a test wants."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a handler that holds something back lets go, should a test forget it."""


class FileServer(ThreadingHTTPServer):
    """Serves ``content`` under every path.

    Each request is answered by the next of ``manners``, and well once they have run out. ``requests`` are the paths and
    headers of those that came; ``gate`` holds back what :func:`gated` serves, ``closing`` is set at the end.
    """

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        self.manners: list[Callable[[Handler], None]] = []
        self.always: Callable[[Handler], None] = well
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.gate = threading.Event()
        self.reached = threading.Event()
        self.closing = threading.Event()

        self.scheme = "http"

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def encrypt(self, certificate: Path) -> None:
        """Speak TLS, with a file that holds certificate and key."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        manners = self.server.manners
        (manners.pop(0) if manners else self.server.always)(self)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass

    def head(self, status: int, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def wanted(self) -> tuple[int, int]:
        """First byte to send, and the status that goes with it."""
        span, condition = self.headers.get("Range"), self.headers.get("If-Range")
        if not span or (condition and condition != self.server.etag):
            return 0, 200
        start = int(span.removeprefix("bytes=").rstrip("-"))
        return start, 206 if start < len(self.server.content) else 416

    def begin(self, lie: int = 0) -> bytes:
        """Send a head as it should be (but for ``lie`` bytes too many); return what belongs behind it."""
        content = self.server.content
        start, status = self.wanted()
        if status == 416:
            self.head(416, 0, Content_Range=f"bytes */{len(content)}")
            return b""
        more = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if status == 206 else {}
        self.head(status, len(content) - start + lie, ETag=self.server.etag, **more)
        return content[start:]


def well(handler: Handler) -> None:
    handler.wfile.write(handler.begin())


def ending_after(count: int) -> Callable[[Handler], None]:
    """Hang up after so many bytes."""
    return lambda handler: _write(handler, handler.begin()[:count])


def stalling_after(count: int) -> Callable[[Handler], None]:
    """Say nothing more after so many bytes, but stay on the line."""

    def answer(handler: Handler) -> None:
        _write(handler, handler.begin()[:count])
        handler.server.reached.set()
        handler.server.closing.wait(PATIENCE)

    return answer


def gated(count: int) -> Callable[[Handler], None]:
    """Send so many bytes, and the rest once the test opens the gate."""

    def answer(handler: Handler) -> None:
        content = handler.begin()
        _write(handler, content[:count])
        handler.server.reached.set()
        handler.server.gate.wait(PATIENCE)
        _write(handler, content[count:])

    return answer


def silent(handler: Handler) -> None:
    """Take the request, and never answer."""
    handler.server.closing.wait(PATIENCE)


def lying(handler: Handler) -> None:
    """Promise 1,000 bytes more than there are."""
    _write(handler, handler.begin(lie=1000))


def web_page(handler: Handler) -> None:
    _whole(handler, b"<!DOCTYPE html><title>Log in</title>", Content_Type="text/html; charset=utf-8")


def web_page_in_disguise(handler: Handler) -> None:
    page = b"\n<html><body>Blocked</body></html>".ljust(len(handler.server.content), b" ")
    _whole(handler, page, Content_Type="application/octet-stream")


def sending(content: bytes, **headers: str) -> Callable[[Handler], None]:
    """Send other bytes, whatever was asked for."""
    return lambda handler: _whole(handler, content, **headers)


def without_length(content: bytes) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.head(200, Connection="close")
        _write(handler, content)

    return answer


def refusing(status: int, **headers: str) -> Callable[[Handler], None]:
    return lambda handler: handler.head(status, 0, **headers)


def redirecting(to: str, status: int = 302) -> Callable[[Handler], None]:
    return lambda handler: handler.head(status, 0, Location=to)


def in_a_circle(handler: Handler) -> None:
    handler.head(302, 0, Location=f"{handler.path}x")


def ignoring_range(handler: Handler) -> None:
    _whole(handler, handler.server.content)


def giving_another_range(handler: Handler) -> None:
    content = handler.server.content
    if "Range" in handler.headers:
        handler.head(206, len(content) - 7, Content_Range=f"bytes 7-{len(content) - 1}/{len(content)}")
        _write(handler, content[7:])
    else:
        _whole(handler, content)


def _whole(handler: Handler, content: bytes, **headers: str) -> None:
    handler.head(200, len(content), **headers)
    _write(handler, content)


def _write(handler: Handler, content: bytes) -> None:
    handler.wfile.write(content)
    handler.wfile.flush()


@contextmanager
def file_server(content: bytes) -> Iterator[FileServer]:
    """Run a server in a thread until the test is over."""
    server = FileServer(content)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="file server")
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
