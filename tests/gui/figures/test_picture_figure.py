from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QColor

from core.types import Heat, ImageRef, NetworkInput, Picture, Preprocessing, frozen
from gui import colourmaps, theme
from gui.figures.formats import to_pdf, to_svg
from gui.figures.paper import WHITE
from gui.figures.picture_figure import Outline, PictureFigure
from gui.figures.units_figure import UnitsFigure
from gui.widgets.crop_overlay import CropOverlay
from gui.widgets.heat_overlay import HeatOverlay
from tests.gui.figures.made import WORDS, painted
from tests.gui.samples import vector

HOW = Preprocessing(73, 64, "bilinear", (0.5,) * 3, (0.25,) * 3, "test")


def picture(width=60, height=40):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(ImageRef(Path("orange.jpg").absolute()), frozen(pixels), (width, height), "PNG")


def figure_of(shown, state, *, overlays=(), outlines=(), bare=False):
    heats = [overlay for _, overlay in state.overlays.shown()]
    return PictureFigure(WORDS, shown, overlays, heats, outlines, WHITE, bare=bare)


@pytest.mark.parametrize("scale", [1, 3])
def test_bare_it_is_the_picture_pixel_for_pixel(state, scale):
    shown = picture()
    found = painted(figure_of(shown, state, bare=True), scale)
    np.testing.assert_array_equal(found, np.kron(shown.pixels, np.ones((scale, scale, 1), np.uint8)))


def test_pictures_of_every_shape_keep_it(state):
    for size in ((1, 1), (3, 900), (900, 3), (640, 480), (120, 130)):
        figure = figure_of(picture(*size), state)
        place = figure.picture_place
        assert place.right() <= figure.size.width()
        assert place.bottom() < figure.size.height() <= 1100
        # A whole unit at least, so very narrow ones are wider than they are.
        if min(size) > 10:
            assert place.width() / place.height() == pytest.approx(size[0] / size[1], rel=0.02)
        painted(figure)


def test_a_heat_map_lies_where_it_belongs_with_its_opacity(state):
    shown = picture(40, 40)
    state.overlays.put("why", Heat("Grad-CAM · orange", np.array([[0.0, 1.0]], np.float32), (20, 0, 40, 40), smooth=False))
    state.overlays.set_opacity("why", 0.5)
    figure = figure_of(shown, state, overlays=[HeatOverlay(state)], bare=True)
    found = painted(figure).astype(int)
    np.testing.assert_array_equal(found[:, :20], shown.pixels[:, :20])
    ends = [QColor(colourmaps.table(colourmaps.HEAT)[place]).getRgb()[:3] for place in (0, 255)]
    for left, colour in ((20, ends[0]), (30, ends[1])):
        expected = (shown.pixels[:, left : left + 10].astype(float) + np.array(colour)) / 2
        assert np.abs(found[:, left : left + 10] - expected).max() <= 2


def test_legends_name_and_measure_what_lies_over_the_picture(state):
    state.overlays.put("why", Heat("Grad-CAM · orange", np.array([[-0.5, 2.0]], np.float32), (0, 0, 60, 40), diverging=True))
    state.set_network_input(NetworkInput(frozen(np.zeros((64, 64, 3), np.uint8)), (10.0, 0.0, 50.0, 40.0), HOW))
    outline = Outline(theme.colours().accent, "what the network sees")
    figure = figure_of(picture(), state, overlays=[HeatOverlay(state), CropOverlay(state)], outlines=[outline])
    words = [text.text for text in ElementTree.fromstring(to_svg(figure)).iter("{http://www.w3.org/2000/svg}text")]
    for wanted in ("Grad-CAM · orange", "60 % opaque", "−2", "0", "2", "what the network sees"):
        assert wanted in words
    assert "Over the picture: Grad-CAM · orange; what the network sees." in figure.description
    assert figure.size.height() > figure_of(picture(), type(state)()).size.height()
    assert to_pdf(figure).startswith(b"%PDF")
    assert b"<clipPath" in to_svg(figure)


def test_dark_colours_are_those_of_the_window(state):
    without = figure_of(picture(), state)
    assert without.description.endswith("The picture with nothing over it.")
    assert painted(without)[1, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize("values", [[3, -1, 0.5], [0, 0], [np.nan, np.inf, -np.inf, 1], [-3, -1], list(range(1000))])
@pytest.mark.parametrize("labels", [False, True])
def test_units_as_bars_and_as_a_strip(styled_app, values, labels):
    figure = UnitsFigure(WORDS, vector([float(value) for value in values], labels), WHITE)
    image = painted(figure)
    assert image.shape == (figure.size.height(), figure.size.width(), 3)
    assert f"{len(values)} units; the strongest are" in figure.description
    texts = ElementTree.fromstring(to_svg(figure)).iter("{http://www.w3.org/2000/svg}text")
    assert f"All {len(values):,} units, {min(64, len(values))} a line" in [text.text for text in texts]


def test_the_strip_of_units_is_coloured_around_zero(styled_app):
    figure = UnitsFigure(WORDS, vector([2.0, -2.0, 0.0]), WHITE, bare=True)
    cells = painted(figure)[4, 4::8]
    table = colourmaps.table(colourmaps.AROUND_ZERO)
    assert [tuple(cell) for cell in cells.tolist()] == [QColor(table[place]).getRgb()[:3] for place in (256, 0, 128)]
