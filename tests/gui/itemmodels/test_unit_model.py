from __future__ import annotations

from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.itemmodels.unit_model import LABEL, RANGE_ROLE, UNIT, VALUE, UnitModel, format_value
from gui.state import AppState
from tests.gui.samples import CATEGORIES, vector


def test_strongest_units_with_labels(state: AppState) -> None:
    model = UnitModel()
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_vector(vector([0.5, -2.0, 3.25, 1.0, -0.125, 2.0], labels=True))
    rows = [tuple(model.index(row, column).data() for column in (UNIT, LABEL, VALUE)) for row in range(5)]
    assert rows[0] == ("2", CATEGORIES[2], "3.25")
    assert rows[4] == ("4", CATEGORIES[4], "−0.125")
    assert model.index(0, VALUE).data(RANGE_ROLE) == (-0.125, 3.25)


def test_as_many_rows_change_in_place(state: AppState, qtbot: QtBot) -> None:
    model = UnitModel()
    model.set_vector(vector([1.0, 2.0]))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged, timeout=0):
        model.set_vector(vector([4.0, 3.0]))
    assert model.unit(0) == 0


def test_a_vector_of_zeros_has_a_scale(state: AppState) -> None:
    model = UnitModel()
    model.set_vector(vector([0.0, 0.0]))
    assert model.index(0, VALUE).data(RANGE_ROLE) == (0.0, 1.0)


def test_values_have_three_digits() -> None:
    texts = [format_value(value) for value in (0.0, 5.1, -0.125, 120.4, 1e-7)]
    assert texts == ["0.00", "5.10", "−0.125", "120", "1.00e−07"]
