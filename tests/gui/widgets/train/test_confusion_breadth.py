"""Columns of a small matrix are as broad as their names need, where there is room."""

from PySide6.QtCore import QPointF

from gui.widgets.train.confusion_view import ConfusionView


def test_names_of_columns_are_whole_where_there_is_room(qtbot):
    view = ConfusionView()
    qtbot.addWidget(view)
    names = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    view.resize(700, 280)
    view.set_matrix(names, tuple((9, 1, 0, 2, 0) for _ in names))
    cell = view.cell_rect((0, 3))
    assert cell.width() >= view.fontMetrics().horizontalAdvance("sunflowers")
    assert view.rect().contains(view.cell_rect((4, 4)).toAlignedRect())
    for row in range(5):
        for column in range(5):
            assert view.cell_at(QPointF(view.cell_rect((row, column)).center())) == (row, column)
    view.resize(260, 320)
    assert view.rect().contains(view.cell_rect((4, 4)).toAlignedRect())
