from core.types import Failure
from gui.facts.comparison import Opponent
from gui.itemmodels.change_model import CHANGE
from gui.widgets.compare.change_table import ChangeDelegate, ChangeTable, sign_colour
from tests.gui import samples
from tests.gui.compared import comparison


def shown(state, qtbot, width=336):
    table = ChangeTable(state)
    qtbot.addWidget(table)
    table.resize(width, 280)
    table.show()
    return table


def test_bars_go_left_and_right_of_zero_in_the_colours_of_the_maps(state, qtbot):
    state.comparison.begin(Opponent(image=samples.LEMON))
    table = shown(state, qtbot)
    state.comparison.set_answer(comparison())
    view = table.view
    image = view.viewport().grab().toImage()
    for row, expected in ((0, "left"), (1, ""), (2, "right")):
        cell = view.visualRect(view.model().index(row, CHANGE))
        track = ChangeDelegate.track(cell, view.fontMetrics())
        colours = {
            side: sum(image.pixelColor(x, track.center().y()) == sign_colour(value) for x in range(*span))
            for side, value, span in (
                ("left", -1.0, (track.left(), track.left() + track.width() // 2)),
                ("right", 1.0, (track.left() + track.width() // 2, track.right() + 1)),
            )
        }
        assert [side for side, count in colours.items() if count] == ([expected] if expected else [])


def test_remark_is_there_only_where_there_is_something_to_know(state, qtbot):
    state.comparison.begin(Opponent(image=samples.LEMON))
    table = shown(state, qtbot)
    state.comparison.set_answer(comparison())
    assert not table.remark.isVisible()
    state.comparison.set_answer(comparison(remark="Matched by name."))
    assert table.remark.isVisible()


def test_what_stands_in_place_of_rows(state, qtbot):
    table = shown(state, qtbot)
    state.comparison.begin(Opponent(image=samples.LEMON))
    state.comparison.set_waiting(True)
    assert "on its way" in table.view.empty_text
    state.comparison.set_waiting(False)
    state.comparison.set_failure(Failure("missing", "lemon.jpg is gone."))
    assert "lemon.jpg is gone" in table.view.empty_text


def test_click_chooses_a_category_of_a_and_not_one_that_only_b_has(state, qtbot):
    state.comparison.begin(Opponent(image=samples.LEMON))
    table = shown(state, qtbot)
    state.comparison.set_answer(comparison())
    rows = table.view.model()
    table.view.clicked.emit(rows.index(2, 0))
    assert state.selection.category == 3
    table.view.clicked.emit(rows.index(3, 0))
    assert state.selection.category == 3
