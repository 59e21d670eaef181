"""Which columns the list of layers has, and what gives way where there is no room."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTreeView

from gui.itemmodels.layer_rows import COLUMNS, KIND, MEAN, NAME
from gui.widgets.layer_tree_spark import SPARK_WIDTH

DEFAULT = ("mean", "output", "kind", "parameters", "macs", "field", "memory", "stride", "offset")
"""The most important first: the last gives way first."""

_NUMBERS = {column.key: number for number, column in enumerate(COLUMNS)}
_NAME_WIDTHS = (96, 136)
_WIDEST = 200
_NARROWEST_KIND = 60


class LayerColumns(QObject):
    """Shows what is wanted of a view's columns as far as there is room, and offers a menu of them."""

    changed = Signal()  # what is wanted

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view
        self._wanted = list(DEFAULT)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Keys of the columns that are shown where there is room, the most important first; the name always is."""
        return tuple(self._wanted)

    def set_wanted(self, keys: tuple[str, ...]) -> None:
        """Want these columns; those that do not exist are ignored."""
        wanted = [key for key in dict.fromkeys(keys) if key in DEFAULT]
        if wanted != self._wanted:
            self._wanted = wanted
            self.changed.emit()

    def fit(self, width: int, needs: Mapping[int, int]) -> None:
        """Give each column what it needs; where that leaves no room for names, hide them from the last on.

        Parameters
        ----------
        width
            Pixels that there are for all columns.
        needs
            Pixels that the texts of each column need, by its number.
        """
        least, most = _NAME_WIDTHS
        left = width - min(max(most, width // 4), needs.get(NAME, least))
        for key in DEFAULT:
            if key not in self._wanted:
                self._view.setColumnHidden(_NUMBERS[key], True)
        for key in self._wanted:
            column = _NUMBERS[key]
            room = SPARK_WIDTH if column == MEAN else min(needs.get(column, 0), _WIDEST)
            if column == KIND:
                room = min(room, max(_NARROWEST_KIND, left))
            self._view.setColumnHidden(column, room > left)
            self._view.setColumnWidth(column, room)
            # What is less important does not take the place of what had none.
            left = left - room if room <= left else 0

    def shows(self, key: str) -> bool:
        """Whether a column is on the screen."""
        return not self._view.isColumnHidden(_NUMBERS[key])

    def toggle(self, key: str) -> None:
        """Hide a column that is shown; show another, before all others if there is no room for all."""
        others = [other for other in self._wanted if other != key]
        self.set_wanted(tuple(others) if self.shows(key) else (key, *others))

    def menu(self) -> QMenu:
        """Make the menu."""
        menu = QMenu(self._view)
        menu.setToolTipsVisible(True)
        for column in COLUMNS[1:]:
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(self.shows(column.key))
            action.setToolTip(column.hint)
            action.setData(column.key)
        menu.addSeparator()
        menu.addAction("Reset Columns").setData("")
        menu.triggered.connect(self._obey)
        return menu

    @Slot(QPoint)
    def pop_up(self, place: QPoint) -> None:
        """Show the menu at a place of the header, or of the view."""
        widget = self.sender() if isinstance(self.sender(), type(self._view.header())) else self._view.viewport()
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(widget.mapToGlobal(place))

    @Slot(QAction)
    def _obey(self, action: QAction) -> None:
        if action.data():
            self.toggle(action.data())
        else:
            self.set_wanted(DEFAULT)
