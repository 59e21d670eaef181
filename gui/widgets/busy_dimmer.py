"""A veil over a panel whose content is about to be replaced."""

from __future__ import annotations

from PySide6.QtCore import Property, QEvent, QObject, QPropertyAnimation, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.state import AppState

DELAY_MS = 150
FADE_MS = 200
SHADE = 0.4
"""Opacity of the full veil."""


class BusyDimmer(QWidget):
    """Dims ``target`` while :attr:`AppState.busy` lasts longer than 150 ms.

    It fades in, so an answer that comes shortly after is not a flash; clicks and keys pass through to the target.

    Parameters
    ----------
    target
        The widget to lie over; it becomes the parent. For an item view give its ``viewport()``.
    state
        Where ``busy`` is read.
    """

    def __init__(self, target: QWidget, state: AppState) -> None:
        super().__init__(target)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target = target
        self._shade = 0.0
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._appear)
        self._fade = QPropertyAnimation(self, b"shade", self)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(SHADE)
        self.hide()
        state.busy_changed.connect(self._follow)
        self._follow(state.busy)

    @Slot(bool)
    def _follow(self, busy: bool) -> None:
        if busy:
            self._delay.start()
        else:
            self._disappear()

    @Slot()
    def _appear(self) -> None:
        self._target.installEventFilter(self)
        self.setGeometry(self._target.rect())
        self._set_shade(0.0)
        self.show()
        self.raise_()
        self._fade.start()

    def _disappear(self) -> None:
        self._delay.stop()
        self._fade.stop()
        self._target.removeEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep covering a target that is resized while it is dimmed."""
        if watched is self._target and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._target.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Lay the window's colour over the target, thinly."""
        veil = QColor(theme.colours().window)
        veil.setAlphaF(self._shade)
        QPainter(self).fillRect(event.rect(), veil)

    def _get_shade(self) -> float:
        return self._shade

    def _set_shade(self, shade: float) -> None:
        self._shade = shade
        self.update()

    shade = Property(float, _get_shade, _set_shade)
