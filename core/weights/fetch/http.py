"""HTTP as the downloads need it: the standard library's, with a word when it is connected and stricter redirects.

Proxies are those of the environment and the system; certificates are checked against the system's trust store.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from core.version import program_version

Connected = Callable[[socket.socket], None]


class DowngradeError(urllib.error.URLError):
    """A redirect that would leave encryption behind, or lead to something other than HTTP."""


class _Noting(http.client.HTTPConnection):
    """Says when it is connected, before any handshake: that is what tells a slow network from none."""

    _connected: Connected

    def connect(self) -> None:
        super().connect()
        self._connected(self.sock)


class _Http(_Noting):
    def __init__(self, *arguments: Any, connected: Connected, **named: Any) -> None:
        self._connected = connected
        super().__init__(*arguments, **named)


class _Https(http.client.HTTPSConnection, _Noting):
    def __init__(self, *arguments: Any, connected: Connected, **named: Any) -> None:
        self._connected = connected
        super().__init__(*arguments, **named)

    def connect(self) -> None:
        super().connect()
        # The handshake has put another socket in the place of the first.
        self._connected(self.sock)


class _HttpHandler(urllib.request.HTTPHandler):
    def __init__(self, connected: Connected) -> None:
        super().__init__()
        self._made = partial(_Http, connected=connected)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def __init__(self, connected: Connected) -> None:
        super().__init__()
        self._made = partial(_Https, connected=connected, context=trust())

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in ("http", "https") or (before == "https" and after == "http"):
            fp.close()
            raise DowngradeError(f"{before} to {after}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def trust() -> ssl.SSLContext:
    """Return the certificates to trust: the system's, and in a packaged program without any those of ``certifi``."""
    context = ssl.create_default_context()
    if getattr(sys, "frozen", False) and not context.cert_store_stats()["x509_ca"]:
        # Without it the handshake will say that the certificate cannot be checked.
        with contextlib.suppress(ImportError):
            context.load_verify_locations(importlib.import_module("certifi").where())
    return context


def open_address(address: str, headers: dict[str, str], timeout: float, connected: Connected) -> http.client.HTTPResponse:
    """Send a GET request; blocks.

    Parameters
    ----------
    address
        Of scheme ``http`` or ``https``.
    headers
        More headers of the request.
    timeout
        Seconds that one step on the socket may take.
    connected
        Called with the socket each time a connection stands (redirects may need several), and again once it is encrypted.

    Raises
    ------
    urllib.error.HTTPError, OSError, http.client.HTTPException, ValueError
        As ``urllib.request`` does.
    """
    director = urllib.request.OpenerDirector()
    handlers = (
        urllib.request.ProxyHandler(),
        _HttpHandler(connected),
        _HttpsHandler(connected),
        _Redirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    )
    for handler in handlers:
        director.add_handler(handler)
    agent = {"User-Agent": f"layerscope/{program_version()}"}
    request = urllib.request.Request(address, headers=agent | headers)
    response: http.client.HTTPResponse = director.open(request, timeout=timeout)
    return response
