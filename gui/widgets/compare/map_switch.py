"""Whose maps are shown: those of A, of B, or the difference."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from core.types import ActivationGrid, Activations
from gui import colourmaps
from gui.facts.comparison import DIFFERENCE, SIDES, A, B, Unit
from gui.facts.map_look import ALIKE
from gui.state import AppState
from gui.widgets.compare.segment_button import SegmentButton
from gui.widgets.map_controls import MapControls

_TIPS = {
    A: "Maps of A (Shift+B walks through the three)",
    B: "Maps of B (Shift+B walks through the three)",
    DIFFERENCE: "B minus A, value by value: blue where B is lower, orange where it is higher. The channels of networks that "
    "were trained apart do not correspond (Shift+B walks through the three)",
}


class MapSwitch(QWidget):
    """Three buttons, there only while one compares.

    The difference has colours of its own, around zero and on one scale for all maps; what a person chooses for it, and for the
    maps of A and B, is put back whenever those are shown again.
    """

    changed = Signal()  # other maps are to be shown

    def __init__(self, state: AppState, controls: MapControls, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.comparison
        self._controls = controls
        self._difference = False
        self._colours = {True: (ALIKE, colourmaps.AROUND_ZERO)}
        self.setObjectName("mapSwitch")
        self.setAccessibleName("Whose maps are shown")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons = {side: self._button(side) for side in SIDES}
        self._group.buttonClicked.connect(self._choose)
        self._facts.opponent_changed.connect(self._follow_opponent)
        self._facts.side_changed.connect(self._follow_side)
        self._facts.answer_changed.connect(self._follow_answer)
        self._facts.failure_changed.connect(self._follow_answer)
        self._follow_opponent()

    def _button(self, side: str) -> SegmentButton:
        button = SegmentButton(side, self)
        button.setChecked(side == A)
        button.setAccessibleName(f"Maps of {side}")
        button.setToolTip(_TIPS[side])
        self._group.addButton(button)
        self._row.addWidget(button)
        return button

    def shown(self) -> Activations | None:
        """What the maps show."""
        return self._facts.pick(self._state.activations)

    def peer(self) -> ActivationGrid | None:
        """The maps that are to have one scale with those shown: A and B can be told apart by eye only on the same one."""
        shown, answer = self.shown(), self._facts.answer
        if self._facts.side == DIFFERENCE or answer is None:
            return None
        other = answer.activations if self._facts.side == A else self._state.activations
        if not isinstance(shown, ActivationGrid) or not isinstance(other, ActivationGrid):
            return None
        return other if other.layer.key == shown.layer.key else None

    @property
    def whose(self) -> str:
        """What to add to the name of what is shown."""
        return f", {self._facts.side}" if self._facts.active else ""

    def describe(self, words: str) -> str:
        """Adapt what is said about the activations of one picture to a difference."""
        return words.replace(" strongest below", " largest changes below") if self._facts.side == DIFFERENCE else words

    @property
    def excuse(self) -> str:
        """Why there is nothing to show; "" where that has nothing to do with the comparison."""
        if self._facts.side == A:
            return ""
        if self._facts.failure is not None:
            return f"B has no answer: {self._facts.failure.message}"
        answer = self._facts.answer
        return answer.note if answer is not None and answer.note else "B is on its way"

    @Slot(object)
    def hover_unit(self, unit: Unit | None) -> None:
        """Tell which unit the pointer is over, as a unit of A: the maps of B may be of another size."""
        of_b = unit if self._facts.side == B else None
        self._facts.hovered_unit = of_b
        if of_b is not None:
            from gui.widgets.compare.side_b import carried

            unit = carried(of_b, self.shown(), self._state.activations) or of_b
        self._state.hover_unit(unit)

    @Slot()
    def _follow_opponent(self) -> None:
        self.setVisible(self._facts.active)
        self._follow_answer()

    @Slot(QAbstractButton)
    def _choose(self, button: QAbstractButton) -> None:
        self._facts.set_side(button.text())

    @Slot(str)
    def _follow_side(self, side: str) -> None:
        self._buttons[side].setChecked(True)
        self._state.hover_unit(None)
        self._facts.hovered_unit = None
        self._recolour(difference=side == DIFFERENCE)
        self.changed.emit()

    @Slot()
    def _follow_answer(self) -> None:
        if self._facts.side != A or self._controls.scaling.currentText() == ALIKE:
            self.changed.emit()

    def _recolour(self, *, difference: bool) -> None:
        if difference == self._difference:
            return
        combos = self._controls.scaling, self._controls.colour_map
        scaling, colour_map = combos
        self._colours[self._difference] = scaling.currentText(), colour_map.currentText()
        self._difference = difference
        for combo, text in zip(combos, self._colours[difference], strict=True):
            combo.setCurrentText(text)
