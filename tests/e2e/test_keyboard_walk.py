"""The keyboard alone: from a prediction to the layer, the channel, the pixel and the part of the picture, and back."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QTableView,
    QTextBrowser,
    QWidget,
)

from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.shortcuts_dialog import ShortcutsDialog
from gui.panels import PANELS
from tests.e2e.conftest import LONG, Bench

LETTERS = {
    "S": "next_order", "O": "channel_overlay", "E": "effective_field", "M": "mute", "W": "explain", "B": "compare",
    "P": "find_patches", "T": "run_protocol", "?": "shortcuts",
}  # fmt: skip
FAR = 60
"""More presses of Tab than there are places."""


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def press(keys: str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is: a letter, or the name of a key."""
    if len(keys) == 1:
        QTest.keyClick(focused(), keys, modifiers)
    else:
        QTest.keyClick(focused(), Qt.Key[f"Key_{keys}"], modifiers)


def tab_to(widget: QWidget) -> None:
    """Go on with Tab until the keyboard is there."""
    for _ in range(FAR):
        if focused() is widget:
            return
        press("Tab")
    raise AssertionError(f"Tab does not come to {widget.objectName() or widget}")


def takes_letters(widget: QWidget) -> bool:
    """Whether a person writes there."""
    editable = isinstance(widget, QComboBox) and widget.isEditable()
    return editable or isinstance(widget, QLineEdit | QAbstractSpinBox)


class Counting(QObject):
    """Counts how often each action is triggered, in place of what the actions do."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        for key in LETTERS.values():
            action = bench.window.actions_by_key[key]
            action.triggered.disconnect()
            action.triggered.connect(self.count)

    @Slot()
    def count(self) -> None:
        self.counts[self.sender().objectName().removeprefix("action_")] += 1


@pytest.fixture
def walk(bench: Bench) -> Bench:
    """The window with the keyboard, which is on the strip, as after a start."""
    bench.window.resize(1280, 800)
    bench.window.activateWindow()
    bench.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=LONG)
    bench.wait_settled()
    return bench


@pytest.mark.parametrize("panel", PANELS)
def test_each_letter_works_wherever_the_keyboard_is(walk: Bench, panel: str) -> None:
    walk.window.inspect.details.show_panel(panel)
    walk.wait_settled()
    counting = Counting(walk)
    walk.window.inspect.strip.setFocus()
    seen: list[QWidget] = []
    while focused() not in seen and len(seen) < FAR:
        seen.append(focused())
        place = focused().accessibleName() or focused().objectName()
        assert place, f"{type(focused()).__name__} is a stop of Tab without a name"
        if not takes_letters(focused()):
            counting.counts.clear()
            for letter in LETTERS:
                press(letter)
                assert focused() is seen[-1], f"{letter} moved the keyboard away from {place}"
            assert counting.counts == dict.fromkeys(LETTERS.values(), 1), place
        press("Tab")
    assert len(seen) > 15


def test_where_a_person_writes_letters_are_letters(walk: Bench) -> None:
    counting = Counting(walk)
    press("F", Qt.KeyboardModifier.ControlModifier)
    assert focused() is walk.window.inspect.layers.filter
    for letter in "SOEMWBP":
        press(letter)
    assert walk.window.inspect.layers.filter.text().upper() == "SOEMWBP"
    assert not counting.counts
    press("Escape")
    assert walk.window.inspect.layers.filter.text() == ""


def test_from_a_prediction_to_what_caused_it_and_back(walk: Bench) -> None:
    state, inspect, qtbot = walk.state, walk.window.inspect, walk.qtbot
    # The second category becomes the one that everything is about.
    tab_to(inspect.predictions.view)
    press("Home")
    press("Down")
    press("Return")
    second = state.classification.predictions[1].index
    assert state.selection.category == second
    # To the layer: two up from where one is.
    tab_to(inspect.layers.view)
    before = state.layer
    press("Up")
    press("Up")
    walk.wait_idle()
    assert state.layer not in ("", before)
    press("Down", Qt.KeyboardModifier.ControlModifier)
    walk.wait_idle()
    layer = state.layer
    # To the channel: the grid's arrows, and Alt with arrows from anywhere; sorted by what speaks for the category.
    tab_to(inspect.activations.grid)
    press("Right")
    press("Right")
    press("Left")
    press("Right", Qt.KeyboardModifier.AltModifier)
    assert state.selection.channel == 2
    first = inspect.activations.grid.order
    press("S")
    assert inspect.activations.grid.order != first
    press("M")
    qtbot.waitUntil(lambda: walk.conductor.idle and state.lesions.answer is not None, timeout=LONG)
    assert state.lesions.muted(layer) == {state.selection.channel}
    press("Z", Qt.KeyboardModifier.ControlModifier)
    walk.wait_idle()
    assert not state.lesions.active
    # To the pixel: the map of the channel, its strongest unit, and what moves that unit.
    press("2", Qt.KeyboardModifier.AltModifier)
    walk.wait_idle()
    tab_to(map_canvas(walk))
    press("Right")
    assert state.hovered_unit is not None
    press("Return")
    press("E")
    qtbot.waitUntil(lambda: state.overlays["field"].heat is not None, timeout=LONG)
    press("O")
    qtbot.waitUntil(lambda: state.overlays["channel"].heat is not None and state.overlays["channel"].visible, timeout=LONG)
    press("O")
    # To the part of the picture that speaks for the category.
    press("W")
    qtbot.waitUntil(lambda: state.overlays["why"].heat is not None and state.overlays["why"].visible, timeout=LONG)
    assert state.explanation.found.category == second
    press("W")
    assert not state.overlays["why"].visible
    # To the other picture, and to the pictures that the channel answers to.
    press("B")
    qtbot.waitUntil(lambda: state.comparison.answer is not None, timeout=LONG)
    press("B")
    assert not state.comparison.active
    press("P")
    qtbot.waitUntil(lambda: walk.conductor.idle and state.patches.answer is not None, timeout=LONG)
    # And back: the keyboard comes to the predictions, and the chosen category is let go.
    tab_to(inspect.predictions.view)
    press("Return")
    assert state.selection.category is None


def map_canvas(bench: Bench) -> QWidget:
    panel = bench.window.inspect.details.channel
    return next(widget for widget in panel.findChildren(QWidget) if widget.accessibleName() == "Map of the channel")


def test_the_dialogs_of_the_walk(walk: Bench) -> None:
    press("?")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ShortcutsDialog)
    words = dialog.findChild(QTextBrowser).toPlainText()
    assert all(f"\n{letter}\n" in words for letter in "SOEMWBP")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    walk.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=LONG)
    press("E", Qt.KeyboardModifier.ControlModifier)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    assert isinstance(dialog, QDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    walk.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=LONG)


def test_the_keyboard_goes_on_in_the_predictions_of_b(walk: Bench) -> None:
    """The table of changes takes the place of the predictions while one compares, and gives it back."""
    tab_to(walk.window.inspect.predictions.view)
    press("B")
    walk.qtbot.waitUntil(lambda: walk.state.comparison.answer is not None, timeout=LONG)
    assert isinstance(focused(), QTableView)
    assert focused().isVisible()
    press("B")
    assert focused().isVisible()
