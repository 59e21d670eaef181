"""The confusion matrix, small and large."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gui import theme
from gui.widgets.train.confusion_view import ConfusionView
from tests.gui.painted import painted, rgb


@pytest.fixture
def view(styled_app, qtbot) -> ConfusionView:
    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(480, 360)
    view.show()
    return view


def middle(image, view, cell):
    """The colour beside the middle of a cell: no figure stands there."""
    place, ratio = view.cell_rect(cell), view.devicePixelRatioF()
    x, y = (place.center().x() - 0.4 * place.width()) * ratio, (place.center().y() - 0.4 * place.height()) * ratio
    return tuple(int(part) for part in image[int(y), int(x)])


def test_without_a_result(view):
    assert view.accessibleDescription() == "There is no result yet"
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert (view.marked, view.confused(5), view.cell_words((0, 0))) == (None, [], "")
    painted(view)


def test_two_categories(view):
    said = []
    view.cell_marked.connect(said.append)
    view.set_matrix(("rose", "tulip"), ((9, 1), (0, 4)))
    assert view.accessibleDescription() == (
        "2 categories, 13 of 14 pictures recognised; most often rose taken for tulip: 1 of 10 (10.0 %)"
    )
    assert view.confused(9) == [(0, 1)]
    image = painted(view)
    colours = theme.colours()
    assert middle(image, view, (1, 1)) == rgb(colours.accent)  # all of its row
    assert middle(image, view, (1, 0)) == rgb(colours.canvas)  # none
    assert middle(image, view, (0, 1)) != rgb(colours.canvas)  # few, and yet seen
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
    assert view.marked == (1, 1)
    assert said[-1] == "tulip recognised: 4 of 4 (100.0 %)"
    assert view.cell_at(view.cell_rect((0, 1)).center()) == (0, 1)
    assert view.cell_at(QPointF(1, 1)) is None
    view.set_matrix((), ())
    assert view.marked is None


def test_a_row_without_pictures(view):
    view.set_matrix(("rose", "tulip"), ((0, 0), (1, 1)))
    assert view.cell_words((0, 1)) == "rose taken for tulip: 0 of 0"
    painted(view)


@pytest.mark.parametrize("size", [(480, 360), (240, 190)])
def test_two_hundred_categories(view, size):
    view.resize(*size)
    dice = np.random.default_rng(0)
    counts = np.diag(np.full(200, 40)) + (dice.random((200, 200)) < 0.02) * 3
    view.set_matrix(tuple(f"category {number}" for number in range(200)), tuple(map(tuple, counts.tolist())))
    # Everything is in sight, and every cell can be found from its place.
    last = view.cell_rect((199, 199))
    assert last.right() <= view.width()
    assert last.bottom() <= view.height()
    for cell in ((0, 0), (17, 180), (199, 3), (199, 199)):
        assert view.cell_at(view.cell_rect(cell).center()) == cell
    wrong = counts - np.diag(np.diag(counts))
    assert all(wrong[cell] == wrong.max() for cell in view.confused(20))
    assert len(view.confused(10**6)) == np.count_nonzero(wrong)
    image = painted(view)
    ratio, first = view.devicePixelRatioF(), view.cell_rect((0, 0))
    diagonal = [image[int(at.y() * ratio), int(at.x() * ratio)] for at in (view.cell_rect((n, n)).center() for n in range(200))]
    blueish = [QColor(*map(int, one)).blue() - QColor(*map(int, one)).red() for one in diagonal]
    assert np.mean(blueish) > 60  # the accent
    assert first.width() == pytest.approx(first.height())
