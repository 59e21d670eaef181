"""The time-outs and limits of a download."""

from __future__ import annotations

from dataclasses import dataclass

MIRROR = "LAYERSCOPE_WEIGHTS_MIRROR"
"""The environment variable with an address or a folder that has the files under their own names."""


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How patient a download is. Times are in seconds, sizes in bytes.

    ``connect`` is the longest that all sources together may take to answer the first knock (looking up the name
    included); ``stall`` the longest silence on a connection before it counts as broken; ``tries`` the number of attempts
    in a row that bring nothing new, ``pause`` the wait after the first of them, which doubles up to ``longest_pause``.
    ``chunk`` is the most that is read at once, ``spare`` what is left free on the disk, ``report`` the time between two
    reports.
    """

    connect: float = 3.0
    stall: float = 20.0
    tries: int = 6
    pause: float = 1.0
    longest_pause: float = 30.0
    chunk: int = 256 * 1024
    spare: int = 16 * 1024 * 1024
    report: float = 0.1
