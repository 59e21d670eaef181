"""The panel of the heads, for answers made up here."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from core.types import Failure, HeadAnswer, HeadsAnswer, ImageRef, Prediction
from gui import theme
from gui.itemmodels.head_model import CATEGORY, PROBABILITY
from gui.widgets.heads.heads_panel import HeadsPanel
from tests.gui.painted import painted, rgb, where

IMAGE = ImageRef(Path("/somewhere/beagle.png"))


def head(name: str, layer: str, share: float, sure: float, *, final: bool = False) -> HeadAnswer:
    rows = tuple(Prediction(rank, 10 * rank, f"{name} guess {rank}", sure / rank) for rank in range(1, 6))
    return HeadAnswer(name, layer, share, 21, 58, rows, final)


HEADS = (
    head("aux1", "inception4a", 0.5, 0.25), head("aux2", "inception4d", 0.8, 0.5), head("final", "fc", 1.0, 1.0, final=True)
)  # fmt: skip


@pytest.fixture
def panel(state, qtbot):
    panel = HeadsPanel(state)
    qtbot.addWidget(panel)
    panel.resize(320, 480)
    with qtbot.waitExposed(panel):
        panel.show()
    state.set_image(IMAGE)
    state.heads.put(HeadsAnswer(IMAGE, HEADS))
    return panel


def middle(panel, place: int) -> QPoint:
    return panel.timeline.spot(HEADS[place]).toPoint()


def test_heads_stand_where_they_hang_and_as_high_as_they_are_sure(panel):
    timeline = panel.timeline
    left, _, right, _ = where(painted(timeline), rgb(theme.colours().muted)) or (0, 0, 0, 0)
    spots = [timeline.spot(one).x() for one in HEADS]
    assert spots[0] - 16 == pytest.approx((timeline.width() - 32) * 0.5)
    assert spots == sorted(spots)
    assert left <= 17
    assert right >= spots[-1] - 8  # the last head stands on the end of the line
    heights = []
    for place in range(3):
        column = painted(timeline)[:, middle(panel, place).x(), :]
        heights.append(int((column == rgb(theme.colours().bar)).all(axis=1).sum()))
    assert heights[0] < heights[1] < heights[2]


def test_it_is_told_in_words(panel):
    said = panel.timeline.accessibleDescription()
    assert "on inception4a · 50 % of the MACs, aux1: aux1 guess 1, 25.0 %" in said
    assert said.endswith("the output, final: final guess 1, 100.0 %")
    rows = panel.table.rows
    assert rows.rowCount() == 18
    assert rows.index(0, CATEGORY).data() == "aux1 — on inception4a · 50 % of the MACs"
    assert "behind 21 of 58 convolutions" in rows.index(0, CATEGORY).data(Qt.ItemDataRole.ToolTipRole)
    assert rows.index(12, CATEGORY).data() == "final — the output"
    assert rows.index(7, PROBABILITY).data() == "50.0 %"


def test_a_click_on_a_head_looks_at_its_layer(panel, state, qtbot):
    qtbot.mouseClick(panel.timeline, Qt.MouseButton.LeftButton, pos=middle(panel, 1))
    assert state.layer == "inception4d"
    assert panel.timeline.current == 1
    qtbot.mouseClick(panel.timeline, Qt.MouseButton.LeftButton, pos=QPoint(20, 40))  # far from all
    assert state.layer == "inception4d"
    place = panel.table.visualRect(panel.table.rows.index(0, CATEGORY)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.layer == "inception4a"
    assert panel.timeline.current == 0


def test_the_keyboard_goes_along(panel, state, qtbot):
    panel.timeline.setFocus()
    state.set_layer("inception4a")
    qtbot.keyClick(panel.timeline, Qt.Key.Key_Right)
    assert state.layer == "inception4a"
    qtbot.keyClick(panel.timeline, Qt.Key.Key_Return)
    assert state.layer == "inception4d"
    for _ in range(3):
        qtbot.keyClick(panel.timeline, Qt.Key.Key_Right)
    qtbot.keyClick(panel.timeline, Qt.Key.Key_Space)
    assert state.layer == "fc"
    panel.table.setCurrentIndex(panel.table.rows.index(0, CATEGORY))
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert state.layer == "inception4a"


def test_a_category_of_a_head_can_be_chosen(panel, state, qtbot):
    place = panel.table.visualRect(panel.table.rows.index(2, CATEGORY)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.selection.category == 20
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.selection.category is None


def test_why_there_is_only_one(panel, state):
    state.heads.put(HeadsAnswer(IMAGE, HEADS[2:], "The weights have auxiliary heads, but these were never trained."))
    assert panel.words.text() == "The weights have auxiliary heads, but these were never trained."
    assert panel.table.rows.rowCount() == 6


def test_empty_waiting_and_failed_have_words(panel, state):
    state.heads.put(None)
    assert panel.words.text() == "Asking the heads…"
    assert not panel.timeline.isVisible()
    state.heads.put(None, Failure("architecture", "The head cannot read maps of 8×8."))
    assert panel.words.text() == "The head cannot read maps of 8×8."
    assert panel.words.property("tone") == "error"
    state.heads.put(None)
    state.set_image(None)
    assert panel.words.text().startswith("Open a picture")


def test_it_is_wanted_only_while_it_is_seen(panel, state):
    assert state.heads.wanted
    panel.hide()
    assert not state.heads.wanted


def test_a_low_panel_keeps_the_heads(panel, state, qtbot):
    panel.resize(300, 226)
    qtbot.waitUntil(lambda: panel.height() == 226 and panel.timeline.height() == panel.timeline.sizeHint().height())
    assert panel.table.height() >= panel.table.minimumSizeHint().height()
