"""Which lesions a model can take, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LayerError
from core.inference.measure import must_be_changeable
from core.insight.channel_axis import ChannelAxis, channel_axis
from core.insight.layers import find_layer
from core.insight.output_changes import Change, lesion_change
from core.types import LayerInfo, Lesion


@dataclass(frozen=True, slots=True)
class LesionPlan:
    """The lesions that a model can take, where they go, and a sentence for each that it cannot."""

    lesions: tuple[Lesion, ...]
    changes: tuple[tuple[LayerInfo, Change], ...]
    notices: tuple[str, ...]


def plan_lesions(layers: Sequence[LayerInfo], lesions: Sequence[Lesion]) -> LesionPlan:
    """Find the layers of lesions.

    Parameters
    ----------
    layers
        The layers of the model, in order of execution.
    lesions
        In the order in which they are done where several are on one layer.

    Returns
    -------
    A plan; a lesion on a layer or a channel that the model does not have is left out, and a notice says so.
    """
    taken: list[Lesion] = []
    changes: list[tuple[LayerInfo, Change]] = []
    notices: list[str] = []
    found: dict[str, tuple[LayerInfo, ChannelAxis]] = {}
    for lesion in lesions:
        try:
            if lesion.layer not in found:
                layer = find_layer(layers, lesion.layer)
                must_be_changeable(layer)
                found[lesion.layer] = layer, channel_axis(layers, layer)
            layer, where = found[lesion.layer]
            check_channel(layer, where, lesion.channel)
        except LayerError as error:
            notices.append(f"A lesion is left out. {error.message}")
        else:
            taken.append(lesion)
            changes.append((layer, lesion_change(lesion, where)))
    return LesionPlan(tuple(taken), tuple(changes), tuple(dict.fromkeys(notices)))


def check_channel(layer: LayerInfo, where: ChannelAxis, channel: int) -> None:
    """Raise a :class:`LayerError` for a channel that a layer does not have."""
    if not 0 <= channel < where.count:
        raise LayerError(f"The layer “{layer.key}” has channels 0 to {where.count - 1}; there is no channel {channel}.")
