"""Curves of a run: where they are drawn, what is said of them, and the keyboard."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from gui import theme
from gui.widgets.train.curve_plan import Curve, pieces, spread
from gui.widgets.train.curve_view import CurveView
from tests.gui.painted import painted, rgb, where

LOSS = Curve("training", ((1.0, 1.0), (2.0, 0.5), (3.0, 0.25)))
VALIDATION = Curve("validation", ((1.0, 0.9), (2.0, math.nan), (3.0, 0.6)))


@pytest.fixture
def view(styled_app, qtbot) -> CurveView:
    view = CurveView("Loss", "number", "Losses come with the first batches.")
    qtbot.addWidget(view)
    view.resize(420, 200)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.hasFocus)
    view.clearFocus()  # its frame has the colour of a curve
    return view


def test_nothing_yet(view):
    assert view.accessibleDescription() == "Losses come with the first batches."
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert (view.marked, view.readout(), view.as_csv()) == (None, "", "epoch,\n")
    assert where(painted(view), rgb(theme.colours().accent)) is None


def test_values_in_words_by_keyboard_pointer_and_csv(view):
    view.set_curves((LOSS, VALIDATION), 5)
    assert view.accessibleDescription() == "After epoch 3 of 5: training 0.25, validation 0.6"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.readout() == "epoch 3 · training 0.25 · validation 0.6"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.readout() == "epoch 2 · training 0.5 · validation not a number"
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.marked == 1
    plan = view.plan()
    QTest.mouseMove(view, QPoint(round(plan.x(3)) - 2, 100))
    assert view.marked == 3
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == 'epoch,"training","validation"\n1,1,0.9\n2,0.5,nan\n3,0.25,0.6\n'


def test_a_curve_is_painted_where_its_values_are(view):
    one = Curve("training", ((1.0, 1.0), (5.0, 1.0)))
    view.set_curves((one,), 5)
    view.set_faint(((0.5, 2.0), (1.0, 1.0)))  # two epochs are known: single batches no longer stretch the axis
    plan = view.plan()
    image = painted(view)
    ratio = view.devicePixelRatioF()
    row = image[int(plan.y(1.0) * ratio), : int((plan.x(5) - 4) * ratio)]
    columns = [at / ratio for at in range(len(row)) if tuple(row[at]) == rgb(theme.colours().accent)]
    assert columns[0] == pytest.approx(plan.x(1), abs=4)
    assert len(columns) > 0.95 * (plan.x(5) - plan.x(1) - 8)


def test_names_and_ticks_do_not_lie_upon_each_other(view):
    view.set_curves((LOSS, VALIDATION), 5)
    plan = view.plan()
    wide = plan.metrics.horizontalAdvance
    assert plan.plot.right() + wide(VALIDATION.end_label("number")) < view.width()  # the name is written out
    assert wide("epoch") < plan.plot.left() - wide("0") / 2  # left of the first tick
    assert plan.y(plan.levels[-1]) - plan.metrics.height() / 2 >= plan.head  # below the title
    assert plan.y(plan.levels[0]) + plan.metrics.height() / 2 < plan.plot.bottom() + 8  # the lowest tick, above “epoch”
    assert plan.plot.bottom() + 8 + plan.metrics.height() < view.height()


def test_one_epoch_alone_and_values_that_are_all_alike(view):
    for curves in ((Curve("a", ((1.0, 0.5),)),), (Curve("a", ((1.0, 0.0), (2.0, 0.0))),), (Curve("a", ((1.0, math.inf),)),)):
        view.set_curves(curves, 1)
        painted(view)
        assert all(math.isfinite(one) for one in view.plan().levels)


def test_cut_at_what_is_no_number():
    assert pieces(VALIDATION.points) == [[(1.0, 0.9)], [(3.0, 0.6)]]


@given(st.lists(st.floats(0, 100), max_size=6), st.floats(1, 15))
@settings(max_examples=60)
def test_names_are_pushed_apart(wanted, distance):
    places = spread(wanted, distance, -distance, 100 + distance)
    if len(wanted) * distance <= 100 + 2 * distance:
        ordered = sorted(places)
        assert all(after - before >= distance - 1e-6 for before, after in itertools.pairwise(ordered))
        assert all(-distance / 2 - 1e-6 <= one <= 100 + distance / 2 + 1e-6 for one in places)
