"""File > Fine-Tune on Corrections: what there is to learn from, what is kept out to test with, and where the result goes."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.paths import data_dir
from gui import theme
from gui.facts.tuning_plan import TuningPlan, plan
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.text_delegate import TextDelegate

_HEADS = ("Category", "Corrected", "Confirmed", "Kept out")


class CorrectionsDialog(QDialog):
    """Shows the plan of a run, and asks for it; the window of training shows the run."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.corrections
        self._refused = ""
        self.output = _new_folder(state.model.spec.architecture if state.model is not None else "model")
        self.setObjectName("correctionsDialog")
        self.setWindowTitle("Fine-tune on corrections")
        self.setModal(True)
        self.heading = ElidedLabel(self)
        self.heading.setProperty("heading", True)
        self.table = self._make_table()
        self.share = QRadioButton("Some of the labelled pictures", self)
        self.share.setToolTip("A quarter of each category, at least one of two, by a fixed seed; they are not learned from")
        self.folder = QRadioButton("The pictures in a folder", self)
        self.folder.setToolTip("A folder with a folder per category: none of its pictures is learned from")
        self.choose_folder = self._button("Choose…", "Choose the folder to test with")
        self.choose_output = self._button("Choose…", "Choose where the result goes: a new or empty folder")
        self.choose_output.setAccessibleName("Choose where the result goes")
        self.choose_folder.setAccessibleName("Choose the folder to test with")
        self.output_line = ElidedLabel(self)
        self.whole = QCheckBox("Train the whole network, not only its last layer", self)
        self.whole.setToolTip("Slower, learns more, and forgets more of what it is not shown")
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("muted", True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Train nothing (Esc)")
        self.start = QPushButton("Fine-Tune", self)
        self.start.setObjectName("startTuning")
        self.start.setDefault(True)
        self.start.setToolTip("Start the run (Return)")
        self.buttons.addButton(self.start, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._connect()
        (self.folder if self._facts.kept_out is not None else self.share).setChecked(True)
        self._show()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_HEADS), self)
        table.setHorizontalHeaderLabels(_HEADS)
        table.setAccessibleName("Labelled pictures by category")
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        table.setItemDelegateForColumn(0, TextDelegate(table))
        for column in range(1, len(_HEADS)):
            table.setItemDelegateForColumn(column, TextDelegate(table, numbers=True))
        heads = table.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setSectionsClickable(False)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeaderItem(0).setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * theme.GRID)
        grid.setVerticalSpacing(theme.GRID)
        grid.setColumnStretch(1, 1)
        for row, words in ((0, "Test with"), (2, "Result in"), (3, "Learns")):
            label = QLabel(words, self)
            label.setProperty("muted", True)
            grid.addWidget(label, row, 0)
        grid.addWidget(self.share, 0, 1)
        grid.addWidget(self.folder, 1, 1)
        grid.addWidget(self.choose_folder, 1, 2)
        grid.addWidget(self.output_line, 2, 1)
        grid.addWidget(self.choose_output, 2, 2)
        grid.addWidget(self.whole, 3, 1, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(3 * theme.GRID)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)
        column.addLayout(grid)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.resize(560, 500)

    def _connect(self) -> None:
        self.share.toggled.connect(self._choose_share)
        self.folder.clicked.connect(self._want_folder)
        self.choose_folder.clicked.connect(self._ask_for_folder)
        self.choose_output.clicked.connect(self._ask_for_output)
        self.buttons.rejected.connect(self.reject)
        self.start.clicked.connect(self.accept)
        self._facts.kept_out_changed.connect(self._show)
        self._facts.changed.connect(self._show)
        self._facts.tuning_refused.connect(self._refuse)
        self._state.model_changed.connect(self._show)
        self._state.training.stage_changed.connect(self._show)
        self.finished.connect(self.deleteLater)

    def plan(self) -> TuningPlan | None:
        """What would be learned from; None without a model."""
        if self._state.model is None:
            return None
        kept_out = self._facts.kept_out if self.folder.isChecked() else None
        return plan(self._state.images, self._facts.labels, self._state.model, kept_out)

    @Slot()
    def _show(self) -> None:
        found = self.plan()
        refusal = self._refusal(found)
        self.start.setEnabled(not refusal)
        self.output_line.setText(str(self.output))
        folder = self._facts.kept_out.folder if self._facts.kept_out is not None else None
        self.folder.setText(f"The pictures in “{folder.name}”" if folder is not None else "The pictures in a folder")
        rows = found.rows() if found is not None else ()
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            cells = (f"{row.name} (new)" if row.new else row.name, row.corrected, row.confirmed, row.kept_out)
            for column, value in enumerate(cells):
                item = QTableWidgetItem(str(value) if value else "–")
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(at, column, item)
        self.heading.setText(self._title(found))
        self.note.setText(refusal or self._words(found))
        self.note.setProperty("tone", "error" if refusal and self._refused else None)

    def _title(self, found: TuningPlan | None) -> str:
        if found is None or self._state.model is None:
            return "No model is open"
        right = len(found.labels) - found.corrected
        return f"{self._state.model.title}: {found.corrected} corrected, {right} confirmed"

    def _refusal(self, found: TuningPlan | None) -> str:
        model = self._state.model
        if found is None or model is None:
            return "Wait for the model."
        if model.spec.code is not None or model.spec.own_graph:
            return "A network that brings its own code cannot be trained. Choose one of the catalogue."
        if model.spec.weights.kind == "random":
            return f"The weights of {model.title} are random: there is nothing to correct. Choose weights first."
        if self._state.training.active:
            return "A training run is under way. Wait for its end, or stop it."
        kept_out = self._facts.kept_out if self.folder.isChecked() else None
        return self._refused or (kept_out.failure if kept_out is not None else "") or found.refusal

    def _words(self, found: TuningPlan | None) -> str:
        assert found is not None
        new = len(found.categories) - found.known
        train, val = found.count("train"), found.count("val")
        parts = [f"Learns from {train}, the least certain first; tested on {val}, before and after."]
        if new:
            parts.append("A new category gets the next index." if new == 1 else f"{new} new categories get the next indices.")
        if found.strange:
            parts.append(f"No category is called “{found.strange[0]}”: its folder is left out.")
        if found.shared:
            parts.append(f"{found.shared} of the folder are labelled here, and not tested with.")
        parts.append("Indices stay; so does what the last layer knows of categories without pictures.")
        return " ".join(parts)

    @Slot(bool)
    def _choose_share(self, _on: bool) -> None:
        self._refused = ""
        self._show()

    @Slot()
    def _want_folder(self) -> None:
        if self._facts.kept_out is None:
            self._ask_for_folder()

    @Slot()
    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a folder with a folder of pictures per category")
        if name:
            self.take_folder(Path(name))
        elif self._facts.kept_out is None:
            self.share.setChecked(True)

    def take_folder(self, folder: Path) -> None:
        """Test with the pictures of a folder."""
        self.folder.setChecked(True)
        self._facts.want_kept_out(folder)

    @Slot()
    def _ask_for_output(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a new or empty folder for the result")
        if name:
            self.take_output(Path(name))

    def take_output(self, folder: Path) -> None:
        """Have the result in a folder."""
        self.output, self._refused = folder, ""
        self._show()

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        self._show()

    @Slot()
    def accept(self) -> None:
        """Ask for the run; the dialog stays where it is refused."""
        found = self.plan()
        if found is None or self._refusal(found):
            return
        self._facts.want_tuning(found, self.output, "full" if self.whole.isChecked() else "head")
        if not self._refused:
            super().accept()


def _new_folder(architecture: str) -> Path:
    """A folder that is not there yet, beside those of earlier runs."""
    names = (data_dir() / "models" / f"{architecture}-corrected-{number}" for number in count(1))
    return next(path for path in names if not path.exists())
