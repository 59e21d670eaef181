"""What the chosen layer makes of the picture: feature maps, or a vector."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from core.insight.field import units_seeing
from core.types import ActivationGrid, Activations, ActivationVector, LayerInfo
from gui import theme
from gui.facts.map_look import CONTRIBUTION
from gui.state import AppState
from gui.widgets.compare.map_switch import MapSwitch
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.lesions.muted_marks import MutedMarks
from gui.widgets.map_controls import MapControls
from gui.widgets.map_grid import MapGrid
from gui.widgets.map_readout import MapReadout
from gui.widgets.map_words import describe_units, describe_value
from gui.widgets.vector_view import VectorView

Floats = npt.NDArray[np.float32]

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
        self._summary = ""
        self.setObjectName("activationView")
        self.setAccessibleName("Activations")
        self._name = ElidedLabel(self)
        self._name.setProperty("heading", True)
        self._facts = ElidedLabel(self, muted=True)
        self.grid = MapGrid(self)
        self.grid.setToolTip("Arrow keys choose a channel, Ctrl+wheel changes the size")
        self.muted_marks = MutedMarks(self.grid, state)
        self.vector = VectorView(state, self)
        self._empty = QLabel(self)
        self._empty.setProperty("muted", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setMargin(_MARGIN)
        self.controls = MapControls(self)
        self.readout = MapReadout(self)
        self.switch = MapSwitch(state, self.controls, self)
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
        title.addWidget(self.switch)
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
        self.setTabOrder(self.controls.tile_size, self.readout.gamma.slider)
        self.setTabOrder(self.readout.gamma.slider, self.grid)

    def _connect(self) -> None:
        state, grid, look, readout = self._state, self.grid, self._state.map_look, self.readout
        self._connect_look()
        grid.current_changed.connect(self._show_channel)
        grid.current_changed.connect(state.selection.set_channel)
        grid.order_settled.connect(self._show_channel)
        grid.pixel_hovered.connect(self._follow_pixel)
        state.selection.channel_changed.connect(grid.set_current)
        state.selection.point_hovered.connect(self._follow_point)
        self.switch.changed.connect(self._show)
        state.activations_changed.connect(self._show)
        state.layer_changed.connect(self._show_waiting)
        state.failure_changed.connect(self._show_waiting)
        state.image_changed.connect(self._show_waiting)
        state.contributions.changed.connect(self._follow_contributions)
        state.selection.category_changed.connect(self._follow_contributions)
        state.classification_changed.connect(self._follow_contributions)
        look.order_changed.connect(self._want_contributions)
        look.gamma_changed.connect(readout.gamma.set_gamma)

    def _connect_look(self) -> None:
        """What the controls say becomes a fact, and the maps follow the facts."""
        look, controls, grid = self._state.map_look, self.controls, self.grid
        pairs = (
            (controls.order, look.set_order, look.order_changed, grid.set_order, look.order),
            (controls.scaling, look.set_scaling, look.scaling_changed, grid.set_scaling, look.scaling),
            (controls.colour_map, look.set_colour_map, look.colour_map_changed, grid.set_colour_map, look.colour_map),
        )
        for combo, choose, changed, show, now in pairs:
            combo.setCurrentText(now)
            show(now)
            combo.currentTextChanged.connect(choose)
            changed.connect(combo.setCurrentText)
            changed.connect(show)
            changed.connect(self._show_channel)
        controls.tile_size.setValue(look.side)
        grid.set_side(look.side)
        controls.tile_size.valueChanged.connect(look.set_side)
        grid.side_changed.connect(look.set_side)
        look.side_changed.connect(controls.tile_size.setValue)
        look.side_changed.connect(grid.set_side)
        self.readout.gamma.set_gamma(look.gamma)
        grid.set_gamma(look.gamma)
        self.readout.gamma.gamma_changed.connect(look.set_gamma)
        look.gamma_changed.connect(grid.set_gamma)
        look.gamma_changed.connect(self._show_channel)

    @Slot()
    def next_order(self) -> None:
        """Sort the maps by the next of the orders."""
        self._state.map_look.next_order()

    @Slot()
    def previous_channel(self) -> None:
        """Choose the channel before the current one, in the order shown."""
        self._step(-1)

    @Slot()
    def next_channel(self) -> None:
        """Choose the channel after the current one, in the order shown."""
        self._step(1)

    def _step(self, places: int) -> None:
        shown, selection = self._state.activations, self._state.selection
        if isinstance(shown, ActivationGrid):
            self.grid.step(places)
        elif isinstance(shown, ActivationVector):
            selection.set_channel(max(0, min(shown.values.size - 1, selection.channel + places)))

    # --- contributions

    def _contributions(self) -> Floats | None:
        """What the channels shown contribute, if that is known of this picture and category."""
        state, shown = self._state, self.switch.shown()
        if not isinstance(shown, ActivationGrid) or shown is not state.activations:
            return None
        found = state.contributions.about(state.image, shown.layer.key, state.category)
        return found.values if found is not None and len(found.values) == shown.count else None

    @Slot()
    def _want_contributions(self, *_: object) -> None:
        on_grid = isinstance(self._state.activations, ActivationGrid)
        self._state.contributions.want("maps", on_grid and self._state.map_look.order == CONTRIBUTION)

    @Slot()
    def _follow_contributions(self, *_: object) -> None:
        self.grid.set_contributions(self._contributions())
        self._show_channel()

    # --- the pointer

    @Slot(object)
    def _follow_pixel(self, pixel: tuple[int, int, int] | None) -> None:
        """Say what is under the pointer, here and to whoever shows what that unit sees."""
        shown = self.switch.shown()
        self.switch.hover_unit(pixel[1:] if pixel is not None else None)
        grid = shown if isinstance(shown, ActivationGrid) else None
        self._point_at(describe_value(grid, *pixel) if pixel is not None and grid is not None else "")

    @Slot(object)
    def _follow_point(self, point: tuple[float, float] | None) -> None:
        """Light up the units that see a point of the picture."""
        shown, seen = self.switch.shown(), self._state.network_input
        units = None
        if point is not None and seen is not None and isinstance(shown, ActivationGrid):
            units = units_seeing(shown.layer, shown.tile_height, shown.tile_width, point, seen)
        self.grid.set_lit(units)
        self._point_at(describe_units(units) if units is not None else "")

    def _point_at(self, words: str) -> None:
        self.readout.point_at(words)
        self._facts.setText(words if words and self.readout.numbers.isHidden() else self._summary)

    @Slot()
    def _show(self) -> None:
        activations = self.switch.shown()
        if activations is None:
            self._show_nothing()
            return
        if isinstance(activations, ActivationGrid):
            self.grid.set_grid(activations, self._contributions(), self.switch.peer())
            self._share_channel(activations.count)
            self._pages.setCurrentWidget(self.grid)
        elif isinstance(activations, ActivationVector):
            self.vector.set_vector(activations)
            self._pages.setCurrentWidget(self.vector)
        self._name.setText(activations.layer.key)
        self._summary = self.switch.describe(summarise(activations))
        self._follow_point(self._state.selection.point)
        self._pages.currentWidget().setAccessibleName(f"Activations of {activations.layer.key}{self.switch.whose}")
        self._want_contributions()
        self._show_channel()

    def _share_channel(self, count: int) -> None:
        """The channel that is chosen everywhere is current here, or else the last there is."""
        selection = self._state.selection
        if selection.channel != self.grid.current:
            self.grid.set_current(min(selection.channel, count - 1))
        selection.set_channel(self.grid.current)

    @Slot()
    def _show_waiting(self) -> None:
        """Another layer or picture was chosen: what is shown stays until the answer, only a sentence may change."""
        if self.switch.shown() is None:
            self._show_nothing()

    def _show_nothing(self) -> None:
        waiting = "No picture yet" if self._state.image is None else ""
        self._empty.setText(waiting or self.switch.excuse if self._state.layer else "Choose a layer")
        self._name.setText(self._state.layer or "Activations")
        self._summary = ""
        self._point_at("")
        self._want_contributions()
        self._pages.setCurrentWidget(self._empty)
        self._show_channel()

    @Slot()
    def _show_channel(self) -> None:
        shown = self.switch.shown()
        on_grid = self._pages.currentWidget() is self.grid and isinstance(shown, ActivationGrid)
        self.controls.setVisible(on_grid)
        self.readout.setVisible(on_grid)
        if isinstance(shown, ActivationGrid):
            failure = self._state.contributions.failure if self.grid.order == CONTRIBUTION else None
            self.readout.show_channel(shown, self.grid, failure.message if failure is not None else "")

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
