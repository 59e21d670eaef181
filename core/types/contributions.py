"""What the channels of a layer contribute to a category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types.answers import ImageRef


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Gradient times activation, summed over each map, for one layer, picture and category.

    ``layer`` is a :attr:`LayerInfo.key`. ``values`` is float32 (channels,), read-only, one for each map of the layer's
    :class:`ActivationGrid` in the same order, or for each unit of its :class:`ActivationVector`; in units of the logit.
    ``score`` is the category's logit.
    """

    image: ImageRef
    layer: str
    category: int
    values: npt.NDArray[np.float32]
    score: float
