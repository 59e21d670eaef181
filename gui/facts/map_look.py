"""How the feature maps are sorted, scaled and coloured, and how large they are: a person's taste, kept between sessions."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

INDEX, MEAN, MAXIMUM, ZEROS, SIMILARITY, CONTRIBUTION = ORDERS = (
    "Index", "Mean", "Maximum", "Share of zeros", "Similarity", "Contribution",
)  # fmt: skip
"""By index; by mean and maximum, the largest first; by the share of zeros, the smallest first; by the similarity to a channel,
that one first; by the contribution to the category that everything is about, the largest first."""

EACH, ALIKE = SCALINGS = ("Each map", "All alike")
"""Whether the colours run over a map's own values or over those of the whole layer."""

MIN_SIDE, MAX_SIDE, DEFAULT_SIDE = 32, 256, 64
"""Sides of a tile in device-independent pixels."""

MIN_GAMMA, MAX_GAMMA, DEFAULT_GAMMA = 0.2, 5.0, 1.0


class MapLook(QObject):
    """What the controls of the maps say. The first of each list is the default."""

    order_changed = Signal(str)  # one of ORDERS
    scaling_changed = Signal(str)  # one of SCALINGS
    colour_map_changed = Signal(str)  # one of gui.colourmaps.NAMES
    gamma_changed = Signal(float)
    side_changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.order = INDEX
        self.scaling = EACH
        self.colour_map = "Grey"
        self.gamma = DEFAULT_GAMMA
        self.side = DEFAULT_SIDE

    def set_order(self, order: str) -> None:
        """Choose one of :data:`ORDERS`."""
        if order != self.order:
            self.order = order
            self.order_changed.emit(order)

    def next_order(self) -> None:
        """Choose the next of :data:`ORDERS`; after the last the first."""
        self.set_order(ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)])

    def set_scaling(self, scaling: str) -> None:
        """Choose one of :data:`SCALINGS`."""
        if scaling != self.scaling:
            self.scaling = scaling
            self.scaling_changed.emit(scaling)

    def set_colour_map(self, name: str) -> None:
        """Choose one of :data:`gui.colourmaps.NAMES`."""
        if name != self.colour_map:
            self.colour_map = name
            self.colour_map_changed.emit(name)

    def set_gamma(self, gamma: float) -> None:
        """Choose the exponent of the colours, 0.2 to 5; below 1 small values stand out more, above 1 large ones."""
        gamma = max(MIN_GAMMA, min(MAX_GAMMA, gamma))
        if gamma != self.gamma:
            self.gamma = gamma
            self.gamma_changed.emit(gamma)

    def set_side(self, side: int) -> None:
        """Choose the side of a tile, 32 to 256 device-independent pixels."""
        side = max(MIN_SIDE, min(MAX_SIDE, side))
        if side != self.side:
            self.side = side
            self.side_changed.emit(side)
