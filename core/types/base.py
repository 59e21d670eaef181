"""What the other values are made of."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.limits import MAX_TOP_K as MAX_TOP_K

Pixels = npt.NDArray[np.uint8]
"""uint8, (height, width, 3) RGB or (height, width) grey, C-contiguous, read-only."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom in pixels of a picture; right and bottom are exclusive."""

Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Make an array C-contiguous and read-only, so that a value that holds it cannot change."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
