"""What the weights of a spec turn out to be."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from core.types import Preprocessing
from core.zoo.backend import BuildOptions


@dataclass(frozen=True, slots=True)
class ResolvedWeights:
    """What a :class:`ModelSpec` stands for.

    ``state_dict`` is None where the weights are drawn from ``options`` and the seed of the spec; otherwise it fits the
    network that ``options`` describe. ``categories`` has ``num_classes`` names; ``notices`` are whole sentences;
    ``weights_sha256`` is the hash of the file they were read from, "" where there is none. ``module`` is the network itself,
    weights and all, where a person's own code built it; else None. ``not_sure_below`` is as in :class:`ModelInfo`.
    """

    state_dict: dict[str, Tensor] | None
    num_classes: int
    categories: tuple[str, ...]
    categories_source: str
    preprocessing: Preprocessing
    notices: tuple[str, ...]
    options: BuildOptions
    weights_sha256: str = ""
    module: nn.Module | None = None
    not_sure_below: float = 0.0
