"""What is known of one channel, or one unit, besides its values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types.heat import Heat

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """The weights that make one channel of a convolution, or one unit of a linear layer.

    ``layer`` is the key of the layer they belong to, ``kind`` its class. ``weights`` is float32 (inputs, height, width),
    read-only; height and width are 1 for a linear layer. ``weights[0]`` reads input channel ``first_input``, which is not 0
    where the convolution works in ``groups``. ``bias`` is None where the layer has none.
    """

    layer: str
    kind: str
    weights: Floats
    first_input: int = 0
    groups: int = 1
    bias: float | None = None

    @property
    def is_linear(self) -> bool:
        """Whether it is a row of a matrix rather than a kernel that slides."""
        return self.kind.endswith("Linear")

    @property
    def norm(self) -> float:
        """Euclidean norm of all weights."""
        return float(np.linalg.norm(self.weights.astype(np.float64)))

    @property
    def norms(self) -> npt.NDArray[np.float64]:
        """Euclidean norm of the weights of each input channel, float64 (inputs,)."""
        flat = self.weights.reshape(len(self.weights), -1).astype(np.float64)
        norms: npt.NDArray[np.float64] = np.linalg.norm(flat, axis=1)
        return norms


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What a normalising layer does to one channel: ``(x - mean) / sqrt(variance + epsilon) * gamma + beta``.

    ``mean`` and ``variance`` are None where they are taken from the picture itself (layer and group norm).
    """

    layer: str
    kind: str
    gamma: float
    beta: float
    mean: float | None
    variance: float | None
    epsilon: float


@dataclass(frozen=True, slots=True, eq=False)
class ChannelDetails:
    """The answer about one channel of one layer (``layer`` is its key).

    ``words`` says what is to be known of where its values come from: that the layer has no kernel of its own, which
    convolution feeds it; "" where there is nothing to say. ``kernel`` may be that of the layer that feeds it.
    """

    layer: str
    channel: int
    kernel: Kernel | None = None
    normalisation: Normalisation | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ClassWeights:
    """What the network's last linear layer makes of the units of a layer (``layer`` is its key).

    ``weights`` is float32 (categories, units), ``bias`` float32 (categories,), both read-only. ``through`` are the kinds of
    the activations that lie between the layer and the linear one, in their order.
    """

    layer: str
    head: str
    weights: Floats
    bias: Floats
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EffectiveField:
    """How strongly each input pixel moves one unit.

    ``heat`` lies over the network's input, None where no pixel moves it. ``share`` is how much of the theoretical field
    holds 95 % of the gradient, in [0, 1], None without a heat. ``words`` is a sentence for a person.
    """

    layer: str
    channel: int
    row: int
    column: int
    heat: Heat | None
    share: float | None
    words: str
