"""A place for a panel that is made when somebody looks at it first: what nobody opens costs nothing at the start."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.state import AppState


class LatePanel(QWidget):
    """Imports and makes the panel when it is shown, or asked for.

    Parameters
    ----------
    maker
        Module and class of the panel, ``"module:class"``; it is made of the state and a parent, and shows what the state
        says by then.
    least
        The smallest size until then; the panel's own counts afterwards, where it is larger.
    """

    def __init__(self, maker: str, state: AppState, least: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maker, self._state, self._least = maker, state, least
        self._panel: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    @property
    def panel(self) -> QWidget:
        """The panel; made now if it was not before."""
        if self._panel is None:
            module, _, name = self._maker.partition(":")
            self._panel = getattr(import_module(module), name)(self._state, self)
            # What it decides by its height, it decides once; else the layout would run inside itself.
            self._panel.resize(self.size())
            self.layout().addWidget(self._panel)
        return self._panel

    def minimumSizeHint(self) -> QSize:
        """No smaller than what will be in it, so that nothing moves when it comes."""
        return super().minimumSizeHint().expandedTo(self._least)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        if not self.panel.isVisible():
            self.panel.show()
