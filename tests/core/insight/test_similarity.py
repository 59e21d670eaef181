from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.map_statistics import measure
from core.insight.similarity import cosine_similarities


def found(maps, channel):
    statistics = measure(maps)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return cosine_similarities(maps, channel, statistics.mean, statistics.std)


def expected(maps, channel):
    """The definition, one pair at a time, in double precision."""
    flat = np.nan_to_num(maps.reshape(len(maps), -1).astype(np.float64), nan=0, posinf=0, neginf=0)
    one = flat[channel]
    lengths = [np.linalg.norm(other) * np.linalg.norm(one) for other in flat]
    return np.array([other @ one / length if length else 0.0 for other, length in zip(flat, lengths, strict=True)])


@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 11), st.integers(0, 2**32 - 1), st.booleans())
def test_it_is_the_cosine(count, side, channel, seed, rectified):
    maps = np.random.default_rng(seed).normal(size=(count, side, side)).astype(np.float32)
    if rectified:
        maps = np.maximum(maps, 0)
    np.testing.assert_allclose(found(maps, channel % count), expected(maps, channel % count), atol=2e-6)


def test_odd_values():
    maps = np.random.default_rng(0).normal(size=(8, 3, 3)).astype(np.float32)
    maps[1] = 0
    maps[2, 0, 0], maps[3, 1, 1], maps[4] = np.nan, np.inf, np.nan
    maps[5] *= 1e37
    maps[6] = maps[0] * -2
    for channel in range(8):
        np.testing.assert_allclose(found(maps, channel), expected(maps, channel), atol=2e-6)
    assert found(maps, 1).tolist() == [0] * 8
    assert found(maps, 0)[6] == pytest.approx(-1)
    assert np.abs(found(maps, 0)).max() <= 1


@pytest.mark.parametrize("shape", [(2048, 7, 7), (512, 56, 56)])
def test_large_layers_match_too(shape):
    maps = np.random.default_rng(0).normal(1.0, size=shape).astype(np.float32)
    similar = found(maps, 3)
    np.testing.assert_allclose(similar, expected(maps, 3), atol=1e-5)
