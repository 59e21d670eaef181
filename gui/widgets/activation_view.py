"""What the chosen layer makes of the picture: feature maps, or a vector."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from core.types import ActivationGrid, Activations, ActivationVector, LayerInfo
from gui import theme
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.map_controls import MapControls
from gui.widgets.map_grid import MapGrid
from gui.widgets.map_readout import MapReadout
from gui.widgets.vector_view import VectorView

_ONE_LINE_FROM = 860
_MARGIN = 12


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
        self.grid = MapGrid(self)
        self.grid.setToolTip("Arrow keys choose a channel, Ctrl+wheel changes the size")
        self.vector = VectorView(state, self)
        self._empty = QLabel(self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self.controls = MapControls(self)
        self.readout = MapReadout(self)
        self._pages = QStackedWidget(self)
        for page in (self._empty, self.grid, self.vector):
            self._pages.addWidget(page)
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(3 * theme.GRID)
        title.addWidget(self._name)
        title.addWidget(self._facts, 1)
        self._top = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._top.addLayout(title, 1)
        self._top.addWidget(self.controls)
        header = QVBoxLayout()
        header.setContentsMargins(_MARGIN, 2 * theme.GRID, _MARGIN, theme.GRID)
        header.setSpacing(theme.GRID)
        header.addLayout(self._top)
        header.addWidget(self.readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._pages, 1)
        for part in (self.controls, self.readout):
            policy = part.sizePolicy()
            # The header is as high over a vector as over maps: nothing jumps.
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        self.setTabOrder(self.controls.tile_size, self.grid)

    def _connect(self) -> None:
        controls = self.controls
        controls.order.currentTextChanged.connect(self.grid.set_order)
        for combo, change in ((controls.scaling, self.grid.set_scaling), (controls.colour_map, self.grid.set_colour_map)):
            combo.currentTextChanged.connect(change)
            combo.currentTextChanged.connect(self._show_channel)
        controls.tile_size.valueChanged.connect(self.grid.set_side)
        self.grid.side_changed.connect(controls.tile_size.setValue)
        self.grid.current_changed.connect(self._show_channel)
        self.grid.current_changed.connect(self._state.selection.set_channel)
        self._state.selection.channel_changed.connect(self.grid.set_current)
        self.grid.unit_hovered.connect(self._state.hover_unit)
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
            self.grid.set_current(self._state.selection.channel)
        elif isinstance(activations, ActivationVector):
            self.vector.set_vector(activations)
            self._pages.setCurrentWidget(self.vector)
        self._name.setText(activations.layer.key)
        self._facts.setText(summarise(activations))
        self._pages.currentWidget().setAccessibleName(f"Activations of {activations.layer.key}")
        self._show_channel()

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

    @Slot()
    def _show_channel(self) -> None:
        shown = self._state.activations
        on_grid = self._pages.currentWidget() is self.grid and isinstance(shown, ActivationGrid)
        self.controls.setVisible(on_grid)
        self.readout.setVisible(on_grid)
        if isinstance(shown, ActivationGrid):
            self.readout.show_channel(shown, self.grid)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the header, and give up what does not fit."""
        super().resizeEvent(event)
        one_line = self.width() >= _ONE_LINE_FROM
        direction = QBoxLayout.Direction
        self._top.setDirection(direction.LeftToRight if one_line else direction.TopToBottom)
        self._top.setSpacing(4 * theme.GRID if one_line else theme.GRID)
        self.controls.set_room(self.width() - 2 * _MARGIN)
        self.readout.set_room(self.width(), self.height())
        self._show_channel()
