"""The small controls in the corner of the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPropertyAnimation, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsOpacityEffect, QHBoxLayout, QLabel, QSpacerItem, QWidget

from gui import theme
from gui.widgets.overlay_button import OverlayButton

_FADE_MS = 120


class ViewControls(QWidget):
    """Zoom and crop buttons on one rounded ground; they fade in when they are wanted, and stay reachable by Tab."""

    zoom_out = Signal()
    zoom_in = Signal()
    fit = Signal()
    actual = Signal()
    crop_toggled = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Zoom")
        self._out = OverlayButton("minus", "Zoom out", "-", self)
        self._in = OverlayButton("plus", "Zoom in", "+", self)
        self._fit = OverlayButton("fit", "Fit the picture", "0", self)
        self._actual = OverlayButton("actual", "Actual size", "1", self)
        self._crop = OverlayButton("crop", "Show the crop the network sees", "C", self)
        self._crop.setCheckable(True)
        self._crop.setChecked(True)
        self._zoom = QLabel("100 %", self)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._zoom.setAccessibleName("Zoom in per cent")
        self._lay_out()
        self._connect()
        self._opacity = QGraphicsOpacityEffect(self, opacity=0.0)
        self.setGraphicsEffect(self._opacity)
        self._fade = QPropertyAnimation(self._opacity, b"opacity", self)
        self._fade.setDuration(_FADE_MS)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 4, 4, 4)
        self._row.setSpacing(0)
        self._gaps = (QSpacerItem(2 * theme.GRID, 0), QSpacerItem(2 * theme.GRID, 0))
        near, far = self._gaps
        for part in (self._out, self._zoom, self._in, near, self._fit, self._actual, far, self._crop):
            if isinstance(part, QSpacerItem):
                self._row.addItem(part)
            else:
                self._row.addWidget(part)
        self._fix_label()

    def _connect(self) -> None:
        self._out.clicked.connect(self.zoom_out)
        self._in.clicked.connect(self.zoom_in)
        self._fit.clicked.connect(self.fit)
        self._actual.clicked.connect(self.actual)
        self._crop.toggled.connect(self.crop_toggled)

    def set_zoom(self, zoom: float, *, can_zoom_out: bool, can_zoom_in: bool) -> None:
        """Show the zoom (1.0 is 100 %) and which way it can go on."""
        self._zoom.setText(f"{100 * zoom:.0f} %")
        self.setAccessibleDescription(self._zoom.text())
        self._out.setEnabled(can_zoom_out)
        self._in.setEnabled(can_zoom_in)

    def make_narrow(self, narrow: bool) -> None:
        """Give up the number and the gaps where there is no room for them."""
        self._zoom.setVisible(not narrow)
        for gap in self._gaps:
            gap.changeSize(0 if narrow else 2 * theme.GRID, 0)
        self._row.invalidate()

    def set_crop_checked(self, checked: bool) -> None:
        """Show whether the crop is drawn."""
        self._crop.setChecked(checked)

    def set_wanted(self, wanted: bool) -> None:
        """Fade in or out."""
        target = 1.0 if wanted else 0.0
        if self._fade.endValue() != target:
            self._fade.stop()
            self._fade.setEndValue(target)
            self._fade.start()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fix_label()
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def _fix_label(self) -> None:
        self._zoom.setFont(theme.tabular(self.font()))
        self._zoom.setFixedWidth(self._zoom.fontMetrics().horizontalAdvance("3200 %") + 2 * theme.GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(c.line), 1))
        painter.setBrush(QColor(c.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
