"""How strongly each input pixel moves one unit: its effective receptive field.

W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
NeurIPS 2016, section 2: the partial derivative of a unit with respect to the input, here for one picture.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from core.errors import LayerError
from core.inference.measure import first_tensor, module_of, must_be_changeable
from core.insight.budget import check_gradient
from core.insight.field import field_box
from core.insight.inspect import Inspector
from core.insight.layout import as_maps, axis_order, is_vector
from core.types import EffectiveField, EffectiveFieldRequest, Heat, JobProgress, LayerInfo, NetworkInput, frozen

SHARE = 0.95
"""How much of the gradient counts as all of it."""

Floats = npt.NDArray[np.float32]


class _Reached(Exception):  # noqa: N818 - it is how a forward pass is ended early, not an error
    """The unit has its value."""


def measure_field(
    inspector: Inspector, request: EffectiveFieldRequest
) -> Generator[JobProgress, None, EffectiveField]:
    """Measure the effective receptive field of one unit for one picture.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    LayerError
        If there is no such layer or unit, it is an attention, or it was not reached.
    """
    yield JobProgress(0, 1, "Measuring the effective receptive field")
    layer = inspector.layer(request.layer)
    must_be_changeable(layer)
    place = unit_place(inspector.session.info.layers, layer, request.channel, request.row, request.column)
    check_gradient(
        inspector.session.info.layers, inspector.session.device, f"The effective field in “{layer.key}”",
        "an earlier layer", until=layer,
    )  # fmt: skip
    batch, seen = inspector.tensor(request.image), inspector.network_input(request.image)
    value, gradient = inspector.session.run(
        lambda module, inputs: input_gradient(module, inputs, layer, place), batch, gradients=True
    )[0]
    return _judge(layer, request, seen, value, gradient)


def unit_place(layers: Sequence[LayerInfo], layer: LayerInfo, channel: int, row: int, column: int) -> int:
    """Return where a unit of a map (or of a vector, at row 0 and column 0) is in the layer's flattened output.

    Raises
    ------
    LayerError
        If there is no such unit.
    """
    shape = layer.output_shape
    places = np.arange(math.prod(shape)).reshape(shape)
    maps: Any = places[:1].reshape(-1, 1, 1)
    if not is_vector(shape):
        maps = as_maps(places, axis_order(layers, layer)).values  # type: ignore[arg-type]
    if not all(0 <= at < side for at, side in zip((channel, row, column), maps.shape, strict=True)):
        raise LayerError(f"The layer “{layer.key}” has no unit at row {row}, column {column} of channel {channel}.")
    return int(maps[channel, row, column])


def input_gradient(module: nn.Module, batch: Tensor, layer: LayerInfo, place: int) -> tuple[float, Floats]:
    """Differentiate one unit with respect to the input; the forward pass ends at its layer.

    Parameters
    ----------
    module
        The network; autograd is on.
    batch
        float32 (1, channels, H, W).
    layer, place
        The layer, and the unit's place in its flattened output.

    Returns
    -------
    The unit's value, and the gradient float32 (channels, H, W) on the CPU.

    Raises
    ------
    LayerError
        If the layer was not reached, or its output does not depend on the input.
    """
    units: list[Tensor] = []
    calls = 0

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        nonlocal calls
        calls += 1
        tensor = first_tensor(output)
        if calls == layer.call and tensor is not None:
            units.append(tensor.flatten()[place])
            raise _Reached

    # A clone of a leaf: a network may begin with an operation in place.
    pixels = batch.detach().clone().requires_grad_()
    handle = module_of(module, layer).register_forward_hook(hook)
    try:
        module(pixels.clone())
    except _Reached:
        pass
    finally:
        handle.remove()
    if not units:
        raise LayerError(f"The layer “{layer.key}” was not reached in the forward pass.")
    if not units[0].requires_grad:
        raise LayerError(f"The layer “{layer.key}” does not depend on the picture.")
    (gradient,) = torch.autograd.grad(units[0], pixels, allow_unused=True)
    found = torch.zeros_like(pixels) if gradient is None else gradient
    plain: Floats = found[0].detach().to("cpu", torch.float32).numpy()
    return float(units[0].detach()), plain


def concentration(strength: npt.NDArray[np.float64], share: float = SHARE) -> int:
    """Return the least number of pixels that together hold a share of the sum of ``strength``, which is above zero."""
    ordered = np.sort(strength, axis=None)[::-1].cumsum()
    return int(np.searchsorted(ordered, share * ordered[-1])) + 1


def _judge(
    layer: LayerInfo, request: EffectiveFieldRequest, seen: NetworkInput, value: float, gradient: Floats
) -> EffectiveField:
    strength = np.abs(gradient.astype(np.float64)).sum(axis=0)
    where = (layer.key, request.channel, request.row, request.column)
    name = _name(layer, request)
    if not np.isfinite(strength).all():
        words = f"The gradient of {name} is not a number everywhere, so it has no effective receptive field."
        return EffectiveField(*where, None, None, words)
    if not strength.any():
        because = "it is 0, switched off by a ReLU" if value == 0 else f"it stays at {value:.3g}"
        words = f"The gradient of {name} is zero: {because}, and no small change of any pixel moves it."
        return EffectiveField(*where, None, None, words)
    area, field_words = _theoretical(layer, request, seen)
    held = concentration(strength) / area
    heat = Heat(f"Effective receptive field of {name} of {layer.key}", frozen(strength.astype(np.float32)), seen.box)
    words = f"{SHARE:.0%} of the gradient of {name} lies in {_percent(held)} of {field_words}."
    return EffectiveField(*where, heat, held, words.replace("95%", "95 %"))


def _name(layer: LayerInfo, request: EffectiveFieldRequest) -> str:
    if is_vector(layer.output_shape):
        return f"unit {request.channel}"
    return f"unit ({request.row}, {request.column}) of channel {request.channel}"


def _theoretical(layer: LayerInfo, request: EffectiveFieldRequest, seen: NetworkInput) -> tuple[int, str]:
    """Pixels of the input inside the theoretical field, and the field in words."""
    height, width = seen.pixels.shape[:2]
    box = field_box(layer, request.row, request.column, seen)
    if layer.receptive_field is None or box is None:
        return height * width, f"the network's input ({height} × {width}), all of which it can see"
    left, top, right, bottom = seen.box
    wide = round((box[2] - box[0]) * width / (right - left))
    high = round((box[3] - box[1]) * height / (bottom - top))
    clipped = ", clipped at the border" if (high, wide) != layer.receptive_field else ""
    return high * wide, f"its theoretical field ({high} × {wide} pixels{clipped})"


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 1 else f"{percent:.1g} %"
