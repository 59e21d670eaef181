"""The tree of layers itself."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from gui import theme
from gui.itemmodels.layer_rows import COLUMNS, KIND, MEAN, NAME
from gui.itemmodels.layer_tree_model import KEY_ROLE, SEARCH_ROLE, LayerTreeModel
from gui.state import AppState
from gui.widgets.layer_tree_columns import LayerColumns
from gui.widgets.layer_tree_spark import SparkDelegate
from gui.widgets.text_delegate import PADDING, TextDelegate

ROW_HEIGHT = 24
EXPAND_ALL_BELOW = 60
_INDENTATION = 16


class _NameDelegate(QStyledItemDelegate):
    """Rows of one height."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        # A muted text keeps its colour when its row is chosen.
        colour = option.palette.brush(option.palette.ColorRole.Text)
        option.palette.setBrush(option.palette.ColorRole.HighlightedText, colour)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


class _StageDelegate(TextDelegate):
    """Rows of one height, in line with the heading: there is no branch before a stage."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


class LayerTreeView(QTreeView):
    """Shows the layers of the model; its current row and ``state.layer`` are the same thing."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._filling = False
        self._needs: dict[int, int] = {}
        self.setObjectName("layerTree")
        self.setAccessibleName("Layers")
        self.setAccessibleDescription("The layers of the network, in the order in which they run")
        self._source = LayerTreeModel(state, self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setRecursiveFilteringEnabled(True)
        self._proxy.setFilterRole(SEARCH_ROLE)
        self._proxy.setFilterKeyColumn(NAME)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSourceModel(self._source)
        self._name_delegates = (_NameDelegate(self), _StageDelegate(self))
        self.setItemDelegate(self._name_delegates[0])
        numbers = TextDelegate(self, numbers=True, muted=True)
        for column in range(len(COLUMNS)):
            if column not in (NAME, MEAN, KIND):
                self.setItemDelegateForColumn(column, numbers)
        self.setItemDelegateForColumn(KIND, TextDelegate(self, muted=True))
        self.setItemDelegateForColumn(MEAN, SparkDelegate(self))
        self._behave()
        self.setModel(self._proxy)
        self.columns = LayerColumns(self)
        self._set_up_columns()
        self.selectionModel().currentChanged.connect(self._choose)
        state.model_changed.connect(self._show_model)
        state.layer_changed.connect(self._show_layer)
        # Not dataChanged: the filter would look at every row again.
        state.layer_means.changed.connect(self.viewport().update)
        self.clicked.connect(self._choose_again)
        self._show_model()

    def _behave(self) -> None:
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENTATION)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def _set_up_columns(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(32)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self.columns.pop_up)
        self.columns.changed.connect(self._fit_columns)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a row onto the screen, with a whole row at the top."""
        super().scrollTo(index, hint)
        bar = self.verticalScrollBar()
        bar.setValue(-(-bar.value() // ROW_HEIGHT) * ROW_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A few rows of names."""
        return QSize(160, 6 * ROW_HEIGHT)

    @property
    def stages(self) -> bool:
        """Whether the rows are stages."""
        return self._source.stages

    def set_stages(self, stages: bool) -> None:
        """List the stages of the network, or show its tree."""
        self._filling = True
        self._source.set_stages(stages)
        self._filling = False
        self.setRootIsDecorated(not stages)
        self.setItemDelegateForColumn(NAME, self._name_delegates[stages])
        what = "stages of the network: what lies between two changes of resolution" if stages else "layers of the network"
        self.setAccessibleDescription(f"The {what}, in the order in which they run")
        self._show_model()

    @Slot()
    def _show_model(self) -> None:
        self._measure()
        self._fit_columns()
        self._expand()
        self._show_layer()

    def _expand(self) -> None:
        filtered = bool(self._proxy.filterRegularExpression().pattern())
        if filtered or self._source.count < EXPAND_ALL_BELOW:
            self.expandAll()
        else:
            self.collapseAll()
            self.expandToDepth(0)

    @Slot()
    def _show_layer(self) -> None:
        """Make the row of ``state.layer`` current and visible; no row where there is none."""
        index = self._proxy.mapFromSource(self._source.index_of(self._state.layer))
        if index.isValid() and index == self.currentIndex().siblingAtColumn(NAME):
            self.scrollTo(index)
            return
        self._filling = True
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index)
        else:
            self.selectionModel().clear()
        self._filling = False

    @Slot(QModelIndex)
    def _choose(self, current: QModelIndex) -> None:
        key = current.siblingAtColumn(NAME).data(KEY_ROLE) if current.isValid() else ""
        if key and not self._filling:
            self._state.set_layer(key)

    @Slot(QModelIndex)
    def _choose_again(self, index: QModelIndex) -> None:
        """A click on the stage that a layer lies in goes to the stage's last layer."""
        if self.stages:
            self._choose(index)

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """Going over a row that only groups leaves the chosen layer marked."""
        if index.isValid() and not index.flags() & Qt.ItemFlag.ItemIsSelectable:
            return QItemSelectionModel.SelectionFlag.NoUpdate
        return super().selectionCommand(index, event)

    @Slot(str)
    def set_filter(self, text: str) -> None:
        """Show only layers whose path or kind holds the text, with the rows around them."""
        self._filling = True
        self._proxy.setFilterFixedString(text.strip())
        self._filling = False
        self._expand()
        self._show_layer()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out; where the view becomes lower, the current row stays on the screen."""
        row = self.visualRect(self.currentIndex())
        super().resizeEvent(event)
        self._fit_columns()
        if row.isValid() and 0 <= row.top() < event.oldSize().height():
            self.scrollTo(self.currentIndex())

    def event(self, event: QEvent) -> bool:
        """Keep the page keys, which the window uses too."""
        own = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        is_override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and event.key() in own and not event.modifiers():
            event.accept()
            return True
        return super().event(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters do in the layers what they do in the maps; "/" goes to the filter."""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_source"):
            self._measure()
            self._fit_columns()

    def _measure(self) -> None:
        """Find what the texts of each column need."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        for column in range(len(COLUMNS)):
            heading = str(self._source.headerData(column, Qt.Orientation.Horizontal))
            indent = _INDENTATION if column == NAME else 0
            texts = {(heading, 0), *self._source.texts(column)}
            widest = max(metrics.horizontalAdvance(text) + depth * indent for text, depth in texts)
            self._needs[column] = widest + 2 * PADDING + 4

    @Slot()
    def _fit_columns(self) -> None:
        """Share the width out, and say whether the bars are seen."""
        self.columns.fit(self.viewport().width(), self._needs)
        self._state.layer_means.set_wanted(self.columns.shows("mean"))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the columns from the keyboard too."""
        self.columns.pop_up(event.pos())

    @property
    def empty_text(self) -> str:
        """What stands in place of rows; empty where there are some."""
        if self._proxy.rowCount():
            return ""
        what = "stage" if self.stages else "layer"
        return f"No {what} of that name or kind" if self._source.count else "No model yet"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the sentence."""
        super().paintEvent(event)
        if not self.empty_text:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(theme.colours().muted))
        room = QRect(self.viewport().rect()).adjusted(16, 12, -16, -12)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty_text)
        painter.end()
