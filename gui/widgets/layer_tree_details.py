"""What is known of the chosen layer, in three lines under the tree."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.types import LayerInfo
from gui import theme
from gui.itemmodels.layer_words import (
    cost_words,
    exact_words,
    field_words,
    format_layer_shape,
    format_mean,
)
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_TITLES = ("Layer", "Costs", "Sees")
_NOTHING = "–"


class LayerDetails(QWidget):
    """Output, cost and receptive field of ``state.layer``, and its mean activation once that is measured."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("layerDetails")
        self.setAccessibleName("About the layer")
        grid = QGridLayout(self)
        grid.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID)
        grid.setHorizontalSpacing(2 * theme.GRID)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        self._values = [self._line(grid, row, title) for row, title in enumerate(_TITLES)]
        state.layer_changed.connect(self._show)
        state.model_changed.connect(self._show)
        state.layer_means.changed.connect(self._show)
        self._show()

    def _line(self, grid: QGridLayout, row: int, title: str) -> ElidedLabel:
        label = QLabel(title, self)
        label.setProperty("muted", True)
        value = ElidedLabel(self)
        value.setFont(theme.tabular(value.font()))
        value.setAccessibleName(title)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        grid.addWidget(label, row, 0)
        grid.addWidget(value, row, 1)
        return value

    def _layer(self) -> LayerInfo | None:
        layers = self._state.model.layers if self._state.model is not None else ()
        return next((layer for layer in layers if layer.key == self._state.layer), None)

    def lines(self) -> tuple[str, ...]:
        """What stands there, line by line."""
        return tuple(value.text() for value in self._values)

    @Slot()
    def _show(self) -> None:
        layer = self._layer()
        if layer is None:
            for value in self._values:
                value.setText(_NOTHING)
            self.setToolTip("")
            self.setAccessibleDescription("No layer is chosen")
            return
        mean = self._state.layer_means.of(layer.key)
        sees = field_words(layer) + ("" if mean is None else f" · mean |a| {format_mean(mean)}")
        head = f"{format_layer_shape(layer)} · {layer.kind} · {layer.key}"
        for value, text in zip(self._values, (head, cost_words(layer), sees), strict=True):
            value.setText(text)
        words = [f"{layer.key}: {layer.kind}, output {format_layer_shape(layer)}"]
        words += exact_words(layer.parameters, layer.macs, layer)
        if mean is not None:
            words.append(f"Mean |activation| {format_mean(mean)}")
        self.setToolTip("\n".join(words))
        self.setAccessibleDescription("\n".join(words))
