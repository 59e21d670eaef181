"""A window that a file can be dragged out of: ``python drag_source.py FILE X Y WIDTH HEIGHT``.

It says what happens, one word a line: ``ready``, ``dragging``, ``accepted`` each time the program under the pointer says that
it would take the file, and at the end ``dropped`` with the action that was taken.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

LIFE = 600_000
"""Milliseconds after which it ends by itself, should the test that started it be gone."""


class Source(QLabel):
    """Starts to drag its file at the first move with a button down."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._file = file

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press; the moves come here from now on."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag until the button is let go."""
        drag, mime = QDrag(self), QMimeData()
        mime.setUrls([QUrl.fromLocalFile(self._file)])
        drag.setMimeData(mime)
        drag.actionChanged.connect(self._tell)
        print("dragging", flush=True)
        action = drag.exec(Qt.DropAction.CopyAction)
        print("dropped", action.name, flush=True)

    @Slot(Qt.DropAction)
    def _tell(self, action: Qt.DropAction) -> None:
        if action == Qt.DropAction.CopyAction:
            print("accepted", flush=True)


def main() -> int:
    """Show the window until it is ended."""
    file, *place = sys.argv[1:]
    app = QApplication([])
    source = Source(file)
    source.setWindowTitle("Drag source")
    source.setGeometry(*map(int, place))
    source.show()
    QTimer.singleShot(0, lambda: print("ready", flush=True))
    QTimer.singleShot(LIFE, app.quit)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
