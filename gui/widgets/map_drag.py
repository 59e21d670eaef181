"""Dragging a map or the picture out of the window: to the desktop, a file manager, a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QImage, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

_CARRIED = QSize(96, 96)
"""Of the picture under the pointer, in device-independent pixels."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is dragged: the pixels, a file that holds them (None if it could not be written), and what they are in words."""

    image: QImage
    file: Path | None
    text: str


def to_mime(load: Load) -> QMimeData:
    """Offer a load to whoever takes it: file managers take the file, documents the pixels, editors the words."""
    mime = QMimeData()
    mime.setImageData(load.image)
    mime.setText(load.text)
    if load.file is not None:
        mime.setUrls([QUrl.fromLocalFile(str(load.file))])
    return mime


class DragOut(QObject):
    """Watches a widget and begins a drag where the pointer is pressed on something and moved far enough.

    A click stays what it is: the widget gets the press, unless ``modifier`` has to be held for a drag.

    Parameters
    ----------
    watched
        The widget.
    pick
        Tells what is under a point of the widget, cheaply; None where there is nothing to drag. It is asked at the press, for
        what is there may move afterwards.
    load
        Makes what is dragged of what was picked; asked once the drag begins. None if it is gone.
    modifier
        The key to be held, if any.
    """

    begun = Signal(object)  # Load, just before the drag takes over
    ended = Signal(object)  # Qt.DropAction: what became of it

    def __init__(
        self,
        watched: QWidget,
        pick: Callable[[QPoint], Any],
        load: Callable[[Any], Load | None],
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        super().__init__(watched)
        self._watched, self._pick, self._load, self._modifier = watched, pick, load, modifier
        self._picked: Any = None
        self._from = QPoint()
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at presses and moves of the left button."""
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            return self._press(event)
        if event.type() == QEvent.Type.MouseMove and self._picked is not None:
            return self._move(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            held, self._picked = self._picked is not None, None
            return held and self._needs_key
        return False

    @property
    def _needs_key(self) -> bool:
        return self._modifier != Qt.KeyboardModifier.NoModifier

    def _press(self, event: QMouseEvent) -> bool:
        self._picked = None
        wanted = event.button() == Qt.MouseButton.LeftButton
        if wanted and (not self._needs_key or event.modifiers() & self._modifier):
            self._from = event.position().toPoint()
            self._picked = self._pick(self._from)
        return self._picked is not None and self._needs_key

    def _move(self, event: QMouseEvent) -> bool:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._picked = None
            return False
        away = event.position().toPoint() - self._from
        if away.manhattanLength() >= QApplication.startDragDistance():
            picked, self._picked = self._picked, None
            self._begin(picked)
            return True
        return self._needs_key

    def _begin(self, picked: Any) -> None:
        load = self._load(picked)
        if load is None:
            return
        drag = QDrag(self._watched)
        drag.setMimeData(to_mime(load))
        drag.setPixmap(self._carried(load.image))
        self.begun.emit(load)
        self.ended.emit(drag.exec(Qt.DropAction.CopyAction))

    def _carried(self, image: QImage) -> QPixmap:
        ratio = self._watched.devicePixelRatioF()
        size = image.size().scaled(_CARRIED * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        modes = Qt.TransformationMode
        mode = modes.FastTransformation if size.width() > image.width() else modes.SmoothTransformation
        pixmap = QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
