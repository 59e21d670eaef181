"""The hint over the predictions that lesions are on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.itemmodels.lesioned_row import count_lesions
from gui.state import AppState

_HEIGHT = 24
_CROSS = 8


class LesionChip(QToolButton):
    """Says how many lesions are on, in the colours of a remark; pressing it takes them all off. Hidden while there are none."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = state.lesions
        self.setObjectName("lesionChip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._bench.clear)
        self._bench.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        count = len(self._bench.active)
        self.setText(count_lesions(count))
        self.setAccessibleName(f"{count_lesions(count)} on: clear them all")
        self.setToolTip(
            f"{count_lesions(count)} on: press to take them all off (Shift+M; Ctrl+Z brings them back)\n"
            "Copied and exported predictions stay those without lesions"
        )
        self.setVisible(bool(count))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Text, cross and margins."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _CROSS + 7 * theme.GRID, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same: it is never cut."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """End the hover."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a pill, the text and a cross."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.underMouse() or self.hasFocus() or self.isDown()
        painter.setPen(QPen(QColor(c.warning), 2 if strong else 1))
        painter.setBrush(QColor(c.warning_soft))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(QColor(c.text))
        left = 2 * theme.GRID + 2
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), int(flags), self.text())
        painter.setPen(QPen(QColor(c.text), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        cross = QRectF(box.right() - 2 * theme.GRID - _CROSS, box.center().y() - _CROSS / 2, _CROSS, _CROSS)
        painter.drawLine(cross.topLeft(), cross.bottomRight())
        painter.drawLine(cross.topRight(), cross.bottomLeft())
        painter.end()
