"""What the network saw: the input tensor turned back into a picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.types import Failure, ImageRef, NetworkInput
from gui import imaging, theme
from gui.state import AppState
from gui.widgets.busy_dimmer import BusyDimmer
from gui.widgets.pixel_canvas import PixelCanvas
from gui.widgets.wrapped_label import WrappedLabel

_MARGIN = 3 * theme.GRID
_GAP = 2 * theme.GRID
_LINES_BELOW = 4
_LINES_BESIDE = 8
_LEAST = 64
_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX, which PySide6 does not name
_LOW = 240
"""Below this height the words stand beside the picture, if there is the width."""


class NetworkInputView(QWidget):
    """Shows :attr:`AppState.network_input` pixel by pixel, with its size and how it was made in words."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._source: NetworkInput | None = None
        self.setObjectName("networkInput")
        self.setAccessibleName("What the network saw")
        self._heading = QLabel("What the network saw", self)
        self._heading.setProperty("heading", True)
        self._size = QLabel(self)
        self._size.setProperty("muted", True)
        self._canvas = PixelCanvas("Nothing yet", "The input of the network appears here", self)
        self._canvas.setAccessibleName("Input of the network")
        self._changed = QLabel("changed by you", self)
        self._changed.setProperty("muted", True)
        self._changed.setToolTip("You had the preprocessing changed; the editor can undo it")
        self._changed.hide()
        self.change_button = self._make_button()
        self._preprocessing = WrappedLabel(_LINES_BELOW, self)
        self._preprocessing.setProperty("muted", True)
        self._lay_out()
        self._dimmer = BusyDimmer(self, state)
        state.network_input_changed.connect(self._show_input)
        state.model_changed.connect(self._show_source)
        state.image_changed.connect(self._follow_image)
        state.failure_changed.connect(self._follow_failure)
        self._follow()

    def _make_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("changePreprocessing")
        button.setText("Change…")
        button.setProperty("segment", True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName("Change the preprocessing")
        button.setToolTip("Change how pictures are prepared: sizes, filter, mean and std (Ctrl+Shift+P)")
        button.clicked.connect(self._state.preparation.want_editing)
        return button

    @Slot()
    def _show_source(self) -> None:
        model = self._state.model
        self._changed.setVisible(model is not None and model.own_preprocessing is not None)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(_GAP)
        top.addWidget(self._heading)
        top.addStretch(1)
        top.addWidget(self._size, 0, Qt.AlignmentFlag.AlignRight)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _GAP, _MARGIN, _GAP)
        layout.setSpacing(_GAP)
        layout.addLayout(top)
        layout.addLayout(self._body, 1)
        self._body.setSpacing(_GAP)
        self._body.addWidget(self._canvas, 1)
        words, row = QVBoxLayout(), QHBoxLayout()
        words.setSpacing(_GAP)
        words.addWidget(self._preprocessing)
        row.addWidget(self.change_button)
        row.addWidget(self._changed)
        row.addStretch(1)
        words.addLayout(row)
        words.addStretch(0)
        self._body.addLayout(words)
        layout.addStretch(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words below the picture, or beside it where that leaves the picture larger."""
        super().resizeEvent(event)
        beside = self.height() < _LOW and self.width() > 1.4 * self.height()
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._body.setStretch(1, 1 if beside else 0)
        # Square, as inputs are: the words follow the picture, and what is left stays free behind them.
        room = self.contentsRect().size() - QSize(2 * _MARGIN, self._heading.height() + 3 * _GAP)
        self._canvas.setMaximumHeight(max(_LEAST, room.width()))
        self._canvas.setMaximumWidth(max(_LEAST, room.height()) if beside else _NO_LIMIT)
        self._preprocessing.set_lines(_LINES_BESIDE if beside else _LINES_BELOW)

    def sizeHint(self) -> QSize:
        """Room for an input of 224 pixels."""
        return QSize(224 + 2 * _MARGIN, 340)

    def minimumSizeHint(self) -> QSize:
        """Room for a thumbnail of it."""
        return QSize(144, 128)

    @Slot(object)
    def _show_input(self, _seen: NetworkInput | None) -> None:
        self._follow()

    @Slot(object)
    def _follow_image(self, _image: ImageRef | None) -> None:
        self._follow()

    @Slot(object)
    def _follow_failure(self, _failure: Failure | None) -> None:
        self._follow()

    def _follow(self) -> None:
        known = self._state.image is not None and self._state.failure is None
        seen = self._state.network_input if known else None
        if seen is not self._source:
            self._canvas.set_pixmap(imaging.to_pixmap(seen.pixels) if seen is not None else None)
        self._source = seen
        self._write(seen)

    def _write(self, seen: NetworkInput | None) -> None:
        if seen is None:
            self._size.setText("")
            self._preprocessing.setText("")
            self._describe("Nothing yet")
            return
        height, width = seen.pixels.shape[:2]
        words = seen.preprocessing.describe()
        self._size.setText(f"{width} × {height}")
        self._preprocessing.setText(words[:1].upper() + words[1:])
        name = f"{self._state.image.name}, " if self._state.image is not None else ""
        self._describe(f"{name}{width} by {height} pixels: {words}")

    def _describe(self, words: str) -> None:
        self.setAccessibleDescription(words)
        self._canvas.setAccessibleDescription(words)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        QPainter(self).fillRect(event.rect(), QColor(theme.colours().panel))
