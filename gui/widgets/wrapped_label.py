"""A few lines of text that keep their place."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class WrappedLabel(QLabel):
    """Text wrapped into at most ``lines`` lines, for which room is kept; the last ends in "…" if more would follow."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show a text; the tooltip holds all of it."""
        super().setText(text)
        self.setToolTip(text)

    def set_lines(self, lines: int) -> None:
        """Keep room for so many lines."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """The height of all its lines, whether they are filled or not."""
        return QSize(160, self._lines * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """As high, and as narrow as one likes."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        for number, line in enumerate(self.shown_lines()):
            top = number * self.fontMetrics().lineSpacing()
            painter.drawText(QPointF(0, top + self.fontMetrics().ascent()), line)

    def shown_lines(self) -> list[str]:
        """What is drawn, line by line."""
        text, layout = self.text(), QTextLayout(self.text(), self.font())
        option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        starts: list[int] = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, self.width()))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(text)]
        shown = [text[start:end].rstrip() for start, end in zip(starts, ends, strict=True)][: self._lines]
        if len(starts) > self._lines:
            rest = text[starts[self._lines - 1] :]
            shown[-1] = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, self.width())
        return shown
