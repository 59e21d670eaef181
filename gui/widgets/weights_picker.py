"""Picks the weights of the architecture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.types import WeightsOption, WeightsSpec
from gui.widgets.picker import Picker

FILE = "file"
"""The data of the entry that asks for a file; that of recent files is a Path, that of all others a :class:`WeightsSpec`."""

_MOST_RECENT = 5


class WeightsPicker(Picker):
    """Named weights, random ones, and a file. Of named ones that are not on this computer the choice is told, too: whoever
    hears it offers to download them. The seed of random weights is kept outside, in a field beside it."""

    weights_chosen = Signal(object)  # WeightsSpec; of random ones the kind alone counts
    file_requested = Signal()
    file_chosen = Signal(object)  # Path of a file that was opened before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: tuple[WeightsOption, ...] = ()
        self._recent: tuple[Path, ...] = ()
        self._shown: WeightsSpec | None = None
        self.setObjectName("weightsPicker")
        self.setAccessibleName("Weights")
        self.activated.connect(self._choose)
        self._fill()

    def set_options(self, options: tuple[WeightsOption, ...]) -> None:
        """List other weights; what is shown stays."""
        self._options = options
        self._fill()

    def set_recent(self, recent: tuple[Path, ...]) -> None:
        """List other files that were opened before."""
        self._recent = recent
        self._fill()

    def showPopup(self) -> None:
        """Open the list; files may have gone since it was filled."""
        if self._recent:
            self._fill()
        super().showPopup()

    def show_weights(self, weights: WeightsSpec) -> None:
        """Show weights without telling anybody; they are added to the list where they are not in it."""
        self._shown = weights
        self._fill()

    def _fill(self) -> None:
        blocked = self.blockSignals(True)
        self.entries.clear()
        shown = self._shown
        known = [option for option in self._options if option.spec.kind in ("builtin", "named")]
        for option in known:
            tip = option.note or option.label
            choosable = option.available or option.published is not None
            self.add(option.label, option.spec, tip=tip, note=option.note, enabled=choosable)
        if shown is not None and shown.kind in ("builtin", "named") and self.find(shown) < 0:
            self.add("Built-in" if shown.kind == "builtin" else shown.name or "\u2026", shown)
        self.add("Random…", WeightsSpec("random"), tip="Untrained: drawn from the seed in the field beside")
        if shown is not None and shown.kind == "file" and shown.path is not None:
            repaired = " (repaired as it was read)" if shown.repairs else ""
            self.add(shown.path.name, shown, tip=f"{shown.path}{repaired}")
        self.insertSeparator(self.count())
        self._add_recent()
        self.add("File…", FILE, tip="Weights from a file: safetensors, or what torch.save wrote")
        self.blockSignals(blocked)
        self._restore()

    def _add_recent(self) -> None:
        shown = self._shown.path if self._shown is not None else None
        for path in (path for path in self._recent[:_MOST_RECENT] if path != shown):
            gone = not path.is_file()
            tip = f"{path} is not there any more" if gone else str(path)
            self.add(path.name, path, tip=tip, note="gone" if gone else "recent", enabled=not gone)

    def _restore(self) -> None:
        shown = self._shown
        row = -1
        if shown is not None:
            row = self.find(WeightsSpec("random") if shown.kind == "random" else shown)
        self.show_row(row)
        tip = self.entries.item(row).toolTip() if row >= 0 else ""
        self.setToolTip(f"Weights: {tip}" if tip else "Weights")

    @Slot(int)
    def _choose(self, row: int) -> None:
        data = self.entries.item(row).data(Qt.ItemDataRole.UserRole)
        if isinstance(data, WeightsSpec):
            self.weights_chosen.emit(data)
            return
        self._restore()
        if data == FILE:
            self.file_requested.emit()
        elif isinstance(data, Path):
            self.file_chosen.emit(data)
