from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.shrink import shrink

sides = st.integers(1, 20)


@given(sides, sides, st.data())
def test_each_block_is_its_mean(rows, columns, data):
    height, width = data.draw(st.integers(1, rows)), data.draw(st.integers(1, columns))
    maps = np.random.default_rng(rows * columns).normal(size=(3, rows, columns)).astype(np.float32)
    before, found = maps.copy(), shrink(maps, height, width)
    down, across = ([old * place // new for place in range(new + 1)] for old, new in ((rows, height), (columns, width)))
    for row in range(height):
        for column in range(width):
            block = maps[:, down[row] : down[row + 1], across[column] : across[column + 1]].astype(np.float64)
            np.testing.assert_allclose(found[:, row, column], block.mean((1, 2)), rtol=1e-4, atol=1e-5)
    assert (found.shape, found.dtype) == ((3, height, width), np.float32)
    np.testing.assert_array_equal(maps, before)


@pytest.mark.parametrize("side", [2, 3])
def test_what_is_not_a_number_is_not_averaged_away(side):
    maps = np.ones((4, 6, 6), np.float32)
    maps[0, 0, 5], maps[1, 5, 0], maps[2, 5, 5], maps[3, 0, :2] = np.nan, np.inf, -np.inf, (np.inf, -np.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = shrink(maps, side, side)
    assert np.isnan(found[0, 0, -1])
    assert (found[1, -1, 0], found[2, -1, -1]) == (np.inf, -np.inf)
    assert np.isnan(found[3, 0, 0])
    assert (np.isfinite(found).sum((1, 2)) == side * side - 1).all()


def test_views_and_the_same_size():
    maps = np.random.default_rng(0).normal(size=(7, 5, 3)).astype(np.float32).transpose(2, 0, 1)
    np.testing.assert_array_equal(shrink(maps, 7, 5), maps)
