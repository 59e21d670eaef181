"""The picture; and beside it, while one compares, the one of B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.types import ModelSpec, WeightsSpec
from gui import theme
from gui.facts.comparison import Opponent
from gui.state import AppState
from gui.widgets.compare.side_header import SideHeader
from gui.widgets.image_view import ImageView

if TYPE_CHECKING:
    from gui.widgets.compare.view_lock import ViewLock


def weights_words(weights: WeightsSpec) -> str:
    """Name weights: "built-in", "random, seed 3", "IMAGENET1K_V1", "mine.pth"; those not settled yet have no name."""
    words = {"builtin": "built-in", "random": f"random, seed {weights.seed}", "named": weights.name}
    return weights.path.name if weights.path is not None else words.get(weights.kind, "")


def joined(*parts: str) -> str:
    """The parts that there are, with dots between them."""
    return " · ".join(part for part in parts if part)


class PicturePair(QWidget):
    """Holds the view of the picture, and makes the second view and both headers when a comparison begins.

    Attributes
    ----------
    second
        The view of B; None while nothing is compared.
    """

    def __init__(self, state: AppState, view: ImageView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.comparison
        self._view = view
        self._header = SideHeader("A", self)
        self._header.hide()
        self.second: ImageView | None = None
        self._other: QWidget | None = None
        self._other_header: SideHeader | None = None
        self._lock: ViewLock | None = None
        self.setAccessibleName("Pictures")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(1)
        self._row.addLayout(_column(self._header, view), 1)
        self._facts.opponent_changed.connect(self._follow)
        self._facts.answer_changed.connect(self._name_sides)
        self._facts.progress_changed.connect(self._name_sides)
        state.model_changed.connect(self._name_sides)
        state.image_changed.connect(self._name_sides)
        self._name_sides()

    @Slot(object)
    def _follow(self, opponent: Opponent | None) -> None:
        if opponent is None:
            self._take_apart()
        elif self.second is None:
            self._put_together()
        self._name_sides()

    def _put_together(self) -> None:
        from gui.widgets.compare.side_b import SideB
        from gui.widgets.compare.view_lock import ViewLock

        other = QWidget(self)
        side = SideB(self._state, other)
        second = ImageView(side.state, other)
        second.setObjectName("imageViewB")
        header = SideHeader("B", other, closable=True)
        header.close_requested.connect(self._facts.end)
        column = _column(header, second)
        column.setContentsMargins(0, 0, 0, 0)
        other.setLayout(column)
        self._row.addWidget(other, 1)
        self._other, self._other_header, self.second = other, header, second
        self._header.show()
        other.show()
        self._lock = ViewLock((self._state, side.state), (self._view, second), other)
        QWidget.setTabOrder(self._view, second)
        QWidget.setTabOrder(second, header.close_button)

    def _take_apart(self) -> None:
        if self._other is None or self._lock is None:
            return
        # The keyboard must not be left on something that goes.
        if self._other.isAncestorOf(self.window().focusWidget() or self):
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._lock.release()
        self._header.hide()
        self._row.removeWidget(self._other)
        self._other.hide()
        self._other.deleteLater()
        self._other = self._other_header = self.second = self._lock = None
        self._view.setAccessibleName("Picture")

    @Slot()
    def _name_sides(self) -> None:
        opponent, state = self._facts.opponent, self._state
        name = state.image.name if state.image is not None else "no picture"
        self.setAccessibleDescription(f"One picture: {name}")
        if opponent is None or self._other_header is None or self.second is None:
            return
        mine = state.spec if state.model is None else state.model.spec
        if opponent.spec is None:
            words = joined(mine.architecture, weights_words(mine.weights))
            self._header.set_words(name, words)
            self._other_header.set_words(opponent.image.name if opponent.image is not None else "", words)
        else:
            theirs = self._settled(opponent.spec)
            same = mine.architecture == theirs.architecture
            self._header.set_words(*_told(mine, name, weights_first=same))
            told = _told(theirs, name, weights_first=same)
            loading = self._facts.progress
            self._other_header.set_words(*(told if loading is None else (loading.text, told[0])))
        self._view.setAccessibleName("Picture A")
        self.second.setAccessibleName("Picture B")
        sides = (self._header.accessibleName(), self._other_header.accessibleName())
        self.setAccessibleDescription(f"Two pictures beside each other. {'; '.join(sides)}")

    def _settled(self, asked: ModelSpec) -> ModelSpec:
        """The model of B: the one that was loaded, of which more is known than was asked for, or else what was asked for."""
        answer = self._facts.answer
        return answer.model.spec if answer is not None and not self._facts.waiting else asked

    def minimumSizeHint(self) -> QSize:
        """Room for one small picture, or for two beside each other."""
        least = self._view.minimumSizeHint()
        if self.second is None:
            return least
        return QSize(2 * least.width() + self._row.spacing(), least.height() + self._header.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line between the two."""
        QPainter(self).fillRect(self.rect(), QColor(theme.colours().line))


def _told(spec: ModelSpec, rest: str, *, weights_first: bool) -> tuple[str, str]:
    """What differs comes first: the weights where both have one architecture."""
    weights = weights_words(spec.weights)
    if weights_first or not spec.architecture:
        return weights, joined(spec.architecture, rest)
    return spec.architecture, joined(weights, rest)


def _column(header: QWidget, view: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(header)
    column.addWidget(view, 1)
    return column
