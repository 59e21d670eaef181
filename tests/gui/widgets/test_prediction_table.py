from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtWidgets import QSpinBox, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from core.types import Failure
from gui import theme
from gui.itemmodels.prediction_model import CATEGORY, INDEX, PROBABILITY
from gui.state import AppState
from gui.widgets.category_delegate import CategoryDelegate
from gui.widgets.prediction_table import PredictionTable
from gui.widgets.probability_delegate import ProbabilityDelegate
from tests.gui.samples import ORANGE, classification


@pytest.fixture
def table(state: AppState, qtbot: QtBot) -> PredictionTable:
    widget = PredictionTable(state)
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.show()
    return widget


def picture(table: PredictionTable) -> QImage:
    return table.view.viewport().grab().toImage()


def bar_length(table: PredictionTable, row: int) -> int:
    """Count the pixels of the bar's colour in the middle of its track."""
    view = table.view
    cell: QRect = view.visualRect(view.model().index(row, PROBABILITY))
    track = ProbabilityDelegate.track(cell, QFontMetrics(theme.tabular(view.font())))
    image, bar = picture(table), QColor(theme.colours().bar)
    line = range(track.left(), track.right() + 1)
    return sum(image.pixelColor(x, track.center().y()) == bar for x in line)


def test_the_name_is_that_of_a_table_with_a_model(table: PredictionTable) -> None:
    assert isinstance(table.findChild(QTableView, "predictionTable"), QTableView)
    assert table.findChild(QTableView, "predictionTable").model() is table.view.model()


def test_bars_are_as_long_as_the_probabilities(state: AppState, table: PredictionTable) -> None:
    state.set_classification(classification((0.8, 0.4, 0.2)))
    lengths = [bar_length(table, row) for row in range(3)]
    cell = table.view.visualRect(table.view.model().index(0, PROBABILITY))
    whole = ProbabilityDelegate.track(cell, QFontMetrics(theme.tabular(table.view.font()))).width()
    assert whole > 60
    for length, probability in zip(lengths, (0.8, 0.4, 0.2), strict=True):
        assert length == pytest.approx(whole * probability, abs=3)


def test_nothing_moves_when_an_answer_arrives(state: AppState, table: PredictionTable) -> None:
    state.set_classification(classification())
    model = table.view.model()
    places = [table.view.visualRect(model.index(row, column)) for row in range(5) for column in range(4)]
    state.set_classification(classification((0.5, 0.2, 0.1, 0.05, 0.01)))
    assert places == [table.view.visualRect(model.index(row, column)) for row in range(5) for column in range(4)]


def test_long_categories_do_not_push_numbers_out(state: AppState, table: PredictionTable) -> None:
    state.set_classification(classification())
    for width in (200, 300, 520, 900):
        table.resize(width, 420)
        header = table.view.horizontalHeader()
        shown = [column for column in range(4) if not header.isSectionHidden(column)]
        assert {CATEGORY, PROBABILITY} <= set(shown)
        assert sum(header.sectionSize(column) for column in shown) == table.view.viewport().width()
    assert not header.isSectionHidden(INDEX)


def test_the_spin_box_and_the_state_agree(state: AppState, table: PredictionTable, qtbot: QtBot) -> None:
    spin = table.findChild(QSpinBox, "topK")
    spin.setFocus()
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert state.top_k == 6
    for _ in range(9):
        qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert state.top_k == 10
    state.set_top_k(3)
    assert spin.value() == 3
    assert table._title.text() == "Top 3"


def test_copy_key_and_menu(state: AppState, table: PredictionTable, qtbot: QtBot) -> None:
    state.set_classification(classification())
    with qtbot.waitSignal(table.copy_text_requested, timeout=0):
        qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text, as_csv = table.findChild(QToolButton, "copyPredictions").menu().actions()
    with qtbot.waitSignal(table.copy_text_requested, timeout=0), qtbot.assertNotEmitted(table.copy_csv_requested):
        text.trigger()
    with qtbot.waitSignal(table.copy_csv_requested, timeout=0), qtbot.assertNotEmitted(table.copy_text_requested):
        as_csv.trigger()


