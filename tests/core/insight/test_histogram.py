from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.insight.histogram import BINS, histogram


def test_is_that_of_numpy():
    values = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    found = histogram(values)
    counts, edges = np.histogram(values.astype(np.float64), BINS)
    np.testing.assert_array_equal(found.counts, counts)
    np.testing.assert_allclose(found.edges, edges)


def test_values_that_are_not_finite_do_not_count():
    found = histogram(np.array([np.nan, np.inf, -np.inf, 1.0, 2.0], np.float32))
    assert found.counts.sum() == 2
    assert (found.edges[0], found.edges[-1]) == (1.0, 2.0)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_nothing_to_count(values):
    assert histogram(np.array(values, np.float32)).counts.size == 0


def test_constant_values_are_one_bin():
    found = histogram(np.full((7, 7), 0.25, np.float32))
    assert found.counts.tolist() == [49]
    assert found.edges.tolist() == [0.25, 0.25]


@settings(max_examples=100)
@given(hnp.arrays(np.float32, st.integers(1, 60), elements=st.floats(width=32)))
def test_every_finite_value_counts_once(values):
    found = histogram(values)
    assert found.counts.sum() == np.isfinite(values).sum()
    assert (np.diff(found.edges) >= 0).all()
