"""The workspace "Inspect": where its panels lie, in a wide window and in a narrow one."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from gui.details import Details
from gui.shell import FOLD_WIDTH
from gui.state import AppState
from gui.widgets.activation_view import ActivationView
from gui.widgets.busy_dimmer import BusyDimmer
from gui.widgets.compare.picture_pair import PicturePair
from gui.widgets.compare.prediction_pages import PredictionPages
from gui.widgets.image_strip import ImageStrip
from gui.widgets.image_view import ImageView
from gui.widgets.layer_tree import LayerTree
from gui.widgets.patches.patch_overlay import PatchOverlay
from gui.widgets.prediction_table import PredictionTable
from gui.widgets.protocols.protocol_overlay import ProtocolOverlay

DEFAULT_SIZES = {
    "outer": [208, 728, 336],
    "outer_folded": [176, 700],
    "centre": [380, 340],
    "centre_folded": [300, 194],
    "picture_row": [744],
    "picture_row_folded": [400, 340],
    "right": [250, 480],
    "layers_row": [384, 344],
}


def framed(panel: QWidget) -> QFrame:
    """Put a panel onto a card with a hairline around it."""
    frame = QFrame()
    frame.setProperty("panel", True)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(1, 1, 1, 1)
    layout.addWidget(panel)
    return frame


class InspectWorkspace(QWidget):
    """Strip, picture, predictions, network input, layers and maps, with splitters between them."""

    def __init__(self, state: AppState, parent: QWidget | None = None, *, at_once: bool = True) -> None:
        super().__init__(parent)
        self._state = state
        if at_once:
            for _ in self.furnish():
                pass

    def furnish(self) -> Iterator[None]:
        """Build the panels, in short steps."""
        state = self._state
        self.strip = ImageStrip(state)
        self.image_view = ImageView(state)
        self.image_view.add_overlay(PatchOverlay(state, self.image_view))
        self.image_view.add_overlay(ProtocolOverlay(state, self.image_view))
        yield
        self.pictures = PicturePair(state, self.image_view)
        self.predictions = PredictionTable(state)
        self.answers = PredictionPages(state, self.predictions)
        yield
        self.details = Details(state)
        yield
        self.network_input = self.details.network_input
        self.layers = LayerTree(state)
        self.activations = ActivationView(state)
        for panel in (self.predictions.view.viewport(), self.activations):
            BusyDimmer(panel, state)
        yield
        self._sizes = {name: list(sizes) for name, sizes in DEFAULT_SIZES.items()}
        self._folded = False
        self._lay_out()

    def _lay_out(self) -> None:
        self._outer = QSplitter(Qt.Orientation.Horizontal)
        self._centre = QSplitter(Qt.Orientation.Vertical)
        self._picture_row = QSplitter(Qt.Orientation.Horizontal)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._layers_row = QSplitter(Qt.Orientation.Horizontal)
        self._picture_row.addWidget(framed(self.pictures))
        self._predictions_card = framed(self.answers)
        self._right.addWidget(self._predictions_card)
        self._right.addWidget(framed(self.details))
        self._layers_row.addWidget(framed(self.layers))
        self._layers_row.addWidget(framed(self.activations))
        self._centre.addWidget(self._picture_row)
        self._centre.addWidget(self._layers_row)
        self._outer.addWidget(framed(self.strip))
        self._outer.addWidget(self._centre)
        self._outer.addWidget(self._right)
        for splitter in self._splitters().values():
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(8)
            splitter.splitterMoved.connect(self._note_sizes)
        self._outer.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self._outer)
        self.apply_sizes()

    def _splitters(self) -> dict[str, QSplitter]:
        return {
            "outer": self._outer,
            "centre": self._centre,
            "picture_row": self._picture_row,
            "right": self._right,
            "layers_row": self._layers_row,
        }

    def _key(self, name: str) -> str:
        return f"{name}_folded" if self._folded and f"{name}_folded" in DEFAULT_SIZES else name

    def apply_sizes(self) -> None:
        """Give the panels their sizes again: what was styled after them had other smallest sizes before."""
        for name, splitter in self._splitters().items():
            splitter.setSizes(self._sizes[self._key(name)])

    @Slot()
    def _note_sizes(self) -> None:
        """Remember what a person chose; not when the window folds, for by then its parts are squeezed already."""
        for name, splitter in self._splitters().items():
            if all(splitter.sizes()):
                self._sizes[self._key(name)] = splitter.sizes()

    def splitter_sizes(self) -> dict[str, list[int]]:
        """The sizes of all splitters, to be remembered."""
        self._note_sizes()
        return {name: list(sizes) for name, sizes in self._sizes.items()}

    def set_splitter_sizes(self, sizes: dict[str, list[int]]) -> None:
        """Take back remembered sizes; those that do not fit the layout are ignored."""
        for name, default in DEFAULT_SIZES.items():
            remembered = sizes.get(name, [])
            if len(remembered) == len(default) and all(remembered):
                self._sizes[name] = list(remembered)
        self.apply_sizes()

    def reset_layout(self) -> None:
        """Put all splitters where they were at the first start."""
        self.set_splitter_sizes(DEFAULT_SIZES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the right column away where the window is narrow."""
        super().resizeEvent(event)
        folded = self.width() < FOLD_WIDTH
        if folded != self._folded:
            self._folded = folded
            self._place_right_column()
            self.apply_sizes()

    def _place_right_column(self) -> None:
        """Beside everything; or beside the picture, the predictions as a tab among the others."""
        (self._picture_row if self._folded else self._outer).addWidget(self._right)
        if self._folded:
            self._predictions_card.hide()
            self.details.take_guest(self.answers, "Top")
        else:
            self.details.dismiss_guest(self.answers)
            self._predictions_card.layout().addWidget(self.answers)
            self.answers.show()
            self._predictions_card.show()
