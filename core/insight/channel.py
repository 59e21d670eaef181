"""What is known of a channel besides its values: the weights that make it."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor, nn

from core.inference.measure import module_of
from core.insight.feeding import find_feeder
from core.insight.inspect import Inspector
from core.types import ChannelDetails, ChannelRequest, JobProgress, Kernel, LayerInfo, Normalisation, frozen


def look_up(inspector: Inspector, request: ChannelRequest) -> Generator[JobProgress, None, ChannelDetails]:
    """Look up the kernel, the normalisation and the origin of a channel.

    Raises
    ------
    LayerError
        If there is no such layer.
    """
    yield JobProgress(0, 1, "Looking up weights")
    layer = inspector.layer(request.layer)
    if layer.heads is not None:
        words = f"Attention has no kernel: it is what the queries and keys of “{layer.module}” say of each other."
        return ChannelDetails(layer.key, request.channel, None, None, words)
    network = inspector.session.model
    module, channel = network.get_submodule(layer.module), request.channel
    kernel = _kernel(module, layer, channel)
    normalisation = _normalisation(module, layer, channel)
    if kernel is not None:
        return ChannelDetails(layer.key, channel, kernel, None, _own_words(kernel))
    sequences = {name: _calls_in_turn(part) for name, part in network.named_modules()}
    feeder = find_feeder(inspector.session.info.layers, layer, sequences)
    if feeder is None:
        return ChannelDetails(layer.key, channel, None, normalisation, f"{_no_kernel(layer)}.")
    source = feeder.layer
    noun = "convolution" if source.kind == "Conv2d" else "linear layer"
    if not feeder.certain:
        words = f"{_no_kernel(layer)}. The last {noun} that ran before it is “{source.key}”."
        if not layer.leaf:
            words = f"{_no_kernel(layer)}. The last {noun} in it is “{source.key}”."
        return ChannelDetails(layer.key, channel, None, normalisation, words)
    words = f"{_no_kernel(layer)}; the {noun} “{source.key}” feeds it."
    kernel = _kernel(module_of(network, source), source, channel)
    return ChannelDetails(layer.key, channel, kernel, normalisation, words)


def _no_kernel(layer: LayerInfo) -> str:
    return f"{layer.kind} has no kernel of its own" if layer.leaf else f"{layer.kind} holds other layers"


def _own_words(kernel: Kernel) -> str:
    if kernel.groups <= 1:
        return ""
    inputs = len(kernel.weights)
    if inputs == 1:
        return f"{kernel.groups:,} groups: it reads input channel {kernel.first_input} only."
    first, last = kernel.first_input, kernel.first_input + inputs - 1
    return f"Group {first // inputs + 1} of {kernel.groups}: it reads input channels {first} to {last}."


def _calls_in_turn(module: nn.Module) -> bool:
    """Whether a module's forward is that of a plain sequence."""
    return isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward


def _kernel(module: nn.Module, layer: LayerInfo, channel: int) -> Kernel | None:
    if not isinstance(module, nn.Conv2d | nn.Linear) or not 0 <= channel < len(module.weight):
        return None
    weights = _numbers(module.weight[channel])
    bias = float(module.bias[channel]) if module.bias is not None else None
    if isinstance(module, nn.Linear):
        return Kernel(layer.key, layer.kind, frozen(weights.reshape(-1, 1, 1)), bias=bias)
    group = channel // (module.out_channels // module.groups)
    return Kernel(layer.key, layer.kind, frozen(weights), group * len(weights), module.groups, bias)


def _normalisation(module: nn.Module, layer: LayerInfo, channel: int) -> Normalisation | None:
    if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
        mean, variance = _entry(module.running_mean, channel), _entry(module.running_var, channel)
    elif isinstance(module, nn.LayerNorm | nn.GroupNorm):
        mean = variance = None
    else:
        return None
    gamma, beta = _entry(module.weight, channel), _entry(module.bias, channel)
    if (gamma is None) != (beta is None) or (module.weight is not None and gamma is None):
        return None
    return Normalisation(
        layer.key, layer.kind, 1.0 if gamma is None else gamma, 0.0 if beta is None else beta, mean, variance, module.eps
    )


def _entry(tensor: Tensor | None, channel: int) -> float | None:
    """A channel's entry of a vector; None where there is none."""
    return float(tensor[channel]) if tensor is not None and tensor.dim() == 1 and 0 <= channel < len(tensor) else None


def _numbers(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A copy on the CPU: nobody may write into the network through it."""
    array: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = tensor.detach().to("cpu", torch.float32).numpy().copy()
    return array
