"""Which channels of a layer speak for a category."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import ModelError
from core.insight.gradients import layer_gradient
from core.insight.layout import as_maps, axis_order, is_vector
from core.types import ContributionRequest, Contributions, JobProgress, LayerInfo, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.insight.inspect import Inspector

Floats = npt.NDArray[np.float32]


def contributions(
    inspector: Inspector, request: ContributionRequest
) -> Generator[JobProgress, None, Contributions]:
    """Multiply the gradient of a category's logit by the activation, and add it up over each map of a layer.

    To first order it is what the logit would lose if the channel were set to zero (gradient x input, Shrikumar et al. 2016,
    arXiv:1605.01713, at an inner layer).

    Parameters
    ----------
    inspector
        The loaded model.
    request
        Picture, layer and category.

    Yields
    ------
    Once, before the pass, so that a newer request can take its place.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    LayerError
        If the model has no such layer, or the logit does not depend on it.
    ModelError
        If the model has no such category.
    """
    session = inspector.session
    layer, categories = inspector.layer(request.layer), len(session.info.categories)
    if not 0 <= request.category < categories:
        raise ModelError(f"The model has no category {request.category}. Choose one from 0 to {categories - 1}.")
    yield JobProgress(0, 1, f"Contributions to {session.info.categories[request.category]}")
    found = layer_gradient(session, inspector.tensor(request.image), layer, lambda logits: logits[0, request.category])
    product: Floats = (found.activations * found.gradient).numpy()
    values = channel_sums(product, layer, session.info.layers)
    return Contributions(request.image, layer.key, request.category, frozen(values), found.score)


def channel_sums(values: Floats, layer: LayerInfo, layers: Sequence[LayerInfo]) -> Floats:
    """Add up a layer's output over each channel, as :func:`core.insight.activations.present` tells channels apart.

    Parameters
    ----------
    values
        float32 in the layer's own shape, batch first; of a batch only the first is taken.
    layer, layers
        The layer, and all layers of its model in order of execution.

    Returns
    -------
    float32 (channels,), summed in double precision.
    """
    if is_vector(values.shape):
        return np.ascontiguousarray(values[:1].reshape(-1))
    maps = as_maps(values, axis_order(layers, layer), layer).values
    sums: Floats = maps.sum(axis=(1, 2), dtype=np.float64).astype(np.float32)
    return sums
