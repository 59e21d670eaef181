"""Protocols > Compare protocols: a table of test protocols side by side, for the picture that is open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.itemmodels.trial_model import TrialModel
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.protocols.trial_table import TrialTable

_FILTER = "CSV (*.csv);;Markdown (*.md)"


class TrialDialog(QDialog):
    """Check protocols, run them one after the other, copy or export what came of them. It stays beside the window."""

    write_wanted = Signal(object, str)  # Path, text

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = state.protocols
        self._trials = state.protocols.trials
        self.setObjectName("trialDialog")
        self.setWindowTitle("Test protocols side by side")
        self.resize(880, 456)
        self.about = ElidedLabel(self)
        self.about.setProperty("heading", True)
        self.rows = TrialModel(state, self)
        self.table = TrialTable(self.rows, self)
        self.note = QLabel(self)
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("Progress of the protocol that is under way")
        self.run = self._button("Run", "Try the checked protocols one after the other")
        self.stop = self._button("Stop", "Stop; the rows that are done stay (Ctrl+.)")
        self.copy = self._make_copy()
        self.export = self._button("Export…", "Write the table to a CSV or Markdown file")
        self.close_button = self._button("Close", "Close this window; what runs is stopped (Esc)")
        self._lay_out()
        self._connect()
        self._show()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(f"trials{text.rstrip('…')}")
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _make_copy(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("trialsCopy")
        button.setText("Copy ▾")
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName("Copy the table")
        button.setToolTip("Copy the table as Markdown or CSV")
        menu = QMenu(button)
        menu.addAction("Copy as Markdown").triggered.connect(self.copy_markdown)
        menu.addAction("Copy as CSV").triggered.connect(self.copy_csv)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(2 * theme.GRID)
        below.addWidget(self.run)
        below.addWidget(self.stop)
        below.addWidget(self.bar, 1)
        for button in (self.copy, self.export, self.close_button):
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(3 * theme.GRID)
        column.addWidget(self.about)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        column.addLayout(below)

    def _connect(self) -> None:
        state, trials = self._state, self._trials
        self.run.clicked.connect(self._run)
        self.stop.clicked.connect(trials.call_off)
        self.export.clicked.connect(self._ask_where)
        self.close_button.clicked.connect(self.close)
        changes = (
            trials.plan_changed, trials.outcomes_changed, trials.progress_changed, self.rows.checked_changed,
            state.image_changed, state.classification_changed, state.model_changed, self._facts.members_changed,
            state.failure_changed,
        )  # fmt: skip
        for change in changes:
            change.connect(self._show)

    @Slot()
    def _run(self) -> None:
        self._trials.want(self.rows.wanted())

    @Slot()
    def _show(self) -> None:
        state, trials = self._state, self._trials
        ready = state.classification is not None and state.image is not None and state.failure is None
        had_focus = self.run.hasFocus() or self.stop.hasFocus()
        self.about.setText(self._heading())
        self.run.setVisible(not trials.running)
        self.stop.setVisible(trials.running)
        if had_focus:
            (self.stop if trials.running else self.run).setFocus(Qt.FocusReason.OtherFocusReason)
        self.run.setEnabled(ready and bool(self.rows.wanted()))
        self.bar.setVisible(trials.running)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        if trials.progress is not None:
            # QProgressBar repaints at once what is to be repainted anywhere; without updates it waits its turn.
            self.bar.setUpdatesEnabled(False)
            self.bar.setRange(0, trials.progress.total)
            self.bar.setValue(trials.progress.done)
            self.bar.setUpdatesEnabled(True)
        some = bool(self.rows.done())
        self.copy.setEnabled(some)
        self.export.setEnabled(some)
        self.note.setText(self._words())
        self.table.setAccessibleDescription(self._words())

    def _heading(self) -> str:
        image, model = self._state.image, self._state.model
        fused = len(self._facts.members)
        others = f" and {fused} {'other' if fused == 1 else 'others'}, fused" if fused else ""
        parts = (image.name if image is not None else "", f"{model.title}{others}" if model is not None else "")
        return " · ".join(filter(None, parts))

    def _words(self) -> str:
        trials = self._trials
        if self._state.image is None or self._state.failure is not None:
            return "Open a picture first."
        if trials.progress is not None:
            return trials.progress.text or "Running"
        if not trials.plan:
            return "Check the protocols to compare, and press Run. Scales and order of averaging are those of the panel."
        left = len(trials.plan) - len(trials.outcomes)
        if left:
            return f"Stopped; {left} left."
        return "✓ the top-1 is that of most rows; views agree with the top-1 of their row."

    @Slot()
    def copy_markdown(self) -> None:
        """Put the table onto the clipboard as Markdown."""
        QGuiApplication.clipboard().setText(self.rows.as_markdown())

    @Slot()
    def copy_csv(self) -> None:
        """Put the table onto the clipboard as CSV."""
        QGuiApplication.clipboard().setText(self.rows.as_csv())

    @Slot()
    def _ask_where(self) -> None:
        image = self._trials.image
        name = f"{image.path.stem} protocols.csv" if image is not None else "protocols.csv"
        text, _ = QFileDialog.getSaveFileName(self, "Export the table", name, _FILTER)
        if text:
            self.write(Path(text))

    def write(self, path: Path) -> None:
        """Have the table written: Markdown where the name ends so, else CSV."""
        markdown = path.suffix.lower() == ".md"
        path = path if path.suffix else path.with_suffix(".csv")
        self.write_wanted.emit(path, self.rows.as_markdown() if markdown else self.rows.as_csv())

    def reject(self) -> None:
        """Stop what nobody watches any more."""
        self._trials.call_off()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what nobody watches any more."""
        self._trials.call_off()
        super().closeEvent(event)
