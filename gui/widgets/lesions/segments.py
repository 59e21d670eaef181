"""A row of buttons of which one is chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gui import theme

_HEIGHT = 28


class _Segment(QPushButton):
    """A flat button; the chosen one has a ground, a frame and bold text."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        """As wide as the bold text."""
        font = self.font()
        font.setBold(True)
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4 * theme.GRID, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same."""
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
        """Draw ground, frame and text."""
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        if self.isChecked() and self.isEnabled():
            painter.setPen(QPen(QColor(c.accent), 1))
            painter.setBrush(QColor(c.accent_soft))
            painter.drawRoundedRect(box, 4, 4)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.window))
            painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(QColor(c.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        font = self.font()
        font.setBold(self.isChecked() and self.isEnabled())
        painter.setFont(font)
        painter.setPen(QColor(c.text if self.isEnabled() else c.muted))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
        painter.end()


class Segments(QWidget):
    """Named choices beside each other; Left and Right move between them, one is a Tab stop.

    Parameters
    ----------
    choices
        For each choice its name, the text of its button, and what it does.
    """

    chosen = Signal(str)  # the name, when a person chose it

    def __init__(self, choices: tuple[tuple[str, str, str], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(name for name, _, _ in choices)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for place, (name, text, explanation) in enumerate(choices):
            button = _Segment(text, self)
            button.setObjectName(f"segment_{name}")
            button.setAccessibleName(text)
            button.setToolTip(explanation)
            self._group.addButton(button, place)
            row.addWidget(button)
        self._group.idClicked.connect(self._tell)

    @property
    def buttons(self) -> tuple[QWidget, ...]:
        """The buttons, in the order in which they stand."""
        return tuple(self._group.buttons())

    @property
    def name(self) -> str:
        """The chosen one."""
        return self._names[max(0, self._group.checkedId())]

    def show_choice(self, name: str) -> None:
        """Mark one as chosen, without telling anybody."""
        for button, own in zip(self._group.buttons(), self._names, strict=True):
            button.setChecked(own == name)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if own == name else Qt.FocusPolicy.ClickFocus)
            if own == name:
                self.setAccessibleDescription(f"{button.text()}: {button.toolTip()}")

    @Slot(int)
    def _tell(self, place: int) -> None:
        self.chosen.emit(self._names[place])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame that holds them together."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.colours().line), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()
