"""Where things lie after the window became narrow and wide again, and what can be told apart in both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QRadioButton, QTabBar, QWidget

from gui import theme
from gui.widgets.layer_tree_view import ROW_HEIGHT
from tests.e2e.conftest import Bench


def test_a_window_that_was_narrow_has_its_columns_back(bench: Bench) -> None:
    window = bench.window
    window.resize(1280, 800)
    bench.wait_settled()
    right = window.inspect._right.width()
    window.resize(900, 600)
    bench.wait_settled()
    bar = window.inspect.details.findChild(QTabBar)
    assert sum(bar.tabRect(tab).width() for tab in range(bar.count())) <= window.inspect.details.width(), "no tab is hidden"
    window.resize(1600, 1000)
    bench.wait_settled()
    assert window.inspect._right.width() == right


def test_what_a_person_chose_comes_back_too(bench: Bench) -> None:
    window = bench.window
    window.resize(1280, 800)
    bench.wait_settled()
    outer = window.inspect._outer
    outer.moveSplitter(outer.width() - 400, 2)
    right = window.inspect._right.width()
    assert 380 <= right <= 400
    for size in ((900, 600), (1280, 800)):
        window.resize(*size)
        bench.wait_settled()
    assert window.inspect._right.width() == pytest.approx(right, abs=2)


@pytest.mark.parametrize("size", [(1280, 800), (900, 600), (1600, 1000)])
def test_the_list_of_layers_begins_with_a_whole_row_and_shows_the_current_one(bench: Bench, size: tuple[int, int]) -> None:
    bench.window.resize(1280, 800)
    bench.wait_settled()
    bench.window.resize(*size)
    bench.wait_settled()
    view = bench.window.inspect.layers.view
    assert view.verticalScrollBar().value() % ROW_HEIGHT == 0
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))


def test_the_first_row_of_maps_and_the_names_are_whole_after_a_start(
    launch: Callable[..., Bench], photos: list[Path]
) -> None:
    bench = launch()
    bench.window.resize(1280, 800)
    bench.conductor.open_paths(tuple(photos))
    bench.wait_answer(photos[0])
    bench.wait_settled()
    grid = bench.window.inspect.activations.grid
    assert grid.verticalScrollBar().value() == 0
    tree = bench.window.inspect.layers.view
    metrics = tree.fontMetrics()
    assert tree.columnWidth(2) >= metrics.horizontalAdvance("BatchNorm2d") + 16


def tells_apart(box: QWidget, one: QImage, other: QImage) -> int:
    """How many pixels of the indicator differ between two states."""
    return sum(one.pixel(x, y) != other.pixel(x, y) for x in range(16) for y in range(box.height()))


@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
@pytest.mark.parametrize("name", ["light", "dark"])
def test_an_empty_box_is_seen_and_a_ticked_one_differs_in_shape(qapp: QApplication, qtbot, name: str, kind: type) -> None:
    theme.choose(qapp, name)
    try:
        box = kind("x")
        qtbot.addWidget(box)
        box.setAutoExclusive(False)
        box.resize(80, 24)
        ground = QColor(theme.colours().window).lightness()
        empty = box.grab().toImage()
        outline = [QColor(empty.pixel(x, 12)).lightness() for x in range(16)]
        assert max(abs(value - ground) for value in outline) > 60, "the outline stands out from the ground"
        box.setChecked(True)
        ticked = box.grab().toImage()
        assert tells_apart(box, empty, ticked) > 40
        accent, mark = QColor(theme.colours().accent), QColor(theme.colours().on_accent)
        seen = [QColor(ticked.pixel(x, y)) for x in range(16) for y in range(24)]
        assert accent in seen
        assert any(abs(colour.lightness() - mark.lightness()) < 30 for colour in seen)
    finally:
        theme.choose(qapp, "light")
