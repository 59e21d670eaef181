"""How much memory a capture takes, found out before it is made, and how much it may."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.errors import LayerError, UsageError
from core.inference.devices import free_bytes
from core.types import LayerInfo

VARIABLE = "LAYERSCOPE_ACTIVATION_BUDGET"
"""Environment variable: what a capture may take, in MiB."""

LARGEST = 1 << 30
"""Bytes that a capture may take where nobody says otherwise, however much memory is free."""

_SHARE = 4
"""It may take one part in so many of the free memory."""

_SHOWN = 2
"""Bytes for each byte of maps that are shown: laid out channel by channel, and what measuring and colouring them takes."""

_GRADIENT_SHARE = 2
"""Going back through a network may take one part in so many of the free memory; nothing of it stays."""

_REMEMBERED = 2
"""Bytes for each byte that layers put out, see :func:`predict_gradient`."""

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a capture takes ``on_device`` and ``in_memory`` (of the computer); the same memory where the CPU computes."""

    on_device: int
    in_memory: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.on_device + self.in_memory


def predict(layer: LayerInfo, device: torch.device, *, shown: bool = True) -> Need:
    """Predict the memory of a capture at its height.

    Parameters
    ----------
    layer
        The layer; its ``activation_bytes`` are those of float32.
    device
        Where the network is: a copy is made there first. Another one in the computer's memory is needed for a GPU only.
    shown
        Whether it is made ready for the window, or only handed on.
    """
    copy = layer.activation_bytes
    maps = copy if layer.heads is None else copy // math.prod(layer.output_shape[2:]) * max(layer.output_shape[2:])
    in_memory = (0 if device.type == "cpu" else copy) + (_SHOWN * maps if shown else 0)
    return Need(copy, in_memory)


def budget(free: int | None) -> int:
    """Return how many bytes a capture may take.

    Parameters
    ----------
    free
        Bytes of memory that can still be had; None where nobody knows.

    Returns
    -------
    What :data:`VARIABLE` says, or else a quarter of ``free`` and at most :data:`LARGEST`.

    Raises
    ------
    UsageError
        If the variable is not a whole number above zero.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return LARGEST if free is None else min(LARGEST, free // _SHARE)
    if not said.isdecimal() or not int(said):
        raise UsageError(f"{VARIABLE} is “{said}”, not a number of MiB such as 512. Change it or remove it.")
    return int(said) * _MIB


def check_budget(layer: LayerInfo, device: torch.device, *, shown: bool = True) -> None:
    """Refuse a capture that would take too much memory.

    Raises
    ------
    LayerError
        With what it needs, what it may, and what to do.
    """
    if reason := refusal(layer, device, shown=shown):
        raise LayerError(reason)


def refusal(layer: LayerInfo, device: torch.device, *, shown: bool = True) -> str:
    """Return the sentence of :func:`check_budget`; "" where the capture fits."""
    need = predict(layer, device, shown=shown)
    here = torch.device("cpu")
    parts = [(need.total, here)] if device.type == "cpu" else [(need.on_device, device), (need.in_memory, here)]
    for bytes_needed, place in parts:
        allowed = budget(free_bytes(place))
        if bytes_needed > allowed:
            where = "" if place.type == "cpu" else f" on {place}"
            return (
                f"The activations of “{layer.key}” need {_mib(bytes_needed)} MiB of memory{where}, and the budget is "
                f"{_mib(allowed, up=False)} MiB. Choose a smaller layer, close other programs, or set {VARIABLE} to more MiB."
            )
    return ""


def _mib(size: int, *, up: bool = True) -> str:
    return f"{math.ceil(size / _MIB) if up else size // _MIB:,}"


def predict_gradient(layers: Sequence[LayerInfo], *, after: LayerInfo | None = None, until: LayerInfo | None = None) -> int:
    """Predict the bytes that going back through a network takes for one picture: what a forward pass has to remember for it.

    Parameters
    ----------
    layers
        All layers of the model in order of execution.
    after, until
        The way ends, or begins, at this layer, and what runs before it, or after it, is not remembered.

    Returns
    -------
    Twice what the layers on the way put out. Measured on torchvision's families it is 0.5 to 1.5 times that: a layer in place
    remembers less, functions between layers (concatenations, ReLU in GoogLeNet) remember outputs of their own.
    """
    begin = layers.index(after) + 1 if after is not None else 0
    end = layers.index(until) + 1 if until is not None else len(layers)
    inside = f"{until.name}." if until is not None and not until.leaf else None
    on_the_way = [
        *layers[begin:end],
        *(layer for layer in layers[end:] if inside is not None and layer.name.startswith(inside)),
    ]
    passed = f"{after.name}." if after is not None and not after.leaf else None
    put_out = sum(
        layer.activation_bytes
        for layer in on_the_way
        if layer.leaf and layer.heads is None and not (passed is not None and layer.name.startswith(passed))
    )
    return _REMEMBERED * put_out + (3 * after.activation_bytes if after is not None else 0)


def check_gradient(
    layers: Sequence[LayerInfo],
    device: torch.device,
    what: str,
    instead: str,
    *,
    after: LayerInfo | None = None,
    until: LayerInfo | None = None,
) -> int:
    """Return for how many pictures at once there is memory to go back through a network; at least one.

    Parameters
    ----------
    layers, after, until
        See :func:`predict_gradient`.
    device
        Where the network is.
    what, instead
        What needs the gradient ("Integrated gradients"), and what a person could choose instead ("Grad-CAM").

    Raises
    ------
    LayerError
        If there is not enough for one, with what it needs, what it may, and what to do.
    """
    free = free_bytes(device)
    needed = max(1, predict_gradient(layers, after=after, until=until))
    if free is None and not os.environ.get(VARIABLE, "").strip():
        return 1
    allowed = budget(free) if os.environ.get(VARIABLE, "").strip() else (free or 0) // _GRADIENT_SHARE
    if needed > allowed:
        where = "" if device.type == "cpu" else f" on {device}"
        raise LayerError(
            f"{what} needs {_mib(needed)} MiB of memory{where} to go back through the network, and the budget is "
            f"{_mib(allowed, up=False)} MiB. Choose {instead}, close other programs, or set {VARIABLE} to more MiB."
        )
    return allowed // needed
