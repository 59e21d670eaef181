"""Panels that are made when somebody looks at them are what they would be, had they been there from the start."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.panels import PANELS
from tests.e2e.conftest import Bench
from tests.gui.painted import painted

LATE = [name for name in PANELS if name != "input"]
FAR = 60


def made(bench: Bench, name: str) -> bool:
    return len(bench.window.inspect.details.page(name).children()) > 1  # its layout is one


def make(bench: Bench, name: str) -> QWidget:
    panel = getattr(bench.window.inspect.details, name)
    assert isinstance(panel, QWidget)
    return panel


def start(launch, photos: list[Path], *early: str) -> Bench:
    bench = launch(begin=False)
    for name in early:
        make(bench, name)
    bench.start()
    bench.conductor.open_paths(tuple(photos))
    bench.wait_answer(photos[0])
    bench.wait_settled()
    return bench


def looks(bench: Bench, name: str) -> np.ndarray:
    bench.window.inspect.details.show_panel(name)
    bench.wait_settled()
    bench.qtbot.waitUntil(lambda: bench.conductor.idle, timeout=60_000)
    QApplication.processEvents()
    return painted(bench.window.inspect.details.page(name)).astype(int)


def walk(bench: Bench) -> list[QWidget]:
    """Where Tab comes to in a whole round, from the strip on."""
    bench.window.activateWindow()
    bench.window.inspect.strip.setFocus()
    seen: list[QWidget] = []
    while len(seen) < FAR:
        widget = QApplication.focusWidget()
        if widget in seen:
            break
        seen.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    return seen


def test_nothing_is_made_before_somebody_looks(launch, photos):
    bench = start(launch, photos)
    assert [name for name in LATE if made(bench, name)] == []
    bench.window.inspect.details.show_panel("why")
    assert [name for name in LATE if made(bench, name)] == ["why"]


@pytest.mark.parametrize("name", LATE)
def test_a_panel_made_late_looks_as_one_made_at_the_start(launch, photos, name):
    pictures = []
    for early in ((name,), ()):
        bench = start(launch, photos, *early)
        assert made(bench, name) is bool(early)
        pictures.append(looks(bench, name))
    assert pictures[0].shape == pictures[1].shape
    # The milliseconds that an answer took are different each time.
    assert (np.abs(pictures[0] - pictures[1]).max(axis=2) > 0).mean() < 0.003


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)])
@pytest.mark.parametrize("name", LATE)
def test_tab_goes_from_the_tabs_into_the_panel_and_on_to_what_came_after_it(launch, photos, name, size):
    bench = start(launch, photos)
    bench.window.resize(*size)
    details = bench.window.inspect.details

    def without(page: QWidget) -> list[QWidget]:
        return [stop for stop in walk(bench) if stop is not page and not page.isAncestorOf(stop)]

    details.show_panel("input")
    before = without(details.page("input"))
    looks(bench, name)
    stops = walk(bench)
    inside = [number for number, stop in enumerate(stops) if details.page(name).isAncestorOf(stop)]
    first = stops.index(details.tabBar()) + 1
    assert inside, "nothing in the panel takes the keyboard"
    assert inside == list(range(first, first + len(inside)))
    assert without(details.page(name)) == before


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)])
def test_nothing_moves_when_a_panel_comes(launch, photos, size):
    bench = start(launch, photos)
    bench.window.resize(*size)
    QApplication.processEvents()
    before = bench.window.inspect.splitter_sizes()
    for name in LATE:
        bench.window.inspect.details.show_panel(name)
        QApplication.processEvents()
    assert bench.window.inspect.splitter_sizes() == before
