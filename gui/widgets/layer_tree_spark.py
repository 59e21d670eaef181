"""Draws the mean activation of a layer as a thin bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from gui import theme
from gui.itemmodels.layer_tree_model import SHARE_ROLE
from gui.widgets.text_delegate import PADDING, CellDelegate

BAR_HEIGHT = 4
SPARK_WIDTH = 48
"""Width of the column."""


class SparkDelegate(CellDelegate):
    """A thin track and a bar in it; "NaN" where the mean is not a number, nothing where none is known."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the cell's background as the style does, then the bar."""
        self.paint_ground(painter, option, index)
        share = index.data(SHARE_ROLE)
        if share is None:
            return
        colours = theme.colours()
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        if math.isnan(share):
            painter.setPen(QColor(colours.error))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), "NaN")
        else:
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(room.left(), room.center().y() - BAR_HEIGHT / 2 + 1, room.width(), BAR_HEIGHT)
            painter.setBrush(QColor(colours.panel if selected else colours.accent_soft))
            painter.drawRoundedRect(track, 2, 2)
            # One pixel at least, so that a small mean is told from none.
            track.setWidth(max(1.0, track.width() * share))
            painter.setBrush(QColor(colours.bar))
            painter.drawRoundedRect(track, min(2.0, track.width() / 2), 2)
        painter.restore()
