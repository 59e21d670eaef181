
import numpy as np
import pytest

from core.insight.mosaic import build_mosaic, choose_columns


def reference(maps, columns, gap):
    """The same in plain loops and float64."""
    count, height, width = maps.shape
    rows = -(-count // columns)
    pixels = np.zeros((rows * (height + gap), columns * (width + gap)), np.uint8)
    for index, one in enumerate(maps.astype(np.float64)):
        low, high = one.min(), one.max()
        scaled = (one - low) / (high - low) * 255 if high > low else one * 0
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        pixels[top : top + height, left : left + width] = np.floor(scaled + 0.5)
    return pixels


@pytest.mark.parametrize("shape", [(1, 1, 1), (64, 55, 55), (7, 3, 9), (192, 13, 13), (1000, 1, 1), (5, 40, 2)])
def test_every_map_is_scaled_by_its_own_range(shape):
    maps = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    mosaic = build_mosaic(maps)
    assert mosaic.pixels.dtype == np.uint8
    assert mosaic.pixels.flags.c_contiguous
    assert not mosaic.pixels.flags.writeable
    expected = reference(maps, mosaic.columns, mosaic.gap)
    assert mosaic.pixels.shape == expected.shape
    assert np.abs(mosaic.pixels.astype(int) - expected).max() <= 1  # float32 against float64, at .5
    np.testing.assert_array_equal(mosaic.minimum, maps.min((1, 2)))
    np.testing.assert_array_equal(mosaic.maximum, maps.max((1, 2)))
    if shape[1:] != (1, 1):
        tile = mosaic.pixels[: shape[1], : shape[2]]
        assert (tile.min(), tile.max()) == (0, 255)


def test_odd_values():
    maps = np.zeros((6, 2, 2), np.float32)
    maps[0] = 7
    maps[1] = [[np.nan, 0], [1, 2]]
    maps[2] = [[np.inf, 0], [1, -np.inf]]
    maps[3] = np.nan
    maps[4] = [[-3e38, 3e38], [0, 0]]
    maps[5] = [[1e-42, 0], [0, 0]]
    mosaic = build_mosaic(maps, gap=0)
    tiles = [mosaic.pixels[i // mosaic.columns * 2 :, i % mosaic.columns * 2 :][:2, :2].tolist() for i in range(6)]
    assert tiles[0] == tiles[3] == tiles[5] == [[0, 0], [0, 0]]
    assert tiles[1] == [[0, 0], [128, 255]]
    assert tiles[2] == [[255, 0], [255, 0]]
    assert tiles[4] == [[0, 255], [128, 128]]
    assert mosaic.not_finite == 3
    assert (mosaic.minimum[3], mosaic.maximum[3]) == (0, 0)
    assert (mosaic.minimum[2], mosaic.maximum[2]) == (0, 1)


def test_maps_may_be_views_and_are_not_changed():
    values = np.random.default_rng(1).normal(size=(14, 14, 20)).astype(np.float32)
    values[0, 0, 0] = np.nan
    before = values.copy()
    maps = values.transpose(2, 0, 1)
    np.testing.assert_array_equal(build_mosaic(maps).pixels, build_mosaic(np.ascontiguousarray(maps)).pixels)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("count", [1, 2, 3, 64, 100, 512, 2048])
def test_proportions_are_about_four_to_three(count):
    columns = choose_columns(count, 15, 15)
    rows = -(-count // columns)
    assert 1 <= columns <= count
    assert (rows - 1) * columns < count
    if count > 10:
        assert 1.0 < columns / rows < 1.7
