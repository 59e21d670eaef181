"""The command line colours heat maps as the window does, though neither imports the other."""

from __future__ import annotations

import numpy as np
import pytest

from core.jobs.explain_export import colours
from core.types import Heat
from gui import colourmaps


@pytest.mark.parametrize("diverging", [False, True])
def test_colours_are_those_of_the_window(diverging):
    heat = Heat("", np.array([[0, 1]], np.float32), (0, 0, 1, 1), diverging, limits=(-1.0, 1.0))
    table = colourmaps.table(colourmaps.AROUND_ZERO if diverging else colourmaps.HEAT)
    steps = np.linspace(-1, 1, len(table), dtype=np.float32)
    packed = colours(steps, heat).astype(int)
    theirs = np.array([[colour >> 16 & 255, colour >> 8 & 255, colour & 255] for colour in table])
    assert np.abs(packed - theirs).max() <= 1
