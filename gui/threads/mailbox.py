"""Where a thread gets its work from: one slot per kind of request, the newest wins; some kinds keep their order instead."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any


class Mailbox:
    """Slots between the thread that asks and the one that answers.

    Parameters
    ----------
    newest
        Request types of which only the newest counts, the most urgent type first.
    ordered
        Request types that are all answered, in their order, before any of ``newest``.
    """

    def __init__(self, newest: tuple[type, ...], ordered: tuple[type, ...] = ()) -> None:
        self._newest = newest
        self._ordered = ordered
        self._slots: dict[type, Any] = {}
        self._queue: deque[Any] = deque()
        self._condition = threading.Condition()
        self._closed = False

    def put(self, request: Any) -> None:
        """Leave a request; it replaces the waiting one of its type. Does nothing after :meth:`close`."""
        with self._condition:
            if self._closed:
                return
            if type(request) in self._ordered:
                self._queue.append(request)
            elif type(request) in self._newest:
                self._slots[type(request)] = request
            else:
                raise TypeError(f"this mailbox takes no {type(request).__name__}")
            self._condition.notify()

    def take(self, *, wait: bool = True) -> Any | None:
        """Return the most urgent request; None if there is none and ``wait`` is False, or once the mailbox is closed."""
        with self._condition:
            while True:
                if self._closed:
                    return None
                if self._queue:
                    return self._queue.popleft()
                for kind in self._newest:
                    if kind in self._slots:
                        return self._slots.pop(kind)
                if not wait:
                    return None
                self._condition.wait()

    def holds(self, kind: type) -> bool:
        """Whether a request of this type is waiting."""
        with self._condition:
            return kind in self._slots or any(type(request) is kind for request in self._queue)

    def waits(self) -> bool:
        """Whether anything waits to be taken, or the mailbox is closed and nothing will be; for a look from long work."""
        return bool(self._closed or self._slots or self._queue)

    def discard(self, kind: type) -> None:
        """Drop the waiting request of a type of which only the newest counts."""
        with self._condition:
            self._slots.pop(kind, None)

    @property
    def closed(self) -> bool:
        """Whether no more requests are taken or given."""
        return self._closed

    def close(self) -> None:
        """Drop what is waiting and wake the one who waits; may be called again."""
        with self._condition:
            self._closed = True
            self._slots.clear()
            self._queue.clear()
            self._condition.notify_all()
