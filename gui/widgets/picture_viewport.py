"""Where a picture lies in a view: zoom, position, and the way from points of one to points of the other."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from core.types import Box

MAX_ZOOM = 32.0
FIT_MARGIN = 16.0
"""Room left around a picture that is fitted, in device-independent pixels."""


class PictureViewport:
    """The mapping between pixels of the upright original and device-independent pixels of a view.

    ``zoom`` counts device pixels a picture pixel, so that 1.0 is sharp on every screen. A picture smaller than the view
    is kept in its middle; a larger one cannot be pushed out of it.
    """

    def __init__(self) -> None:
        self._size = QSizeF(1, 1)
        self._area = QRectF(0, 0, 1, 1)
        self._ratio = 1.0
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)
        self.fitted = True

    @property
    def zoom(self) -> float:
        """Device pixels a picture pixel."""
        return self._zoom

    @property
    def area(self) -> QRectF:
        """The part of the view that shows the picture."""
        return QRectF(self._area)

    @property
    def ratio(self) -> float:
        """Device pixels a device-independent pixel."""
        return self._ratio

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows all of the picture as large as the view allows."""
        margin = 2 * min(FIT_MARGIN, min(self._area.width(), self._area.height()) / 8)
        across = (self._area.width() - margin) / self._size.width()
        down = (self._area.height() - margin) / self._size.height()
        return max(1e-4, min(MAX_ZOOM, min(across, down) * self._ratio))

    @property
    def min_zoom(self) -> float:
        """A quarter of the fitted zoom, or 100 % where that is less."""
        return min(self.fit_zoom / 4, 1.0)

    def set_picture(self, width: int, height: int, *, keep: bool = False) -> None:
        """Take a picture of this size in pixels and fit it, or with ``keep`` stay where the last one was."""
        self._size = QSizeF(max(1, width), max(1, height))
        if not keep:
            self.fit()
        self._settle()

    def set_area(self, area: QRectF, ratio: float) -> None:
        """Take the place and the device pixel ratio of the view; the middle of it stays the middle."""
        self._area = QRectF(area.x(), area.y(), max(1.0, area.width()), max(1.0, area.height()))
        self._ratio = ratio
        self._settle()

    def fit(self) -> None:
        """Show all of the picture, also after the view has changed its size."""
        self.fitted = True
        self._settle()

    def set_zoom(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that the picture under ``anchor`` (in the view; its middle by default) stays where it is."""
        anchor = self._area.center() if anchor is None else anchor
        away = anchor - self._area.center()
        # Not to_picture(): its rounding to device pixels would add up from step to step.
        fixed = self._centre + away / self._scale
        self.fitted = False
        self._zoom = max(self.min_zoom, min(MAX_ZOOM, zoom))
        self._centre = fixed - away / self._scale
        self._settle()

    def pan(self, delta: QPointF) -> None:
        """Move the picture by device-independent pixels."""
        if not self.fitted:
            self._centre -= delta / self._scale
            self._settle()

    def can_pan(self) -> bool:
        """Whether part of the picture lies outside the view."""
        rect = self.picture_rect()
        return rect.width() > self._area.width() + 1 or rect.height() > self._area.height() + 1

    def to_view(self, point: QPointF) -> QPointF:
        """From pixels of the original to the view."""
        return self._origin() + point * self._scale

    def to_picture(self, point: QPointF) -> QPointF:
        """From the view to pixels of the original."""
        return (point - self._origin()) / self._scale

    def box_to_view(self, box: Box) -> QRectF:
        """A box of the original in the view, its edges on whole device pixels; at least one of them wide and high."""
        left, top, right, bottom = box
        first = self._snapped(self.to_view(QPointF(left, top)))
        last = self._snapped(self.to_view(QPointF(right, bottom)))
        least = 1 / self._ratio
        return QRectF(first, QSizeF(max(least, last.x() - first.x()), max(least, last.y() - first.y())))

    def picture_rect(self) -> QRectF:
        """The whole picture in the view, its edges on whole device pixels."""
        return self.box_to_view((0, 0, self._size.width(), self._size.height()))

    @property
    def _scale(self) -> float:
        return self._zoom / self._ratio

    def _origin(self) -> QPointF:
        return self._snapped(self._area.center() - self._centre * self._scale)

    def _snapped(self, point: QPointF) -> QPointF:
        return QPointF(round(point.x() * self._ratio) / self._ratio, round(point.y() * self._ratio) / self._ratio)

    def _settle(self) -> None:
        if self.fitted:
            self._zoom = self.fit_zoom
        self._zoom = max(self.min_zoom, min(MAX_ZOOM, self._zoom))
        self._centre = QPointF(
            _settled(self._centre.x(), self._size.width(), self._area.width() / self._scale),
            _settled(self._centre.y(), self._size.height(), self._area.height() / self._scale),
        )


def _settled(centre: float, length: float, shown: float) -> float:
    """Hold the middle of what is shown so far inside that no needless emptiness is seen."""
    if length <= shown:
        return length / 2
    return max(shown / 2, min(length - shown / 2, centre))
