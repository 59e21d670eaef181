"""Shows or hides an overlay, and dims it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QWidget

from gui import theme
from gui.state import AppState

_STEPS = 100


class OpacityRow(QWidget):
    """A box to check and a slider, for one overlay of :attr:`AppState.overlays`."""

    def __init__(self, state: AppState, overlay: str, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = state.overlays
        self._overlay = overlay
        self.shown = QCheckBox("On the picture", self)
        self.shown.setToolTip(f"Show or hide the {what} over the picture")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(10)
        self.slider.setMinimumWidth(48)
        self.slider.setAccessibleName(f"Opacity of the {what}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.shown)
        row.addWidget(self.slider, 1)
        self.shown.toggled.connect(self._set_shown)
        self.slider.valueChanged.connect(self._set_opacity)
        state.overlays.changed.connect(self._show)
        self._show(overlay)

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.shown, self.slider

    @Slot(bool)
    def _set_shown(self, shown: bool) -> None:
        self._overlays.set_visible(self._overlay, shown)

    @Slot(int)
    def _set_opacity(self, step: int) -> None:
        self._overlays.set_opacity(self._overlay, step / _STEPS)

    @Slot(str)
    def _show(self, name: str) -> None:
        if name != self._overlay:
            return
        overlay = self._overlays[name]
        for part in (self.shown, self.slider):
            part.blockSignals(True)
        self.shown.setChecked(overlay.visible)
        self.slider.setValue(round(overlay.opacity * _STEPS))
        for part in (self.shown, self.slider):
            part.blockSignals(False)
        self.slider.setEnabled(overlay.visible)
        self.slider.setToolTip(f"Opacity over the picture: {round(100 * overlay.opacity)} %")
