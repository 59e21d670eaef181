"""What one layer put out for one picture."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.errors import LayerError
from core.inference.attention import watched
from core.inference.measure import first_tensor, module_of
from core.insight.budget import check_budget
from core.insight.layout import as_maps, axis_order, is_vector
from core.insight.map_statistics import measure
from core.insight.mosaic import ranges
from core.types import ActivationGrid, Activations, ActivationVector, LayerInfo, frozen

STRONGEST = 20
"""How many units of a vector are listed."""

Floats = npt.NDArray[np.float32]


class _Reached(Exception):  # noqa: N818 - it is how a forward pass is ended early, not an error
    """The layer that was waited for has run."""


class Capture:
    """A hook that copies what one call of one module puts out, or its attention.

    Parameters
    ----------
    layer
        The layer; its ``call`` says which of several calls.
    stop
        Whether the forward pass ends once it has been reached.
    shown
        Whether it is to be shown, which takes more memory than the tensor alone.
    """

    def __init__(self, layer: LayerInfo, *, stop: bool = False, shown: bool = True) -> None:
        self._layer = layer
        self._stop = stop
        self._shown = shown
        self._calls = 0
        self._outputs: list[Tensor] = []

    def run(self, module: nn.Module, batch: Tensor) -> Tensor | None:
        """Run the network with the hook on it, and take the hook off again, whatever happens.

        Returns
        -------
        The network's output, or None if the pass was ended early.

        Raises
        ------
        LayerError
            If the layer was not reached, put out no tensor, or is larger than the budget
            (:func:`core.insight.budget.check_budget`).
        """
        check_budget(self._layer, batch.device, shown=self._shown)
        self._calls = 0
        self._outputs.clear()
        try:
            with self._hooked(module):
                result = first_tensor(module(batch))
        except _Reached:
            result = None
        except BaseException:
            self._outputs.clear()
            raise
        if not self._outputs:
            raise LayerError(f"The layer “{self._layer.key}” was not reached in the forward pass.")
        return result

    @contextlib.contextmanager
    def _hooked(self, network: nn.Module) -> Iterator[None]:
        if self._layer.heads is not None:
            holder = module_of(network, replace(self._layer, name=self._layer.module, heads=None))
            with watched(holder, self._layer.call, self._keep):
                yield
            return
        handle = module_of(network, self._layer).register_forward_hook(self._hook)
        try:
            yield
        finally:
            handle.remove()

    def _hook(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        self._calls += 1
        if self._calls == self._layer.call:
            self._keep(first_tensor(output))

    def _keep(self, tensor: Tensor | None) -> None:
        if tensor is not None:
            # A copy: an in-place ReLU that follows writes into the same memory.
            self._outputs.append(tensor.detach().clone())
        if self._stop:
            raise _Reached

    def values(self) -> Floats:
        """Return what was captured: float32, in the layer's own shape, batch first."""
        if not self._outputs:
            raise LayerError(f"The layer “{self._layer.key}” was not reached in the forward pass.")
        output = self._outputs[0]
        array: Floats = (output.abs() if output.is_complex() else output).to("cpu", torch.float32).numpy()
        return array


def present(
    values: Floats, layer: LayerInfo, layers: Sequence[LayerInfo], categories: Sequence[str] = ()
) -> Activations:
    """Make a layer's output ready to be shown.

    Parameters
    ----------
    values
        float32, batch first.
    layer, layers
        The layer and all layers of its model, in order of execution.
    categories
        Names of the units, where the layer is the network's last.

    Returns
    -------
    A vector where there is no spatial extent, else a grid of feature maps.
    """
    if is_vector(values.shape):
        return _vector(values, layer, categories)
    maps = as_maps(values, axis_order(layers, layer), layer)
    return as_grid(maps.values, layer, maps.note)


def as_grid(maps: Floats, layer: LayerInfo, note: str = "") -> ActivationGrid:
    """Say what there is to say about feature maps.

    Parameters
    ----------
    maps
        float32 (count, height, width).
    layer
        Where they come from.
    note
        How a layout other than N, C, H, W was read; how many maps are not finite is added.
    """
    shown = frozen(maps)
    minimum, maximum, bad = ranges(shown)
    measured = measure(shown)
    count, height, width = shown.shape
    unreal = f"{bad.sum()} of {count} maps hold values that are not finite" if bad.any() else ""
    return ActivationGrid(
        layer=layer,
        count=count,
        tile_height=height,
        tile_width=width,
        minimum=frozen(minimum),
        maximum=frozen(maximum),
        mean=measured.mean,
        std=measured.std,
        zeros=measured.zeros,
        nans=measured.nans,
        values=shown,
        note="; ".join(part for part in (note, unreal) if part),
    )


def _vector(values: Floats, layer: LayerInfo, categories: Sequence[str]) -> ActivationVector:
    units = np.ascontiguousarray(values[:1].reshape(-1))
    order = np.argsort(-np.nan_to_num(units, nan=-np.inf), kind="stable")
    strongest = tuple(int(index) for index in order[:STRONGEST])
    labels = tuple(categories[index] for index in strongest) if len(categories) == len(units) else ()
    units.setflags(write=False)
    return ActivationVector(layer, units, strongest, labels)


def is_last(layer: LayerInfo, layers: Sequence[LayerInfo]) -> bool:
    """Whether a layer's output is the network's: the last leaf, or a container that ends with it."""
    return bool(layers) and (layer == layers[-1] or layers[-1].name.startswith(f"{layer.name}."))
