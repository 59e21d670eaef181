"""The QApplication, which also hears of files that the desktop opens with a program that runs already (macOS)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Files that arrive before anybody listens wait in ``early``."""

    file_opened = Signal(object)  # Path

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.early: list[Path] = []
        self.listened = False

    def event(self, event: QEvent) -> bool:
        """Hand on files that were opened with the program or dropped on its icon."""
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent) or not event.file():
            return super().event(event)
        if self.listened:
            self.file_opened.emit(Path(event.file()))
        else:
            self.early.append(Path(event.file()))
        return True
