"""Numbers of an axis: where its ticks stand, and how they and values are written."""

from __future__ import annotations

import math
from typing import Literal

Kind = Literal["number", "share"]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers at equal distances (1, 2 or 5 times a power of ten) that cover ``low`` to ``high``.

    The first is at or below ``low``, the last at or above ``high``; about ``most`` at most.
    """
    span = high - low
    if not span > 0:
        span = abs(high) or 1.0
        low, high = low - span / 2, high + span / 2
    rough = span / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_text(value: float, step: float, kind: Kind) -> str:
    """Write a tick with as many decimals as its neighbours need."""
    if kind == "share":
        return f"{_fixed(100 * value, 100 * step)} %"
    return _fixed(value, step)


def value_text(value: float, kind: Kind) -> str:
    """Write a value: three significant digits, or per cent with a decimal."""
    if value != value:
        return "not a number"
    if kind == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.3g}".replace("-", "−") if abs(value) < 1000 else f"{value:,.0f}".replace("-", "−")


def epochs_shown(now: float, epochs: int) -> int:
    """How far the axis of epochs reaches: a round number beyond ``now``, and all of them in the end."""
    reach = next((one for one in (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if one >= now), epochs)
    return max(1, min(epochs, reach))


def _fixed(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{decimals}f}".replace("-", "−")
