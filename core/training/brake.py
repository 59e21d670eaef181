"""Stopping and pausing within a step: a batch of a large network takes seconds, a person waits for none of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from core.errors import Cancelled


class Brake:
    """Set by one thread, felt by the one that trains: at every module, forwards and backwards.

    Parameters
    ----------
    told
        Called with True when work really holds on, and with False when it goes on; from the thread that works.
    """

    def __init__(self, told: Callable[[bool], None] | None = None) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stopped = False
        self._told = told
        self._lock = threading.Lock()
        self._holding = 0
        self._since = 0.0
        self._waited = 0.0

    @property
    def paused(self) -> bool:
        """Whether somebody asked to pause."""
        return not self._go.is_set()

    @property
    def waited(self) -> float:
        """Seconds that work has been held up so far."""
        return self._waited

    def pause(self) -> None:
        """Hold on; what was learned stays in memory."""
        self._go.clear()

    def resume(self) -> None:
        """Go on."""
        self._go.set()

    def stop(self) -> None:
        """Give up the epoch under way; the last whole one is on disk."""
        self._stopped = True
        self._go.set()

    def check(self) -> None:
        """Wait while paused; raise :class:`core.errors.Cancelled` once stopped."""
        if not self._go.is_set():
            self._hold()
        if self._stopped:
            raise Cancelled

    def _hold(self) -> None:
        # Threads that read pictures hold on, too: one pause is told once, and counted once.
        with self._lock:
            self._holding += 1
            if self._holding == 1:
                self._since = time.monotonic()
                self._tell(True)
        self._go.wait()
        with self._lock:
            self._holding -= 1
            if self._holding == 0:
                self._waited += time.monotonic() - self._since
                if not self._stopped:
                    self._tell(False)

    def _tell(self, paused: bool) -> None:
        if self._told is not None:
            self._told(paused)

    @contextmanager
    def on(self, module: nn.Module) -> Iterator[None]:
        """Have every leaf of a network look at the brake, until the end of the block."""
        leaves = [one for one in module.modules() if not any(one.children())]
        handles = [leaf.register_forward_hook(self._felt) for leaf in leaves]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _felt(self, module: nn.Module, inputs: Any, output: Any) -> None:
        self.check()
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(self._felt_backwards)  # type: ignore[no-untyped-call]

    def _felt_backwards(self, gradient: Tensor) -> None:
        self.check()
