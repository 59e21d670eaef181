"""Training: a preset, and every value of it."""

from __future__ import annotations

from dataclasses import fields

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from core.training.recipe import PRESETS, limits
from core.types import Recipe
from gui import theme
from gui.widgets.train.preset_row import PresetRow
from gui.widgets.train.recipe_form import RecipeForm

_FIRST = "quick"


class _Disclosure(QToolButton):
    """Return opens and closes; it would start the run otherwise."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class RecipePanel(QWidget):
    """Epochs and seed stand in sight, and the share for validation where the pictures are not divided yet."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset = _FIRST
        self.presets = PresetRow(self)
        self.epochs = self._number("epochs", "Epochs", "How often every picture is shown")
        self.seed = self._number("seed", "Seed", "The same seed, data and values give the same network")
        self.share = self._make_share()
        self.form = RecipeForm(PRESETS[_FIRST], self)
        self.form.hide()
        self.more = _Disclosure(self)
        self.more.setObjectName("allValues")
        self.more.setText("All values")
        self.more.setToolTip("Show every value of the recipe, to change it")
        self.more.setAccessibleName("All values")
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self.presets.chosen.connect(self.take_preset)
        self.epochs.valueChanged.connect(self._take_number)
        self.seed.valueChanged.connect(self._take_number)
        self.share.valueChanged.connect(self._tell)
        self.form.edited.connect(self._follow_form)
        self.more.toggled.connect(self._open)
        self.set_seeded(True)
        self._show()

    def _number(self, key: str, name: str, tip: str) -> QSpinBox:
        span = limits(key)
        assert span is not None
        field = QSpinBox(self)
        field.setObjectName(f"recipe_{key}")
        field.setRange(round(span[0]), round(span[1]))
        field.setKeyboardTracking(False)
        field.setFixedWidth(20 * theme.GRID)
        field.setAccessibleName(name)
        field.setToolTip(tip)
        return field

    def _make_share(self) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setObjectName("valShare")
        field.setRange(1, 90)
        field.setDecimals(0)
        field.setSuffix(" %")
        field.setValue(10)
        field.setKeyboardTracking(False)
        field.setFixedWidth(16 * theme.GRID)
        field.setAccessibleName("Share to validate with")
        return field

    def _lay_out(self) -> None:
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(2 * theme.GRID)
        self._labels = {}
        for place, (words, field) in enumerate((("&Epochs", self.epochs), ("&Validation", self.share), ("S&eed", self.seed))):
            label = QLabel(words, self)
            label.setBuddy(field)
            self._labels[field] = label
            numbers.addWidget(label, 0, 2 * place)
            numbers.addWidget(field, 0, 2 * place + 1)
        numbers.setColumnStretch(6, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.presets)
        column.addLayout(numbers)
        values = QHBoxLayout()
        values.addWidget(self.more)
        values.addStretch(1)
        values.addWidget(self.presets.reset)
        column.addLayout(values)
        column.addWidget(self.form)

    @property
    def recipe(self) -> Recipe:
        """All that is chosen."""
        return self.form.recipe

    @property
    def val_share(self) -> float:
        """The share of each category that is kept back, 0 to 1."""
        return self.share.value() / 100

    @property
    def problem(self) -> str:
        """What is wrong with a value, in a sentence; "" if nothing is."""
        return next(iter(self.form.problems.values()), "")

    def set_seeded(self, seeded: bool) -> None:
        """Say whether the pictures are divided by share and seed."""
        self.share.setEnabled(seeded)
        self._labels[self.share].setEnabled(seeded)
        tip = "Share of each category that is kept back to validate with"
        self.share.setToolTip(tip if seeded else "The folder is divided already")

    @Slot(str)
    def take_preset(self, name: str) -> None:
        """Take all values of a preset."""
        self._preset = name
        self.form.show_recipe(PRESETS[name])
        self._show()
        self.changed.emit()

    @Slot()
    def _take_number(self, *_: object) -> None:
        self.form.take(epochs=self.epochs.value(), seed=self.seed.value())
        self._show()
        self.changed.emit()

    @Slot()
    def _follow_form(self) -> None:
        self._show()
        self.changed.emit()

    @Slot()
    def _tell(self, *_: object) -> None:
        self.changed.emit()

    @Slot(bool)
    def _open(self, opened: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.form.setVisible(opened)

    def _show(self) -> None:
        recipe, preset = self.recipe, PRESETS[self._preset]
        for field, value in ((self.epochs, recipe.epochs), (self.seed, recipe.seed)):
            with QSignalBlocker(field):
                field.setValue(value)
        self.epochs.setEnabled(not recipe.phases)
        self.epochs.setToolTip("The phases say how many" if recipe.phases else "How often every picture is shown")
        differing = sum(getattr(recipe, one.name) != getattr(preset, one.name) for one in fields(Recipe))
        self.presets.show_preset(self._preset, changed=differing + len(self.form.problems))
