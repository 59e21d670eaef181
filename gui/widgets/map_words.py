"""What is said about a map: its range and its statistics, and one of its values."""

from __future__ import annotations

from core.types import ActivationGrid


def format_number(value: float) -> str:
    """At most three significant digits with a real minus sign: "4.2", "−0.31", "1e−05"."""
    return f"{value:.3g}".replace("-", "−")


def format_value(value: float) -> str:
    """One value to five significant digits: "0.48213", "−1.5", "NaN", "infinite"."""
    if value != value:
        return "NaN"
    return f"{value:.5g}".replace("-", "−").replace("inf", "infinite")


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


def describe_map(grid: ActivationGrid, channel: int, sorted_by: str = "", *, brief: bool = False) -> str:
    """Give what a map was sorted by, its range, mean, standard deviation and share of zeros; ``brief`` leaves the range out."""
    low, high = float(grid.minimum[channel]), float(grid.maximum[channel])
    parts = [f"channel {channel}", sorted_by]
    if low == high:
        return " · ".join(filter(None, [*parts, describe_range(low, high)]))
    parts += [] if brief else [describe_range(low, high)]
    mean, std = format_number(float(grid.mean[channel])), format_number(float(grid.std[channel]))
    parts += [f"mean {mean}", f"std {std}", f"zeros {format_share(float(grid.zeros[channel]))}"]
    return " · ".join(filter(None, parts))


def describe_nans(grid: ActivationGrid, channel: int) -> str:
    """Say how many values are not numbers; "" where all are."""
    count = int(grid.nans[channel])
    return f"{count:,} NaN" if count else ""


def explain_map(grid: ActivationGrid, channel: int, sorted_by: str = "") -> str:
    """Say all of it in one line."""
    return " · ".join(part for part in (describe_map(grid, channel, sorted_by), describe_nans(grid, channel)) if part)


def describe_value(grid: ActivationGrid, channel: int, row: int, column: int) -> str:
    """Give one value of a map: "channel 7 · row 3 · column 12 · 0.48213"."""
    value = format_value(float(grid.values[channel, row, column]))
    return f"channel {channel} · row {row} · column {column} · {value}"


def describe_units(units: tuple[int, int, int, int]) -> str:
    """Say which units see the point under the pointer: "rows 3–5, columns 7–10 see this point"."""
    top, left, bottom, right = units
    rows = f"row {top}" if bottom == top + 1 else f"rows {top}–{bottom - 1}"
    columns = f"column {left}" if right == left + 1 else f"columns {left}–{right - 1}"
    return f"{rows}, {columns} see this point"
