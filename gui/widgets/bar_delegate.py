"""What the cells that draw a bar with a number have in common."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from gui import theme
from gui.widgets.text_delegate import PADDING, CellDelegate

BAR_HEIGHT = 8
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BarDelegate(CellDelegate):
    """A bar at the left and a number in tabular figures at the right; :meth:`draw_bar` is the subclass's."""

    widest: ClassVar[str]
    """The widest number that is ever written."""
    shortest_track: ClassVar[int] = 1
    """Pixels below which a cell has no bar."""

    @classmethod
    def number_width(cls, metrics: QFontMetrics) -> int:
        """Width in pixels of the widest number, padding included."""
        return metrics.horizontalAdvance(cls.widest) + 2 * PADDING

    @classmethod
    def track(cls, cell: QRect, metrics: QFontMetrics) -> QRect:
        """Where the longest bar lies in a cell; empty where the cell is too narrow for one."""
        room = cell.width() - cls.number_width(metrics) - PADDING
        if room < cls.shortest_track:
            return QRect()
        return QRect(cell.left() + PADDING, cell.center().y() - BAR_HEIGHT // 2 + 1, room, BAR_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then bar and number."""
        text = self.paint_ground(painter, option, index)
        font = theme.tabular(option.font)
        painter.save()
        track = self.track(option.rect, QFontMetrics(font))
        if not track.isEmpty():
            self.draw_bar(painter, track, option, index)
        painter.setFont(font)
        painter.setPen(QColor(theme.colours().text))
        painter.drawText(option.rect.adjusted(0, 0, -PADDING, 0), int(_RIGHT), text)
        painter.restore()

    def draw_bar(
        self, painter: QPainter, track: QRect, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the bar into its track."""
        raise NotImplementedError
