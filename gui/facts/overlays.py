"""What lies over the picture besides the crop: heat maps by name, each with its opacity."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from core.types import Heat

DEFAULT_OPACITY = 0.6


@dataclass(frozen=True, slots=True)
class Overlay:
    """A heat map over the picture; ``opacity`` from 0 to 1."""

    heat: Heat | None = None
    opacity: float = DEFAULT_OPACITY
    visible: bool = True


class Overlays(QObject):
    """Overlays in the order in which they are painted; one that was taken away keeps its opacity for the next time."""

    ORDER = ("channel", "why", "dense", "field")

    UNCROPPED = ("dense",)
    """Those that are about the whole picture, not about what the network sees of it at once."""

    changed = Signal(str)  # name of the overlay

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._overlays = {name: Overlay() for name in self.ORDER}

    def __getitem__(self, name: str) -> Overlay:
        """Return an overlay of :data:`ORDER`."""
        return self._overlays[name]

    def shown(self) -> tuple[tuple[str, Overlay], ...]:
        """Those that are to be seen, the lowest first."""
        return tuple((name, one) for name, one in self._overlays.items() if one.heat is not None and one.visible)

    def put(self, name: str, heat: Heat | None) -> None:
        """Lay something over the picture, or take it away (None)."""
        self._change(name, replace(self._overlays[name], heat=heat))

    def set_opacity(self, name: str, opacity: float) -> None:
        """Dim an overlay, 0 to 1."""
        self._change(name, replace(self._overlays[name], opacity=max(0.0, min(1.0, opacity))))

    def set_visible(self, name: str, visible: bool) -> None:
        """Show or hide an overlay."""
        self._change(name, replace(self._overlays[name], visible=visible))

    def clear(self) -> None:
        """Take all of them away: they belong to another picture."""
        for name in self.ORDER:
            self.put(name, None)

    def _change(self, name: str, overlay: Overlay) -> None:
        if overlay != self._overlays[name]:
            self._overlays[name] = overlay
            self.changed.emit(name)
