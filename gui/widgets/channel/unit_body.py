"""One unit of a vector: its value, how it stands among the others, and what it says to the categories."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.insight.channel_statistics import channel_statistics
from core.insight.readout import contributions, speaks_against, speaks_for
from core.types import ActivationVector, ClassWeights
from core.types.channel import Floats
from gui import theme
from gui.itemmodels.unit_model import format_value
from gui.state import AppState
from gui.widgets.channel.category_table import CategoryTable
from gui.widgets.map_words import format_number, format_share


def rank_words(values: Floats, unit: int) -> str:
    """Say how strong a unit is among the others: "3rd strongest of 4,096 units"."""
    value = values[unit]
    if np.isnan(value):
        return f"not a number; one of {values.size:,} units"
    rank = int((values > value).sum()) + 1
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    place = "strongest" if rank == 1 else f"{rank:,}{ending} strongest"
    shared = int((values == value).sum()) - 1
    together = f", together with {shared:,} other{'s' * (shared != 1)}" if shared else ""
    return f"{place} of {values.size:,} units{together}"


def layer_words(values: Floats) -> str:
    """Say how the values of all units are spread."""
    found = channel_statistics(values.reshape(1, -1))
    if found.nans[0] + found.infinities[0] == values.size:
        return "no unit of the layer has a finite value"
    mean, std = format_number(float(found.mean[0])), format_number(float(found.std[0]))
    low, high = format_number(float(found.minimum[0])), format_number(float(found.maximum[0]))
    return f"all units: mean {mean}, std {std}, {low} to {high}, zeros {format_share(float(found.zeros[0]))}"


def wrong_words(values: Floats) -> str:
    """Count the units that are not finite; "" where all are."""
    nans, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    return " · ".join([f"{nans:,} NaN"] * bool(nans) + [f"{infinite:,} infinite"] * bool(infinite))


class UnitBody(QWidget):
    """Stands where the map of a channel would be."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._value = QLabel(self)
        self._value.setAccessibleName("Value of the unit")
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words, self._wrong, self._share = (QLabel(self) for _ in range(3))
        self._wrong.setProperty("tone", "error")
        for label in (self._words, self._share):
            label.setProperty("muted", True)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.speaks_for = CategoryTable("Speaks most for", self)
        self.speaks_against = CategoryTable("Speaks most against", self)
        for table in (self.speaks_for, self.speaks_against):
            table.category_chosen.connect(state.selection.set_category)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        for part in (self._value, self._words, self._wrong, self._share, self.speaks_for, self.speaks_against):
            column.addWidget(part)
        self._use_fonts()

    @property
    def text(self) -> str:
        """All that is written, the tables left out."""
        labels = (self._value, self._words, self._wrong, self._share)
        return "\n".join(label.text() for label in labels if label.text())

    def show_unit(self, vector: ActivationVector, unit: int) -> None:
        """Show another unit, or the same in another light."""
        self._value.setText(f"{float(vector.values[unit]):.5g}".replace("-", "−"))
        words = f"{rank_words(vector.values, unit)}; {layer_words(vector.values)}"
        self._words.setText(words[:1].upper() + words[1:])
        self._wrong.setText(wrong_words(vector.values))
        self._wrong.setVisible(bool(self._wrong.text()))
        weights = self._state.channel.class_weights
        known = weights is not None and weights.layer == vector.layer.key
        self._share.setText(self._share_words(vector, unit, weights if known else None))
        self._share.setVisible(bool(self._share.text()))
        for table in (self.speaks_for, self.speaks_against):
            table.setVisible(known)
        if weights is not None and known:
            self._show_categories(weights, unit)

    def _show_categories(self, weights: ClassWeights, unit: int) -> None:
        column = weights.weights[:, unit]
        reach = float(np.abs(column).max())
        for table, choose in ((self.speaks_for, speaks_for), (self.speaks_against, speaks_against)):
            found = choose(weights, unit)
            table.show_rows(tuple((index, self._category(index), float(column[index])) for index in found), reach)

    def _category(self, index: int) -> str:
        model = self._state.model
        return model.categories[index] if model is not None and index < len(model.categories) else f"category {index}"

    def _share_words(self, vector: ActivationVector, unit: int, weights: ClassWeights | None) -> str:
        if vector.labels:
            return f"The logit of “{self._category(unit)}”: a softmax over all of them gives its probability."
        category = self._state.category
        if weights is None or category is None:
            return ""
        weight = float(weights.weights[category, unit])
        share = float(contributions(vector.values, weights, category)[unit])
        through = f" after {' and '.join(weights.through)}" if weights.through else ""
        words = f"Weight to “{self._category(category)}” {format_value(weight)}: times the value{through} it adds "
        return f"{words}{format_value(share)} to the logit."

    def changeEvent(self, event: QEvent) -> None:
        """Write the number large, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_value"):
            self._use_fonts()

    def _use_fonts(self) -> None:
        large = theme.tabular(self.font())
        large.setPointSizeF(self.font().pointSizeF() * 1.8)
        self._value.setFont(large)
