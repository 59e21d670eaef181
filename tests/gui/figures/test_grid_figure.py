from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSizeF

from core.insight.mosaic import choose_columns
from gui.figures.grid_figure import GridFigure
from gui.figures.grid_layout import GridLayout
from gui.figures.paper import INSIDE, WHITE
from gui.figures.pieces import heading_height
from gui.widgets.map_colours import ALIKE
from tests.gui.figures.made import WORDS, close, colours, grey, grid, painted


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_every_map_is_there_in_the_order_shown(styled_app, scale):
    maps = grid()
    order = (3, 1, 5, 0, 2, 4)
    figure = GridFigure(WORDS, colours(maps), order, "sorted by mean", WHITE)
    image = painted(figure, scale)
    for index, channel in enumerate(order):
        place = figure._layout.place(index).translated(28, heading_height(WORDS))
        left, top, width, height = (round(number * scale) for number in (place.x(), place.y(), place.width(), place.height()))
        factor = width // maps.tile_width
        expected = np.kron(grey(maps, channel), np.ones((factor, factor), np.uint8))
        close(image[top : top + height, left : left + width, 0], expected)


def test_bare_it_is_a_mosaic_of_plain_maps(styled_app):
    maps = grid(5)
    figure = GridFigure(WORDS, colours(maps), range(5), "in the order of the channels", WHITE, bare=True)
    image = painted(figure)
    columns = choose_columns(5, 8, 10)
    for channel in range(5):
        top, left = channel // columns * 9, channel % columns * 11
        close(image[top : top + 8, left : left + 10, 0], grey(maps, channel))


def test_large_maps_are_averaged_not_sampled(styled_app):
    maps = grid(40, 120, 120)
    maps = replace(maps, values=(np.indices(maps.values.shape)[1:].sum(axis=0) % 2).astype(np.float32))
    maps.minimum.flags.writeable = maps.maximum.flags.writeable = True
    maps.minimum[:], maps.maximum[:] = 0, 1
    figure = GridFigure(WORDS, colours(maps), range(40), "", WHITE)
    tile = figure._layout.tile
    assert tile.width() < 120
    place = figure._layout.place(3).translated(28, heading_height(WORDS)).toRect()
    middle = painted(figure)[place.top() + 5 : place.bottom() - 5, place.left() + 5 : place.right() - 5, 0]
    assert 110 < middle.min() <= middle.max() < 145


def test_what_it_says_without_eyes(styled_app):
    maps = grid()
    each = GridFigure(WORDS, colours(maps), range(6), "sorted by mean", WHITE)
    alike = GridFigure(WORDS, colours(maps, scaling=ALIKE), range(6), "in the order of the channels", WHITE)
    assert each.title == f"{WORDS.title}: {WORDS.about}"
    for words in ("6 feature maps", "sorted by mean", "each map's own values", "orange.jpg", "and 8"):
        assert words in each.description
    assert "whole layer" in alike.description


def test_values_stand_below_the_maps_where_they_fit(styled_app):
    few = GridFigure(WORDS, colours(grid(6)), range(6), "", WHITE)
    alike = GridFigure(WORDS, colours(grid(6), scaling=ALIKE), range(6), "", WHITE)
    assert few._layout.label > alike._layout.label > 0


@pytest.mark.parametrize(("count", "side"), [(1, 7), (64, 56), (2048, 7), (512, 14), (3, 224), (64, 112), (1, 1500)])
def test_any_number_of_maps_is_laid_out_whole(count, side):
    layout = GridLayout.of(count, side, side, room=QSizeF(INSIDE, 800), widest=60)
    assert layout.width <= INSIDE + 0.5
    assert layout.rows * layout.columns >= count
    if count < 500:
        assert layout.height <= 800


@given(st.integers(1, 3000), st.integers(1, 500), st.integers(1, 500), st.sampled_from([0.0, 40.0, 90.0]))
def test_maps_never_overlap_and_their_pixels_are_even(count, height, width, widest):
    layout = GridLayout.of(count, width, height, room=QSizeF(INSIDE, 800), widest=widest)
    factor = layout.tile.width() / width
    assert factor == round(factor) or 1 / factor == pytest.approx(round(1 / factor))
    places = [layout.place(index) for index in range(min(count, 3 * layout.columns))]
    for first, second in pairwise(places):
        assert second.left() >= first.right() or second.top() >= first.bottom()
    assert layout.place(count - 1).bottom() <= layout.height + 1
