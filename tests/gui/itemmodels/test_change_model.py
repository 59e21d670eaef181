import pytest
from PySide6.QtCore import Qt

from gui.itemmodels.change_model import CATEGORY, CHANGE, IN_A, IN_B, ChangeModel, format_change
from gui.itemmodels.unit_model import RANGE_ROLE, VALUE_ROLE
from tests.gui.compared import comparison


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.123, "+12.3"), (-0.04, "−4.0"), (0.0, "0.0"), (1e-7, "+0.0"), (-1e-7, "−0.0"), (1.0, "+100.0"), (-1.0, "−100.0")],
)
def test_change_is_written_with_its_sign(change, text):
    assert format_change(change) == text


def test_rows_are_those_in_the_top_k_of_either(state):
    state.set_top_k(1)
    rows = ChangeModel(state)
    assert rows.rowCount() == 0
    state.comparison.set_answer(comparison())
    texts = [rows.index(row, CATEGORY).data() for row in range(rows.rowCount())]
    assert texts == ["orange", "teapot"]
    state.set_top_k(5)
    assert rows.rowCount() == 4


def test_cells_say_what_each_side_has_and_what_it_has_not(state):
    state.comparison.set_answer(comparison())
    rows = ChangeModel(state)
    cells = [[rows.index(row, column).data() for column in (IN_A, IN_B, CHANGE)] for row in range(4)]
    assert cells == [["60.0 %", "10.0 %", "−50.0"], ["30.0 %", "—", "—"], ["< 0.1 %", "< 0.1 %", "+0.0"], ["—", "70.0 %", "—"]]
    words = rows.index(1, CATEGORY).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "crane; A 30.0 %, rank 2; not a category of B"
    assert "change −50.0 percentage points" in rows.index(0, CATEGORY).data(Qt.ItemDataRole.ToolTipRole)


def test_bars_have_one_scale_around_zero(state):
    state.comparison.set_answer(comparison())
    rows = ChangeModel(state)
    assert rows.index(2, CHANGE).data(RANGE_ROLE) == (-0.5, 0.5)
    assert [rows.index(row, CHANGE).data(VALUE_ROLE) for row in (0, 1)] == [-0.5, None]
