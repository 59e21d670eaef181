"""Painting of what stands where a picture is not: what to do, or what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QKeySequence, QPainter, QPen

from gui import theme

_ICON_SIDE = 32
_GAP = 2 * theme.GRID
_TEXT_WIDTH = 400
_CENTRED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)


def open_shortcut() -> str:
    """The keys that open pictures, as this system writes them."""
    return QKeySequence(QKeySequence.StandardKey.Open).toString(QKeySequence.SequenceFormat.NativeText) or "Ctrl+O"


def heading_font(font: QFont) -> QFont:
    """The same font, a little bolder."""
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def paint_frame(painter: QPainter, rect: QRect, colour: str, *, dashed: bool, width: float = 1.5) -> None:
    """Draw a rounded frame just inside ``rect``."""
    pen = QPen(QColor(colour), width)
    if dashed:
        pen.setDashPattern([4, 4])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), 8, 8)
    painter.restore()


def paint_hint(painter: QPainter, rect: QRect, title: str, detail: str, icon: QIcon | None = None) -> None:
    """Write a title, a muted second line and, where there is room, an icon into the middle of ``rect``."""
    c = theme.colours()
    if icon is not None and _message_rect(painter.font(), rect, title, detail, True).height() > rect.height():
        icon = None
    block = _message_rect(painter.font(), rect, title, detail, icon is not None)
    if icon is not None:
        icon.paint(painter, QRect(block.center().x() - _ICON_SIDE // 2, block.top(), _ICON_SIDE, _ICON_SIDE))
        block.setTop(block.top() + _ICON_SIDE + _GAP)
    _paint_lines(painter, block, (title, c.text), (detail, c.muted))


def paint_failure(painter: QPainter, rect: QRect, title: str, reason: str) -> None:
    """Write what failed and why on a card in the middle of ``rect``."""
    c = theme.colours()
    block = _message_rect(painter.font(), rect.adjusted(24, 24, -24, -24), title, reason, False)
    card = QRectF(block.adjusted(-24, -20, 24, 20) & rect)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(c.error), 1))
    painter.setBrush(QColor(c.error_soft))
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
    painter.restore()
    _paint_lines(painter, block, (title, c.error), (reason, c.text))


def _paint_lines(painter: QPainter, block: QRect, title: tuple[str, str], detail: tuple[str, str]) -> None:
    """Write two texts, each with its colour, one below the other."""
    painter.save()
    plain = painter.font()
    painter.setFont(heading_font(plain))
    painter.setPen(QColor(title[1]))
    painter.drawText(block, _CENTRED, title[0])
    height = painter.fontMetrics().boundingRect(block, _CENTRED, title[0]).height()
    painter.setFont(plain)
    painter.setPen(QColor(detail[1]))
    painter.drawText(block.adjusted(0, height + theme.GRID, 0, 0), _CENTRED, detail[0])
    painter.restore()


def _message_rect(font: QFont, rect: QRect, title: str, detail: str, with_icon: bool) -> QRect:
    width = max(1, min(rect.width(), _TEXT_WIDTH))
    column = QRect(0, 0, width, 10_000)
    upper = QFontMetrics(heading_font(font)).boundingRect(column, _CENTRED, title)
    lower = QFontMetrics(font).boundingRect(column, _CENTRED, detail)
    height = upper.height() + theme.GRID + lower.height() + (_ICON_SIDE + _GAP if with_icon else 0)
    block = QRect(0, 0, width, height)
    block.moveCenter(rect.center())
    block.moveTop(max(rect.top(), block.top()))
    return block
