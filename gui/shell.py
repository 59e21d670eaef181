"""The frame of the window: on the screen, and taking drops, while what fills it is still being loaded.

Imports little more than Qt: whatever is imported here is waited for before anything can be seen.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from gui import theme
from gui.incoming import is_welcome

DEFAULT_SIZE = (1280, 800)
MINIMUM_SIZE = (900, 600)
FOLD_WIDTH = 1100
"""Below this many device-independent pixels the right column folds into the row of the picture."""
MENUS = ("File", "Edit", "View", "Inspect", "Help")

_MARGIN, _BAR, _FOOT = 8, 40, 29


class Shell(QMainWindow):
    """A window with its title, place, menu titles and empty cards. Drops are taken anywhere on it.

    ``early`` holds copies of what was dropped before there was anybody to open it, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.early: list[QMimeData] = []
        self.keeps_drops = False
        self._cards: Cards | None = None
        self._quit: QShortcut | None = None
        self.setObjectName("mainWindow")
        self.setWindowTitle("Layerscope")
        self.setAcceptDrops(True)
        self.setMinimumSize(*MINIMUM_SIZE)
        self.resize(*DEFAULT_SIZE)
        self.menus: dict[str, QMenu] = {title: self.menuBar().addMenu(f"&{title}") for title in MENUS}

    def show_cards(self, geometry: str = "") -> None:
        """Put empty cards into it, where the panels will be; ``geometry`` is what the settings remember."""
        self._cards = Cards()
        self.setCentralWidget(self._cards)
        self.keeps_drops = True
        self._quit = QShortcut(QKeySequence("Ctrl+Q"), self)
        self._quit.activated.connect(self.close)
        self.take_geometry(geometry)

    def take_geometry(self, geometry: str) -> None:
        """Take a remembered place and size; "" changes nothing."""
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "ignore")))

    @property
    def painted(self) -> bool:
        """Whether the empty cards have been on the screen."""
        return self._cards is not None and self._cards.painted

    def leave_quitting(self) -> None:
        """Let go of the key that closes the window: the menu has it from now on."""
        if self._quit is not None:
            self._quit.deleteLater()
            self._quit.setEnabled(False)
            self._quit = None

    def set_drop_hint(self, visible: bool) -> None:
        """Say where a drag would go; nothing is there to say it yet."""

    def take_in(self, mime: QMimeData) -> None:
        """Keep a copy of what was dropped: the original is gone when the drag is over."""
        copy = QMimeData()
        for kind in mime.formats():
            copy.setData(kind, mime.data(kind))
        if mime.hasImage():
            copy.setImageData(mime.imageData())
        self.early.append(copy)

    def release_drops(self) -> list[QMimeData]:
        """Give out what was dropped until now, and keep nothing from now on."""
        drops, self.early, self.keeps_drops = self.early, [], False
        return drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome what may hold pictures."""
        # What comes from this window itself is on its way out.
        if event.source() is None and is_welcome(event.mimeData()):
            self.set_drop_hint(True)
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Stay welcoming over every part of the window."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the hint away."""
        self.set_drop_hint(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped. It is copied, never moved: the source must not delete it."""
        self.set_drop_hint(False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take_in(event.mimeData())


class Cards(QWidget):
    """Empty cards where the panels will be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.painted = False
        self.setAccessibleName("Layerscope is starting")
        self.setAccessibleDescription("Pictures can be dropped already.")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint them in the theme's colours."""
        c = theme.colours()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(c.window))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(c.line))
        painter.setBrush(QColor(c.panel))
        cards = places(self.width(), self.height())
        for card in cards:
            painter.drawRoundedRect(card.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QColor(c.muted))
        painter.drawText(cards[1], Qt.AlignmentFlag.AlignCenter, "Drop pictures or a folder here")
        painter.end()
        self.painted = True


def places(width: int, height: int) -> list[QRect]:
    """Where the cards lie in a window of that size: strip, picture, layers, maps, predictions, details; folded without the
    last but one."""
    top, inside, tall = _BAR + _MARGIN, width - 2 * _MARGIN, height - _BAR - _FOOT - _MARGIN
    folded = width < FOLD_WIDTH
    strip, right = (176, 0) if folded else (208, 336)
    left = _MARGIN + strip + _MARGIN
    centre = inside - strip - _MARGIN - (right + _MARGIN if right else 0)
    upper = round((tall - _MARGIN) * (0.607 if folded else 0.528))
    under, lower = top + upper + _MARGIN, tall - upper - _MARGIN
    layers = round((centre - _MARGIN) * 0.527)
    picture = round((centre - _MARGIN) * 0.54) if folded else centre
    cards = [
        QRect(_MARGIN, top, strip, tall),
        QRect(left, top, picture, upper),
        QRect(left, under, layers, lower),
        QRect(left + layers + _MARGIN, under, centre - layers - _MARGIN, lower),
    ]
    if folded:
        return [*cards, QRect(left + picture + _MARGIN, top, centre - picture - _MARGIN, upper)]
    beside, first = left + centre + _MARGIN, round((tall - _MARGIN) * 0.342)
    return [*cards, QRect(beside, top, right, first), QRect(beside, top + first + _MARGIN, right, tall - first - _MARGIN)]
