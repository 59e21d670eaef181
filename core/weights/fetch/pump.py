"""A thread that does the blocking steps of a request, so that whoever waits for it can give up at any time."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from dataclasses import dataclass
from email.message import Message
from typing import TypeAlias

from core.cancel import CancelToken
from core.weights.fetch.http import open_address

_AHEAD = 8
"""Chunks that may wait to be written."""
_LOOK = 0.05
"""Seconds between two looks at the token."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a response: HTTP status, headers, and the address after all redirects."""

    status: int
    headers: Message
    address: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the thread stumbled over."""

    error: Exception


class Silence(Exception):  # noqa: N818 - a fact, which the caller turns into an error
    """Nothing came for too long; ``connected`` says whether there was a connection at all."""

    def __init__(self, connected: bool) -> None:
        super().__init__()
        self.connected = connected


_Event: TypeAlias = Answer | Trouble | bytes


class Pump:
    """Opens an address and hands on its head and its content.

    The thread is a daemon: one that hangs in a look-up of a name cannot be stopped, and must not keep the program alive.
    """

    def __init__(self, address: str, headers: dict[str, str], *, stall: float, chunk: int) -> None:
        self._events: queue.Queue[_Event] = queue.Queue(_AHEAD)
        self._stopped = threading.Event()
        self._connected = threading.Event()
        self._socket: socket.socket | None = None
        self._stall, self._chunk = stall, chunk
        self._heard, self._was_connected = time.monotonic(), False
        self._thread = threading.Thread(
            target=self._run, args=(address, headers), name=f"download {address}", daemon=True
        )
        self._thread.start()

    def take(self, limit: float, token: CancelToken) -> Answer | bytes | None:
        """Wait a moment for the head, or for the next bytes of the content (empty at its end).

        Parameters
        ----------
        limit
            Seconds from the beginning until there must be a connection; from then on the silence counts that the pump was
            made with.
        token
            Looked at first.

        Returns
        -------
        None if nothing came in this moment.

        Raises
        ------
        Silence
            If nothing came for too long.
        Cancelled
            If the token was set.
        Exception
            What the thread stumbled over.
        """
        token.check()
        try:
            event = self._events.get(timeout=_LOOK)
        except queue.Empty:
            self._check_silence(limit)
            return None
        self._heard = time.monotonic()
        if isinstance(event, Trouble):
            raise event.error
        return event

    def _check_silence(self, limit: float) -> None:
        now = time.monotonic()
        if not self._connected.is_set():
            if now - self._heard > limit:
                raise Silence(connected=False)
        elif not self._was_connected:
            self._was_connected, self._heard = True, now
        elif now - self._heard > self._stall:
            raise Silence(connected=True)

    @property
    def connected(self) -> bool:
        """Whether there was a connection."""
        return self._connected.is_set()

    def close(self) -> None:
        """Hang up; the thread ends by itself."""
        self._stopped.set()
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self, address: str, headers: dict[str, str]) -> None:
        try:
            # A little longer than the one who waits, who can put it into words.
            with open_address(address, headers, self._stall + 1, self._note) as response:
                self._put(Answer(response.status, response.headers, response.url))
                while not self._stopped.is_set():
                    chunk = response.read1(self._chunk)
                    self._put(chunk)
                    if not chunk:
                        break
        except Exception as error:
            self._put(Trouble(error))

    def _note(self, connection: socket.socket) -> None:
        self._socket = connection
        self._connected.set()
        if self._stopped.is_set():
            raise OSError("nobody waits for this any more")

    def _put(self, event: _Event) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._events.put(event, timeout=_LOOK)
                return


