"""The tiles' pixels against colours that are computed here from the real values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from core.insight.activations import present
from core.types import ActivationGrid
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.map_colours import ALIKE, EACH, SCALINGS, MapColours, layer_range
from gui.widgets.map_grid import MapGrid
from tests.gui import samples

Floats = npt.NDArray[np.float32]
SIDE = 6
NAN = (0, 0, 255)


def values() -> Floats:
    """Maps of different ranges: on both sides of zero, above it, below it, constant, zero, and with odd values."""
    maps = np.random.default_rng(3).normal(size=(8, SIDE, SIDE)).astype(np.float32)
    maps[0] *= 4
    maps[1] = np.maximum(maps[1], 0)
    maps[2] = np.abs(maps[2]) + 0.5
    maps[3] = -np.abs(maps[3]) * 0.1
    maps[4], maps[5] = 1.5, 0
    maps[6, 0, :3] = np.nan, np.inf, -np.inf
    maps[7, 2:4] = 0
    return maps


def shown(maps: Floats) -> ActivationGrid:
    layer = samples.layer("conv", shape=(1, *maps.shape))
    grid = present(maps[None], layer, (layer,))
    assert isinstance(grid, ActivationGrid)
    return grid


@pytest.fixture
def grid(state: AppState, qtbot: QtBot) -> MapGrid:
    widget = MapGrid()
    qtbot.addWidget(widget)
    widget.resize(700, 300)
    widget.show()
    widget.set_grid(shown(values()))
    return widget


def tile(grid: MapGrid, image: QImage, channel: int) -> npt.NDArray[np.int64]:
    """The colours in the middle of each enlarged pixel of a map, (height, width, 3)."""
    rect = grid.tile_rect(channel)
    step = rect.width() // SIDE
    at = [(rect.left() + step * x + step // 2, rect.top() + step * y + step // 2) for y in range(SIDE) for x in range(SIDE)]
    return np.array([image.pixelColor(x, y).getRgb()[:3] for x, y in at]).reshape(SIDE, SIDE, 3)


def palette(name: str) -> npt.NDArray[np.int64]:
    return np.array([QColor.fromRgb(entry).getRgb()[:3] for entry in colourmaps.table(name)])


def expected(name: str, one: Floats, low: float, high: float, gamma: float = 1.0) -> npt.NDArray[np.float64]:
    """Interpolate the colour of each real value between ``low`` and ``high``."""
    colours = palette(name)
    exact = np.nan_to_num(one.astype(np.float64), nan=0.0, posinf=high, neginf=low)
    if name == colourmaps.AROUND_ZERO:
        high = max(abs(low), abs(high))
        low = -high
        exact = np.clip(np.nan_to_num(one.astype(np.float64), nan=0.0, posinf=high, neginf=low), low, high)
        place = exact / high / 2 + 0.5 if high else np.full_like(exact, 0.5)
    else:
        place = (exact - low) / (high - low) if high > low else np.zeros_like(exact)
    if name == colourmaps.AROUND_ZERO:
        place = 0.5 + np.sign(place - 0.5) * np.abs(2 * place - 1) ** gamma / 2
    else:
        place = place**gamma
    steps = np.arange(len(colours))
    found = np.stack([np.interp(place * (len(colours) - 1), steps, channel) for channel in colours.T], axis=-1)
    found[np.isnan(one)] = NAN
    return found


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("name", colourmaps.NAMES)
@pytest.mark.parametrize("gamma", [1.0, 0.2, 2.5])
def test_every_pixel_has_the_colour_of_its_value(grid: MapGrid, name: str, scaling: str, gamma: float) -> None:
    grid.set_gamma(gamma)
    grid.set_colour_map(name)
    grid.set_scaling(scaling)
    image = grid.viewport().grab().toImage()
    maps = values()
    finite = np.where(np.isfinite(maps), maps, np.nan)
    for channel, one in enumerate(maps):
        scope = finite if scaling == ALIKE else finite[channel]
        wanted = expected(name, one, float(np.nanmin(scope)), float(np.nanmax(scope)), gamma)
        # The palette comes in 256 steps, and the nearest is taken.
        steepest = np.abs(np.diff(palette(name), axis=0)).max()
        assert np.abs(tile(grid, image, channel) - wanted).max() <= 0.51 * steepest


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("dark", [False, True])
def test_zero_is_neutral(grid: MapGrid, monkeypatch: pytest.MonkeyPatch, scaling: str, dark: bool) -> None:
    monkeypatch.setattr(theme, "is_dark", lambda: dark)
    grid.set_scaling(scaling)
    grid.set_colour_map(colourmaps.AROUND_ZERO)
    image = grid.viewport().grab().toImage()
    neutral = QColor("#23262b" if dark else "#f7f7f7").getRgb()[:3]
    maps = values()
    for channel in range(len(maps)):
        is_neutral = (tile(grid, image, channel) == neutral).all(axis=-1)
        assert is_neutral[maps[channel] == 0].all()
    strong = np.abs(maps[0]) > 1
    assert not (tile(grid, image, 0) == neutral).all(axis=-1)[strong].any()


def test_blue_is_below_zero_and_orange_above(grid: MapGrid) -> None:
    grid.set_colour_map(colourmaps.AROUND_ZERO)
    image = grid.viewport().grab().toImage()
    colours, one = tile(grid, image, 0), values()[0]
    assert (colours[one > 1, 0] > colours[one > 1, 2]).all()
    assert (colours[one < -1, 0] < colours[one < -1, 2]).all()


def test_ends_of_the_colours(grid: MapGrid) -> None:
    maps = values()
    grid.set_current(3)
    own = (maps[3].min(), maps[3].max())
    assert grid.ends() == pytest.approx(own)
    grid.set_colour_map(colourmaps.AROUND_ZERO)
    assert grid.ends() == pytest.approx((own[0], -own[0]))
    grid.set_scaling(ALIKE)
    reach = np.abs(maps[np.isfinite(maps)]).max()
    assert grid.ends() == pytest.approx((-reach, reach))
    grid.set_colour_map("Grey")
    assert grid.ends() == pytest.approx((maps[np.isfinite(maps)].min(), maps[np.isfinite(maps)].max()))


def test_maps_without_a_number_do_not_stretch_the_range() -> None:
    maps = np.full((3, 2, 2), np.nan, np.float32)
    assert layer_range(shown(maps)) == (0, 0)
    maps[1] = [[5, 6], [7, 8]]
    assert layer_range(shown(maps)) == (5, 8)


def test_scaling_needs_no_new_maps(grid: MapGrid) -> None:
    before = grid.viewport().grab().toImage()
    grid.set_scaling(ALIKE)
    assert grid.viewport().grab().toImage() != before
    grid.set_scaling(EACH)
    assert grid.viewport().grab().toImage() == before


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("name", colourmaps.NAMES)
def test_odd_values_have_colours_of_their_own(grid: MapGrid, name: str, scaling: str) -> None:
    grid.set_colour_map(name)
    grid.set_scaling(scaling)
    colours = tile(grid, grid.viewport().grab().toImage(), 6)
    assert tuple(colours[0, 0]) == NAN
    assert tuple(colours[0, 1]) == tuple(palette(name)[-1])
    assert tuple(colours[0, 2]) == tuple(palette(name)[0])
    assert not (colours.reshape(-1, 3)[1:] == NAN).all(axis=1).any()


def test_infinities_in_a_map_of_one_value_and_ranges_beyond_float32(state: AppState) -> None:
    maps = np.full((3, 2, 2), 7, np.float32)
    maps[0, 0] = np.inf, -np.inf
    maps[1] = [[-3e38, 3e38], [0, 1e37]]
    maps[2] = [[1e-38, 0], [0, 0]]
    colours = MapColours.of(shown(maps), "Grey", EACH, dark=False).coloured([0, 1, 2], maps) & 0xFF
    assert colours[0].tolist() == [[255, 0], [0, 0]]
    assert colours[1].tolist() == [[0, 255], [128, 132]]
    assert colours[2].tolist() == [[0, 0], [0, 0]]
    around = MapColours.of(shown(maps), colourmaps.AROUND_ZERO, EACH, dark=False)
    ends = around.palette[[0, -1]]
    assert around.coloured([0], maps[:1])[0].tolist() == [[ends[1], ends[0]], [ends[1], ends[1]]]


def test_gamma_keeps_the_ends_and_the_middle(grid: MapGrid) -> None:
    before = grid.ends()
    grid.set_gamma(3.0)
    assert grid.ends() == before
    for name in colourmaps.NAMES:
        around = name == colourmaps.AROUND_ZERO
        bent = colourmaps.bend(np.array([0.0, 0.25, 0.5, 0.75, 1.0]), 2.0, around_zero=around)
        assert bent.tolist() == ([0, 0.375, 0.5, 0.625, 1] if around else [0, 0.0625, 0.25, 0.5625, 1])
