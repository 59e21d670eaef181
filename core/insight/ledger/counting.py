"""Counting a network of the catalogue, without its weights and without memory for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from core.errors import ModelError
from core.inference.hollow import ShapesOnly, hollow, hollow_out
from core.inference.measure import measure_layers
from core.insight.ledger.beside import set_beside
from core.insight.ledger.loaded import field_of_maps
from core.types import LayerInfo, LedgerLayer, LedgerNetwork, LedgerWish
from core.weights.usual import of_architecture
from core.zoo import backend, channels
from core.zoo.backend import BuildOptions

_WHOLE = "whole"


def count(wish: LedgerWish) -> LedgerNetwork:
    """Count a network, and set beside it what its paper prints.

    Parameters
    ----------
    wish
        The architecture, and its number of classes, input channels and pixels where these are not its own.

    Raises
    ------
    ModelError
        If there is no such architecture, or it cannot be had like that, in words.
    """
    backend.check_architecture(wish.architecture)
    side = wish.side or of_architecture(wish.architecture).preprocessing.crop
    options = BuildOptions(
        num_classes=wish.classes, image_size=side, in_channels=wish.channels, aux_logits=wish.heads
    )
    try:
        module = hollow_out(backend.skeleton(wish.architecture, options=options))
        shape = (wish.channels or channels.default(wish.architecture), side, side)
        network, blocks = count_module(wish.architecture, module, shape)
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).splitlines()[0].rstrip(". ") if str(error) else type(error).__name__
        raise ModelError(f"{wish.architecture} cannot be counted at {side}×{side} pixels: {reason}.") from error
    return set_beside(network, blocks)


def count_module(
    name: str, module: nn.Module, input_shape: tuple[int, int, int]
) -> tuple[LedgerNetwork, dict[str, LedgerLayer]]:
    """Count a network with hollow parameters (:func:`core.inference.hollow.hollow_out`), in evaluation mode.

    Parameters
    ----------
    name
        What it is called.
    module
        The network; left as it is.
    input_shape
        Channels, height and width.

    Returns
    -------
    The network, and by their names the modules that hold others, which are not among its layers.
    """
    with torch.inference_mode(), ShapesOnly():
        layers, output = measure_layers(_Whole(module), hollow((1, *input_shape)))
    layers = tuple(_renamed(layer) for layer in layers if layer.heads is None)
    lines = _lines(module, layers)
    weighty = {layer.name for layer in layers if isinstance(module.get_submodule(layer.name), _ConvNd | nn.Linear)}
    network = LedgerNetwork(
        name=name,
        classes=output.shape[-1],
        input_shape=input_shape,
        output_shape=tuple(output.shape[1:]),
        weight_layers=len(weighty),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        macs=layers[0].macs,
        receptive_field=field_of_maps(layers),
        layers=lines,
    )
    return network, {layer.name: _block(layer) for layer in layers if not layer.leaf}


class _Whole(nn.Module):
    """Holds a network, so that the network itself is a layer that is measured."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.add_module(_WHOLE, network)
        self.eval()

    def forward(self, x: Tensor) -> object:
        """Whatever the network returns."""
        return self.get_submodule(_WHOLE)(x)


def _renamed(layer: LayerInfo) -> LayerInfo:
    return replace(layer, name=layer.name.removeprefix(_WHOLE).removeprefix("."))


def _lines(module: nn.Module, layers: tuple[LayerInfo, ...]) -> tuple[LedgerLayer, ...]:
    """A line for each layer that holds no other one; then what is left of those that do, and what does not run."""
    booked: set[int] = set()
    lines: list[LedgerLayer] = []
    spent = _own_macs(layers)
    for layer in layers:
        part = module.get_submodule(layer.name)
        held = part.parameters() if layer.leaf else part.parameters(recurse=False)
        parameters = _book(held, booked)
        if layer.leaf:
            lines.append(_line(layer, part, parameters))
        elif parameters or spent[layer.key]:
            lines.append(LedgerLayer(layer.name, f"{layer.kind}, its own", parameters=parameters, macs=spent[layer.key]))
    return (*lines, *_idle(module, {layer.name for layer in layers}, booked))


def _line(layer: LayerInfo, part: nn.Module, parameters: int) -> LedgerLayer:
    return LedgerLayer(
        name=layer.key,
        kind=layer.kind,
        key=layer.key,
        word=word_of(part),
        output_shape=layer.output_shape[1:],
        receptive_field=layer.receptive_field,
        parameters=parameters,
        macs=layer.macs,
    )


def _block(layer: LayerInfo) -> LedgerLayer:
    return LedgerLayer(
        name=layer.name,
        kind=layer.kind,
        key=layer.key,
        output_shape=layer.output_shape[1:],
        receptive_field=layer.receptive_field,
        group=True,
    )


def _book(parameters: Iterable[nn.Parameter], booked: set[int]) -> int:
    """Add parameters up, each once in a whole network, however many layers share it."""
    total = 0
    for parameter in parameters:
        if id(parameter) not in booked:
            booked.add(id(parameter))
            total += parameter.numel()
    return total


def _own_macs(layers: tuple[LayerInfo, ...]) -> dict[str, int]:
    """What each layer spends outside of the layers inside it, by its key; 0 where something could not be counted."""
    own = {layer.key: layer.macs or 0 for layer in layers}
    open_layers: list[LayerInfo] = []
    for layer in layers:
        while open_layers and not _holds(open_layers[-1], layer):
            open_layers.pop()
        if open_layers:
            own[open_layers[-1].key] -= layer.macs or 0
        if not layer.leaf:
            open_layers.append(layer)
    return {key: max(0, macs) for key, macs in own.items()}


def _holds(outer: LayerInfo, inner: LayerInfo) -> bool:
    return not outer.name or inner.name.startswith(f"{outer.name}.")


def _idle(module: nn.Module, called: set[str], booked: set[int]) -> list[LedgerLayer]:
    """Modules with parameters that a pass in evaluation does not run, the outermost ones."""
    lines: list[LedgerLayer] = []
    for name, part in module.named_modules():
        outer = name.rpartition(".")[0]
        if name not in called and outer in called and (parameters := _book(part.parameters(), booked)):
            lines.append(LedgerLayer(name, f"{type(part).__name__}, does not run", parameters=parameters))
    return lines


def word_of(part: nn.Module) -> str:
    """Say what a layer is in the words of the VGG paper's Table 1; "" for what it has no word for."""
    if isinstance(part, nn.Conv2d):
        height, width = part.kernel_size
        return f"conv{height if height == width else f'{height}×{width}'}-{part.out_channels}"
    if isinstance(part, nn.Linear):
        return f"FC-{part.out_features}"
    if isinstance(part, nn.MaxPool2d):
        return "maxpool"
    return "LRN" if isinstance(part, nn.LocalResponseNorm) else ""
