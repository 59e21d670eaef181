"""Maps that a transformer has cut into windows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Windows:
    """How a map of ``height`` x ``width`` positions was cut into windows of ``rows`` x ``columns``, all in positions.

    Windows are numbered row by row, and so are the positions in one. The map was rolled up by ``down`` and left by ``across``
    before it was cut, and filled up below and at the right to whole windows. ``strided`` windows are those of a grid: a window
    takes every n-th position of the whole map (MaxViT, Tu et al. 2022, section 3.2) instead of neighbours.
    """

    height: int
    width: int
    rows: int
    columns: int
    down: int = 0
    across: int = 0
    strided: bool = False

    @property
    def grid(self) -> tuple[int, int]:
        """How many windows there are one below the other, and side by side."""
        return -(-self.height // self.rows), -(-self.width // self.columns)

    @property
    def count(self) -> int:
        """How many windows there are."""
        down, across = self.grid
        return down * across
