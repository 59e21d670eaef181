"""Parts that several figures have: words above them, legends, maps with crisp pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPainterPath, QPen

from core.plain import plain
from gui import imaging
from gui.figures.figure import Words
from gui.figures.paper import INSIDE, MARGIN, Paper, font, metrics
from gui.widgets.map_words import format_number

BAR = QSize(160, 10)
LEGEND_HEIGHT = 28
_FINEST, _COARSEST = 3, 2
"""Pixels a unit at most and at least in documents, where maps are kept as images."""

_LEFT, _RIGHT, _CENTRE = (
    int(side | Qt.AlignmentFlag.AlignVCenter)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter)
)


@dataclass(frozen=True, slots=True)
class Scale:
    """A colour table (``QRgb``) and the values that its two ends stand for; ``zero`` says that its middle is 0.

    ``ends`` are words for the ends where they do not stand for one value.
    """

    table: npt.NDArray[np.uint32]
    low: float
    high: float
    zero: bool = False
    ends: tuple[str, str] | None = None

    @property
    def labels(self) -> tuple[str, str]:
        """What stands at the ends."""
        return self.ends or (format_number(self.low), format_number(self.high))


def heading_height(words: Words) -> int:
    """The units that :func:`draw_heading` takes, with the room below it."""
    return MARGIN - 4 + Paper.TITLE + 9 + (len(words.lines) - 1) * 17 + 12


def draw_heading(painter: QPainter, words: Words, paper: Paper) -> float:
    """Write the title and the lines below it at the top of a figure; return where they end."""
    top = float(MARGIN - 4)
    write(painter, QRectF(MARGIN, top, INSIDE, 22), words.title, paper.text, Paper.TITLE, bold=True)
    top += Paper.TITLE + 9
    for line, colour, size in ((words.about, paper.text, Paper.TEXT), (words.source, paper.muted, Paper.SMALL)):
        if line:
            write(painter, QRectF(MARGIN, top, INSIDE, 15), line, colour, size)
            top += 17
    return top


def write(
    painter: QPainter, place: QRectF, text: str, colour: str, size: int, *, align: int = _LEFT, bold: bool = False
) -> None:
    """Write one line, shortened in its middle where it does not fit; left-aligned unless told otherwise."""
    fitting, room, measure = plain(text), place.width() + 0.5, metrics(size, bold=bold)
    if measure.horizontalAdvance(fitting) > room:
        fitting = measure.elidedText(fitting, Qt.TextElideMode.ElideMiddle, room)
    painter.setFont(font(size, bold=bold))
    painter.setPen(QColor(colour))
    painter.drawText(place, align | int(Qt.TextFlag.TextDontClip), fitting)


def write_right(painter: QPainter, place: QRectF, text: str, colour: str, size: int) -> None:
    """The same, right-aligned."""
    write(painter, place, text, colour, size, align=_RIGHT)


def write_centred(painter: QPainter, place: QRectF, text: str, colour: str, size: int, *, bold: bool = False) -> None:
    """The same, in the middle."""
    write(painter, place, text, colour, size, align=_CENTRE, bold=bold)


def width_of(text: str, size: int, *, bold: bool = False) -> float:
    """The units that a line is wide."""
    return metrics(size, bold=bold).horizontalAdvance(text)


def fill(painter: QPainter, size: QSize, paper: Paper) -> None:
    """Paint the background."""
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(paper.background))


def draw_line(painter: QPainter, start: QPointF, end: QPointF, colour: str, width: float = 0.75) -> None:
    """Draw a hairline."""
    painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(start, end)


def frame(painter: QPainter, place: QRectF, colour: str, width: float = 0.75) -> None:
    """Draw a hairline around a rectangle, outside of it: a pen, never thinner than a pixel, would reach inside."""
    ring = QPainterPath()
    ring.setFillRule(Qt.FillRule.OddEvenFill)
    ring.addRect(place.adjusted(-width, -width, width, width))
    ring.addRect(place)
    painter.fillPath(ring, QColor(colour))


def draw_legend(painter: QPainter, corner: QPointF, scale: Scale, paper: Paper, caption: str, width: float) -> None:
    """Draw a gradient with its values below it, and a caption beside it, :data:`LEGEND_HEIGHT` high."""
    bar = QRectF(corner, BAR.toSizeF())
    steps = np.ascontiguousarray(np.linspace(0, len(scale.table) - 1, 256).round().astype(np.intp))
    strip = imaging.to_mapped_qimage(np.arange(256, dtype=np.uint8)[None], scale.table[steps])
    painter.drawImage(bar, strip)
    frame(painter, bar, paper.line)
    below = QRectF(bar.left(), bar.bottom() + 3, bar.width(), 14)
    if scale.low == scale.high and not scale.ends:
        write_centred(painter, below, f"all {format_number(scale.low)}", paper.text, Paper.SMALL)
    else:
        write(painter, below, scale.labels[0], paper.text, Paper.SMALL)
        write_right(painter, below, scale.labels[1], paper.text, Paper.SMALL)
        if scale.zero:
            write_centred(painter, below, "0", paper.text, Paper.SMALL)
            foot = QPointF(bar.center().x(), bar.bottom())
            draw_line(painter, foot, foot + QPointF(0, 3), paper.muted)
    beside = QRectF(bar.right() + 16, bar.top() - 2, width - bar.width() - 16, 14)
    for number, line in enumerate(caption.split("\n")):
        write(painter, beside.translated(0, 15 * number), line, paper.muted, Paper.SMALL)


def draw_map(painter: QPainter, place: QRectF, image: QImage) -> None:
    """Draw a map so that its pixels stay squares with sharp edges, on a screen and in a document.

    Where it has more pixels than there is room for, they are averaged.
    """
    engine = painter.paintEngine()
    if engine is not None and engine.type() == QPaintEngine.Type.Raster:
        _draw_on_pixels(painter, place, image)
        return
    # Many viewers smooth what they enlarge, so it is enlarged before.
    size = place.size().toSize()
    factor = max(1, math.ceil(_COARSEST * size.width() / image.width()), math.ceil(_COARSEST * size.height() / image.height()))
    painter.drawImage(place, _resized(image, _at_most(image.size() * factor, size * _FINEST)))


def _draw_on_pixels(painter: QPainter, place: QRectF, image: QImage) -> None:
    exact = painter.deviceTransform().mapRect(place)
    corner = QPointF(round(exact.left()), round(exact.top())).toPoint()
    target = QRect(corner, QSize(max(1, round(exact.width())), max(1, round(exact.height()))))
    painter.save()
    painter.resetTransform()
    # What is left of the transformation belongs to the device, such as its pixel ratio.
    device = painter.deviceTransform()
    drawn = _resized(image, target.size())
    drawn.setDevicePixelRatio(device.m11())
    painter.drawImage(device.inverted()[0].map(QPointF(target.topLeft())), drawn)
    painter.restore()


def _resized(image: QImage, size: QSize) -> QImage:
    """Enlarge by repeating pixels, shrink by averaging; do both where the sides are no multiples."""
    across, down = math.ceil(size.width() / image.width()), math.ceil(size.height() / image.height())
    large = imaging.repeated(image, max(1, across), max(1, down))
    keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return large if large.size() == size else large.scaled(size, keep, smooth)


def _at_most(size: QSize, limit: QSize) -> QSize:
    """A multiple of a map is only made smaller where it has more pixels than are any good."""
    return size if size.width() <= 2 * limit.width() and size.height() <= 2 * limit.height() else limit
