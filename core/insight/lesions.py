"""The lesion bench: a picture classified with channels muted, clamped or scaled, and channels ranked by what muting them costs.

Ranking is exact ablation ("occlusion" of a channel; Zeiler and Fergus, 2014, section 4 do it to the picture): each channel is
muted alone and the rest of the network run again. A first-order estimate of the change, gradient times activation
(Molchanov et al., 2017, equation 8), only says which channels are measured first.
"""

from __future__ import annotations

from collections.abc import Generator

import torch

from core.errors import LayerError
from core.inference.classify import top_predictions
from core.inference.measure import must_be_changeable
from core.insight.ablation import Ablation
from core.insight.channel_axis import channel_axis
from core.insight.inspect import Inspector
from core.insight.layers import find_layer
from core.insight.lesion_plan import plan_lesions
from core.insight.live_forward import live_forward
from core.insight.output_changes import check_numbers
from core.types import (
    ChannelRanking,
    JobProgress,
    LesionedClassification,
    LesionRequest,
    RankRequest,
    frozen,
)


def classify_with_lesions(
    inspector: Inspector, request: LesionRequest
) -> Generator[JobProgress, None, LesionedClassification]:
    """Classify a picture with channels changed on the way; without lesions it is the plain forward pass, bit for bit.

    Parameters
    ----------
    inspector
        Its remembered input tensor is used, if it is this picture's.
    request
        The picture and the lesions; several on several layers work together.

    Yields
    ------
    Progress, between decoding and the forward pass.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    LayerError
        If the forward pass did not come to one of the layers.
    ModelError
        If the output is not a number any more.
    """
    session = inspector.session
    plan = plan_lesions(session.info.layers, request.lesions)
    batch = inspector.tensor(request.image)
    yield JobProgress(0, 1, "Classifying with lesions")
    logits, forward_ms = live_forward(session, batch, plan.changes)
    check_numbers(logits)
    info = session.info
    return LesionedClassification(
        image=request.image,
        model=info.spec,
        lesions=plan.lesions,
        predictions=top_predictions(logits, info.categories),
        probabilities=frozen(torch.softmax(logits[0], dim=0).numpy()),
        forward_ms=forward_ms,
        notices=plan.notices,
    )


def rank_channels(inspector: Inspector, request: RankRequest) -> Generator[JobProgress, None, ChannelRanking]:
    """Mute each channel of a layer alone, on top of the lesions there are, and see what a category loses.

    Parameters
    ----------
    inspector
        Its remembered input tensor is used, if it is this picture's.
    request
        The picture, the layer, the index of the category, and lesions that are on all the while.

    Yields
    ------
    A :class:`RankProgress` after each batch, with what has been measured so far, the most promising channels first.

    Raises
    ------
    ImageError, LayerError, ModelError
        As :func:`classify_with_lesions`; LayerError, too, if the model has no such layer or category.
    """
    session = inspector.session
    layers, categories = session.info.layers, session.info.categories
    layer = find_layer(layers, request.layer)
    must_be_changeable(layer)
    if not 0 <= request.category < len(categories):
        raise LayerError(f"The model has the categories 0 to {len(categories) - 1}; there is no {request.category}.")
    plan = plan_lesions(layers, request.lesions)
    where = channel_axis(layers, layer)
    batch = inspector.tensor(request.image)
    yield JobProgress(0, where.count, "Reading the picture")
    ablation = Ablation(session, batch, layer, where, plan, request)
    yield from ablation.steps()
    return ablation.ranking()
