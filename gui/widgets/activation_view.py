"""What the chosen layer makes of the picture: feature maps, or a vector."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QStackedWidget, QVBoxLayout, QWidget

from core.types import ActivationGrid, Activations, ActivationVector, LayerInfo
from gui import colourmaps, theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.map_grid import MAX_SIDE, MIN_SIDE, MapGrid
from gui.widgets.vector_view import VectorView

_SLIDER_FROM = 360
_CHANNEL_FROM = 480


def _shape(layer: LayerInfo) -> str:
    return " × ".join(str(side) for side in layer.output_shape[1:])


def summarise(activations: Activations) -> str:
    """Say in one line what is shown: "Conv2d · 64 maps of 55 × 55", and the shape where it says more than that."""
    layer = activations.layer
    parts = [layer.kind]
    if isinstance(activations, ActivationGrid):
        noun = "map" if activations.count == 1 else "maps"
        shown = (activations.count, activations.tile_height, activations.tile_width)
        parts += [_shape(layer)] if layer.output_shape[1:] != shown else []
        parts += [f"{shown[0]:,} {noun} of {shown[1]} × {shown[2]}", activations.note]
    else:
        parts += [f"{activations.values.size:,} units", f"the {len(activations.strongest)} strongest below"]
    return " · ".join(part for part in parts if part)


class ActivationView(QWidget):
    """Header, and below it the grid of maps, the vector, or a sentence; each stays until there is something new."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("activationView")
        self.setAccessibleName("Activations")
        self._name = ElidedLabel(self)
        self._name.setProperty("heading", True)
        self._facts = ElidedLabel(self, muted=True)
        self._channel = ElidedLabel(self, muted=True)
        self._channel.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.grid = MapGrid(self)
        self.grid.setToolTip("Arrow keys choose a channel, Ctrl+wheel changes the size")
        self.vector = VectorView(self)
        self._empty = QLabel(self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self.colour_map = self._make_colour_map()
        self.tile_size = self._make_tile_size()
        self._pages = QStackedWidget(self)
        for page in (self._empty, self.grid, self.vector):
            self._pages.addWidget(page)
        self._lay_out()
        self._connect()
        self._show()

    def _make_colour_map(self) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName("colourMap")
        combo.addItems(colourmaps.NAMES)
        combo.setAccessibleName("Colour map")
        combo.setToolTip("Colours of the maps, each from its own minimum to its own maximum")
        return combo

    def _make_tile_size(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setObjectName("tileSize")
        slider.setRange(MIN_SIDE, MAX_SIDE)
        slider.setSingleStep(8)
        slider.setPageStep(32)
        slider.setValue(self.grid.side)
        slider.setFixedWidth(96)
        slider.setAccessibleName("Size of the maps")
        slider.setToolTip("Size of the maps (Ctrl+wheel over them)")
        return slider

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(2 * theme.GRID)
        first.addWidget(self._name, 1)
        first.addWidget(self.colour_map)
        first.addWidget(self.tile_size)
        second = QHBoxLayout()
        second.setSpacing(4 * theme.GRID)
        second.addWidget(self._facts, 1)
        second.addWidget(self._channel)
        header = QVBoxLayout()
        header.setContentsMargins(12, 4, 12, 4)
        header.setSpacing(theme.GRID)
        header.addLayout(first)
        header.addLayout(second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._pages, 1)
        policy = self.colour_map.sizePolicy()
        # The header is as high over a vector as over maps: nothing jumps.
        policy.setRetainSizeWhenHidden(True)
        self.colour_map.setSizePolicy(policy)
        self.setTabOrder(self.colour_map, self.tile_size)
        self.setTabOrder(self.tile_size, self.grid)

    def _connect(self) -> None:
        self.colour_map.currentTextChanged.connect(self.grid.set_colour_map)
        self.tile_size.valueChanged.connect(self.grid.set_side)
        self.grid.side_changed.connect(self.tile_size.setValue)
        self.grid.current_changed.connect(self._show_channel)
        self._state.activations_changed.connect(self._show)
        self._state.layer_changed.connect(self._show_waiting)
        self._state.failure_changed.connect(self._show_waiting)
        self._state.image_changed.connect(self._show_waiting)

    @Slot()
    def _show(self) -> None:
        activations = self._state.activations
        if activations is None:
            self._show_nothing()
            return
        if isinstance(activations, ActivationGrid):
            self.grid.set_grid(activations)
            self._pages.setCurrentWidget(self.grid)
        elif isinstance(activations, ActivationVector):
            self.vector.set_vector(activations)
            self._pages.setCurrentWidget(self.vector)
        self._name.setText(activations.layer.key)
        self._facts.setText(summarise(activations))
        self._pages.currentWidget().setAccessibleName(f"Activations of {activations.layer.key}")
        self._show_channel()
        self._show_controls()

    @Slot()
    def _show_waiting(self) -> None:
        """Another layer or picture was chosen: what is shown stays until the answer, only a sentence may change."""
        if self._state.activations is None:
            self._show_nothing()

    def _show_nothing(self) -> None:
        waiting = "No picture yet" if self._state.image is None else ""
        self._empty.setText(waiting if self._state.layer else "Choose a layer")
        self._name.setText(self._state.layer or "Activations")
        self._facts.setText("")
        self._pages.setCurrentWidget(self._empty)
        self._show_channel()
        self._show_controls()

    @Slot()
    def _show_channel(self) -> None:
        on_grid = self._pages.currentWidget() is self.grid
        self._channel.setText(self.grid.describe(self.grid.current) if on_grid else "")
        self._channel.setVisible(on_grid and self.width() >= _CHANNEL_FROM)

    def _show_controls(self) -> None:
        """They belong to the maps; where it is narrow, the slider gives way, and the wheel still does its work."""
        on_grid = self._pages.currentWidget() is self.grid
        self.colour_map.setVisible(on_grid)
        self.tile_size.setVisible(on_grid and self.width() >= _SLIDER_FROM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up what does not fit."""
        super().resizeEvent(event)
        self._show_channel()
        self._show_controls()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the numbers of the header in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_channel"):
            self._channel.setFont(theme.tabular(self.font()))
