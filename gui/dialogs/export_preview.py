"""What an export will look like."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.figures.figure import Figure
from gui.figures.formats import to_image

_ROOM = 16


class ExportPreview(QWidget):
    """Shows a figure as it will be, scaled to fit, or words where there is nothing to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure: Figure | None = None
        self._words = ""
        self._image = QImage()
        # Several choices may change together; the figure is painted once for all of them.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._render)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview of the export")

    @property
    def image(self) -> QImage:
        """What is shown, null while it is words."""
        return self._image

    def sizeHint(self) -> QSize:
        """Room for an upright page."""
        return QSize(480, 520)

    def show_figure(self, figure: Figure) -> None:
        """Show a figure."""
        self._figure, self._words = figure, ""
        self.setAccessibleDescription(figure.description)
        self._soon.start()

    def show_words(self, words: str) -> None:
        """Show lines of text instead."""
        self._figure, self._words, self._image = None, words, QImage()
        self.setAccessibleDescription(words)
        self.update()

    @Slot()
    def _render(self) -> None:
        if self._figure is None:
            return
        ratio = self.devicePixelRatioF()
        room = self.size() - QSize(2 * _ROOM, 2 * _ROOM)
        size = self._figure.size
        scale = min(room.width() / size.width(), room.height() / size.height(), max(1.0, 256 / size.width()))
        self._image = to_image(self._figure, scale * ratio)
        self._image.setDevicePixelRatio(ratio)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the figure anew."""
        super().resizeEvent(event)
        self._soon.start()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._soon.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the page, or the words."""
        colours = theme.colours()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        if self._figure is None:
            painter.setPen(QColor(colours.text))
            place = self.rect().adjusted(2 * _ROOM, _ROOM, -2 * _ROOM, -_ROOM)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, int(flags) | int(Qt.TextFlag.TextWordWrap), self._words)
        elif not self._image.isNull():
            page = QRect()
            page.setSize(self._image.deviceIndependentSize().toSize())
            page.moveCenter(self.rect().center())
            painter.drawImage(page.topLeft(), self._image)
            painter.setPen(QColor(colours.line))
            painter.drawRect(page.adjusted(-1, -1, 0, 0))
        painter.end()
