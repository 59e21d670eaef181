"""How far a run is, as a line on the terminal."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

from core.types import TrainProgress, in_minutes


class TrainLine:
    """Shows progress on standard error: as one line that changes on a terminal, else not at all."""

    def __init__(self) -> None:
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> TrainLine:
        return self

    def show(self, progress: TrainProgress) -> None:
        """Show how far it is."""
        if self._shown:
            width = max(20, shutil.get_terminal_size().columns - 1)
            print(f"\r\x1b[K{in_words(progress)[:width]}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()


def in_words(progress: TrainProgress) -> str:
    """Write progress as a line: "epoch 3 of 20, 120 of 398, loss 1.234, 310 pictures/s, 12 min left"."""
    parts = [f"{progress.stage}: {progress.done} of {progress.total}"]
    if progress.epoch:
        parts[0] = f"epoch {progress.epoch} of {progress.epochs}, {parts[0]}"
    if progress.loss == progress.loss:
        parts.append(f"loss {progress.loss:.3f}")
    if progress.pictures_per_second:
        parts.append(f"{progress.pictures_per_second:.0f} pictures/s")
    if progress.seconds_left is not None:
        parts.append(f"{in_minutes(progress.seconds_left)} left")
    return ", ".join(parts)
