"""Units of a vector, what they say to a category, and choosing them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.types import ClassWeights, frozen
from gui.itemmodels.unit_model import CONTRIBUTION, LABEL, UNIT, VALUE, WEIGHT
from gui.state import AppState
from gui.widgets.channel.unit_body import UnitBody, rank_words
from gui.widgets.vector_view import VectorView
from tests.gui import samples

VALUES = [0.5, -2.0, 3.0, 1.0, 0.25, 2.0, -4.0, 0.0]


@pytest.fixture
def view(state: AppState, qtbot: QtBot) -> VectorView:
    state.set_model(samples.model())
    view = VectorView(state)
    qtbot.addWidget(view)
    view.resize(640, 320)
    view.show()
    return view


def weights(through: tuple[str, ...] = ()) -> ClassWeights:
    table = np.random.default_rng(1).normal(size=(len(samples.CATEGORIES), len(VALUES))).astype(np.float32)
    return ClassWeights("head", "fc", frozen(table), frozen(np.full(len(table), 0.5, np.float32)), through)


def column(view: VectorView, which: int) -> list[str]:
    return [view.model.index(row, which).data() for row in range(view.model.rowCount())]


def units(view: VectorView) -> list[int]:
    return [view.model.unit(row) for row in range(view.model.rowCount())]


def test_without_weights_there_are_values_only(state, view):
    view.set_vector(samples.vector(VALUES))
    assert units(view) == [2, 5, 3, 0, 4]
    assert [view.table.isColumnHidden(which) for which in (UNIT, LABEL, VALUE, WEIGHT, CONTRIBUTION)] == [
        False, True, False, True, True,
    ]  # fmt: skip
    assert not view._about.isVisible()
    assert state.channel.wanted_by("vector")
    view.hide()
    assert not state.channel.wanted_by("vector")


def test_contributions_to_the_chosen_category(state, view):
    found = weights(("ReLU",))
    view.set_vector(samples.vector(VALUES))
    state.selection.set_category(3)
    state.channel.set_class_weights(found)
    read = np.maximum(np.array(VALUES), 0)
    shares = read * found.weights[3].astype(np.float64)
    assert [float(view.model.index(row, CONTRIBUTION).data(Qt.ItemDataRole.UserRole)) for row in range(5)] == pytest.approx(
        [shares[unit] for unit in units(view)]
    )
    assert not view.table.isColumnHidden(WEIGHT)
    assert not view.table.isColumnHidden(CONTRIBUTION)
    assert view.words.text().startswith(f"“{samples.CATEGORIES[3]}”: ")
    assert f"= logit {shares.sum() + 0.5:#.3g}".replace("-", "−") in view.words.text()
    before = column(view, CONTRIBUTION)
    state.selection.set_category(4)
    assert column(view, CONTRIBUTION) != before
    view.resize(200, 320)
    assert view.table.isColumnHidden(WEIGHT)
    assert view.table.isColumnHidden(CONTRIBUTION)


def test_weights_of_another_layer_are_not_shown(state, view):
    view.set_vector(samples.vector(VALUES))
    state.selection.set_category(3)
    state.channel.set_class_weights(dataclasses.replace(weights(), layer="other"))
    assert view.table.isColumnHidden(CONTRIBUTION)


def test_sorting_by_contribution_finds_units_that_are_not_the_strongest(state, view, qtbot):
    found = weights()
    view.set_vector(samples.vector(VALUES))
    state.selection.set_category(3)
    state.channel.set_class_weights(found)
    shares = np.array(VALUES) * found.weights[3].astype(np.float64)
    view.sorting.setCurrentText("Contribution")
    assert units(view) == np.argsort(-shares, kind="stable")[:5].tolist()
    view.table.sortByColumn(CONTRIBUTION, Qt.SortOrder.AscendingOrder)
    assert units(view) == np.argsort(shares, kind="stable")[:5].tolist()
    view.table.sortByColumn(UNIT, Qt.SortOrder.AscendingOrder)
    assert units(view) == [0, 1, 2, 3, 4]
    assert view.sorting.currentText() == "Unit"
    view.sorting.setCurrentText("Activation")
    assert units(view) == [2, 5, 3, 0, 4]
    headings = view.table.horizontalHeader()
    place = headings.sectionViewportPosition(VALUE) + 20
    from PySide6.QtCore import QPoint

    qtbot.mouseClick(headings.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, 8))
    assert units(view) == np.argsort(np.array(VALUES), kind="stable")[:5].tolist()


def test_a_click_chooses_the_unit_everywhere(state, view, qtbot):
    view.set_vector(samples.vector(VALUES))
    place = view.table.visualRect(view.model.index(1, 0)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert state.selection.channel == 5
    assert state.selection.category is None
    qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=view.strip.cell_rect(0).center())
    assert state.selection.channel == 0
    assert view.table.currentIndex().row() == 3
    qtbot.keyClick(view.strip, Qt.Key.Key_Right)
    assert state.selection.channel == 1
    assert not view.table.currentIndex().isValid()
    qtbot.keyClick(view.strip, Qt.Key.Key_End)
    qtbot.keyClick(view.strip, Qt.Key.Key_Right)
    assert state.selection.channel == 7


def test_a_row_of_the_last_layer_chooses_its_category(state, view, qtbot):
    view.set_vector(samples.vector(VALUES, labels=True))
    assert state.selection.category is None
    place = view.table.visualRect(view.model.index(1, 0)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (state.selection.channel, state.selection.category) == (5, 5)
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert state.selection.category == 3
    state.selection.set_channel(2)
    assert state.selection.category == 3  # chosen elsewhere: the category stays
    view.table.sortByColumn(VALUE, Qt.SortOrder.AscendingOrder)
    assert column(view, LABEL)[0] == samples.CATEGORIES[6]


def test_values_that_are_not_numbers(state, view):
    vector = samples.vector([float("nan"), 1.0, float("inf"), -1.0])
    view.set_vector(vector)
    state.selection.set_category(3)
    state.channel.set_class_weights(dataclasses.replace(weights(), weights=frozen(np.ones((10, 4), np.float32))))
    view.table.sortByColumn(CONTRIBUTION, Qt.SortOrder.AscendingOrder)
    assert units(view)[-1] == 0
    view.grab()


def test_ranks_in_words():
    values = np.array([3.0, 1.0, 1.0, float("nan")], np.float32)
    assert rank_words(values, 0) == "strongest of 4 units"
    assert rank_words(values, 1) == "2nd strongest of 4 units, together with 1 other"
    assert rank_words(values, 3) == "not a number; one of 4 units"
    many = np.arange(5000, 0, -1).astype(np.float32)
    assert [rank_words(many, unit).split()[0] for unit in (2, 10, 11, 20, 110, 1000)] == [
        "3rd", "11th", "12th", "21st", "111th", "1,001st",
    ]  # fmt: skip


def test_the_panel_says_what_a_unit_speaks_for(state, qtbot):
    state.set_model(samples.model())
    body = UnitBody(state)
    qtbot.addWidget(body)
    found = weights()
    state.channel.set_class_weights(found)
    state.selection.set_category(3)
    vector = samples.vector(VALUES)
    body.show_unit(vector, 2)
    order = np.argsort(-found.weights[:, 2], kind="stable")
    model = body.speaks_for.model
    positive = [int(index) for index in order if found.weights[index, 2] > 0][:5]
    assert [model.category(row) for row in range(model.rowCount())] == positive
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == [samples.CATEGORIES[index] for index in positive]
    against = body.speaks_against.model
    negative = [int(index) for index in order[::-1] if found.weights[index, 2] < 0][:5]
    assert [against.category(row) for row in range(against.rowCount())] == negative
    assert "3" in body.text.splitlines()[0]
    assert f"Weight to “{samples.CATEGORIES[3]}”" in body.text
    body.speaks_for.rows.clicked.emit(model.index(0, 0))
    assert state.selection.category == positive[0]
    body.show_unit(samples.vector(VALUES, labels=True), 2)
    assert f"The logit of “{samples.CATEGORIES[2]}”" in body.text
