"""The categories of a data set, a row each, with a few of their pictures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from core.types import CategoryLook, DatasetSurvey
from gui import imaging

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_Role = Qt.ItemDataRole


class SurveyModel(QAbstractListModel):
    """Name, counts, and samples as pixmaps at device pixel ratio 1."""

    LOOK = _Role.UserRole
    SAMPLES = _Role.UserRole + 1
    MOST = _Role.UserRole + 2
    """Pictures of the category that has the most, for bars on one scale."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[CategoryLook, ...] = ()
        self._pixmaps: dict[int, QPixmap] = {}
        self._most = 0

    def set_survey(self, survey: DatasetSurvey | None) -> None:
        """Show another look; the same categories stay where they are."""
        rows = survey.categories if survey is not None else ()
        same = [one.name for one in rows] == [one.name for one in self._rows]
        if not same:
            self.beginResetModel()
        kept = {id(pixels) for one in rows for pixels in one.samples}
        self._pixmaps = {key: pixmap for key, pixmap in self._pixmaps.items() if key in kept}
        self._rows, self._most = rows, max((one.train + one.val for one in rows), default=0)
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """The number of categories."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """What a role says of a category."""
        if not index.isValid():
            return None
        look = self._rows[index.row()]
        if role == _Role.DisplayRole:
            return look.name
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return f"{look.name}: {look.train:,} to train with, {look.val:,} to validate with"
        if role == self.LOOK:
            return look
        if role == self.SAMPLES:
            return [self._pixmap(pixels) for pixels in look.samples]
        return self._most if role == self.MOST else None

    def _pixmap(self, pixels: Any) -> QPixmap:
        if id(pixels) not in self._pixmaps:
            self._pixmaps[id(pixels)] = imaging.to_pixmap(pixels)
        return self._pixmaps[id(pixels)]
