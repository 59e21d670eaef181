"""Training, second page: a run as it goes, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from core.training.places import weights_file
from gui import theme
from gui.state import AppState
from gui.widgets.train.run_confusion import RunConfusion
from gui.widgets.train.run_curves import RunCurves
from gui.widgets.train.run_head import RunHead


class RunPage(QWidget):
    """Curves, pace and time left; pause, stop, and use the model."""

    again_wanted = Signal()  # another run, set up like this one

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.training
        self.head = RunHead(state, self)
        self.curves = RunCurves(state, self)
        self.confusion = RunConfusion(state, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.curves, "Curves")
        self.tabs.addTab(self.confusion, "Confusion")
        self.tabs.tabBar().setAccessibleName("What is shown of the run")
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setProperty("plain", True)
        self.tabs.setTabToolTip(0, "Loss, accuracy, what is said of the current picture, notices")
        self.tabs.setTabToolTip(1, "Which categories are taken for which; comes with the result")
        self.folder = self._button("Show Folder", "Open the folder of the run in the file manager")
        self.again = self._button("Train Again…", "Set up another run, beginning with the values of this one")
        self.pause = self._button("Pause", "Hold the run; what was learned stays in memory (Space)")
        self.stop = self._button("Stop", "End the run; its last whole epoch is kept and can be gone on with")
        self.go_on = self._button("Go On", "Continue after the last whole epoch")
        self.use = self._button("Use This Model", "Load the result into the window at once")
        self._lay_out()
        self._connect()
        self._show()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(f"run{text.rstrip('…').replace(' ', '')}")
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(2 * theme.GRID)
        below.addWidget(self.folder)
        below.addWidget(self.again)
        below.addStretch(1)
        for button in (self.stop, self.pause, self.go_on, self.use):
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(3 * theme.GRID)
        column.addWidget(self.head)
        column.addWidget(self.tabs, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        facts = self._facts
        self.pause.clicked.connect(self._toggle_pause)
        self.stop.clicked.connect(facts.want_stop)
        self.go_on.clicked.connect(self._go_on)
        self.use.clicked.connect(facts.want_use)
        self.folder.clicked.connect(self._open_folder)
        self.again.clicked.connect(self.again_wanted)
        for changed in (
            facts.stage_changed, facts.wish_changed, facts.epoch_ended, facts.outcome_changed,
            self._state.model_changed, self._state.spec_chosen, self._state.truth_restored,
        ):  # fmt: skip
            changed.connect(self._show)

    @Slot()
    def _show(self) -> None:
        facts = self._facts
        had_focus = any(one.hasFocus() for one in (self.stop, self.pause, self.go_on, self.use))
        self.pause.setVisible(facts.active)
        self.stop.setVisible(facts.active)
        self.pause.setText("Continue" if facts.stage == "paused" else "Pause")
        self.go_on.setVisible(facts.can_go_on and not facts.active)
        self.use.setVisible(facts.outcome is not None and not facts.active)
        loaded = self._state.model.spec if self._state.model is not None else None
        loading, there = self._is_ours(self._state.spec), self._is_ours(loaded)
        self.use.setText("✓ In Use" if there else "Loading…" if loading else "Use This Model")
        self.use.setEnabled(not there and not loading)
        self.again.setEnabled(not facts.active)
        self.folder.setEnabled(facts.config is not None and facts.config.output.is_dir())
        self.tabs.setTabEnabled(1, facts.outcome is not None)
        if had_focus:
            self.take_focus()

    def take_focus(self) -> None:
        """Put the keyboard where a person goes next: on what holds the run, or on what its result is for."""
        wanted = (self.pause, self.use, self.go_on, self.again)
        first = next((one for one in wanted if one.isVisibleTo(self) and one.isEnabled()), self.tabs)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_ours(self, spec: object) -> bool:
        outcome = self._facts.outcome
        return outcome is not None and getattr(getattr(spec, "weights", None), "path", None) == weights_file(outcome.folder)

    @Slot()
    def _toggle_pause(self) -> None:
        if not self._facts.wish:  # one word after the other; disabled, the button would lose the keyboard
            self._facts.want_pause(self._facts.stage != "paused")

    @Slot()
    def _go_on(self) -> None:
        if self._facts.config is not None:
            self._facts.want_run(self._facts.config, resume=True)

    @Slot()
    def _open_folder(self) -> None:
        if self._facts.config is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._facts.config.output)))
