"""The predictions and the maps while lesions are on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.types import Lesion
from gui import theme
from gui.itemmodels.lesioned_row import format_points, lesioned_row, ordinal
from gui.itemmodels.prediction_model import CATEGORY, INDEX, as_csv, as_text
from gui.state import AppState
from gui.widgets.activation_view import ActivationView
from gui.widgets.lesions.prediction_lesions import ROW_HEIGHT
from gui.widgets.prediction_table import PredictionTable
from tests.gui.lesion_samples import answer, untouched
from tests.gui.painted import painted, rgb
from tests.gui.samples import LEMON, classification, grid

MUTE = Lesion("blocks.0.conv", 3)


@pytest.fixture
def table(state: AppState, qtbot: QtBot) -> PredictionTable:
    widget = PredictionTable(state)
    qtbot.addWidget(widget)
    widget.resize(340, 260)
    widget.show()
    state.set_classification(untouched())
    return widget


def places(table: PredictionTable) -> list[tuple[str, int]]:
    rows = table.view.model()
    return [(rows.index(row, CATEGORY).data(), table.view.visualRect(rows.index(row, CATEGORY)).top()) for row in range(5)]


def ink(table: PredictionTable, row: int, colour: str) -> int:
    """Pixels of a colour in the row of a prediction."""
    view = table.view
    rect = view.visualRect(view.model().index(row, 2))
    image = painted(view.viewport())[rect.top() : rect.bottom() + 1]
    return int((image == np.array(rgb(colour), np.uint8)).all(axis=2).sum())


def test_without_lesions_nothing_is_to_be_seen(table: PredictionTable) -> None:
    assert not table.lesions.chip.isVisible()
    assert not table.lesions.summary.isVisible()
    assert not table.view.horizontalHeader().isHidden()
    assert ink(table, 0, theme.colours().warning) == 0


def test_the_chip_counts_and_clears(state: AppState, table: PredictionTable, qtbot: QtBot) -> None:
    state.lesions.put(MUTE)
    chip = table.lesions.chip
    assert (chip.isVisible(), chip.text()) == (True, "1 lesion")
    state.lesions.put(Lesion("head", 1))
    assert chip.text() == "2 lesions"
    state.lesions.set_enabled([("head", 1)], False)
    assert chip.text() == "1 lesion"
    assert "clear them all" in chip.accessibleName()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert state.lesions.lesions == ()
    assert not chip.isVisible()
    state.lesions.undo()
    assert chip.isVisible()


def test_rows_keep_their_order_and_place_whatever_the_answer_is(state: AppState, table: PredictionTable) -> None:
    state.lesions.put(MUTE)
    before = places(table)
    assert [name for name, _ in before] == [row.category for row in untouched().predictions[:5]]
    for lemon in (0.1, 0.3, 0.5, 0.7):
        state.lesions.set_answer(answer([0.8 - lemon, lemon], (MUTE,)))
        assert places(table) == before
    assert before[1][1] - before[0][1] == ROW_HEIGHT


def test_the_line_names_the_new_first(state: AppState, table: PredictionTable) -> None:
    state.lesions.put(MUTE)
    assert table.lesions.summary.text() == "With lesions: …"
    state.lesions.set_answer(answer([0.5, 0.3], (MUTE,)))
    assert table.lesions.summary.text() == "With lesions still first: orange 50.0 %"
    state.lesions.set_answer(answer([0.3, 0.5], (MUTE,)))
    assert table.lesions.summary.text() == "With lesions first: lemon 50.0 % (was orange)"


def test_before_and_after_are_painted_and_spoken(state: AppState, table: PredictionTable) -> None:
    state.lesions.put(MUTE)
    assert ink(table, 0, theme.colours().warning) == 0
    state.lesions.set_answer(answer([0.2, 0.6], (MUTE,)))
    lengths = [ink(table, row, theme.colours().warning) for row in (0, 1)]
    assert lengths[1] == pytest.approx(3 * lengths[0], rel=0.25)
    assert ink(table, 0, theme.colours().bar) > 2 * ink(table, 1, theme.colours().bar)
    spoken = [table.view.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 2)]
    assert spoken[0] == "1. orange, 70.0 %, index 0; with lesions 20.0 %, −50.0 points, now 2nd"
    assert spoken[1].endswith("with lesions 8.0 %, ±0.0 points")


def test_when_the_last_lesion_goes_all_is_as_before(state: AppState, table: PredictionTable, qtbot: QtBot) -> None:
    table.resize(420, table.height())
    before, header = painted(table), table.view.visualRect(table.view.model().index(1, CATEGORY))
    state.lesions.put(MUTE)
    state.lesions.set_answer(answer([0.2, 0.6], (MUTE,)))
    assert (painted(table) != before).any()
    assert table.view.isColumnHidden(INDEX)
    state.lesions.clear()
    qtbot.waitUntil(lambda: bool((painted(table) == before).all()), timeout=10_000)
    assert table.view.visualRect(table.view.model().index(1, CATEGORY)) == header
    assert not table.view.isColumnHidden(INDEX)


def test_an_answer_about_another_picture_is_not_shown(state: AppState, table: PredictionTable) -> None:
    state.lesions.put(MUTE)
    state.lesions.set_answer(answer([0.2, 0.6], (MUTE,)))
    state.set_classification(classification(image=LEMON))
    assert lesioned_row(state, state.classification.predictions[0]) is None
    assert table.lesions.summary.text() == "With lesions: …"


def test_copies_are_the_untouched_ones(state: AppState, table: PredictionTable) -> None:
    plain = as_text(untouched(), 5), as_csv(untouched(), 5)
    state.lesions.put(MUTE)
    state.lesions.set_answer(answer([0.2, 0.6], (MUTE,)))
    assert (as_text(state.classification, 5), as_csv(state.classification, 5)) == plain


def test_words() -> None:
    assert [format_points(change) for change in (0.0344, -0.261, 0.0, -0.0001)] == ["+3.4", "−26.1", "±0.0", "±0.0"]
    assert [ordinal(rank) for rank in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip


def test_muted_maps_are_crossed_out(state: AppState, qtbot: QtBot) -> None:
    view = ActivationView(state)
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    state.set_layer(MUTE.layer)
    state.set_activations(grid())
    plain = painted(view.grid.viewport())
    state.lesions.put_all([MUTE, Lesion(MUTE.layer, 5, "scale", 2.0), Lesion("head", 6)])
    marked = painted(view.grid.viewport())
    changed = (marked != plain).any(axis=2)
    tile = view.grid.tile_rect(3)
    assert changed[tile.top() : tile.bottom() + 1, tile.left() : tile.right() + 1].mean() > 0.9
    changed[tile.top() - 1 : tile.bottom() + 2, tile.left() - 1 : tile.right() + 2] = False
    assert not changed.any()
    cross = QColor(theme.colours().warning).getRgb()[:3]
    assert (marked == np.array(cross, np.uint8)).all(axis=2).any()
    assert view.grid.describe(3).endswith(" · muted")
    assert "muted" not in view.grid.describe(5)
    state.lesions.clear()
    np.testing.assert_array_equal(painted(view.grid.viewport()), plain)
