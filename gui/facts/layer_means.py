"""How strongly each layer answers the current picture."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import LayerMeans


class LayerMeansFacts(QObject):
    """The last measured means, why there are none, and whether anybody looks at them."""

    changed = Signal()  # means or reason
    wanted_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.means: LayerMeans | None = None
        self.reason: str = ""
        """Why there are no means, a sentence; empty while nothing went wrong."""
        self.wanted: bool = False

    def put(self, means: LayerMeans | None, reason: str = "") -> None:
        """Note the means of a picture, or that there are none."""
        if means is not self.means or reason != self.reason:
            self.means, self.reason = means, reason
            self.changed.emit()

    def of(self, key: str) -> float | None:
        """Return the mean of a layer; None where it is not known."""
        return None if self.means is None else self.means.means.get(key)

    def set_wanted(self, wanted: bool) -> None:
        """Note whether the means are shown anywhere."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.wanted_changed.emit(wanted)
