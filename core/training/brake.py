"""Stopping and pausing within a step: a batch of a large network takes seconds, a person waits for none of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from core.errors import Cancelled


class Brake:
    """Set by one thread, felt by the one that trains: at every module, forwards and backwards."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stopped = False

    @property
    def paused(self) -> bool:
        """Whether somebody asked to pause."""
        return not self._go.is_set()

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
        self._go.wait()
        if self._stopped:
            raise Cancelled

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
