"""The models that are averaged, with their weights."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from core.types import FusionMember
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.protocols.member_words import name_spec

MOST = 6
"""Models beside the loaded one: each is loaded and asked in its turn."""

_LEAST_WEIGHT, _MOST_WEIGHT = 0.05, 99.0


class FusionRows(QWidget):
    """A button that adds a model; with models, a row for each, the loaded one first: name, weight, remove."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self.add = QPushButton("Add a model…", self)
        self.add.setObjectName("addMember")
        self.add.clicked.connect(self._facts.want_member)
        self._spins: list[QDoubleSpinBox] = []
        self._removers: list[QToolButton] = []
        self._names: list[ElidedLabel] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GRID)
        self._grid.setVerticalSpacing(theme.GRID)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(self._grid)
        column.addWidget(self.add)
        self._facts.members_changed.connect(self._show)
        self._facts.weight_changed.connect(self._show)
        state.model_changed.connect(self._show)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        pairs = [widget for spin, remover in zip(self._spins[1:], self._removers, strict=True) for widget in (spin, remover)]
        return (*self._spins[:1], *pairs, self.add)

    @property
    def names(self) -> tuple[str, ...]:
        """The models that are listed."""
        return tuple(label.text() for label in self._names)

    @property
    def weights(self) -> tuple[QDoubleSpinBox, ...]:
        """The fields of their weights."""
        return tuple(self._spins)

    @property
    def removers(self) -> tuple[QToolButton, ...]:
        """The buttons that take a model out."""
        return tuple(self._removers)

    @Slot()
    def _show(self) -> None:
        members = self._facts.members
        if len(self._spins) != (len(members) + 1 if members else 0):
            self._make_rows(len(members) + 1 if members else 0)
        model = self._state.model
        own = model.spec if model is not None else self._state.spec
        shown = (FusionMember(own, self._facts.weight), *members) if members else ()
        for label, spin, member in zip(self._names, self._spins, shown, strict=True):
            name = name_spec(member.spec)
            label.setText(name)
            spin.blockSignals(True)
            spin.setValue(member.weight)
            spin.blockSignals(False)
            spin.setAccessibleName(f"Weight of {name}")
        for button, member in zip(self._removers, members, strict=True):
            button.setAccessibleName(f"Take {name_spec(member.spec)} out")
        self.add.setEnabled(len(members) < MOST)
        self.add.setToolTip(
            "Average the answer with that of another model" if len(members) < MOST else f"No more than {MOST} others"
        )

    def _make_rows(self, count: int) -> None:
        for old in (*self._names, *self._spins, *self._removers):
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._names = [ElidedLabel(self) for _ in range(count)]
        self._spins = [self._make_spin(row) for row in range(count)]
        self._removers = [self._make_remover(row) for row in range(1, count)]
        for row in range(count):
            self._grid.addWidget(self._names[row], row, 0)
            self._grid.addWidget(self._spins[row], row, 1)
            if row:
                self._grid.addWidget(self._removers[row - 1], row, 2)
        for first, second in pairwise(self.tab_chain):
            self.setTabOrder(first, second)

    def _make_spin(self, row: int) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(self)
        spin.setRange(_LEAST_WEIGHT, _MOST_WEIGHT)
        spin.setSingleStep(0.25)
        spin.setDecimals(2)
        spin.setKeyboardTracking(False)
        spin.setFixedWidth(spin.fontMetrics().horizontalAdvance("00.00") + 9 * theme.GRID)
        spin.setProperty("row", row)
        spin.setToolTip("Weight of this model, relative to the others (Up, Down)")
        spin.valueChanged.connect(self._set_weight)
        return spin

    def _make_remover(self, row: int) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(theme.icon("cancel", self))
        button.setToolTip("Take this model out")
        button.setProperty("row", row)
        button.clicked.connect(self._remove)
        return button

    @Slot(float)
    def _set_weight(self, weight: float) -> None:
        row = self.sender().property("row")
        if row == 0:
            self._facts.set_weight(weight)
            return
        members = list(self._facts.members)
        members[row - 1] = FusionMember(members[row - 1].spec, weight)
        self._facts.set_members(tuple(members))

    @Slot()
    def _remove(self) -> None:
        row = self.sender().property("row")
        members = self._facts.members
        self._facts.set_members(members[: row - 1] + members[row:])
        self.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_removers"):
            for button in self._removers:
                button.setIcon(theme.icon("cancel", self))