def test_empty_and_failed_say_so(state: AppState, table: PredictionTable) -> None:
    button = table.findChild(QToolButton, "copyPredictions")
    assert table.view.empty_text == "No picture yet"
    assert not button.isEnabled()
    empty = picture(table)
    state.append_images([ORANGE])
    state.set_image(ORANGE)
    state.set_classification(classification())
    assert table.view.empty_text == ""
    assert button.isEnabled()
    state.set_failure(Failure("truncated", "“orange.jpg” ends too early."))
    assert table.view.empty_text == "No prediction: “orange.jpg” ends too early."
    assert not button.isEnabled()
    failed = picture(table)
    error = QColor(theme.colours().error).rgb()
    assert error in {failed.pixel(x, y) for x in range(failed.width()) for y in range(failed.height())}
    assert error not in {empty.pixel(x, y) for x in range(empty.width()) for y in range(empty.height())}


def test_keyboard_walk(state: AppState, table: PredictionTable, qtbot: QtBot) -> None:
    state.set_classification(classification())
    table.view.setFocus()
    table.view.setCurrentIndex(table.view.model().index(0, CATEGORY))
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert table.view.currentIndex().row() == 1
    assert {index.row() for index in table.view.selectionModel().selectedRows()} == {1}
    assert table.view.currentIndex() != QModelIndex()


def test_dark_theme_is_painted_in_its_colours(
    state: AppState, table: PredictionTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.set_classification(classification((0.9, 0.1)))
    light = bar_length(table, 0)
    monkeypatch.setattr(theme, "is_dark", lambda: True)
    assert theme.colours().bar == theme.DARK.bar
    assert bar_length(table, 0) == light


def click(table: PredictionTable, row: int, qtbot: QtBot) -> None:
    place = table.view.visualRect(table.view.model().index(row, CATEGORY)).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_chooses_the_category_and_another_one_follows_the_top_1_again(
    state: AppState, table: PredictionTable, qtbot: QtBot
) -> None:
    state.set_classification(classification())
    click(table, 1, qtbot)
    assert state.category == 74
    click(table, 3, qtbot)
    assert state.category == 4 * 37 % 102
    click(table, 3, qtbot)
    assert state.selection.category is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_keyboard_chooses_too(state: AppState, table: PredictionTable, qtbot: QtBot, key: Qt.Key) -> None:
    state.set_classification(classification())
    table.view.setFocus()
    qtbot.keyClick(table.view, key)
    assert state.selection.category is None
    table.view.setCurrentIndex(table.view.model().index(2, CATEGORY))
    qtbot.keyClick(table.view, key)
    assert state.category == 111 % 102
    qtbot.keyClick(table.view, key)
    assert state.selection.category is None


def test_the_chosen_one_carries_a_mark_and_nothing_moves(state: AppState, table: PredictionTable) -> None:
    state.set_classification(classification())
    model = table.view.model()
    places = [table.view.visualRect(model.index(row, column)) for row in range(5) for column in range(4)]
    cell = table.view.visualRect(model.index(1, CATEGORY))
    mark = CategoryDelegate.mark_rect(cell)
    accent = QColor(theme.colours().accent)

    def marked() -> bool:
        image, middle = picture(table), mark.center()
        return any(
            image.pixelColor(x, y) == accent
            for x in range(middle.x() - 2, middle.x() + 3)
            for y in range(middle.y() - 2, middle.y() + 3)
        )

    assert not marked()
    state.selection.set_category(74)
    assert marked()
    assert places == [table.view.visualRect(model.index(row, column)) for row in range(5) for column in range(4)]
    state.selection.set_category(None)
    assert not marked()
