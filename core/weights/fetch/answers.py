"""What a server's answer means: bytes of the file, come again later, or no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from core.weights.fetch.errors import BrokenError, RefusedError
from core.weights.fetch.pump import Answer

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"^bytes\s+(\d+)-(\d+)/(\d+|\*)$")
_NO_RANGE = re.compile(r"^bytes\s+\*/(\d+)$")
_LONGEST_WAIT = 120.0


class WrongRangeError(BrokenError):
    """The server gave other bytes than those asked for: it has to be asked for all of them."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the content begins, how long the whole file is (0 where it is not said), and what to send as If-Range.

    ``complete`` says that there is no more than what was received before.
    """

    offset: int
    size: int
    validator: str
    complete: bool = False


def read_head(answer: Answer, asked: int, name: str) -> Head:
    """Read the head of an answer to a request for the bytes from ``asked`` on.

    Raises
    ------
    BrokenError
        If it is worth another try.
    RefusedError
        If not.
    """
    headers, status = answer.headers, answer.status
    if status == 416 and asked:
        found = _NO_RANGE.match(headers.get("Content-Range", "").strip())
        if found and int(found.group(1)) == asked:
            return Head(asked, asked, "", complete=True)
        raise WrongRangeError(f"{name} has a shorter file than the part that is here.")
    if status not in (200, 206):
        raise _no(status, headers, name)
    if headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise web_page(name)
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RefusedError(f"{name} sends the file in a packed form ({headers['Content-Encoding']}).")
    if status == 200:
        return Head(0, _number(headers.get("Content-Length", "")), _validator(headers))
    found = _CONTENT_RANGE.match(headers.get("Content-Range", "").strip())
    if not asked or not found or int(found.group(1)) != asked:
        raise WrongRangeError(f"{name} sent another part of the file than the one that was asked for.")
    return Head(asked, _number(found.group(3)), _validator(headers))


def web_page(name: str) -> RefusedError:
    """Say that what came is a web page."""
    return RefusedError(
        f"{name} sent a web page instead of the file: perhaps a login page of the network, or a proxy that blocks the "
        "download. Open the address in a browser to see it."
    )


def _no(status: int, headers: Message, name: str) -> BrokenError | RefusedError:
    if status in _AGAIN:
        wait = _number(headers.get("Retry-After", ""))
        return BrokenError(f"{name} is busy or out of order (HTTP {status}).", min(wait, _LONGEST_WAIT) if wait else None)
    if status in (404, 410):
        return RefusedError(f"{name} does not have the file (HTTP {status}).")
    if status in (401, 403, 407, 451):
        return RefusedError(f"{name} does not give the file to everybody (HTTP {status}).")
    if 300 <= status < 400:
        return RefusedError(
            f"{name} sends from address to address without end, or to one that is no web address (HTTP {status})."
        )
    return RefusedError(f"{name} answered with HTTP {status}, which is no file.")


def _validator(headers: Message) -> str:
    tag = headers.get("ETag", "").strip()
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "").strip()


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0
