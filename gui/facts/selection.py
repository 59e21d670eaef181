"""What is pointed at and chosen: the same category, channel and place in every panel."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The chosen category and channel, and the point of the picture under the pointer."""

    category_changed = Signal(object)  # int | None: index of the chosen category; None follows the top-1
    channel_changed = Signal(int)  # channel of the maps, or unit of the vector, of the layer shown
    point_hovered = Signal(object)  # (x, y) of the upright original in pixels, or None
    point_chosen = Signal(object)  # (x, y) of the upright original: a click on the picture

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.category: int | None = None
        self.channel: int = 0
        self.point: tuple[float, float] | None = None

    def set_category(self, category: int | None) -> None:
        """Choose the category that attributions, contributions and rankings are about; None for the top-1."""
        if category != self.category:
            self.category = category
            self.category_changed.emit(category)

    def set_channel(self, channel: int) -> None:
        """Choose the channel."""
        if channel != self.channel:
            self.channel = channel
            self.channel_changed.emit(channel)

    def hover_point(self, point: tuple[float, float] | None) -> None:
        """Note which point of the picture the pointer is over."""
        if point != self.point:
            self.point = point
            self.point_hovered.emit(point)

    def choose_point(self, point: tuple[float, float]) -> None:
        """Tell that a person clicked on the picture."""
        self.point_chosen.emit(point)
