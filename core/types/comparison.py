"""A beside B: the same layer of two pictures, of two models, or of two weights of one model."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.answers import Activations, Classification, ImageRef, NetworkInput, Picture
from core.types.model import ModelInfo


@dataclass(frozen=True, slots=True)
class ProbabilityChange:
    """A category in A and in B.

    ``a`` and ``b`` are probabilities in [0, 1], ``index_a`` and ``index_b`` the category's places in the lists of the two
    models, ``rank_a`` and ``rank_b`` its places by probability, from 1; all None on a side that has no such category.
    """

    category: str
    index_a: int | None
    index_b: int | None
    a: float | None
    b: float | None
    rank_a: int | None
    rank_b: int | None

    @property
    def change(self) -> float | None:
        """B minus A, in [-1, 1]; None where one of them has no such category."""
        return None if self.a is None or self.b is None else self.b - self.a


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What there is to show of B, and how it differs from A.

    ``against`` is the picture of A and ``model`` the one of B, ``same_model`` whether it is that of A too. ``activations`` are
    those of B, of the layer of the same name; ``difference`` is B minus A, value by value, of the same shape. Each is None
    where there is none, and ``note`` says why. ``changes`` holds the most probable categories of A in their order, then
    those of B that are not among them; ``remark`` says what to know about them. ``notices`` are sentences about what
    happened while B was made.
    """

    against: ImageRef
    model: ModelInfo
    same_model: bool
    picture: Picture
    network_input: NetworkInput
    classification: Classification
    activations: Activations | None
    difference: Activations | None
    note: str
    changes: tuple[ProbabilityChange, ...]
    remark: str
    notices: tuple[str, ...] = ()
