"""Answers the question why a category, by the method that was asked for."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from core.errors import LayerError, LayerscopeError, ModelError, UsageError
from core.inference.measure import must_be_changeable
from core.insight.attribution.cam import grad_cam, grad_cam_plus_plus
from core.insight.attribution.found import Found, Search
from core.insight.attribution.guided import guided_backprop
from core.insight.attribution.integrated import integrated_gradients
from core.insight.attribution.occlusion import occlusion
from core.insight.inspect import Inspector
from core.insight.map_layers import default_map_layer, need_map
from core.types import METHODS, ExplainRequest, Explanation, JobProgress, Method, frozen

_ON_LAYER = {"gradcam": grad_cam, "gradcam++": grad_cam_plus_plus}
_ON_INPUT = {
    "integrated-gradients": integrated_gradients,
    "occlusion": occlusion,
    "guided-backprop": guided_backprop,
}


def explain(inspector: Inspector, request: ExplainRequest) -> Generator[JobProgress, None, Explanation]:
    """Attribute the score of a category to a picture.

    Parameters
    ----------
    inspector
        Knows the model and the picture's input tensor.
    request
        The picture, a key of :data:`core.types.METHODS`, the index of the category, and a layer; the layer "" is the last one
        with a map (:func:`core.insight.map_layers.default_map_layer`) and counts only where the method needs one.

    Yields
    ------
    JobProgress
        After each step. It may be closed at any of them; nothing stays on the network.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    LayerError
        If the layer is not there, has no map, or does not matter to the score.
    UsageError
        If there is no such method or category.
    LayerscopeError
        Of the kind "unsupported", if the method is nothing for this network.
    ModelError
        If the output is not a number.
    """
    if request.method not in METHODS:
        raise UsageError(f"There is no method “{request.method}”. The methods are {', '.join(METHODS)}.")
    method, info = METHODS[request.method], inspector.session.info
    if not 0 <= request.category < len(info.categories):
        raise UsageError(f"There is no category {request.category}; the last one is {len(info.categories) - 1}.")
    layer = settle_layer(inspector, method, request.layer)
    batch = inspector.tensor(request.image)
    found = yield from _search(inspector, method, batch, request.category, layer)
    logits = found.logits[0]
    if not bool(torch.isfinite(logits).all()):
        raise ModelError("The network's output for this picture is not a number (NaN); its weights may be damaged.")
    return Explanation(
        image=request.image,
        model=info.spec,
        preprocessing=info.preprocessing,
        method=method.key,
        category=request.category,
        name=info.categories[request.category],
        logit=float(logits[request.category]),
        probability=float(torch.softmax(logits, 0)[request.category]),
        layer=layer,
        values=frozen(found.values),
        box=inspector.network_input(request.image).box,
        note=found.note,
    )


def settle_layer(inspector: Inspector, method: Method, wanted: str) -> str:
    """Return the key of the layer that a method looks at: the wanted one, the last with a map, or "" for none.

    Raises
    ------
    LayerError
        If there is no such layer, or none with a map.
    """
    if not method.needs_layer:
        return ""
    if wanted:
        return inspector.layer(wanted).key
    info = inspector.session.info
    last = default_map_layer(info.layers, len(info.categories))
    if not last:
        raise LayerError(f"{info.title} has no layer with a map, and {method.title} needs one. Choose another method.")
    return last


def _search(inspector: Inspector, method: Method, batch: Tensor, category: int, key: str) -> Search:
    session = inspector.session
    try:
        if not method.needs_layer:
            found: Found = yield from _ON_INPUT[method.key](session, batch, category)
            return found
        layers, layer = session.info.layers, inspector.layer(key)
        must_be_changeable(layer)
        shape = need_map(layer, layers, method.title, len(session.info.categories))
        found = yield from _ON_LAYER[method.key](session, batch, category, layer, shape)
        return found
    except RuntimeError as error:
        if "modified by an inplace operation" not in str(error):
            raise
        raise LayerscopeError(
            f"{session.info.title} overwrites values on its way that its gradient needs, so that {method.title} cannot go "
            "back through it. Choose occlusion, which needs no gradient.",
            kind="unsupported",
        ) from error
