"""A small finished comparison for the tests of widgets and models."""

from __future__ import annotations

import numpy as np

from core.types import Comparison, NetworkInput, Picture, ProbabilityChange, frozen
from tests.gui import samples

CHANGES = (
    ProbabilityChange("orange", 0, 0, 0.6, 0.1, 1, 3),
    ProbabilityChange("crane", 1, None, 0.3, None, 2, None),
    ProbabilityChange("banana", 3, 1, 0.00004, 0.00005, 7, 2),
    ProbabilityChange("teapot", None, 2, None, 0.7, None, 1),
)


def comparison(changes: tuple[ProbabilityChange, ...] = CHANGES, remark: str = "") -> Comparison:
    pixels = frozen(np.zeros((60, 80, 3), np.uint8))
    model = samples.model()
    return Comparison(
        against=samples.ORANGE,
        model=model,
        same_model=True,
        picture=Picture(samples.LEMON, pixels, (80, 60), "PNG"),
        network_input=NetworkInput(frozen(np.zeros((32, 32, 3), np.uint8)), (10, 0, 70, 60), model.preprocessing),
        classification=samples.classification(image=samples.LEMON),
        activations=samples.grid(),
        difference=samples.grid(),
        note="",
        changes=changes,
        remark=remark,
    )
