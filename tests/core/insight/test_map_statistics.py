import warnings

import numpy as np
import pytest

from core.insight.activations import present
from core.insight.map_statistics import measure
from core.types import LayerInfo


@pytest.mark.parametrize("shape", [(1, 1, 1), (64, 55, 55), (2, 300, 300), (192, 13, 13), (1000, 1, 1), (5, 40, 2)])
def test_statistics_are_those_of_numpy(shape):
    maps = np.random.default_rng(0).normal(size=shape).astype(np.float32) * 3 + 100
    maps[maps < 100] = 0
    found = measure(maps)
    exact = maps.astype(np.float64)
    np.testing.assert_allclose(found.mean, exact.mean((1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found.std, exact.std((1, 2)), rtol=1e-6)
    np.testing.assert_allclose(found.zeros, (exact == 0).mean((1, 2)), rtol=1e-6)
    assert not found.nans.any()
    assert [array.dtype for array in (found.mean, found.std, found.zeros, found.nans)] == ["f4", "f4", "f4", "i4"]
    for array in (found.mean, found.std, found.zeros, found.nans):
        assert array.shape == (shape[0],)
        assert not array.flags.writeable


def test_odd_values_do_not_count():
    maps = np.zeros((6, 2, 2), np.float32)
    maps[0] = [[np.nan, 0], [1, 2]]
    maps[1] = [[np.inf, 0], [4, -np.inf]]
    maps[2] = np.nan
    maps[3] = np.inf
    maps[4] = [[-3e38, 3e38], [3e38, -3e38]]
    maps[5] = [[-0.0, 0], [5, 5]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(maps)
    np.testing.assert_allclose(found.mean, [1, 2, 0, 0, 0, 2.5])
    np.testing.assert_allclose(found.std, [np.std([0, 1, 2]), 2, 0, 0, 3e38, 2.5], rtol=1e-6)
    np.testing.assert_allclose(found.zeros, [0.25, 0.25, 0, 0, 0, 0.5])
    assert found.nans.tolist() == [1, 0, 4, 0, 0, 0]


def test_maps_may_be_views_and_are_not_changed():
    values = np.random.default_rng(1).normal(size=(14, 14, 20)).astype(np.float32)
    values[0, 0, 0] = np.nan
    before = values.copy()
    found = measure(values.transpose(2, 0, 1))
    np.testing.assert_array_equal(values, before)
    np.testing.assert_allclose(found.mean, np.nanmean(before.astype(np.float64), axis=(0, 1)), rtol=1e-5)
    assert found.nans[0] == 1


def test_a_grid_carries_them():
    layer = LayerInfo("conv", "Conv2d", (1, 5, 4, 4), 0)
    values = np.random.default_rng(0).normal(size=(1, 5, 4, 4)).astype(np.float32)
    values[0, 2, 0, :3] = np.nan, np.inf, 0
    grid = present(values, layer, (layer,))
    expected = measure(values[0])
    for name in ("mean", "std", "zeros", "nans"):
        np.testing.assert_array_equal(getattr(grid, name), getattr(expected, name))
    assert grid.nans.tolist() == [0, 0, 1, 0, 0]
    assert grid.zeros[2] == 1 / 16
