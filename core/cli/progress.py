"""A line of progress on the terminal."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

from core.types import DownloadProgress, in_megabytes, in_minutes

_BAR = 24


class ProgressLine:
    """Shows progress on standard error: as one line that changes on a terminal, else not at all."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> ProgressLine:
        return self

    def show(self, progress: DownloadProgress) -> None:
        """Show how far it is."""
        if self._shown:
            width = max(20, shutil.get_terminal_size().columns - 1)
            print(f"\r\x1b[K{in_words(self._label, progress)[:width]}", end="", file=sys.stderr, flush=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def in_words(label: str, progress: DownloadProgress) -> str:
    """Write progress as a line: "resnet18 IMAGENET1K_V1 [####....] 12.0 MB of 44.7 MB, 3.1 MB/s, 11 s left"."""
    if progress.stage in ("connecting", "waiting") or not progress.total:
        return f"{label}: {progress.text}"
    filled = round(_BAR * min(1.0, progress.done / progress.total))
    parts = [f"{in_megabytes(progress.done)} of {in_megabytes(progress.total)}"]
    if progress.stage == "checking":
        parts.append("checking")
    if progress.speed is not None:
        parts.append(f"{in_megabytes(round(progress.speed))}/s")
    if progress.seconds_left is not None:
        parts.append(f"{in_minutes(progress.seconds_left)} left")
    return f"{label} [{'#' * filled}{'.' * (_BAR - filled)}] {', '.join(parts)}"

