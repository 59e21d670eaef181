"""Every tensor of a weights file beside those of a model."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.types import KeyTable
from gui import theme
from gui.itemmodels.key_model import IN_FILE, NAME, STATUS, STATUS_WORDS, WANTED, KeyModel
from gui.state import AppState
from gui.widgets.row_table import RowTable
from gui.widgets.text_delegate import PADDING, TextDelegate

SIZE = (720, 520)
ROW_HEIGHT = 24


class KeyTableView(RowTable):
    """Name, status, shape in the file, shape in the model; only the rows on the screen are drawn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keyTable")
        self.setAccessibleName("Tensors")
        self.setAccessibleDescription("Tensors of the file and of the model; Ctrl+C copies the chosen rows")
        self.rows = KeyModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(TextDelegate(self, numbers=True))
        self.set_up(ROW_HEIGHT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.fit_columns()
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)

    def fit_columns(self) -> None:
        """Give the names what the others leave."""
        metrics = QFontMetrics(theme.tabular(self.font()))
        self.setColumnWidth(STATUS, metrics.horizontalAdvance("+  unexpected") + 3 * PADDING)
        for column in (IN_FILE, WANTED):
            self.setColumnWidth(column, metrics.horizontalAdvance("2048×1024×3×3") + 2 * PADDING)

    def sizeHint(self) -> QSize:
        """A dialog full of rows."""
        return QSize(680, 400)

    @Slot()
    def copy(self) -> None:
        """Put the chosen rows on the clipboard, tab by tab."""
        numbers = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = [
            "\t".join(str(self.rows.index(number, column).data()) for column in range(self.rows.columnCount()))
            for number in numbers
        ]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))


class KeysDialog(QDialog):
    """Shows :attr:`CheckpointFacts.keys`, filtered by name and by status."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.checkpoint
        self.setObjectName("keysDialog")
        self.setModal(True)
        self.setWindowTitle("All keys")
        self.summary = QLabel("Reading the names and shapes…", self)
        self.summary.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Filter by name")
        self.field.setAccessibleName("Filter by name")
        self.field.setToolTip("Show only the tensors whose names contain all of these words")
        self.field.setClearButtonEnabled(True)
        self.status = self._make_status()
        self.table = KeyTableView(self)
        close = QPushButton("Close", self)
        close.setToolTip("Back to the weights file (Escape)")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(2 * theme.GRID)
        top.addWidget(self.field, 1)
        top.addWidget(self.status)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.summary)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(bottom)
        self.resize(*SIZE)
        self.field.textChanged.connect(self._filter)
        self.status.currentIndexChanged.connect(self._filter)
        self._facts.keys_changed.connect(self._show)
        self._facts.diagnosis_changed.connect(self._follow)
        self.finished.connect(self.deleteLater)
        self._show(self._facts.keys)
        self.field.setFocus()

    def _make_status(self) -> QComboBox:
        status = QComboBox(self)
        status.setAccessibleName("Filter by status")
        status.setToolTip("Filter by status")
        status.addItem("All", "")
        for key, words in STATUS_WORDS.items():
            status.addItem(words.capitalize(), key)
        return status

    @Slot(object)
    def _show(self, keys: KeyTable | None) -> None:
        if keys is None:
            return
        rows = self.table.rows
        rows.set_rows(keys.rows)
        counts = ", ".join(f"{rows.count(key):,} {words}" for key, words in STATUS_WORDS.items() if rows.count(key))
        self.summary.setText(f"“{keys.path.name}” beside {keys.architecture or 'no model'}: {counts or 'no tensors'}.")
        for number in range(1, self.status.count()):
            key = self.status.itemData(number)
            self.status.setItemText(number, f"{STATUS_WORDS[key].capitalize()} ({rows.count(key):,})")

    @Slot(object)
    def _follow(self, diagnosis: object) -> None:
        if diagnosis is None:
            self.reject()

    @Slot()
    def _filter(self) -> None:
        self.table.rows.filter(self.field.text(), self.status.currentData())
