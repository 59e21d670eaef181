"""Edit > Correct Prediction: what the selected pictures show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import ImageRef
from gui import theme
from gui.state import AppState
from gui.widgets.category_chooser import CategoryChooser, Choice
from gui.widgets.elided_label import ElidedLabel


class CorrectDialog(QDialog):
    """Asks for a category; the answer is noted in the facts, as one step of undo for all pictures together."""

    def __init__(self, state: AppState, images: Sequence[ImageRef], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._images = state, tuple(images)
        self.setObjectName("correctDialog")
        self.setWindowTitle("Correct prediction")
        self.setModal(True)
        self.heading = ElidedLabel(self)
        self.heading.setProperty("heading", True)
        self.heading.setText(self._title())
        self.words = QLabel(self._said(), self)
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.chooser = CategoryChooser(_choices(state, self._images), self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Leave everything as it is (Esc)")
        self.take = QPushButton("It Shows This", self)
        self.take.setObjectName("takeCategory")
        self.take.setToolTip("Note the marked category (Return)")
        self.take.setDefault(True)
        self.right = QPushButton("Prediction Is Right", self)
        self.right.setObjectName("confirmPrediction")
        self.right.setToolTip("Note that the top-1 is right, for each picture its own (Y in the window)")
        self.right.setAutoDefault(False)
        self.right.setEnabled(any(self._said_of().values()))
        self.buttons.addButton(self.right, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(self.take, QDialogButtonBox.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.heading)
        column.addWidget(self.words)
        column.addSpacing(theme.GRID)
        column.addWidget(self.chooser, 1)
        column.addSpacing(theme.GRID)
        column.addWidget(self.buttons)
        self.resize(440, 460)
        self.buttons.rejected.connect(self.reject)
        self.take.clicked.connect(self.accept)
        self.right.clicked.connect(self._confirm)
        self.chooser.chosen.connect(self.accept)
        self.chooser.changed.connect(self._show)
        self.finished.connect(self.deleteLater)
        self.chooser.setFocus()
        self._show()

    def _said_of(self) -> dict[ImageRef, object]:
        verdicts = {image: self._state.verdict(image) for image in self._images}
        return {image: verdict.prediction if verdict is not None else None for image, verdict in verdicts.items()}

    def _title(self) -> str:
        return self._images[0].name if len(self._images) == 1 else f"{len(self._images)} pictures"

    def _said(self) -> str:
        said = [one for one in self._said_of().values() if one is not None]
        if not said:
            return "There is no prediction yet. What does it show?"
        if len(self._images) == 1:
            one = said[0]
            return f"Predicted: {one.category}, {theme.format_probability(one.probability)}. What does it show?"
        names = list(dict.fromkeys(one.category for one in said))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"Predicted: {', '.join(names[:3])}{more}. What do they all show?"

    @Slot()
    def _show(self) -> None:
        self.take.setEnabled(self.chooser.choice is not None)

    @Slot()
    def _confirm(self) -> None:
        self._state.corrections.confirm(self._said_of())
        super().accept()

    @Slot()
    def accept(self) -> None:
        """Note the marked category."""
        choice = self.chooser.choice
        if choice is not None:
            self._state.corrections.correct(self._said_of(), choice.name, choice.index)
            super().accept()


def _choices(state: AppState, images: Sequence[ImageRef]) -> list[Choice]:
    """The likeliest ones of the picture that is open, those given to other pictures, then all by index."""
    names = state.model.categories if state.model is not None else ()
    found: dict[tuple[str, int | None], Choice] = {}
    answer = state.classification
    if answer is not None and tuple(images) == (answer.image,):
        for one in answer.predictions:
            found[one.category, one.index] = Choice(one.category, one.index, theme.format_probability(one.probability))
    for label in reversed(tuple(state.corrections.labels.values())):
        index = label.index_in(names)
        note = "given before" if index is not None else "new, given before"
        found.setdefault((label.name, index), Choice(label.name, index, note))
    for index, name in enumerate(names):
        found.setdefault((name, index), Choice(name, index, f"#{index}"))
    return list(found.values())
