"""How curves are painted: axes, lines told apart by dashes and names as well as by colour, and names at their ends."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui import theme
from gui.widgets.train.curve_plan import EPOCH, Curve, CurvePlan, pieces, spread
from gui.widgets.train.curve_scale import ticks

DASHES: tuple[tuple[float, ...], ...] = ((), (5, 3), (1.5, 2.5), (8, 3, 1.5, 3), (3, 2))
_COLOURS = ("accent", "warning", "text", "error", "muted")
_GAP = theme.GRID
_DOTS = 40
"""Points of a curve that are still marked one by one."""
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def paint_plan(painter: QPainter, plan: CurvePlan, marked: int | None) -> None:
    """Paint all of it; the marked epoch has a line and larger dots."""
    _paint_axes(painter, plan)
    plot = plan.plot
    painter.save()
    painter.setClipRect(plot.adjusted(-4, -4, 4, 4))
    faint = QColor(theme.colours().muted)
    faint.setAlphaF(0.45)
    painter.setPen(QPen(faint, 1))
    painter.drawPolyline(QPolygonF(plan.points(plan.faint)))
    if marked is not None:
        painter.setPen(QPen(QColor(theme.colours().muted), 1))
        painter.drawLine(QPointF(plan.x(marked), plot.top()), QPointF(plan.x(marked), plot.bottom()))
    for number, one in enumerate(plan.curves):
        _paint_curve(painter, plan, one, number, marked)
    painter.restore()
    _paint_ends(painter, plan)


def _colour(number: int) -> QColor:
    return QColor(getattr(theme.colours(), _COLOURS[number % len(_COLOURS)]))


def _paint_axes(painter: QPainter, plan: CurvePlan) -> None:
    colours, high, plot = theme.colours(), plan.metrics.height(), plan.plot
    for level, text in zip(plan.levels, plan.level_texts, strict=True):
        y = round(plan.y(level)) + 0.5
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRectF(0, y - high / 2, plot.left() - 2 * _GAP, high), _RIGHT, text)
    reach, below, wide = plan.reach, plot.bottom() + 2 * _GAP, plan.metrics.horizontalAdvance
    painter.drawText(QRectF(0, below, plot.left() - wide("0") / 2 - 2 * _GAP, high), _RIGHT, EPOCH)
    most = max(2, int(plot.width() / (wide(str(reach)) + 4 * _GAP)))
    for one in ticks(0, reach, most):
        if one == int(one) and one <= reach:
            painter.drawText(QRectF(plan.x(one) - 40, below, 80, high), int(Qt.AlignmentFlag.AlignHCenter), f"{int(one)}")


def _paint_curve(painter: QPainter, plan: CurvePlan, one: Curve, number: int, marked: int | None) -> None:
    pen = QPen(_colour(number), 2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashes := DASHES[number % len(DASHES)]:
        pen.setDashPattern(dashes)
    painter.setPen(pen)
    for piece in pieces(one.points):
        painter.drawPolyline(QPolygonF(plan.points(piece)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(number))
    dotted = [point for point in one.points if math.isfinite(point[1]) and (len(one.points) <= _DOTS or point[0] == marked)]
    for point, place in zip(dotted, plan.points(dotted), strict=True):
        painter.drawEllipse(place, *((4, 4) if point[0] == marked else (2.5, 2.5)))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_ends(painter: QPainter, plan: CurvePlan) -> None:
    """Name each curve at its right, the names pushed apart where they would lie upon each other."""
    high, plot = plan.metrics.height(), plan.plot
    ended = [(number, one) for number, one in enumerate(plan.curves) if one.last is not None]
    wanted = [plan.y(one.last[1]) if one.last else 0.0 for _, one in ended]
    places = spread(wanted, high, plot.top() - high / 2, plot.bottom() + high / 2)
    left = plot.right() + 2 * _GAP
    for (number, one), y in zip(ended, places, strict=True):
        painter.setPen(_colour(number))
        room = plan.size.width() - left - 2 * _GAP
        text = plan.metrics.elidedText(one.end_label(plan.kind), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QRectF(left, y - high / 2, room + _GAP, high), _LEFT, text)
