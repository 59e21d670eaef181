"""A few choices side by side, of which there may be others each time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from gui import theme
from gui.widgets.compare.segment_button import SegmentButton

Choice = tuple[object, str, str]
"""What a choice stands for, the text of its button, and what it does."""


class ChoiceRow(QWidget):
    """Buttons of which one is checked; arrow keys go from one to the next."""

    chosen = Signal(object)  # what the choice stands for, when a person chose it

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self.group = QButtonGroup(self)
        self.setAccessibleName(name)
        self._name = name
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GRID)
        self._row.addStretch(1)
        self.group.idClicked.connect(self._tell)

    @property
    def buttons(self) -> tuple[QAbstractButton, ...]:
        """The buttons, in the order in which they stand."""
        return tuple(self.group.buttons())

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer other choices."""
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        for button in self.group.buttons():
            self.group.removeButton(button)
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        for place, (_, text, words) in enumerate(self._choices):
            button = SegmentButton(text, self)
            button.setAccessibleName(f"{self._name}: {text}")
            button.setToolTip(words)
            self.group.addButton(button, place)
            self._row.insertWidget(place, button)
            button.show()

    def show_choice(self, value: object) -> None:
        """Check one without telling anybody."""
        for button, choice in zip(self.group.buttons(), self._choices, strict=True):
            button.setChecked(choice[0] == value)

    @Slot(int)
    def _tell(self, place: int) -> None:
        self.chosen.emit(self._choices[place][0])
