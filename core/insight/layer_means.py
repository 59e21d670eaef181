"""How strongly each layer answers a picture, from one pass that keeps nothing but a number a layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core.inference.measure import first_tensor
from core.types import JobProgress, LayerMeans, LayerMeansRequest

if TYPE_CHECKING:
    from core.insight.inspect import Inspector

Hurry = Callable[[], bool]
"""Whether somebody waits for something more urgent."""

Call = tuple[str, int]
"""A module's path, and which of its calls, from 1."""


class _Interrupted(Exception):  # noqa: N818 - it is how a forward pass is given up, not an error
    """Something more urgent has come."""


def layer_means(inspector: Inspector, request: LayerMeansRequest) -> Generator[JobProgress, None, LayerMeans]:
    """Measure the mean absolute value that every call of every layer puts out.

    The pass is given up between two layers when something more urgent comes, and begun again afterwards.

    Parameters
    ----------
    inspector
        What has the model; its ``hurry`` says whether something else is waited for.
    request
        The picture.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    """
    batch = inspector.tensor(request.image)
    yield JobProgress(0, 1, "Measuring the layers")
    found: dict[Call, float] | None = None
    while found is None:
        found = inspector.session.run(lambda module, inputs: _measure(module, inputs, inspector.hurry), batch)[0]
        if found is None:
            yield JobProgress(0, 1, "Measuring the layers")
    layers = inspector.session.info.layers
    means = {layer.key: found[layer.name, layer.call] for layer in layers if (layer.name, layer.call) in found}
    return LayerMeans(request.image, MappingProxyType(means))


def _measure(module: nn.Module, batch: Tensor, hurry: Hurry) -> dict[Call, float] | None:
    """Return the mean of each call; None if something more urgent came."""
    counts: Counter[str] = Counter()
    means: dict[Call, Tensor] = {}

    def hook_of(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if hurry():
                raise _Interrupted
            counts[name] += 1
            tensor = first_tensor(output)
            if tensor is not None and tensor.numel():
                # Now: an operation in place that follows writes into the same memory.
                plain = tensor.detach()
                means[name, counts[name]] = (plain if plain.is_complex() else plain.float()).abs().mean()

        return hook

    handles = [part.register_forward_hook(hook_of(name)) for name, part in module.named_modules()]
    try:
        module(batch)
    except _Interrupted:
        return None
    finally:
        for handle in handles:
            handle.remove()
    # Read at the end: every look at a number would make a GPU wait.
    values = torch.stack([*means.values()]).tolist() if means else []
    return dict(zip(means, values, strict=True))
