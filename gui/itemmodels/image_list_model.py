"""The pictures of the strip as a Qt list model: name, thumbnail and top-1 of each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QPixmap

from core.errors import ErrorKind
from core.types import ImageRef, Pixels, Prediction, Verdict
from gui import imaging, theme
from gui.itemmodels.label_words import CONFIRMED, CORRECTED, label_words
from gui.state import AppState

AnyIndex = QModelIndex | QPersistentModelIndex

THUMBNAILS_KEPT = 600
"""Thumbnails held at a time; the one not looked at for longest goes first."""

DOUBT = " \u00b7 not sure"
"""What follows the probability of an answer that the model is not sure of."""

MAX_RANGES = 32
"""Scattered changes in more pieces than this are told to the views as one."""

_FAILURE_WORDS: dict[ErrorKind, str] = {
    "missing": "File is missing",
    "empty": "File is empty",
    "unreadable": "Cannot be read",
    "unsupported": "Format not supported",
    "truncated": "File is cut short",
    "too_large": "Too large",
    "denied": "No permission",
}


class ImageListModel(QAbstractListModel):
    """One row a picture, in the order of :attr:`AppState.images`.

    Besides the roles of Qt it answers ``IMAGE`` (:class:`ImageRef`), ``TOP1`` (category of the top-1, or in a few words
    why there is none, or ""), ``PROBABILITY`` (of the top-1 as text, and any doubt, or ""), ``FAILED`` (bool), ``TRAINED``
    (what the network of a run under way says: (epoch, category, share in per cent as text), or None), ``LABEL``
    ("corrected" or "confirmed" by a person, or ""; then ``TOP1`` is the person's category and ``PROBABILITY`` what was said).
    """

    IMAGE = int(Qt.ItemDataRole.UserRole)
    TOP1 = IMAGE + 1
    PROBABILITY = IMAGE + 2
    FAILED = IMAGE + 3
    TRAINED = IMAGE + 4
    LABEL = IMAGE + 5

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._images: list[ImageRef] = list(state.images)
        self._row_table: dict[ImageRef, int] | None = None
        self._thumbnails: OrderedDict[ImageRef, QPixmap] = OrderedDict()
        self._unreadable: set[ImageRef] = set()
        state.images_appended.connect(self._append)
        state.images_removed.connect(self._remove)
        state.verdicts_changed.connect(self._tell_verdicts)
        state.thumbnail_arrived.connect(self._keep_thumbnail)
        state.training.watched_changed.connect(self._tell_training)
        state.corrections.changed.connect(self._tell_labels)

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Count the pictures; they have no children."""
        return 0 if parent is not None and parent.isValid() else len(self._images)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer for one picture; None for a role or a row that is not there."""
        image = self.image_at(index.row()) if index.isValid() else None
        reader = _READERS.get(int(role))
        return reader(self, image) if reader is not None and image is not None else None

    def row_of(self, image: ImageRef | None) -> int:
        """The row of a picture, or -1 if it is not in the strip."""
        if image is None:
            return -1
        if self._row_table is None:
            self._row_table = {known: row for row, known in enumerate(self._images)}
        return self._row_table.get(image, -1)

    def image_at(self, row: int) -> ImageRef | None:
        """The picture of a row, or None if there is no such row."""
        return self._images[row] if 0 <= row < len(self._images) else None

    def lacks_thumbnail(self, row: int) -> bool:
        """Whether a thumbnail of this row is still worth asking for."""
        image = self.image_at(row)
        return image is not None and image not in self._thumbnails and image not in self._unreadable

    @Slot(object)
    def _append(self, images: tuple[ImageRef, ...]) -> None:
        first = len(self._images)
        self.beginInsertRows(QModelIndex(), first, first + len(images) - 1)
        self._images.extend(images)
        if self._row_table is not None:
            self._row_table.update((image, row) for row, image in enumerate(images, first))
        self.endInsertRows()

    @Slot(object)
    def _remove(self, images: tuple[ImageRef, ...]) -> None:
        ranges = list(_ranges(self.row_of(image) for image in images))
        for image in images:
            self._thumbnails.pop(image, None)
            self._unreadable.discard(image)
        if len(ranges) > MAX_RANGES:
            self._reset_without(set(images))
            return
        for first, last in reversed(ranges):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._images[first : last + 1]
            self._row_table = None
            self.endRemoveRows()

    def _reset_without(self, gone: set[ImageRef]) -> None:
        self.beginResetModel()
        self._images = [image for image in self._images if image not in gone]
        self._row_table = None
        self.endResetModel()

    @Slot(object)
    def _tell_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        if not self._images:
            return
        ranges = list(_ranges(self.row_of(verdict.image) for verdict in verdicts))
        if not verdicts:
            ranges = [(0, len(self._images) - 1)]
        elif len(ranges) > MAX_RANGES:
            ranges = [(ranges[0][0], ranges[-1][1])]
        for first, last in ranges:
            self.dataChanged.emit(self.index(first), self.index(last))

    @Slot()
    def _tell_training(self) -> None:
        if self._images:
            self.dataChanged.emit(self.index(0), self.index(len(self._images) - 1))
    @Slot(object)
    def _tell_labels(self, images: tuple[ImageRef, ...]) -> None:
        for first, last in _ranges(self.row_of(image) for image in images):
            self.dataChanged.emit(self.index(first), self.index(last))

    @Slot(object, object)
    def _keep_thumbnail(self, image: ImageRef, pixels: Pixels | None) -> None:
        row = self.row_of(image)
        if row < 0:
            return
        if pixels is None:
            self._unreadable.add(image)
        else:
            self._thumbnails[image] = imaging.to_pixmap(pixels)
            self._thumbnails.move_to_end(image)
            if len(self._thumbnails) > THUMBNAILS_KEPT:
                self._thumbnails.popitem(last=False)
        self.dataChanged.emit(self.index(row), self.index(row))

    def _name(self, image: ImageRef) -> str:
        return image.name

    def _thumbnail(self, image: ImageRef) -> QPixmap | None:
        if image in self._thumbnails:
            self._thumbnails.move_to_end(image)
        return self._thumbnails.get(image)

    def _prediction(self, image: ImageRef) -> Prediction | None:
        verdict = self._state.verdict(image)
        return verdict.prediction if verdict is not None else None

    def _failed(self, image: ImageRef) -> bool:
        verdict = self._state.verdict(image)
        return image in self._unreadable or (verdict is not None and verdict.failure is not None)

    def _label(self, image: ImageRef) -> str:
        label = self._state.corrections.of(image)
        return "" if label is None else CONFIRMED if label.confirmed else CORRECTED

    def _top1(self, image: ImageRef) -> str:
        label = self._state.corrections.of(image)
        return label.name if label is not None else self._said(image)

    def _said(self, image: ImageRef) -> str:
        verdict = self._state.verdict(image)
        if verdict is not None and verdict.prediction is not None:
            return verdict.prediction.category
        if verdict is not None and verdict.failure is not None:
            return _FAILURE_WORDS.get(verdict.failure.kind, "No answer")
        return _FAILURE_WORDS["unreadable"] if image in self._unreadable else ""

    def _probability(self, image: ImageRef) -> str:
        prediction = self._prediction(image)
        label = self._state.corrections.of(image)
        if label is not None:
            return label_words(label, prediction)
        if prediction is None:
            return ""
        share = theme.format_probability(prediction.probability)
        return f"{share}{DOUBT}" if self._state.is_unsure(prediction) else share

    def _trained(self, image: ImageRef) -> tuple[int, str, str] | None:
        said = self._state.training.said_of(image.path)
        if said is None:
            return None
        epoch, (category, share) = said[0], said[1].top[0]
        return epoch, category, f"{100 * share:.0f} %"

    def _in_training(self, image: ImageRef) -> str:
        said = self._trained(image)
        return f"In training, epoch {said[0]}: {said[1]} {said[2]}" if said is not None else ""

    def _answer(self, image: ImageRef) -> str:
        label, said = self._label(image), self._probability(image)
        if label:
            return f"{self._top1(image)}, {label} by you{f' ({said})' if said else ''}"
        return f"{self._top1(image)} {said}".strip()

    def _summary(self, image: ImageRef) -> str:
        answers = "; ".join(filter(None, (self._answer(image), self._in_training(image))))
        return f"{image.name}: {answers}" if answers else image.name

    def _tool_tip(self, image: ImageRef) -> str:
        verdict = self._state.verdict(image)
        failure = verdict.failure if verdict is not None else None
        answer = failure.message if failure is not None and not self._label(image) else self._answer(image)
        return "\n".join(filter(None, (str(image.path), answer, self._in_training(image))))

    def _itself(self, image: ImageRef) -> ImageRef:
        return image


# Functions, not bound methods kept by each model: those would be a cycle that only the garbage collector can end.
_READERS = {
    int(Qt.ItemDataRole.DisplayRole): ImageListModel._name,
    int(Qt.ItemDataRole.DecorationRole): ImageListModel._thumbnail,
    int(Qt.ItemDataRole.ToolTipRole): ImageListModel._tool_tip,
    int(Qt.ItemDataRole.AccessibleTextRole): ImageListModel._summary,
    ImageListModel.IMAGE: ImageListModel._itself,
    ImageListModel.TOP1: ImageListModel._top1,
    ImageListModel.PROBABILITY: ImageListModel._probability,
    ImageListModel.FAILED: ImageListModel._failed,
    ImageListModel.TRAINED: ImageListModel._trained,
    ImageListModel.LABEL: ImageListModel._label,
}


def _ranges(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Gather rows (in any order; negative ones are left out) into contiguous ranges, first and last inclusive."""
    ordered = sorted(row for row in set(rows) if row >= 0)
    start = 0
    for at, row in enumerate(ordered):
        if at + 1 == len(ordered) or ordered[at + 1] != row + 1:
            yield ordered[start], row
            start = at + 1
