"""What is known of a layer, in words and numbers for a person."""

from __future__ import annotations

import math

from core.insight.humanise import humanise
from core.types import LayerInfo

EVERYTHING = "everything"

BAR_DECADES = 2
"""Powers of ten that the bar of a mean covers, below the largest mean of the network."""


def ordinal(number: int) -> str:
    """Write 1 as "1st", 12 as "12th"."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def format_shape(shape: tuple[int, ...]) -> str:
    """Write an output shape without its batch: "64 × 55 × 55"."""
    return " × ".join(str(side) for side in shape[1:])


def format_layer_shape(layer: LayerInfo) -> str:
    """Write the output shape; that of attention in windows keeps its first axis, which is no batch."""
    if layer.heads is not None and layer.windows is not None:
        return " × ".join(str(side) for side in layer.output_shape)
    return format_shape(layer.output_shape)


def format_pair(pair: tuple[float, float] | None) -> str:
    """Write height and width, or row and column: "16" where they are equal, else "16 × 8"; "" for None."""
    if pair is None:
        return ""
    first, second = (f"{number:g}" for number in pair)
    return first if first == second else f"{first} × {second}"


def field_size(layer: LayerInfo) -> str:
    """Write the size of the receptive field: "196 × 196", or that it is everything."""
    if layer.receptive_field is None:
        return EVERYTHING
    return " × ".join(str(side) for side in layer.receptive_field)


def field_words(layer: LayerInfo) -> str:
    """Say what a unit sees: "196 × 196, stride 16, offset 7.5", or "everything"."""
    if layer.receptive_field is None or layer.stride is None or layer.offset is None:
        return EVERYTHING
    return f"{field_size(layer)}, stride {format_pair(layer.stride)}, offset {format_pair(layer.offset)}"


def field_explained(layer: LayerInfo) -> str:
    """The same in whole sentences."""
    if layer.receptive_field is None or layer.stride is None or layer.offset is None:
        return "Every unit sees the whole input, or what it sees could not be traced."
    height, width = layer.receptive_field
    down, across = layer.stride
    row, column = layer.offset
    return (
        f"Each unit sees {height} × {width} pixels of the input, {down} × {across} pixels from one unit to the next; "
        f"what unit (0, 0) sees is centred on row {row:g}, column {column:g}."
    )


def format_mean(mean: float) -> str:
    """Write a mean activation with three digits."""
    return "not a number" if not math.isfinite(mean) else f"{mean:.3g}"


def bar_share(mean: float | None, largest: float) -> float | None:
    """Return how long the bar of a mean is, 0 to 1: logarithmic, :data:`BAR_DECADES` powers of ten below the largest mean.

    None where there is no bar: no mean, or one that is not a number.
    """
    if mean is None or not math.isfinite(mean) or largest <= 0:
        return None
    if mean <= 0:
        return 0.0
    return max(0.0, min(1.0, 1 + math.log10(mean / largest) / BAR_DECADES))


def cost_words(layer: LayerInfo) -> str:
    """Say what a layer costs: "2.4 M parameters · 463 M MACs · 401 kB"."""
    parts = [f"{humanise(layer.parameters)} parameters"] if layer.parameters else []
    if layer.macs:
        parts.append(f"{humanise(layer.macs)} MACs")
    elif layer.macs is None:
        parts.append("MACs not known")
    parts.append(humanise(layer.activation_bytes, "B"))
    return " · ".join(parts)


def exact_words(parameters: int, macs: int | None, layer: LayerInfo) -> list[str]:
    """The same with all digits, a line each."""
    lines = [f"{parameters:,} parameters" if parameters else "no parameters"]
    lines.append("multiply-adds not known" if macs is None else f"{macs:,} multiply-adds (MACs)")
    lines.append(f"{layer.activation_bytes:,} bytes of activations (float32)")
    lines.append(field_explained(layer))
    return lines


def mean_words(mean: float | None, largest: float) -> str:
    """Say what the mean is and how its bar is drawn."""
    if mean is None:
        return ""
    return (
        f"Mean |activation| {format_mean(mean)}; bar: logarithmic, from 1/{10**BAR_DECADES:,} of the largest mean of this "
        f"network ({format_mean(largest)}) up to it."
    )
