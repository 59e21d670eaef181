"""The views of a test protocol on the picture, each with its vote; and the chosen cell of a dense map with its window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.types import Box, ScoreMap
from gui import theme
from gui.facts.protocol_look import MAP, Cell
from gui.facts.vote_geometry import cell_at, cell_box, closest, middle, steps_of, view_at
from gui.itemmodels.view_words import AGREES, DIFFERS, top_words
from gui.itemmodels.vote_words import cell_top
from gui.state import AppState
from gui.widgets.picture_viewport import PictureViewport

SHADE = QColor(0, 0, 0, 120)
QUIET = 190
"""Opacity, of 255, of the boxes that do not stand out."""
FAINT = QColor(0, 0, 0, 60)
_FEW = 12
"""So many boxes have a dark line below the bright one; more have a faint one."""
_LARGEST, _SMALLEST = 6.0, 2.5
"""Radius of the marks in device-independent pixels."""
_PAD = 5


class ProtocolOverlay(QObject):
    """Thin boxes, solid where the vote agrees with the whole and dashed where it does not.

    In the middle of each, or of its upper edge where there is one crop a scale, stands a disc, filled where the vote agrees and
    hollow where it does not; its left half is the vote of the view, its right half that of the mirrored one. The view that is
    pointed at or chosen stands out with its top-1.
    """

    def __init__(self, state: AppState, view: QWidget) -> None:
        super().__init__(view)
        self._state, self._view = state, view
        self._facts = state.protocols
        self._look = state.protocols.look
        self.visible = True
        facts = (
            self._facts.answer_changed, self._facts.watched_changed, self._look.scale_changed, self._look.view_changed,
            self._look.pointed_changed, self._look.cell_changed, self._look.cell_pointed, self._look.showing_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._follow)
        state.selection.point_hovered.connect(self._point)
        state.selection.point_chosen.connect(self._choose)

    @Slot()
    def _follow(self) -> None:
        self._view.update()

    @property
    def _drawn(self) -> bool:
        return self._facts.drawn(self._state.picture)

    @Slot(object)
    def _point(self, point: tuple[float, float] | None) -> None:
        look = self._look
        known = point is not None and self._drawn
        on_map = look.showing == MAP
        look.point_at(view_at(point, look.views, look.crops) if known and not on_map else None)
        look.point_at_cell(self._cell_at(point) if known and on_map else None)

    def _cell_at(self, point: tuple[float, float]) -> Cell | None:
        found, index = self._look.map, self._look.map_index
        return (index, *cell_at(point, found)) if found is not None and index is not None else None

    @Slot(object)
    def _choose(self, point: tuple[float, float]) -> None:
        if not self._drawn:
            return
        if self._look.showing == MAP:
            self._look.choose_cell(self._cell_at(point))
        else:
            self._look.choose_view(view_at(point, self._look.views, self._look.crops))

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw them over the picture that they are of."""
        if not self._drawn:
            return
        painter.save()
        painter.setFont(theme.tabular(self._view.font()))
        if self._look.showing == MAP:
            self._paint_cell(painter, viewport)
        else:
            self._paint_boxes(painter, viewport)
            self._paint_marks(painter, viewport)
            self._paint_highlight(painter, viewport)
        painter.restore()

    def _pairs(self) -> dict[Box, list[int]]:
        """The crops that are shown, by their box; a mirrored one with the other of the same place, after it."""
        views, crops = self._look.views, self._look.crops
        steps = steps_of(views, crops)
        places: dict[tuple[int, ...], list[int]] = {}
        for index in sorted(crops, key=lambda at: views[at].flipped):
            places.setdefault((views[index].scale, *steps[index]), []).append(index)
        return {views[indices[0]].box: indices for indices in places.values()}

    def _paint_boxes(self, painter: QPainter, viewport: PictureViewport) -> None:
        pairs = self._pairs()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box, indices in pairs.items():
            agrees = all(map(self._look.agrees, indices))
            colour = vote_colour(agrees=agrees)
            colour.setAlpha(QUIET if len(pairs) > _FEW else 255)
            _outline(painter, viewport.box_to_view(box), colour, 1, dashed=not agrees, quiet=len(pairs) > _FEW)

    def _paint_marks(self, painter: QPainter, viewport: PictureViewport) -> None:
        pairs = self._pairs()
        # Of one crop a scale all have their middle in common, but not their upper edge.
        nested = 1 < len(pairs) == len({self._look.views[indices[0]].scale for indices in pairs.values()})
        points = [(middle(box)[0], box[1]) if nested else middle(box) for box in pairs]
        step = closest(points) * viewport.zoom / viewport.ratio
        radius = max(_SMALLEST, min(_LARGEST, 0.35 * step))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for point, indices in zip(points, pairs.values(), strict=True):
            place = viewport.to_view(QPointF(*point))
            halves = indices if len(indices) == 2 else [indices[0], indices[0]]
            _mark(painter, place, radius, tuple(map(self._look.agrees, halves)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_highlight(self, painter: QPainter, viewport: PictureViewport) -> None:
        index = self._look.highlighted
        if index is None or index not in self._look.crops:
            return
        view, agrees = self._look.views[index], self._look.agrees(index)
        place = viewport.box_to_view(view.box)
        _outline(painter, place, vote_colour(agrees=agrees), 3, dashed=not agrees)
        mirrored = "⇄ " if view.flipped else ""
        words = f"{AGREES if agrees else DIFFERS} {mirrored}{top_words(view)}"
        _card(painter, place, viewport.area, words)

    def _paint_cell(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Outline the chosen cell and its window, and thinner and dashed those under the pointer, which have the card then."""
        found, chosen, pointed = self._look.map, self._look.cell, self._look.pointed_cell
        if found is None:
            return
        colour = QColor(theme.colours().field)
        cells = [cell for cell in dict.fromkeys((chosen, pointed)) if cell is not None]
        for cell in cells:
            width, dashed = (2, False) if cell == chosen else (1, True)
            for box in (found.box(*cell[1:]), cell_box(found, *cell[1:])):
                _outline(painter, viewport.box_to_view(box), colour, width, dashed=dashed)
        if cells:
            window = viewport.box_to_view(found.box(*cells[-1][1:]))
            _card(painter, window, viewport.area, self._cell_words(found, *cells[-1][1:]))

    def _cell_words(self, found: ScoreMap, row: int, column: int) -> str:
        model = self._state.model
        top = cell_top(found, row, column, model.categories if model is not None else (), 1)[0]
        return f"{top.category} {theme.format_probability(top.probability)}"


def vote_colour(*, agrees: bool) -> QColor:
    """The colour of a vote on a picture: a bright one, whatever the theme, for below it lies a dark line."""
    return QColor(theme.DARK.accent if agrees else theme.DARK.warning)


def _outline(
    painter: QPainter, place: QRectF, colour: QColor, width: int, *, dashed: bool = False, quiet: bool = False
) -> None:
    """Draw a box, dark below and bright above, so that it is seen on any picture."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    strokes = ((FAINT if quiet else SHADE, width + 2, Qt.PenStyle.SolidLine), (colour, width, style))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke, wide, line in strokes:
        painter.setPen(QPen(stroke, wide, line, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(place)


def _mark(painter: QPainter, place: QPointF, radius: float, votes: tuple[bool, ...]) -> None:
    """Draw a disc, its halves filled or hollow."""
    disc = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(255, 255, 255, 230))
    painter.drawEllipse(disc.adjusted(-1.5, -1.5, 1.5, 1.5))
    for start, agrees in zip((90, 270), votes, strict=True):
        painter.setBrush(QColor(theme.LIGHT.accent if agrees else theme.LIGHT.warning))
        painter.drawPie(disc, start * 16, 180 * 16)
        if not agrees:
            inner = disc.adjusted(1.5, 1.5, -1.5, -1.5)
            painter.setBrush(QColor(255, 255, 255))
            painter.drawPie(inner, start * 16, 180 * 16)


def _card(painter: QPainter, box: QRectF, area: QRectF, words: str) -> None:
    """Write words on a card at the upper left of a box, inside the view."""
    c, metrics = theme.colours(), painter.fontMetrics()
    room = box & area
    width = min(metrics.horizontalAdvance(words) + 2 * _PAD, max(48.0, area.width() - 2 * _PAD))
    card = QRectF(room.left() + _PAD, room.top() + _PAD, width, metrics.height() + _PAD)
    card.moveRight(min(card.right(), area.right() - _PAD))
    ground = QColor(c.panel)
    ground.setAlpha(235)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(c.line))
    painter.setBrush(ground)
    painter.drawRoundedRect(card, 4, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QColor(c.text))
    text = card.adjusted(_PAD, 0, -_PAD, 0)
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(text.width()) + 1)
    painter.drawText(text, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)
