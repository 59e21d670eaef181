"""The strongest places of a map, and the strongest of many pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from core.jobs.patches_maxima import PLACES, Maxima, apart, strongest_places
from core.jobs.patches_ranking import Ranking
from core.types import ImageRef, LayerInfo

VALUES = st.floats(-3, 3, width=32) | st.sampled_from([0.0, 1.0, float("inf")])


def greedy(grid, near):
    """The same, one channel and one pixel at a time."""
    left = {(row, column): value for (row, column), value in np.ndenumerate(grid) if not np.isnan(value)}
    found = []
    while left and len(found) < (PLACES if near else 1):
        place = max(left, key=lambda place: (left[place], -place[0], -place[1]))
        if left[place] == -np.inf:
            break
        found.append((float(left[place]), place))
        left = {p: v for p, v in left.items() if near and any(abs(p[a] - place[a]) > near[a] for a in (0, 1))}
    return found


@given(
    nps.arrays(np.float32, st.tuples(*[st.integers(1, 6)] * 3), elements=VALUES | st.sampled_from([np.nan, -np.inf])),
    st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_places_are_those_of_a_plain_loop(maps, near):
    values, places = strongest_places(maps, near)
    for channel, grid in enumerate(maps):
        expected = greedy(grid, near)
        found = [
            (value, divmod(place, maps.shape[2]))
            for value, place in zip(values[channel].tolist(), places[channel].tolist(), strict=True)
            if place >= 0
        ]
        assert found == expected
        assert np.isnan(values[channel, len(expected) :]).all()


def test_maps_are_left_as_they_are_and_may_lie_in_memory_in_any_order():
    maps = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32).transpose(2, 0, 1)
    before = maps.copy()
    values, places = strongest_places(maps, (1, 1))
    np.testing.assert_array_equal(maps, before)
    assert values[:, 0].tolist() == before.reshape(3, -1).max(1).tolist()
    assert places[:, 0].tolist() == before.reshape(3, -1).argmax(1).tolist()


@pytest.mark.parametrize(
    ("field", "stride", "expected"),
    [((3, 3), (1, 1), (2, 2)), ((196, 196), (16, 16), (6, 6)), ((1, 1), (1, 1), (1, 1)), (None, None, None)],
)
def test_places_lie_half_a_field_apart(field, stride, expected):
    assert apart(LayerInfo("x", "Conv2d", (1, 1, 9, 9), 0, receptive_field=field, stride=stride)) == expected


@given(
    st.lists(st.lists(VALUES, min_size=0, max_size=PLACES), max_size=20), st.integers(1, 30), st.integers(1, PLACES),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_merged_one_by_one_in_any_order_they_are_the_strongest_of_all(pictures, count, per_picture, random):
    pictures = [sorted(values, reverse=True) for values in pictures]
    ranking = Ranking(0, count, per_picture)
    orders = list(range(len(pictures)))
    random.shuffle(orders)
    for order in orders:
        ranking.add(order, ImageRef(Path(f"{order}.png")), maxima(pictures[order]))
    every = [(-value, order, rank) for order, all_of in enumerate(pictures) for rank, value in enumerate(all_of[:per_picture])]
    expected = [(-negative, order, rank) for negative, order, rank in sorted(every)[:count]]
    assert [(one.value, one.order, one.rank) for one in ranking.best] == expected


def maxima(values):
    rest = PLACES - len(values)
    return Maxima(
        np.array([[*values, *[np.nan] * rest]], np.float32),
        np.array([[*range(len(values)), *[-1] * rest]], np.int32), 1, 5, (1, 1), (0, 0, 1, 1),
    )  # fmt: skip
