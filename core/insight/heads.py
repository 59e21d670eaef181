"""All heads of a network about one picture, in their order along its depth."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from core.inference.classify import top_predictions
from core.insight.aux_heads import auxiliary_logits, why_none
from core.types import HeadAnswer, HeadsAnswer, HeadsRequest, JobProgress, LayerInfo

if TYPE_CHECKING:
    from core.insight.inspect import Inspector

FINAL = "final"


def ask_heads(inspector: Inspector, request: HeadsRequest) -> Generator[JobProgress, None, HeadsAnswer]:
    """Ask the auxiliary heads, where there are any worth asking, and the final one.

    Parameters
    ----------
    inspector
        What has the model.
    request
        The picture, and how many categories.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    ModelError
        If a head cannot read maps of this size, or its answer is not a number.
    """
    batch = inspector.tensor(request.image)
    yield JobProgress(0, 2, "Asking the heads")
    session = inspector.session
    found = auxiliary_logits(session, batch)
    yield JobProgress(1, 2, "Asking the heads")
    logits = session.forward(batch)
    layers, categories = session.info.layers, session.info.categories
    heads = [
        HeadAnswer(one.head, one.layer, *depth_of(layers, one.layer), top_predictions(one.logits, categories, request.count))
        for one in found
    ]
    last = [layer for layer in layers if layer.leaf and layer.heads is None][-1].key
    final = HeadAnswer(FINAL, last, *depth_of(layers, last), top_predictions(logits, categories, request.count), final=True)
    return HeadsAnswer(request.image, (*heads, final), why_none(session))


def depth_of(layers: Sequence[LayerInfo], key: str) -> tuple[float, int, int]:
    """Say how much of a network lies before the end of a layer.

    Parameters
    ----------
    layers
        Those of a model, in order of execution.
    key
        The :attr:`LayerInfo.key` of one of them.

    Returns
    -------
    The share of the multiply-adds, from 0 to 1 (of the layers, where none can be counted); how many of the convolutions and
    linear layers; how many there are.
    """
    leaves = [layer for layer in layers if layer.leaf and layer.heads is None]
    ends = [place for place, layer in enumerate(leaves, 1) if layer.key == key or layer.name.startswith(f"{key}.")]
    end = ends[-1] if ends else 0
    spent = [layer.macs or 0 for layer in leaves]
    weighty = [layer.kind == "Linear" or layer.kind.startswith("Conv") for layer in leaves]
    total = sum(spent)
    share = sum(spent[:end]) / total if total else end / max(1, len(leaves))
    return share, sum(weighty[:end]), sum(weighty)
