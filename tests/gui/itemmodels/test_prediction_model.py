from __future__ import annotations

import csv
import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.types import Failure
from gui.itemmodels.prediction_model import CATEGORY, CHOSEN_ROLE, INDEX, PROBABILITY, RANK, PredictionModel, as_csv, as_text
from gui.state import AppState
from tests.gui.samples import CATEGORIES, PROBABILITIES, classification


@pytest.fixture
def model(state: AppState) -> PredictionModel:
    model = PredictionModel(state)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def test_shows_top_k_rows_and_follows_it(state: AppState, model: PredictionModel) -> None:
    assert model.rowCount() == 0
    state.set_classification(classification())
    assert model.rowCount() == 5
    state.set_top_k(10)
    assert model.rowCount() == 10
    assert model.index(9, CATEGORY).data() == CATEGORIES[9]
    state.set_top_k(1)
    assert model.rowCount() == 1


def test_cells(state: AppState, model: PredictionModel) -> None:
    state.set_top_k(10)
    state.set_classification(classification())
    first = [model.index(0, column).data() for column in (RANK, CATEGORY, PROBABILITY, INDEX)]
    assert first == ["1", "orange", "87.3 %", "37"]
    assert model.index(9, PROBABILITY).data() == "< 0.1 %"
    spoken = model.index(1, RANK).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "2. lemon, 9.1 %, index 74"


def test_new_answer_of_as_many_rows_keeps_them_in_place(state: AppState, model: PredictionModel, qtbot: QtBot) -> None:
    state.set_classification(classification())
    other = classification(tuple(reversed(PROBABILITIES)))
    with (
        qtbot.assertNotEmitted(model.layoutChanged),
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.assertNotEmitted(model.rowsInserted),
        qtbot.waitSignal(model.dataChanged, timeout=0),
    ):
        state.set_classification(other)
    assert model.prediction(0).probability == PROBABILITIES[-1]


def test_fewer_categories_than_k(state: AppState, model: PredictionModel) -> None:
    state.set_classification(classification((0.7, 0.3)))
    assert model.rowCount() == 2


def test_a_failure_leaves_no_rows_until_the_next_answer(state: AppState, model: PredictionModel) -> None:
    state.set_classification(classification())
    state.set_failure(Failure("truncated", "“a.jpg” ends too early."))
    assert model.rowCount() == 0
    state.set_failure(None)
    assert model.rowCount() == 5


def test_csv_can_be_read_back_to_the_last_digit() -> None:
    probabilities = (1 / 3, 0.1 + 0.2, 1e-17)
    rows = list(csv.DictReader(io.StringIO(as_csv(classification(probabilities), 10), newline="")))
    assert [float(row["probability"]) for row in rows] == list(probabilities)
    assert [row["category"] for row in rows] == list(CATEGORIES[:3])
    assert [(row["rank"], row["index"]) for row in rows] == [("1", "37"), ("2", "74"), ("3", "9")]


def test_text_has_k_aligned_lines() -> None:
    lines = as_text(classification(), 3).splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["1.", "orange", "87.3", "%"]
    assert len({len(line) for line in lines}) == 1


def test_the_chosen_category_is_told_without_colour(state: AppState, model: PredictionModel, qtbot: QtBot) -> None:
    state.set_classification(classification())
    assert not any(model.index(row, CATEGORY).data(CHOSEN_ROLE) for row in range(5))
    with qtbot.waitSignal(model.dataChanged, timeout=0):
        model.toggle(1)
    assert state.selection.category == state.category == 74
    assert [model.index(row, CATEGORY).data(CHOSEN_ROLE) for row in range(5)] == [False, True, False, False, False]
    assert model.index(1, RANK).data(Qt.ItemDataRole.AccessibleTextRole) == "2. lemon, 9.1 %, index 74, chosen"
    assert "follow the top-1" in model.index(1, RANK).data(Qt.ItemDataRole.ToolTipRole)
    model.toggle(2)
    assert state.category == 111 % 102
    model.toggle(2)
    assert state.selection.category is None
    assert state.category == 37
