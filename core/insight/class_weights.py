"""The weights from the units of a layer to the categories."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor, nn

from core.insight.inspect import Inspector
from core.insight.readout import find_head, way_to_head
from core.types import ClassWeights, ClassWeightsRequest, JobProgress, frozen


def look_up_weights(inspector: Inspector, request: ClassWeightsRequest) -> Generator[JobProgress, None, ClassWeights | None]:
    """Return what the network's last linear layer makes of a layer's units.

    Returns
    -------
    None where the network does not end with a linear layer, or that does not read these units.

    Raises
    ------
    LayerError
        If there is no such layer.
    """
    yield JobProgress(0, 1, "Looking up weights")
    info = inspector.session.info
    layer = inspector.layer(request.layer)
    head = find_head(info.layers, len(info.categories))
    through = way_to_head(info.layers, layer, head) if head is not None else None
    if head is None or through is None:
        return None
    linear = inspector.session.model.get_submodule(head.name)
    if not isinstance(linear, nn.Linear) or linear.in_features != layer.output_shape[1]:
        return None
    weights = _copied(linear.weight)
    bias = _copied(linear.bias) if linear.bias is not None else frozen(np.zeros(len(weights), np.float32))
    return ClassWeights(layer.key, head.key, weights, bias, through)


def _copied(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return frozen(tensor.detach().to("cpu", torch.float32).numpy().copy())
