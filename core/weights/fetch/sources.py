"""Where a file comes from: an address, or a folder."""

from __future__ import annotations

import contextlib
import http.client
import ssl
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from core.cancel import CancelToken
from core.types import PublishedWeights
from core.weights.fetch import answers
from core.weights.fetch.errors import BrokenError, RefusedError, UnreachableError
from core.weights.fetch.http import DowngradeError
from core.weights.fetch.mirror import folder_of, is_address
from core.weights.fetch.options import FetchOptions
from core.weights.fetch.pump import Answer, Pump, Silence


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source gives: the bytes from ``offset`` on, of ``size`` in all (0 where it does not say).

    ``validator`` is what to send as If-Range when the rest is asked for later, "" where there is nothing of the kind.
    An empty chunk says that nothing came for a moment.
    """

    offset: int
    size: int
    validator: str
    chunks: Iterator[bytes]


class Source(Protocol):
    """A place that may have the file."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    def open(
        self, offset: int, validator: str, token: CancelToken
    ) -> contextlib.AbstractContextManager[Delivery]:
        """Begin to read, from ``offset`` on where the source can do that."""


def sources(weights: PublishedWeights, mirror: str, options: FetchOptions) -> tuple[Source, ...]:
    """List the places to try: the mirror first, where there is one."""
    mirror = mirror.strip()
    share = options.connect / (2 if is_address(mirror) else 1)
    own = Address(weights.url, urlsplit(weights.url).netloc, options, share)
    if not mirror:
        return (own,)
    if is_address(mirror):
        address = f"{mirror.rstrip('/')}/{quote(weights.filename)}"
        return (Address(address, f"the mirror {mirror}", options, share), own)
    return (Folder(folder_of(mirror), weights.filename, options), own)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that has the file under its own name."""

    folder: Path
    filename: str
    options: FetchOptions

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"the mirror {self.folder}"

    @contextlib.contextmanager
    def open(self, offset: int, validator: str, token: CancelToken) -> Iterator[Delivery]:
        """Read the file, from ``offset`` on if it has that many bytes."""
        path = self.folder / self.filename
        if not path.is_file():
            raise RefusedError(f"There is no file “{self.filename}” in “{self.folder}”.")
        try:
            size = path.stat().st_size
            start = offset if offset <= size else 0
            with path.open("rb") as file:
                file.seek(start)
                yield Delivery(start, size, "", self._chunks(file, token))
        except OSError as error:
            raise RefusedError(f"“{path}” cannot be read: {error.strerror or error}.") from error

    def _chunks(self, file: object, token: CancelToken) -> Iterator[bytes]:
        while chunk := file.read(self.options.chunk):  # type: ignore[attr-defined]
            token.check()
            yield chunk


@dataclass(frozen=True, slots=True)
class Address:
    """An address of HTTP or HTTPS. ``share`` is the number of seconds until there must be a connection."""

    address: str
    name: str
    options: FetchOptions
    share: float

    @contextlib.contextmanager
    def open(self, offset: int, validator: str, token: CancelToken) -> Iterator[Delivery]:
        """Ask for the file, or for what is left of it."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and validator:
            headers["If-Range"] = validator
        pump = Pump(self.address, headers, stall=self.options.stall, chunk=self.options.chunk)
        try:
            head = answers.read_head(self._head(pump, token), offset, self.name)
            chunks = iter(()) if head.complete else self._chunks(pump, token)
            yield Delivery(head.offset, head.size, head.validator, chunks)
        finally:
            pump.close()

    def _head(self, pump: Pump, token: CancelToken) -> Answer:
        try:
            while (answer := pump.take(self.share, token)) is None:
                pass
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.url or self.address)
        except Silence as silence:
            raise self._silent(silence.connected) from None
        except (OSError, http.client.HTTPException, ValueError, UnicodeError) as error:
            raise self._broken(error, pump.connected) from error
        assert isinstance(answer, Answer)
        return answer

    def _chunks(self, pump: Pump, token: CancelToken) -> Iterator[bytes]:
        while True:
            try:
                chunk = pump.take(self.share, token)
            except Silence:
                raise self._silent(connected=True) from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise BrokenError(f"The connection to {self.name} broke ({_reason(error)}).") from error
            assert not isinstance(chunk, Answer)
            if chunk == b"":
                return
            yield chunk or b""

    def _silent(self, connected: bool) -> BrokenError:
        if connected:
            return BrokenError(f"{self.name} sent nothing for {self.options.stall:.0f} seconds.")
        return UnreachableError(f"{self.name} cannot be reached: nobody answered within {self.share:.0f} seconds.")

    def _broken(self, error: Exception, connected: bool) -> BrokenError | RefusedError:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(error, DowngradeError):
            return RefusedError(
                f"{self.name} sends on to another address that is not encrypted ({error.reason}); that was not followed."
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return RefusedError(
                f"The certificate of {self.name} cannot be trusted ({cause.verify_message}). Look at the clock of this "
                "computer and, behind a company's proxy, at its certificate (SSL_CERT_FILE)."
            )
        if isinstance(error, ValueError | http.client.InvalidURL | urllib.error.URLError) and not isinstance(cause, OSError):
            return RefusedError(f"“{self.address}” cannot be asked for the file ({_reason(error)}).")
        if connected:
            return BrokenError(f"The connection to {self.name} broke ({_reason(error)}).")
        return UnreachableError(f"{self.name} cannot be reached ({_reason(error)}).")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror[:1].lower() + cause.strerror[1:]
    return str(cause) or type(cause).__name__
