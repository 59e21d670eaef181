"""The patches of an answer as an item model, the strongest first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from core.types import Patch, Patches
from gui import imaging

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_Key = tuple[str, int, int]


def key_of(patch: Patch) -> _Key:
    """What tells a patch from the others of an answer, and is the same in the next answer about the same channel."""
    return str(patch.image.path), patch.row, patch.column


def format_value(value: float) -> str:
    """Write an activation with three significant digits, so that a column of them is read easily, and a real minus sign."""
    return "0" if value == 0 else f"{value:#.3g}".rstrip(".").replace("-", "−")


class PatchModel(QAbstractListModel):
    """One row a patch: its value as text, its pixels as a pixmap at device pixel ratio 1 (None while they are not there)."""

    PATCH = Qt.ItemDataRole.UserRole

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer: Patches | None = None
        self._rows: tuple[Patch, ...] = ()
        self._pixmaps: dict[_Key, tuple[object, QPixmap]] = {}

    def set_answer(self, answer: Patches | None) -> None:
        """Show another answer; pixels that stay are not converted again."""
        self.beginResetModel()
        self._answer = answer
        self._rows = answer.patches if answer is not None else ()
        before, self._pixmaps = self._pixmaps, {}
        for patch in self._rows:
            if patch.pixels is not None:
                key = key_of(patch)
                known = before.get(key)
                same = known is not None and known[0] is patch.pixels
                self._pixmaps[key] = known if known is not None and same else (patch.pixels, imaging.to_pixmap(patch.pixels))
        self.endResetModel()

    def row_of(self, patch: Patch) -> int:
        """The row of a patch, also where it was taken from an earlier answer; -1 if it is not there any more."""
        return next((row for row, other in enumerate(self._rows) if key_of(other) == key_of(patch)), -1)

    def patch_at(self, row: int) -> Patch | None:
        """The patch of a row, or None."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """The number of patches."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a role says of a patch."""
        patch = self.patch_at(index.row()) if index.isValid() else None
        if patch is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return format_value(patch.value)
        if role == Qt.ItemDataRole.DecorationRole:
            found = self._pixmaps.get(key_of(patch))
            return found[1] if found is not None else None
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(patch, ", " if role == Qt.ItemDataRole.AccessibleTextRole else "\n")
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return f"Patch {index.row() + 1} of {len(self._rows)}. Enter opens the picture and outlines it."
        return patch if role == self.PATCH else None

    def _words(self, patch: Patch, between: str) -> str:
        """File name, value and place."""
        words = [patch.image.name, f"value {format_value(patch.value)}"]
        if self._answer is not None and self._answer.whole_crop:
            words.append("the whole crop")
        if self._answer is not None and len(self._answer.layer.output_shape) > 2:
            words.append(f"row {patch.row}, column {patch.column} of the map")
        if patch.box is not None:
            left, top, right, bottom = (round(edge) for edge in patch.box)
            words.append(f"pixels {left}–{right} across, {top}–{bottom} down")
        else:
            words.append("outside the picture")
        return between.join(words)
