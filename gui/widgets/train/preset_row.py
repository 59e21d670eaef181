"""The recipes that come with the program, side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.widgets.lesions.segments import Segments
from gui.widgets.train.recipe_words import PRESET_WORDS
from gui.widgets.wrapped_label import WrappedLabel


class PresetRow(QWidget):
    """One is chosen; below stands what it is. ``reset`` says how many values are changed; it is laid out by the owner."""

    chosen = Signal(str)  # the name of a preset, also to go back to it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.segments = Segments(PRESET_WORDS, self)
        self.segments.setAccessibleName("Preset")
        self.words = WrappedLabel(2, self)
        self.words.setProperty("muted", True)
        self.reset = QPushButton("Reset", self)
        self.reset.setObjectName("resetRecipe")
        self.reset.hide()
        self.reset.setToolTip("Take all values of the preset again")
        self.reset.setAccessibleName("Reset to the preset")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.segments)
        column.addWidget(self.words)
        self.segments.chosen.connect(self.chosen)
        self.reset.clicked.connect(self._go_back)

    def show_preset(self, name: str, *, changed: int) -> None:
        """Show a preset of which so many values are changed, without telling anybody."""
        self.segments.show_choice(name)
        sentence = next(words for key, _, words in PRESET_WORDS if key == name)
        self.words.setText(sentence)
        self.reset.setText("Reset one changed value" if changed == 1 else f"Reset {changed} changed values")
        self.reset.setVisible(bool(changed))

    @Slot()
    def _go_back(self) -> None:
        self.chosen.emit(self.segments.name)
