"""What the units of a layer say for and against the categories. numpy only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.types import ClassWeights, LayerInfo

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def _hardsigmoid(values: Doubles) -> Doubles:
    return np.clip(values / 6 + 0.5, 0, 1)


def _sigmoid(values: Doubles) -> Doubles:
    # In two halves of tanh, which does not overflow.
    return 0.5 * (1 + np.tanh(values / 2))


ACTIVATIONS: Mapping[str, Callable[[Doubles], Doubles]] = {
    "ReLU": lambda values: np.maximum(values, 0),
    "ReLU6": lambda values: np.clip(values, 0, 6),
    "Hardswish": lambda values: values * _hardsigmoid(values),
    "Hardsigmoid": _hardsigmoid,
    "SiLU": lambda values: values * _sigmoid(values),
    "Sigmoid": _sigmoid,
    "Tanh": np.tanh,
}
"""Activations without parameters that may lie between a layer and the linear one that reads it, by the kind of module."""

_UNCHANGED = ("Dropout", "Flatten", "Identity", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "AvgPool2d")
"""Kinds that leave a vector as it is; pooling does, where there is one place a channel."""


def find_head(layers: Sequence[LayerInfo], categories: int) -> LayerInfo | None:
    """Return the linear layer whose output is the network's, None where it ends otherwise."""
    leaves = [layer for layer in layers if layer.leaf]
    if not leaves or not leaves[-1].kind.endswith("Linear") or leaves[-1].output_shape != (1, categories):
        return None
    return leaves[-1]


def way_to_head(layers: Sequence[LayerInfo], wanted: LayerInfo, head: LayerInfo) -> tuple[str, ...] | None:
    """Return the activations between a layer's units and the last linear layer, None where that does not read these units.

    Dropout, flattening, and pooling of a single place change nothing; whatever else lies between mixes units, or cannot be
    followed.

    Parameters
    ----------
    layers
        All layers in order of execution.
    wanted
        A layer whose output is a vector.
    head
        From :func:`find_head`.
    """
    units = _units(wanted)
    inside = f"{wanted.name}."
    start = layers.index(wanted) + 1
    while start < len(layers) and layers[start].name.startswith(inside):
        start += 1
    between = [layer for layer in layers[start:] if layer.leaf]
    if head not in between or units is None:
        return None
    through: list[str] = []
    for layer in between[: between.index(head)]:
        if _units(layer) != units:
            return None
        if layer.kind in ACTIVATIONS:
            through.append(layer.kind)
        elif layer.kind not in _UNCHANGED:
            return None
    return tuple(through)


def _units(layer: LayerInfo) -> int | None:
    """Number of units of an output that is one vector, (1, C) or (1, C, 1, 1); None for any other."""
    shape = layer.output_shape
    return shape[1] if len(shape) >= 2 and shape[0] == 1 and all(side == 1 for side in shape[2:]) else None


def as_read(values: Floats, weights: ClassWeights) -> Doubles:
    """Return what the last linear layer reads of a layer's units, float64 (units,): their values, through the activations."""
    read = values.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        for kind in weights.through:
            read = ACTIVATIONS[kind](read)
    return read


def contributions(values: Floats, weights: ClassWeights, category: int) -> Doubles:
    """Return what each unit adds to the logit of a category, float64 (units,); with the bias they sum up to it."""
    with np.errstate(invalid="ignore", over="ignore"):
        made: Doubles = as_read(values, weights) * weights.weights[category].astype(np.float64)
    return made


def speaks_for(weights: ClassWeights, unit: int, count: int = 5) -> tuple[int, ...]:
    """Return the categories with the greatest positive weights from a unit, the greatest first."""
    column = weights.weights[:, unit]
    return tuple(int(index) for index in np.argsort(-column, kind="stable")[:count] if column[index] > 0)


def speaks_against(weights: ClassWeights, unit: int, count: int = 5) -> tuple[int, ...]:
    """Return the categories with the greatest negative weights from a unit, the most negative first."""
    column = weights.weights[:, unit]
    return tuple(int(index) for index in np.argsort(column, kind="stable")[:count] if column[index] < 0)
