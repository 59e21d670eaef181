"""The networks that can be ticked: the loaded one first, then the catalogue."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QLineEdit, QListView, QVBoxLayout, QWidget

from core.insight.ledger.vgg_paper import FAMILY
from core.types import LedgerWish
from core.zoo import catalog
from gui import theme
from gui.facts.ledger import loaded_wish
from gui.state import AppState

Role = Qt.ItemDataRole
NAME_ROLE = Role.UserRole + 1
"""The architecture; "" for the loaded model."""
SEARCH_ROLE = Role.UserRole + 2


class NetworkList(QWidget):
    """A field to search in, and a list with boxes to tick."""

    ticked = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.entries = QStandardItemModel(self)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self.entries)
        self._filter.setFilterRole(SEARCH_ROLE)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Filter networks")
        self.field.setAccessibleName("Filter networks")
        self.field.setToolTip("Show only the networks whose name, title or family holds this")
        self.field.setClearButtonEnabled(True)
        self.view = QListView(self)
        self.view.setObjectName("ledgerNetworks")
        self.view.setAccessibleName("Networks")
        self.view.setToolTip("Tick the networks that the ledger shows (Space)")
        self.view.setModel(self._filter)
        self.view.setUniformItemSizes(True)
        self.view.setSpacing(1)
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addWidget(self.field)
        column.addWidget(self.view, 1)
        self._fill()
        self.field.textChanged.connect(self._filter.setFilterFixedString)
        self.entries.itemChanged.connect(self.ticked)
        self.view.activated.connect(self._toggle)
        state.model_changed.connect(self._name_loaded)
        self._name_loaded()

    def _fill(self) -> None:
        self._add("", "", True)
        loaded = self._state.model.spec.architecture if self._state.model is not None else ""
        for family, names in catalog.FAMILIES.items():
            for name in names:
                self._add(name, family, name in FAMILY and name != loaded)

    def _add(self, name: str, family: str, ticked: bool) -> None:
        item = QStandardItem(name)
        item.setData(name, NAME_ROLE)
        words = catalog.TITLES.get(name, name)
        item.setData(f"{name} {words} {family}", SEARCH_ROLE)
        item.setToolTip(f"{words} · {family}" if family else "")
        item.setCheckable(True)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.entries.appendRow(item)

    @Slot()
    def _name_loaded(self) -> None:
        """Name the first line after the model that is loaded now."""
        item, model = self.entries.item(0), self._state.model
        with QSignalBlocker(self.entries):
            item.setText(f"{loaded_wish(model).architecture} — loaded" if model is not None else "No model is loaded yet")
            item.setData(f"{item.text()} loaded", SEARCH_ROLE)
            item.setToolTip("The model that is loaded, as it is: its classes, its input")
            item.setEnabled(model is not None)
        self.view.viewport().update()
        self.ticked.emit()

    @Slot(QModelIndex)
    def _toggle(self, index: QModelIndex) -> None:
        item = self.entries.itemFromIndex(self._filter.mapToSource(index))
        if item.isEnabled():
            ticked = item.checkState() == Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)

    def tick(self, names: tuple[str, ...], *, loaded: bool) -> None:
        """Tick these architectures and no others."""
        with QSignalBlocker(self.entries):
            for row in range(self.entries.rowCount()):
                item = self.entries.item(row)
                wanted = item.data(NAME_ROLE) in names if row else loaded
                item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
        self.view.viewport().update()
        self.ticked.emit()

    def wishes(self, classes: int | None) -> tuple[LedgerWish, ...]:
        """What is ticked, in the order of the list; ``classes`` None for each network's own. The loaded one is as it is."""
        items = [self.entries.item(row) for row in range(self.entries.rowCount())]
        ticked = [str(item.data(NAME_ROLE)) for item in items if item.checkState() == Qt.CheckState.Checked]
        model = self._state.model
        loaded = [loaded_wish(model)] if model is not None and "" in ticked else []
        return (*loaded, *(LedgerWish(name, classes) for name in ticked if name))
