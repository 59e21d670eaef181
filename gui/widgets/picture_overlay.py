"""What may be laid over the picture."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QPainter

from gui.widgets.picture_viewport import PictureViewport


class PictureOverlay(Protocol):
    """Something drawn over the picture, in the order in which overlays were added.

    An overlay keeps no positions of the view: when it paints it asks ``viewport`` where pixels of the original are.
    """

    visible: bool

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw in device-independent pixels of the view; the painter is clipped to the picture's area."""
