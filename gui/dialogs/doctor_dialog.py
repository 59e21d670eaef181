"""What a person is asked about a weights file that cannot be loaded as it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.types import Diagnosis, ModelSpec, SaveRepairedRequest, WeightsSpec
from gui import theme
from gui.dialogs.keys_dialog import KeysDialog
from gui.itemmodels.checkup_words import all_repairs, as_text, is_final, runs_own_graph
from gui.itemmodels.checkup_words import lacking as lacking_repair
from gui.state import AppState
from gui.widgets.doctor.report import Report

WIDTH, HIGHEST, LEAST_HIGHEST = 640, 720, 560
_SPACING, _AROUND = 12, 24


class DoctorDialog(QDialog):
    """Shows :attr:`CheckpointFacts.diagnosis`; it is closed when that is over. The model stays as it is until one is loaded."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.checkpoint
        self._compared = ""
        self._chose = False
        self._path: Path | None = None
        self.setObjectName("doctorDialog")
        self.setModal(True)
        self.report = Report()
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setMinimumHeight(self.message.fontMetrics().lineSpacing())  # nothing moves when a sentence comes
        self.keys_button = self._button("Show All &Keys…", "Every tensor of the file beside those of the model")
        self.save_button = self._button("&Save Repaired Copy…", "A safetensors file; the original stays as it is")
        self.copy_button = self._button("&Copy Text", "Put all of this on the clipboard")
        self.close_button = self._button("Cancel", "Leave the model as it is (Escape)")
        self.load_button = self._button("&Load", "Load the file with the ticked repairs")
        self.load_button.setDefault(True)
        self._lay_out()
        self._connect()
        self._show(self._facts.diagnosis)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        area = self._area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        self.report.setAutoFillBackground(False)
        area.setWidget(self.report)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.GRID)
        for button in (self.keys_button, self.save_button, self.copy_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.load_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 16, 16)
        column.setSpacing(_SPACING)
        column.addWidget(self.report.headline)  # which stays when the rest is scrolled
        column.addWidget(area, 1)
        column.addWidget(self.message)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.report.architecture_chosen.connect(self._choose)
        self.report.ticked.connect(self._follow)
        self._area.verticalScrollBar().rangeChanged.connect(self._stay)
        self.keys_button.clicked.connect(self._show_keys)
        self.save_button.clicked.connect(self._ask_where)
        self.copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.reject)
        self.load_button.clicked.connect(self.accept)
        self._facts.diagnosis_changed.connect(self._show)
        self._facts.opening_changed.connect(self._follow)
        self._facts.saved.connect(self._tell_saved)
        self._facts.save_failed.connect(self._tell_failed)
        self.finished.connect(self._end)

    @Slot(object)
    def _show(self, diagnosis: Diagnosis | None) -> None:
        if diagnosis is None:
            if self.isVisible():
                self.done(QDialog.DialogCode.Rejected)
            return
        refused = is_final(diagnosis)
        fresh = diagnosis.path != self._path
        if fresh:
            best = diagnosis.candidates[0].model if diagnosis.candidates and not runs_own_graph(diagnosis) else ""
            self._compared, self._path = diagnosis.architecture or best, diagnosis.path
            self._chose = False
        self.setWindowTitle(f"{diagnosis.path.name} — weights file")
        self.report.show_diagnosis(diagnosis, self._facts.picked, _size(diagnosis.path), self._compared, final=refused)
        for button in (self.load_button, self.save_button):
            button.setVisible(not refused)
        self.keys_button.setVisible(not refused and bool(self._compared))
        self.load_button.setText(f"&Load as {self._compared}" if self._compared else "&Load")
        self.close_button.setText("Close" if refused else "Cancel")
        self.close_button.setDefault(refused)
        self._follow()
        if fresh:
            (self.close_button if refused else self.load_button).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as all of it, now that fonts and style are known."""
        super().showEvent(event)
        if not event.spontaneous():
            self.resize(WIDTH, min(self._highest(), self._wanted_height()))

    @Slot()
    def _stay(self) -> None:
        """Keep the chosen candidate in sight: what is said above them has another length for each."""
        if self._chose:
            self.report.layout().activate()
            self._area.ensureWidgetVisible(self.report.candidates, 0, 2 * theme.GRID)

    def _highest(self) -> int:
        """As high as the window lets it be."""
        window = self.parentWidget()
        return max(LEAST_HIGHEST, min(HIGHEST, window.height() - 2 * _AROUND)) if window is not None else LEAST_HIGHEST

    def _wanted_height(self) -> int:
        """The height at which nothing needs to be scrolled."""
        self.report.layout().activate()
        margins = self.layout().contentsMargins()
        inside = WIDTH - margins.left() - margins.right()
        words = sum(max(part.heightForWidth(inside), part.minimumHeight()) for part in (self.report.headline, self.message))
        parts = words + self.report.heightForWidth(inside) + self.close_button.sizeHint().height()
        return margins.top() + parts + 3 * _SPACING + margins.bottom()

    @Slot()
    def _follow(self) -> None:
        """See whether what is ticked is enough, and whether the answer about another model is on its way."""
        diagnosis = self._facts.diagnosis
        if diagnosis is None:
            return
        waiting = self._facts.opening is not None
        lacking = "" if waiting or diagnosis.verdict == "refused" else lacking_repair(diagnosis, self.report.repairs)
        self._tell(f"Comparing it with {self._compared}…" if waiting else lacking)
        for button in (self.load_button, self.save_button):
            # Never another one than the row that is chosen.
            loads = diagnosis.architecture == self._compared != ""
            graph = button is self.load_button and not self._compared and runs_own_graph(diagnosis)
            button.setEnabled(not waiting and not lacking and (loads or graph))

    @Slot(str)
    def _choose(self, architecture: str) -> None:
        """Compare the file with another model."""
        if architecture != self._compared:
            self._compared, self._chose = architecture, True
            self._facts.reconsider(architecture)

    @Slot()
    def _show_keys(self) -> None:
        self._facts.want_keys(self._compared, self.report.repairs)
        KeysDialog(self._state, self).open()

    @Slot()
    def _ask_where(self) -> None:
        if self._path is None:
            return
        proposal = self._path.with_name(f"{self._path.stem or 'weights'}.repaired.safetensors")
        name, _ = QFileDialog.getSaveFileName(self, "Save a repaired copy", str(proposal), "safetensors (*.safetensors)")
        if name:
            self.save(Path(name))

    def save(self, out: Path) -> None:
        """Have a repaired copy written."""
        diagnosis = self._facts.diagnosis
        if diagnosis is None:
            return
        if out.absolute() == diagnosis.path.absolute():
            self._tell_failed("The original is never written to. Choose another name.")
            return
        self._tell("Writing the copy…")
        self.save_button.setEnabled(False)
        kinds = all_repairs(diagnosis, self.report.repairs)
        order = SaveRepairedRequest(0, diagnosis.path, out, kinds, diagnosis.architecture, self.report.new_classes)
        self._facts.want_copy(order)

    @Slot(object)
    def _tell_saved(self, out: Path) -> None:
        self.save_button.setEnabled(True)
        self._tell(f"Written: {out}")

    @Slot(str)
    def _tell_failed(self, why: str) -> None:
        self.save_button.setEnabled(True)
        self._tell(why, error=True)

    def _tell(self, text: str, *, error: bool = False) -> None:
        self.message.setText(text)
        self.message.setAccessibleName(text)
        self.message.setProperty("tone", "error" if error else "")
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)

    @Slot()
    def _copy(self) -> None:
        if self._facts.diagnosis is not None:
            QGuiApplication.clipboard().setText(as_text(self._facts.diagnosis, self._facts.picked))
            self._tell("Copied.")

    def accept(self) -> None:
        """Load the file with the repairs that are ticked."""
        diagnosis = self._facts.diagnosis
        super().accept()
        if diagnosis is not None and (diagnosis.architecture is not None or runs_own_graph(diagnosis)):
            kinds = all_repairs(diagnosis, self.report.repairs)
            weights = WeightsSpec("file", path=diagnosis.path, repairs=kinds, classes=self.report.new_classes)
            self._state.choose_spec(ModelSpec(diagnosis.architecture or "", weights))

    @Slot()
    def _end(self) -> None:
        self._facts.set_diagnosis(None)
        self.deleteLater()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
