"""How the maps are sorted, scaled and coloured, and how large they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QWidget

from gui import colourmaps, theme
from gui.facts.map_look import DEFAULT_SIDE, MAX_SIDE, MIN_SIDE, ORDERS, SCALINGS

_SLIDER_FROM = 420
_LABEL_FROM = 500
_SHORTEST = 4
"""Characters that a combo box shows at least."""

_ABOUT_ORDER = (
    "Order of the maps: by number; largest mean, largest maximum or fewest zeros first; most like the chosen channel first; "
    "largest contribution to the category first, which is gradient × activation (S: next order)"
)


class MapControls(QWidget):
    """Three combo boxes that can become narrower, and a slider that gives way: the wheel does its work too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = self._combo(
            "order", ORDERS, "Sort by", _ABOUT_ORDER
        )
        self.scaling = self._combo(
            "scaling", SCALINGS, "Scaling", "Colours over the values of each map, or over those of the whole layer"
        )
        self.colour_map = self._combo(
            "colourMap", colourmaps.NAMES, "Colour map", "Colours of the maps; around zero: blue below, orange above"
        )
        self.tile_size = self._slider()
        self._label = QLabel("Sort by", self)
        self._label.setProperty("muted", True)
        self._label.setBuddy(self.order)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self._label, self.order, self.scaling, self.colour_map, self.tile_size):
            row.addWidget(part)
        row.addStretch(1)
        for first, second in zip(self.tab_chain(), self.tab_chain()[1:], strict=False):
            self.setTabOrder(first, second)

    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.order, self.scaling, self.colour_map, self.tile_size

    def minimumSizeHint(self) -> QSize:
        """What it can live with once the rest has given way, not what is shown now: a splitter must be able to go there."""
        narrow = sum(combo.minimumSizeHint().width() for combo in (self.order, self.scaling, self.colour_map))
        return QSize(narrow + 2 * theme.GRID, super().minimumSizeHint().height())

    def set_room(self, width: int) -> None:
        """Give up what does not fit into so much width; of the combo boxes the first gives way first."""
        self._label.setVisible(width >= _LABEL_FROM)
        self.tile_size.setVisible(width >= _SLIDER_FROM)
        self._row.setSpacing(theme.GRID if width < _SLIDER_FROM else 2 * theme.GRID)
        others = self.scaling.sizeHint().width() + self.colour_map.sizeHint().width() + 2 * self._row.spacing()
        self.order.setMaximumWidth(max(self.order.minimumSizeHint().width(), width - others))

    def _combo(self, name: str, entries: Sequence[str], title: str, explanation: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName(name)
        combo.addItems(entries)
        combo.setMinimumContentsLength(_SHORTEST)
        combo.setAccessibleName(title)
        combo.setToolTip(explanation)
        return combo

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setObjectName("tileSize")
        slider.setRange(MIN_SIDE, MAX_SIDE)
        slider.setSingleStep(8)
        slider.setPageStep(32)
        slider.setValue(DEFAULT_SIDE)
        slider.setFixedWidth(96)
        slider.setAccessibleName("Size of the maps")
        slider.setToolTip("Size of the maps (Ctrl+wheel over them)")
        return slider
