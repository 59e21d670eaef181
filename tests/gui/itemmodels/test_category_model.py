from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.itemmodels.category_model import CATEGORY_ROLE, SEPARATOR, CategoryModel
from gui.state import AppState
from tests.gui.samples import PROBABILITIES, classification, model

NOTE = Qt.ItemDataRole.UserRole + 1
NAMES = tuple(f"category {index}" for index in range(400))


@pytest.fixture
def rows(state: AppState) -> CategoryModel:
    rows = CategoryModel(state, NOTE)
    rows.tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return rows


def fill(state: AppState) -> None:
    state.set_model(replace(model(), categories=NAMES))
    state.set_classification(classification())


def test_nothing_before_there_is_a_model(state: AppState, rows: CategoryModel) -> None:
    assert rows.rowCount() == 0
    state.set_model(replace(model(), categories=NAMES))
    assert rows.rowCount() == 2 + 400
    assert rows.index(0).data() == "The top-1"


def test_the_top_1_the_likeliest_a_line_and_all(state: AppState, rows: CategoryModel) -> None:
    fill(state)
    assert rows.rowCount() == 1 + 10 + 1 + 400
    assert [rows.index(row).data() for row in range(3)] == ["orange (top-1)", "orange", "lemon"]
    assert [rows.index(row).data(NOTE) for row in range(3)] == ["whichever it is", "87.3 %", "9.1 %"]
    assert [rows.index(row).data(CATEGORY_ROLE) for row in range(3)] == [None, 37, 74]
    line = rows.index(11)
    assert line.data(Qt.ItemDataRole.AccessibleDescriptionRole) == SEPARATOR
    assert line.flags() == Qt.ItemFlag.NoItemFlags
    for category in (0, 5, 399):
        row = rows.index(rows.first_of_all + category)
        assert (row.data(), row.data(CATEGORY_ROLE), row.data(NOTE)) == (NAMES[category], category, f"#{category}")
        assert rows.row_of(category) == row.row()
    assert rows.row_of(None) == 0
    assert rows.row_of(74) == 2


def test_another_answer_changes_the_first_rows_only(state: AppState, rows: CategoryModel, qtbot: QtBot) -> None:
    fill(state)
    with qtbot.assertNotEmitted(rows.modelReset), qtbot.waitSignal(rows.dataChanged, timeout=0) as changed:
        state.set_classification(classification(tuple(reversed(PROBABILITIES))))
    assert [index.row() for index in changed.args[:2]] == [0, 10]
    with qtbot.waitSignal(rows.modelReset, timeout=0):
        state.set_model(replace(model(), categories=NAMES[:50]))
    assert all(rows.index(row).data() is not None or row == rows.first_of_all - 1 for row in range(rows.rowCount()))
