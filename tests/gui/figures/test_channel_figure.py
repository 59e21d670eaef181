from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from core.insight.map_statistics import measure
from gui import colourmaps
from gui.figures.channel_figure import LEAST_BARE, ChannelFigure, ticks
from gui.figures.formats import to_png
from gui.figures.paper import WHITE, as_on_screen
from gui.widgets.map_colours import ALIKE
from tests.gui.figures.made import WORDS, close, colours, grey, grid, painted, rgb


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("bare", [False, True])
def test_pixels_are_the_colour_table_applied_to_the_values(styled_app, scale, bare):
    maps = grid()
    figure = ChannelFigure(WORDS, colours(maps), 4, WHITE, bare=bare)
    image = QImage.fromData(to_png(figure, scale))
    place = figure.map_place
    assert (image.width(), image.height()) == (figure.size.width() * scale, figure.size.height() * scale)
    left, top, width, height = (round(number * scale) for number in (place.x(), place.y(), place.width(), place.height()))
    found = rgb(image)[top : top + height, left : left + width]
    factor = width // maps.tile_width
    assert (width, height) == (factor * maps.tile_width, factor * maps.tile_height)
    expected = np.kron(grey(maps, 4), np.ones((factor, factor), np.uint8))
    for channel in range(3):
        close(found[:, :, channel], expected)


def test_diverging_colours_of_the_whole_layer(styled_app):
    maps = grid()
    figure = ChannelFigure(WORDS, colours(maps, colourmaps.AROUND_ZERO, ALIKE), 2, WHITE, bare=True)
    found = painted(figure)[:: figure.size.height() // 8, :: figure.size.width() // 10]
    reach = float(np.abs(maps.values).max())
    table = np.array(colourmaps.table(colourmaps.AROUND_ZERO), np.uint32)
    places = np.rint((maps.values[2].astype(np.float64) / reach + 1) / 2 * 256).astype(int)
    expected = np.stack([table[places] >> shift & 255 for shift in (16, 8, 0)], axis=-1)
    # A map has 256 steps of its own, so a colour may be a few steps of the table away.
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 6


def test_bare_maps_are_large_enough_to_be_seen(styled_app):
    for height, width in ((7, 7), (2, 300), (8, 10), (224, 224), (300, 400)):
        maps = grid(1, height, width)
        size = ChannelFigure(WORDS, colours(maps), 0, WHITE, bare=True).size
        assert max(size.width(), size.height()) >= LEAST_BARE
        assert size.width() % width == 0
        assert size.width() // width == size.height() // height


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (7, 7), (13, 55), (224, 224), (600, 900), (3, 1500)])
def test_any_shape_fits_the_page(styled_app, shape):
    maps = grid(2, *shape)
    figure = ChannelFigure(WORDS, colours(maps), 1, WHITE)
    place = figure.map_place
    assert place.right() < figure.size.width()
    assert place.bottom() < figure.size.height()
    assert painted(figure).shape[:2] == (figure.size.height(), figure.size.width())


def test_odd_values_are_told(styled_app):
    maps = grid()
    values = maps.values.copy()
    values[1, 2, :3] = np.nan
    bad = replace(maps, values=values, nans=measure(values).nans)
    assert "3 NaN" in ChannelFigure(WORDS, colours(bad), 1, WHITE).description
    painted(ChannelFigure(WORDS, colours(bad), 1, WHITE))


def test_the_window_s_own_colours(styled_app):
    image = painted(ChannelFigure(WORDS, colours(grid()), 0, as_on_screen()))
    assert image[2, 2].tolist() == [255, 255, 255]  # the light theme's panel


def test_rows_and_columns_carry_round_numbers():
    assert list(ticks(8, 50)) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert list(ticks(56, 7)) == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]
    assert list(ticks(224, 1)) == [0, 50, 100, 150, 200]
    assert list(ticks(1, 400)) == [0]
    for count in (2, 3, 17, 100, 1500, 40_000):
        for cell in (0.01, 0.3, 1.0, 29.0, 208.0):
            steps = ticks(count, cell)
            assert len(steps) == 1 or steps.step * cell >= 34
            assert steps[0] == 0
            assert steps[-1] < count
