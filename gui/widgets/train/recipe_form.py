"""All values of a recipe, each of which can be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args, get_type_hints

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from core.errors import UsageError
from core.training.recipe import changed
from core.types import Recipe
from gui import theme
from gui.widgets.picker import Picker
from gui.widgets.train.recipe_words import SECTIONS, FieldWords, value_text

Control = Picker | QCheckBox | QLineEdit
_KINDS = get_type_hints(Recipe)


class RecipeForm(QWidget):
    """A field a value; what is wrong with one is said below it, and the recipe stays what it was there."""

    edited = Signal()  # a person changed a value, or made it wrong

    def __init__(self, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = recipe
        self.controls: dict[str, Control] = {}
        self.problems: dict[str, str] = {}
        self._labels: dict[str, QLabel] = {}
        self._wrong: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * theme.GRID)
        self._grid.setVerticalSpacing(theme.GRID)
        self._grid.setColumnStretch(1, 1)
        for title, words in SECTIONS:
            self._add_heading(title)
            for one in words:
                self._add_field(one)
        self.show_recipe(recipe)

    @property
    def recipe(self) -> Recipe:
        """The values; of a field that is wrong, the last good one."""
        return self._recipe

    def show_recipe(self, recipe: Recipe) -> None:
        """Show another recipe without telling anybody; what was wrong is forgotten."""
        self._recipe = recipe
        self.problems.clear()
        for key, control in self.controls.items():
            _show(control, getattr(recipe, key))
            self._say(key, "")
        self._show_idle()

    def take(self, **values: Any) -> None:
        """Change values that are shown elsewhere, without telling anybody."""
        self._recipe = replace(self._recipe, **values)

    def _add_heading(self, title: str) -> None:
        row = self._grid.rowCount()
        heading = QLabel(title, self)
        heading.setProperty("heading", True)
        heading.setContentsMargins(0, 2 * theme.GRID if row > 1 else 0, 0, 0)
        self._grid.addWidget(heading, row, 0, 1, 2)

    def _add_field(self, words: FieldWords) -> None:
        control = self._make(words)
        row = self._grid.rowCount()
        label = QLabel(words.label, self)
        label.setBuddy(control)
        wrong = QLabel(self)
        wrong.setTextFormat(Qt.TextFormat.PlainText)
        wrong.setWordWrap(True)
        wrong.setProperty("tone", "error")
        wrong.hide()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(control, row, 1)
        self._grid.addWidget(wrong, row + 1, 1)
        self.controls[words.key], self._labels[words.key], self._wrong[words.key] = control, label, wrong

    def _make(self, words: FieldWords) -> Control:
        kind = _KINDS[words.key]
        choices = get_args(kind)
        control: Control
        if kind is bool:
            control = QCheckBox(self)
            control.toggled.connect(self._change)
        elif choices and all(isinstance(choice, str) for choice in choices):
            control = Picker(self)
            for choice in choices:
                control.add(choice, choice)
            control.activated.connect(self._change)
        else:
            control = QLineEdit(self)
            control.textEdited.connect(self._change)
        control.setObjectName(f"recipe_{words.key}")
        control.setProperty("key", words.key)
        control.setAccessibleName(words.label)
        return control

    @Slot()
    def _change(self, *_: object) -> None:
        key = self.sender().property("key")
        self._say(key, "")
        try:
            self._recipe = changed(self._recipe, [f"{key}={_text(self.controls[key])}"])
        except UsageError as error:
            self._say(key, error.message)
        self._show_idle()
        self.edited.emit()

    def _say(self, key: str, problem: str) -> None:
        label = self._labels[key].text()
        sentence = f"{label}{problem[len(key):]}" if problem.startswith(f"{key} ") else problem
        if sentence:
            self.problems[key] = sentence
        else:
            self.problems.pop(key, None)
        self._wrong[key].setText(sentence)
        self._wrong[key].setVisible(bool(sentence))
        self.controls[key].setAccessibleDescription(sentence)

    def _show_idle(self) -> None:
        """Values that do not count with the others as they are cannot be changed, and say why."""
        for _, fields in SECTIONS:
            for words in fields:
                idle = words.idle(self._recipe)
                for widget in (self.controls[words.key], self._labels[words.key]):
                    widget.setEnabled(not idle)
                    widget.setToolTip(f"{idle}. {words.hint()}" if idle else words.hint())
                if idle and words.key in self.problems:
                    _show(self.controls[words.key], getattr(self._recipe, words.key))
                    self._say(words.key, "")


def _text(control: Control) -> str:
    if isinstance(control, QCheckBox):
        return value_text(control.isChecked())
    return str(control.currentData() if isinstance(control, Picker) else control.text())


def _show(control: Control, value: Any) -> None:
    blocker = QSignalBlocker(control)
    if isinstance(control, QCheckBox):
        control.setChecked(value)
    elif isinstance(control, Picker):
        control.show_row(control.find(value))
    else:
        control.setText(value_text(value))
        control.setCursorPosition(0)
    blocker.unblock()
