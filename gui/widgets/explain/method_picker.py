"""Picks a method of attribution, and the layer that it looks at."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from core.insight.map_layers import default_map_layer
from core.types import METHODS
from gui.state import AppState
from gui.widgets.picker import Picker

_LAST, _CHOSEN = range(2)


class MethodPicker(Picker):
    """All of :data:`core.types.METHODS`; the tooltip says in a line what the chosen one does and where it is from."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.explanation
        self.setObjectName("explainMethod")
        self.setAccessibleName("Method")
        for method in METHODS.values():
            note = "quick" if method.quick else "takes longer"
            self.add(method.title, method.key, tip=f"{method.words}.\n{method.reference}", note=note)
        self.activated.connect(self._choose)
        self._facts.method_changed.connect(self._show)
        self._show()

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._facts.set_method(self.itemData(row))

    @Slot()
    def _show(self) -> None:
        method = self._facts.about
        self.show_row(self.find(method.key))
        self.setToolTip(f"{method.words}.\n{method.reference}\n(Down: the list)")
        self.setAccessibleDescription(f"{method.words}. {method.reference}")


class ExplainLayerPicker(Picker):
    """The last layer with a map, or the layer that is chosen for everything; neither where the method looks at none."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._last = ""
        self.setObjectName("explainLayer")
        self.setAccessibleName("Layer of the explanation")
        self.add("", _LAST, tip="The last layer with a map of 4×4 or more, before pooling and classifier")
        self.add("", _CHOSEN, tip="The layer that is chosen in the tree, whichever it is")
        self.activated.connect(self._choose)
        state.model_changed.connect(self._find_last)
        state.layer_changed.connect(self._show)
        state.explanation.follows_layer_changed.connect(self._show)
        state.explanation.method_changed.connect(self._show)
        self._find_last()

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._state.explanation.set_follows_layer(row == _CHOSEN)

    @Slot()
    def _find_last(self) -> None:
        model = self._state.model
        self._last = default_map_layer(model.layers, len(model.categories)) if model is not None else ""
        self._show()

    @Slot()
    def _show(self) -> None:
        facts = self._state.explanation
        self.entries.item(_LAST).setText(f"Last with a map: {self._last}" if self._last else "Last with a map")
        self.entries.item(_CHOSEN).setText(f"The chosen one: {self._state.layer}" if self._state.layer else "The chosen one")
        needed = facts.about.needs_layer
        self.setEnabled(needed)
        self.setPlaceholderText("" if needed else "Looks at no layer")
        self.show_row((_CHOSEN if facts.follows_layer else _LAST) if needed else -1)
        words = "Layer whose maps are weighted" if needed else f"{facts.about.title} looks at no layer"
        self.setToolTip(f"{words} (Down: the list)" if needed else words)
