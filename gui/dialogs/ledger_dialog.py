"""Inspect > Ledger: what networks cost, beside what their papers print, while the window goes on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.insight.ledger import words
from core.insight.ledger.formats import SUFFIXES, markdown
from core.types import LedgerWish
from gui import theme
from gui.facts.ledger import loaded_wish
from gui.itemmodels.ledger_network_model import (
    FIELD,
    INPUT,
    LAYERS,
    LAYERS_PAPER,
    NAME,
    PAPER,
    LedgerNetworkModel,
    verdict_words,
)
from gui.state import AppState
from gui.widgets.ledger.layer_pane import LayerPane
from gui.widgets.ledger.network_list import NetworkList
from gui.widgets.ledger.number_table import NumberTable
from gui.widgets.wrapped_label import WrappedLabel

SIZE, SMALLEST = (1120, 740), (720, 480)
_FILTERS = {".csv": "CSV (*.csv)", ".md": "Markdown (*.md)", ".tex": "LaTeX (*.tex)", ".txt": "Text (*.txt)"}
_MOST_CLASSES = 1_000_000
_NAME_ROOM = 200


class LedgerDialog(QDialog):
    """Networks to tick, the table of those that are ticked, and the layers of one beside those of another."""

    @classmethod
    def bring_up(cls, state: AppState, window: QWidget) -> LedgerDialog:
        """Open the ledger over a window, or bring the one that is open to the front."""
        dialog = window.findChild(cls) or cls(state, window)
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
        dialog.show()
        return dialog

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.ledger
        self.setObjectName("ledgerDialog")
        self.setWindowTitle("Ledger — what networks cost")
        self.setModal(False)
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        self.networks = NetworkList(state, self)
        self.classes = self._make_classes()
        self.rows = LedgerNetworkModel(state, self)
        self.table = NumberTable(self.rows, (FIELD, INPUT, PAPER, LAYERS_PAPER, LAYERS), _NAME_ROOM, self)
        self.table.setObjectName("ledgerTable")
        self.table.setAccessibleName("What the networks cost")
        self.table.setToolTip("Choose a network to see its layers; Ctrl+C copies the chosen rows")
        self.table.empty_text = "Tick a network at the left"
        self.first = LayerPane(state, "&Layers of", self)
        self.second = LayerPane(state, "&beside those of", self, "nothing")
        self.said = WrappedLabel(3, self)
        self.said.setAccessibleName("About the chosen network or layer")
        self.with_layers = QCheckBox("With all &layers", self)
        self.with_layers.setToolTip("Copy and export the layers of each network, too")
        self.copy_button = self._button("&Copy as Markdown", "Put the ledger of the ticked networks on the clipboard")
        self.export_button = self._button("&Export…", "Write the ledger of the ticked networks as CSV, Markdown, LaTeX or text")
        self.close_button = self._button("Close", "Close the ledger (Escape)")
        self._lay_out()
        self._connect()
        self._want()

    def _make_classes(self) -> QSpinBox:
        classes = QSpinBox(self)
        classes.setRange(0, _MOST_CLASSES)
        classes.setSpecialValueText("each its own")
        classes.setGroupSeparatorShown(True)
        classes.setKeyboardTracking(False)
        classes.setAccessibleName("Number of classes")
        classes.setToolTip("Count the networks of the catalogue for so many classes; 0: each for its own number (Up, Down)")
        return classes

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        label = QLabel("C&lasses", self)
        label.setProperty("muted", True)
        label.setBuddy(self.classes)
        count = QHBoxLayout()
        count.addWidget(label)
        count.addWidget(self.classes, 1)
        left = QWidget(self)
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2 * theme.GRID)
        side.addWidget(self.networks, 1)
        side.addLayout(count)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.addWidget(self.first.table)
        panes.addWidget(self.second.table)
        panes.setSizes([440, 440])
        tables = QSplitter(Qt.Orientation.Vertical)
        tables.addWidget(self.table)
        tables.addWidget(self._below(panes))
        tables.setSizes([220, 370])
        across = QSplitter(Qt.Orientation.Horizontal)
        across.addWidget(left)
        across.addWidget(tables)
        across.setSizes([210, 880])
        across.setStretchFactor(1, 1)
        for splitter in (panes, tables, across):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(3 * theme.GRID)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.GRID)
        buttons.addWidget(self.with_layers)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.export_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(3 * theme.GRID)
        column.addWidget(across, 1)
        column.addWidget(self.said)
        column.addLayout(buttons)

    def _below(self, panes: QSplitter) -> QWidget:
        """The tables of layers, under the pickers of their networks."""
        pickers = QHBoxLayout()
        pickers.setSpacing(2 * theme.GRID)
        for pane in (self.first, self.second):
            pickers.addWidget(pane.label)
            pickers.addWidget(pane.picker, 1)
        below = QWidget(self)
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addLayout(pickers)
        column.addWidget(panes, 1)
        return below

    def _connect(self) -> None:
        self.networks.ticked.connect(self._want)
        self.classes.valueChanged.connect(self._want)
        self._facts.wishes_changed.connect(self._offer)
        self._facts.entry_arrived.connect(self._hear)
        self._facts.told.connect(self._tell)
        self.table.selectionModel().currentRowChanged.connect(self._choose_network)
        self.first.network_picked.connect(self._follow_pick)
        self.first.layer_chosen.connect(self._choose_first)
        self.second.network_picked.connect(self._describe)
        self.second.layer_chosen.connect(self._choose_second)
        self._state.layer_changed.connect(self._follow_layer)
        self._state.model_changed.connect(self._follow_model)
        self.copy_button.clicked.connect(self._copy)
        self.export_button.clicked.connect(self._ask_where)
        self.close_button.clicked.connect(self.reject)

    @Slot()
    def _want(self) -> None:
        """Have what is ticked counted, while the dialog is on the screen."""
        if self.isVisible():
            self._facts.want(self.networks.wishes(self.classes.value() or None))

    def showEvent(self, event: object) -> None:
        """Have what is ticked counted."""
        super().showEvent(event)
        self._want()
        self._offer()

    def done(self, result: int) -> None:
        """Nobody looks any more: nothing is counted."""
        super().done(result)
        self._facts.want(())

    @Slot()
    def _offer(self) -> None:
        """Offer the ticked networks to the panes, and describe the one that is shown."""
        wishes = self._facts.wishes
        names = tuple(str(self.rows.index(row, NAME).data()) for row in range(len(wishes)))
        for pane in (self.first, self.second):
            pane.offer(wishes, names)
        self.table.show_row(self.rows.row_of(self.first.wish))
        self._enable()
        self._describe()

    def _enable(self) -> None:
        counted = self._facts.counted
        for button in (self.copy_button, self.export_button):
            button.setEnabled(bool(counted))
        described = ", ".join(f"{one.name}: {words.short(one.parameters)} parameters" for one in counted)
        self.table.setAccessibleDescription(described or self.table.empty_text)

    @Slot(object)
    def _hear(self, wish: LedgerWish) -> None:
        self._enable()
        if wish == self.first.wish:
            self._follow_layer(self._state.layer)
            self._describe()

    @Slot()
    def _choose_network(self) -> None:
        row = self.table.row
        if row >= 0 and self.rows.wish(row) != self.first.wish:
            self.first.show_network(self.rows.wish(row))
            self._follow_layer(self._state.layer)
        self._describe()

    @Slot(object)
    def _follow_pick(self, wish: LedgerWish | None) -> None:
        self.table.show_row(self.rows.row_of(wish))
        self._describe()

    @Slot()
    def _follow_model(self) -> None:
        self._offer()

    def _is_loaded(self, wish: LedgerWish | None) -> bool:
        """Whether a network is the one that is loaded, whose layers can be looked at."""
        model = self._state.model
        return model is not None and wish is not None and wish.architecture == loaded_wish(model).architecture

    @Slot()
    def _choose_first(self) -> None:
        self._choose_layer(self.first)

    @Slot()
    def _choose_second(self) -> None:
        self._choose_layer(self.second)

    def _choose_layer(self, pane: LayerPane) -> None:
        """Describe a layer, and look at it if it is one of the loaded model."""
        row, model = pane.table.row, self._state.model
        if row < 0:
            return
        key = pane.rows.line(row).key
        if self._is_loaded(pane.wish) and model is not None and any(layer.key == key for layer in model.layers):
            self._state.set_layer(key)
        self._describe_layer(pane)

    @Slot(str)
    def _follow_layer(self, key: str) -> None:
        """Show the layer that is looked at among those of the loaded model."""
        if self._is_loaded(self.first.wish):
            row = self.first.rows.row_of(key)
            if row >= 0 and row != self.first.table.row:
                self.first.table.show_row(row)

    def _describe_layer(self, pane: LayerPane) -> None:
        row = pane.table.row
        if row >= 0:
            line = pane.rows.line(row)
            different = " ".join(verdict_words(beside, name.capitalize()) for name, beside in words.layer_differences(line))
            source = line.paper_layer.source if line.paper_layer is not None else ""
            same = f"As {source} says." if source else "No table of a paper has this line."
            self._say(f"{line.name or 'The network'}, {line.parameters:,} parameters. {different or same}")

    @Slot()
    def _describe(self) -> None:
        """Say in words how the chosen network compares with its paper."""
        wish = self.first.wish
        network = self._facts.network(wish) if wish is not None else None
        if network is None:
            entry = self._facts.entry(wish) if wish is not None else None
            self._say(getattr(entry, "message", ""), error=entry is not None)
            return
        parts = [f"{network.name}: {words.summary(network) or 'the ledger knows no printed numbers of it'}."]
        parts += [verdict_words(beside, name) for name, beside in words.differences(network)]
        self._say(" ".join([*parts, *network.notes]))

    def _say(self, text: str, *, error: bool = False) -> None:
        self.said.setText(text)
        self.said.setAccessibleDescription(text)
        self.said.setProperty("tone", "error" if error else "")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)

    @Slot(str, bool)
    def _tell(self, sentence: str, failed: bool) -> None:
        self._say(sentence, error=failed)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(markdown(self._facts.counted, layers=self.with_layers.isChecked()))
        self._say("Copied.")

    @Slot()
    def _ask_where(self) -> None:
        chosen, kind = QFileDialog.getSaveFileName(self, "Export the ledger", "ledger.csv", ";;".join(_FILTERS.values()))
        if chosen:
            suffix = next((one for one, words_of in _FILTERS.items() if words_of == kind), ".csv")
            path = Path(chosen)
            self.save(path if path.suffix.lower() in SUFFIXES else path.with_name(f"{path.name}{suffix}"))

    def save(self, path: Path) -> None:
        """Have the ledger written; the ending of the file says the format."""
        self._say(f"Writing {path.name}…")
        self._facts.export(path, SUFFIXES[path.suffix.lower()], layers=self.with_layers.isChecked())
