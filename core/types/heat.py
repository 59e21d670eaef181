"""Values that lie over a picture: an attribution, a feature map, what a unit really looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types.base import Box


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A grid of values that covers a part of the picture.

    ``values`` is float32 (height, width), read-only; ``box`` says which part of the upright original it covers, in its pixels.
    ``words`` says what it is ("Grad-CAM · tabby · features.12"). ``diverging`` values are coloured around zero, others from
    their least to their greatest finite value, or between ``limits`` if they are given: what lies beyond them takes the last
    colours. ``smooth`` ones are interpolated, others drawn as rectangles.
    """

    words: str
    values: npt.NDArray[np.float32]
    box: Box
    diverging: bool = False
    smooth: bool = True
    limits: tuple[float, float] | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The values that the first and the last colour stand for; 0 and 0 where nothing is finite."""
        if self.limits is not None:
            return self.limits
        finite = self.values[np.isfinite(self.values)]
        if not finite.size:
            return 0.0, 0.0
        low, high = float(finite.min()), float(finite.max())
        if self.diverging:
            reach = max(abs(low), abs(high))
            return -reach, reach
        return low, high

    @property
    def beyond(self) -> tuple[bool, bool]:
        """Whether there are values below the first of :attr:`ends`, and above the second."""
        low, high = self.ends
        return bool((self.values < low).any()), bool((self.values > high).any())
