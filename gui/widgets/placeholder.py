"""Painting of what stands where a picture is not: what to do, or what went wrong."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QKeySequence, QPainter, QPen, QTextOption

from gui import theme

_ICON_SIDE = 32
_GAP = 2 * theme.GRID
_TEXT_WIDTH = 400


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
    block = _message_rect(painter, rect, title, detail, _ICON_SIDE + _GAP)
    if icon is None or block.height() > rect.height():
        block = _message_rect(painter, rect, title, detail, 0)
    else:
        icon.paint(painter, QRect(block.center().x() - _ICON_SIDE // 2, block.top(), _ICON_SIDE, _ICON_SIDE))
        block.setTop(block.top() + _ICON_SIDE + _GAP)
    _paint_lines(painter, block, (title, c.text), (detail, c.muted))


def paint_failure(painter: QPainter, rect: QRect, title: str, reason: str) -> None:
    """Write what failed and why on a card in the middle of ``rect``."""
    c = theme.colours()
    block = _message_rect(painter, rect.adjusted(24, 16, -24, -16), title, reason, 0)
    card = QRectF(block.adjusted(-24, -16, 24, 16) & rect)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(c.error), 1))
    painter.setBrush(QColor(c.error_soft))
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
    painter.restore()
    _paint_lines(painter, block, (title, c.error), (reason, c.text))


def _paint_lines(painter: QPainter, block: QRect, title: tuple[str, str], detail: tuple[str, str]) -> None:
    """Write two texts, each with its colour, one below the other."""
    upper = _text_height(painter, block.width(), title[0], bold=True)
    painter.save()
    plain = painter.font()
    painter.setFont(heading_font(plain))
    painter.setPen(QColor(title[1]))
    painter.drawText(QRectF(block), title[0], _centred())
    painter.setFont(plain)
    painter.setPen(QColor(detail[1]))
    painter.drawText(QRectF(block.adjusted(0, upper + theme.GRID, 0, 0)), detail[0], _centred())
    painter.restore()


def _message_rect(painter: QPainter, rect: QRect, title: str, detail: str, above: int) -> QRect:
    """The middle of ``rect``, as high as two texts and ``above`` pixels over them; never above its upper edge."""
    width = max(1, min(rect.width(), _TEXT_WIDTH))
    upper = _text_height(painter, width, title, bold=True)
    lower = _text_height(painter, width, detail, bold=False)
    block = QRect(0, 0, width, above + upper + theme.GRID + lower)
    block.moveCenter(rect.center())
    block.moveTop(max(rect.top(), block.top()))
    return block


def _text_height(painter: QPainter, width: int, text: str, *, bold: bool) -> int:
    painter.save()
    if bold:
        painter.setFont(heading_font(painter.font()))
    bounds = painter.boundingRect(QRectF(0, 0, width, 10_000), text, _centred())
    painter.restore()
    return ceil(bounds.height())


def _centred() -> QTextOption:
    """Lines in the middle; a word that is longer than a line, such as a file name, is broken."""
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option
