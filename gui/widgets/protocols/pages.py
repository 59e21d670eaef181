"""What there is to see of a protocol's answer: the top-5 of the whole, the views, the dense map; each a page."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui import theme
from gui.itemmodels.vote_words import cell_top
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.picker import Picker
from gui.widgets.protocols.cell_map import CellMap
from gui.widgets.protocols.choice_row import ChoiceRow
from gui.widgets.protocols.member_votes import MemberVotes
from gui.widgets.protocols.opacity_row import OpacityRow
from gui.widgets.protocols.view_table import ViewTable
from gui.widgets.protocols.vote_table import TOP, VoteTable

OVERLAY = "dense"
_WAITING = "The answer comes when all views are known"
_NOTHING = "Not run yet"


def _column(page: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * theme.GRID)
    return column


class WholePage(QWidget):
    """The top-5 of the whole, what each model of a fusion says by itself, and what there is to know about it."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self.table = VoteTable(state, "Predictions of the protocol", self)
        self.table.setObjectName("protocolTop")
        self.members = MemberVotes(state, self)
        self.notes = QLabel(self)
        self.notes.setProperty("muted", True)
        self.notes.setWordWrap(True)
        column = _column(self)
        column.addWidget(self.table)
        column.addWidget(self.members)
        column.addWidget(self.notes)
        column.addStretch(1)
        for fact in (self._facts.answer_changed, self._facts.progress_changed, self._facts.failure_changed):
            fact.connect(self._show)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return (self.table,)

    @Slot()
    def _show(self) -> None:
        answer, failure, running = self._facts.answer, self._facts.failure, self._facts.progress is not None
        waiting = failure.message if failure is not None else _WAITING if running else _NOTHING
        self.table.show_rows(answer.predictions if answer is not None else (), waiting)
        self.notes.setText("\n".join(answer.notices) if answer is not None else "")
        self.notes.setVisible(bool(self.notes.text()))


class ViewsPage(QWidget):
    """The views of one scale or of all, and how many of them agree."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self._look = state.protocols.look
        self.scales = ChoiceRow("Scale", self)
        self.table = ViewTable(state, self)
        column = _column(self)
        column.addWidget(self.scales)
        column.addWidget(self.table, 1)
        self.scales.chosen.connect(self._look.show_scale)
        self._facts.answer_changed.connect(self._show)
        self._look.scale_changed.connect(self._show)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return (*self.scales.buttons, self.table)

    @Slot()
    def _show(self) -> None:
        scales = self._look.scales
        choices = [(scale, str(scale), f"The views whose picture has a short side of {scale} pixels") for scale in scales]
        self.scales.set_choices([(None, "All", "The views of all scales"), *choices])
        self.scales.show_choice(self._look.scale)
        self.scales.setVisible(len(scales) > 1)


class MapPicker(Picker):
    """One of the dense maps of an answer: each scale has one, and one of its mirror image."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = state.protocols.look
        self.setObjectName("mapPicker")
        self.setAccessibleName("Dense map")
        self.activated.connect(self._choose)

    def show_maps(self) -> None:
        """List the maps of the answer."""
        self.entries.clear()
        for index in self._look.maps:
            view = self._look.views[index]
            self.add(f"Q {view.scale}{', mirrored' if view.flipped else ''}", index)
        self.show_row(self.find(self._look.map_index))
        self.setToolTip("Which dense map is shown: of which scale, and of the picture or its mirror image (Down: the list)")

    def _choose(self, row: int) -> None:
        index = self.itemData(row)
        if index != self._look.map_index:
            self._look.show_map(index)


class MapPage(QWidget):
    """The dense map, the chosen cell's own top-5, and how strongly the map lies over the picture."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self._look = state.protocols.look
        self._dismissed = False
        """A person wanted no cell to stand out."""
        self.maps = MapPicker(state, self)
        self.cells = CellMap(state, self)
        self.words = ElidedLabel(self, muted=True)
        self.table = VoteTable(state, "Predictions of the cell", self)
        self.table.setObjectName("cellTop")
        self.opacity = OpacityRow(state, OVERLAY, "dense map", self)
        column = _column(self)
        column.setSpacing(theme.GRID)
        column.addWidget(self.maps)
        column.addWidget(self.cells, 1)
        column.addWidget(self.words)
        column.addWidget(self.table)
        column.addWidget(self.opacity)
        self.cells.cell_chosen.connect(self._choose)
        for fact in (self._facts.answer_changed, self._look.cell_changed, state.model_changed):
            fact.connect(self._show)
        self._facts.answer_changed.connect(self._begin)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.maps, self.cells, self.table, *self.opacity.tab_chain

    @Slot(object)
    def _choose(self, cell: tuple[int, int] | None) -> None:
        index = self._look.map_index
        self._dismissed = cell is None
        self._look.choose_cell((index, *cell) if cell is not None and index is not None else None)

    @Slot()
    def _begin(self) -> None:
        """The strongest cell is chosen at first: it shows what a cell is."""
        index, category = self._look.map_index, self._state.category
        cell = self._look.strongest(category) if category is not None else None
        if cell is not None and index is not None and self._look.cell is None and not self._dismissed:
            self._look.choose_cell((index, *cell))

    @Slot()
    def _show(self) -> None:
        self.maps.show_maps()
        self.maps.setVisible(len(self._look.maps) > 1)
        found, cell, model = self._look.map, self._look.cell, self._state.model
        if found is None:
            self.words.setText("")
            self.table.show_rows(())
            return
        rows, columns = found.shape
        count = "1 cell" if rows * columns == 1 else f"{rows} × {columns} cells"
        if cell is None:
            self.words.setText(count)
            self.table.show_rows((), "A click on a cell, here or on the picture, shows its own top-5")
            return
        self._dismissed = False
        _, row, column = cell
        self.words.setText(f"Cell in row {row + 1}, column {column + 1} of {count}")
        self.table.show_rows(cell_top(found, row, column, model.categories if model is not None else (), TOP))
