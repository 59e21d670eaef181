"""Training: where the result goes, and the offer to go on with a run that was broken off."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.training.plan import is_unfinished
from gui import theme
from gui.dialogs.train.places import output_problem, unfinished_beside, usual_output
from gui.widgets.elided_label import ElidedLabel


class OutputRow(QWidget):
    """Proposes a free name beside the pictures until a person writes another one."""

    changed = Signal()
    resume_wanted = Signal(object)  # Path of a run that was broken off

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Path | None = None
        self._edited = False
        self._unfinished: Path | None = None
        self.field = QLineEdit(self)
        self.field.setObjectName("outputFolder")
        self.field.setAccessibleName("Folder for the result")
        self.field.setPlaceholderText("A new folder for the result")
        self.browse = QPushButton("Bro&wse…", self)
        self.browse.setAccessibleName("Browse for a folder for the result")
        self.browse.setToolTip("Choose a folder for the result")
        self.offer = QFrame(self)
        self.offer.setProperty("notice", "remark")
        self.words = ElidedLabel(self.offer)
        self.go_on = QPushButton("&Go on with it", self.offer)
        self.go_on.setObjectName("goOn")
        self.go_on.setToolTip("Go on after its last whole epoch, with the values that it was begun with")
        self._lay_out()
        self.field.textEdited.connect(self._note_edit)
        self.browse.clicked.connect(self._ask)
        self.go_on.clicked.connect(self._resume)
        self._show()

    def _lay_out(self) -> None:
        self.label = label = QLabel("&Result in", self)
        label.setBuddy(self.field)
        offer = QHBoxLayout(self.offer)
        offer.setContentsMargins(3 * theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        offer.addWidget(self.words, 1)
        offer.addWidget(self.go_on)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        row.addWidget(label)
        row.addWidget(self.field, 1)
        row.addWidget(self.browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.offer)
        column.addLayout(row)

    @property
    def output(self) -> Path | None:
        """The folder, or None where nothing is written."""
        text = self.field.text().strip()
        return Path(text).expanduser() if text else None

    @property
    def problem(self) -> str:
        """Why the result cannot go there, in a sentence; "" where nothing stands in the way."""
        return output_problem(self.output, self._data)

    def set_data(self, data: Path | None) -> None:
        """Propose a place beside other pictures."""
        if data != self._data:
            self._edited = False
        self._data = data
        self.look()

    def look(self) -> None:
        """Look at the disk again: a name may be taken by now."""
        if self._data is not None and not self._edited:
            with QSignalBlocker(self.field):
                self.field.setText(str(usual_output(self._data)))
        self._show()

    @Slot()
    def _note_edit(self, *_: object) -> None:
        self._edited = bool(self.field.text().strip())
        self._show()
        self.changed.emit()

    @Slot()
    def _ask(self) -> None:
        start = self.output.parent if self.output is not None else Path.home()
        name = QFileDialog.getExistingDirectory(self, "A folder for the result", str(start))
        if name:
            self.field.setText(name)
            self._note_edit()

    @Slot()
    def _resume(self) -> None:
        if self._unfinished is not None:
            self.resume_wanted.emit(self._unfinished)

    def _show(self) -> None:
        output = self.output
        self._unfinished = None
        if self._edited and output is not None and is_unfinished(output):
            self._unfinished = output
        elif self._data is not None:
            self._unfinished = unfinished_beside(self._data)
        self.offer.setVisible(self._unfinished is not None)
        if self._unfinished is not None:
            self.words.setText(f"“{self._unfinished.name}” holds a run of these pictures that was broken off."
                               if self._unfinished != output else f"“{self._unfinished.name}” holds a run that was broken off.")
            self.go_on.setAccessibleName(f"Go on with the run in {self._unfinished.name}")
        self.field.setToolTip(self.field.text() or "A new folder for the result")
