"""What a layer put out, untouched, with all that is needed to get the same again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.insight.layout import Order, is_vector
from core.types import ImageRef, LayerInfo, ModelSpec, Preprocessing

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class RawActivations:
    """The output of one call of one layer for one picture.

    ``values`` is float32, C-contiguous, read-only, in the layer's own shape with the batch first; ``order`` says where a
    four-dimensional one has its channels. ``weights_sha256`` (see :attr:`ModelInfo.weights_sha256`) and ``image_sha256`` are
    hashes in hexadecimal digits, "" where there is no file; ``device`` is where the layer ran.
    """

    image: ImageRef
    model: ModelSpec
    preprocessing: Preprocessing
    layer: LayerInfo
    values: Floats
    order: Order
    weights_sha256: str = ""
    image_sha256: str = ""
    device: str = ""

    def by_channel(self) -> Floats:
        """Return the values as (channels, values of each), the whole batch included.

        Vectors have a channel for each unit; tokens (N, tokens, C) have theirs last; outputs of more than four dimensions
        have the first axis after the batch for channels.
        """
        shape = self.values.shape
        if is_vector(shape):
            return self.values.reshape(shape[0], -1).T
        last = len(shape) == 3 or (len(shape) == 4 and self.order == "channels last")
        channels = np.moveaxis(self.values, -1 if last else 1, 0)
        return channels.reshape(len(channels), -1)
