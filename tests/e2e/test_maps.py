"""The maps in the real window: contributions from the real thread, keys, the context menu, and what is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from core.inference.session import Session
from core.insight.contribution import contributions
from core.insight.inspect import Inspector
from core.settings import Settings, load_settings
from core.types import BUILTIN_SPEC, ContributionRequest, ImageRef, ModelSpec, WeightsSpec
from gui.actions import MAP_ACTIONS
from gui.facts.map_look import ORDERS
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


@pytest.fixture
def bench(launch, picture):
    started = launch()
    started.paths = [picture("one.png"), picture("two.png", "#30c040")]
    drop(started.window, files(*started.paths))
    started.wait_answer(started.paths[0])
    started.asked = []
    submit = started.conductor.inference.submit

    def note(request):
        if isinstance(request, ContributionRequest):
            started.asked.append((request.image.path.name, request.layer, request.category))
        submit(request)

    started.conductor.inference.submit = note
    return started


def expected(bench, spec=BUILTIN_SPEC):
    """The channels in the order of what they contribute, worked out without the window."""
    state = bench.state
    work = contributions(
        Inspector(Session.load(spec, "cpu")), ContributionRequest(1, state.image, state.layer, state.category)
    )
    try:
        while True:
            next(work)
    except StopIteration as end:
        return np.argsort(-end.value.values, kind="stable").tolist()


def test_contributions_follow_picture_layer_category_and_model(bench):
    state, grid = bench.state, bench.window.inspect.activations.grid
    bench.wait_idle()
    assert bench.asked == []
    state.map_look.set_order("Contribution")
    bench.wait_idle()
    top = state.category
    assert bench.asked == [("one.png", state.layer, top)]
    assert list(grid.channels) == expected(bench)
    state.set_layer("features.4")
    bench.wait_idle()
    assert list(grid.channels) == expected(bench)
    state.selection.set_category((top + 1) % 102)
    bench.wait_idle()
    assert list(grid.channels) == expected(bench)
    state.set_image(ImageRef(bench.paths[1]))
    bench.wait_answer(bench.paths[1])
    assert list(grid.channels) == expected(bench)
    assert bench.asked[1:] == [
        ("one.png", "features.4", top), ("one.png", "features.4", (top + 1) % 102), ("two.png", "features.4", (top + 1) % 102),
    ]  # fmt: skip
    spec = ModelSpec("compact_vgg", WeightsSpec("random", seed=7))
    state.choose_spec(spec)
    bench.wait_idle()
    assert list(grid.channels) == expected(bench, spec)
    bench.asked.clear()
    state.map_look.set_order("Index")
    state.set_layer("features.8")
    bench.wait_idle()
    assert bench.asked == []


def test_a_wish_that_ends_is_called_off(bench):
    state = bench.state
    state.map_look.set_order("Contribution")
    assert bench.conductor.waits_for(ContributionRequest)
    state.map_look.set_order("Mean")
    assert not bench.conductor.waits_for(ContributionRequest)
    bench.wait_idle()
    assert state.contributions.answer is None


def test_keys_walk_through_orders_and_channels(bench, qtbot):
    window, state = bench.window, bench.state
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=LONG)
    window.inspect.strip.setFocus()
    for wanted in (*ORDERS[1:], ORDERS[0]):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_S)
        assert state.map_look.order == window.inspect.activations.controls.order.currentText() == wanted
    for key, wanted in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        qtbot.keyClick(QApplication.focusWidget(), key, Qt.KeyboardModifier.AltModifier)
        assert state.selection.channel == window.inspect.activations.grid.current == wanted
    window.inspect.layers.filter.setFocus()
    qtbot.keyClick(window.inspect.layers.filter, Qt.Key.Key_S)
    assert (window.inspect.layers.filter.text(), state.map_look.order) == ("s", ORDERS[0])
    bench.wait_idle()


def test_the_context_menu_of_the_maps_holds_their_actions(bench):
    grid = bench.window.inspect.activations.grid
    assert grid.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [action.objectName() for action in grid.actions()] == [f"action_{key}" for key in MAP_ACTIONS]
    assert all(action.text() and action.shortcuts() for action in grid.actions())
    place, shown = grid.tile_rect(2).center(), []

    def look():
        menu = QApplication.activePopupWidget()
        shown.extend(action.objectName() for action in menu.actions())
        menu.actions()[0].trigger()
        menu.close()

    QTimer.singleShot(0, look)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(grid.viewport(), QContextMenuEvent(reason, place, grid.viewport().mapToGlobal(place)))
    assert shown == [f"action_{key}" for key in MAP_ACTIONS]
    assert bench.state.map_look.order == ORDERS[1]


def test_hovering_the_picture_lights_up_the_maps_and_back(bench):
    view, grid = bench.window.inspect.image_view, bench.window.inspect.activations.grid
    centre, button = QPointF(view.viewport.area.center()), Qt.MouseButton.NoButton
    modifiers = Qt.KeyboardModifier.NoModifier
    place = view.mapToGlobal(centre)
    QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, centre, place, button, button, modifiers))
    top, left, bottom, right = grid.lit
    rows, columns = bench.state.activations.values.shape[1:]
    assert 0 < top < bottom < rows
    assert 0 < left < right < columns
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert grid.lit is None


def test_the_look_of_the_maps_is_remembered(launch):
    first = launch()
    look = first.state.map_look
    look.set_order("Similarity")
    look.set_scaling("All alike")
    look.set_colour_map("Viridis")
    look.set_gamma(0.5)
    look.set_side(104)
    first.wait_idle()
    first.window.close()
    settings, notice = load_settings()
    assert notice == ""
    second = launch(settings=settings)
    grid, controls = second.window.inspect.activations.grid, second.window.inspect.activations.controls
    assert (grid.order, grid.scaling, grid.colour_map, grid.gamma, grid.side) == (
        "Similarity", "All alike", "Viridis", 0.5, 104,
    )  # fmt: skip
    assert controls.order.currentText() == "Similarity"
    assert controls.tile_size.value() == 104


def test_odd_settings_of_the_maps_are_put_right(launch):
    settings = Settings(map_order="Taste", map_colours="Jet", map_scaling="", map_gamma=float("nan"), map_side=10**9)
    grid = launch(settings=settings).window.inspect.activations.grid
    assert (grid.order, grid.colour_map, grid.scaling, grid.gamma, grid.side) == ("Index", "Grey", "Each map", 1.0, 256)
