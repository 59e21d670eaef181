"""How strongly each layer answers a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.types.answers import ImageRef


@dataclass(frozen=True, slots=True, eq=False)
class LayerMeans:
    """The mean of the absolute values that each layer put out for ``image``, by :attr:`LayerInfo.key`.

    NaN where a layer put out values that are not numbers. Attention per head is left out: its rows sum to 1, whatever the
    picture.
    """

    image: ImageRef
    means: Mapping[str, float]
