"""What is said about a map: its range and its statistics."""

from __future__ import annotations

from core.types import ActivationGrid


def format_number(value: float) -> str:
    """At most three significant digits with a real minus sign: "4.2", "−0.31", "1e−05"."""
    return f"{value:.3g}".replace("-", "−")


def format_share(share: float) -> str:
    """A share in whole per cent; what is not quite none or all is not called so."""
    percent = 100 * share
    if 0 < percent < 1:
        return "< 1 %"
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %"


def describe_range(low: float, high: float) -> str:
    """Write the values of a map: "min −0.31 · max 4.2", or that they are all one."""
    return f"constant {format_number(low)}" if low == high else f"min {format_number(low)} · max {format_number(high)}"


def describe_map(grid: ActivationGrid, channel: int, *, brief: bool = False) -> str:
    """Give the range of a map, its mean, standard deviation and share of zeros; ``brief`` leaves the range out."""
    low, high = float(grid.minimum[channel]), float(grid.maximum[channel])
    if low == high:
        return f"channel {channel} · {describe_range(low, high)}"
    parts = [f"channel {channel}"] if brief else [f"channel {channel}", describe_range(low, high)]
    mean, std = format_number(float(grid.mean[channel])), format_number(float(grid.std[channel]))
    return " · ".join([*parts, f"mean {mean}", f"std {std}", f"zeros {format_share(float(grid.zeros[channel]))}"])


def describe_nans(grid: ActivationGrid, channel: int) -> str:
    """Say how many values are not numbers; "" where all are."""
    count = int(grid.nans[channel])
    return f"{count:,} NaN" if count else ""


def explain_map(grid: ActivationGrid, channel: int) -> str:
    """Say all of it in one line."""
    return " · ".join(part for part in (describe_map(grid, channel), describe_nans(grid, channel)) if part)
