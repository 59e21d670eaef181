"""Weights files on their way into the window: the dialogs that they may need, and the list of those opened before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from core.settings import Settings
from core.types import CODE_SUFFIX, Diagnosis, Failure
from gui.state import AppState

if TYPE_CHECKING:
    from gui.dialogs.code_weights_dialog import CodeWeightsDialog
    from gui.dialogs.doctor_dialog import DoctorDialog
    from gui.dialogs.preparation_dialog import PreparationDialog
    from gui.dialogs.run_code_dialog import RunCodeDialog


class Admission(QObject):
    """Opens the doctor's dialog when there is something to ask, and the preprocessing editor when it is asked for."""

    def __init__(self, state: AppState, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._state, self._settings, self._window = state, settings, window
        self._doctor: DoctorDialog | None = None
        self._editor: PreparationDialog | None = None
        self._code: RunCodeDialog | None = None
        self._offer: CodeWeightsDialog | None = None
        self.menu = QMenu("Open Recent Wei&ghts", window)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        state.checkpoint.set_recent(tuple(Path(text) for text in settings.recent_weights))
        state.checkpoint.recent_changed.connect(self._remember)
        state.checkpoint.diagnosis_changed.connect(self._show_doctor)
        state.checkpoint.code_offered.connect(self._offer_code)
        state.preparation.editing_wanted.connect(self.edit_preprocessing)

    @property
    def doctor(self) -> DoctorDialog | None:
        """The doctor's dialog, while it is open."""
        return self._doctor

    @property
    def editor(self) -> PreparationDialog | None:
        """The preprocessing editor, while it is open."""
        return self._editor

    @property
    def code(self) -> RunCodeDialog | None:
        """The question whether a file's code may be run, while it is open."""
        return self._code

    @property
    def offer(self) -> CodeWeightsDialog | None:
        """The question which network a file's tensors are for, while it is open."""
        return self._offer

    @Slot(object)
    def _offer_code(self, diagnosis: Diagnosis) -> None:
        if self._offer is not None:
            self._offer.reject()
        from gui.dialogs.code_weights_dialog import CodeWeightsDialog

        self._offer = CodeWeightsDialog(self._state, diagnosis, self._window)
        self._offer.finished.connect(self._offer_went)
        self._offer.open()

    @Slot()
    def _offer_went(self) -> None:
        self._offer = None

    @Slot()
    def ask_for_code(self) -> None:
        """Have a Python file with ``build_model()`` chosen, and ask whether its code may be run."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open model code", "", f"Python files (*{CODE_SUFFIX})")
        if name:
            self.open_code(Path(name))

    def open_code(self, path: Path) -> None:
        """Ask whether the code of a file may be run; nothing is run before the answer."""
        from gui.dialogs.run_code_dialog import Program, RunCodeDialog

        path = path.absolute()
        try:
            program = Program.read(path)
        except OSError as error:
            message = f"“{path.name}” cannot be read: {error.strerror or error}."
            self._state.raise_notice(Failure("denied", message, path))
            return
        self._code = RunCodeDialog(self._state, program, self._window)
        self._code.finished.connect(self._code_went)
        self._code.open()

    @Slot()
    def _code_went(self) -> None:
        self._code = None

    @Slot(object)
    def _show_doctor(self, diagnosis: Diagnosis | None) -> None:
        if diagnosis is not None and self._doctor is None:
            from gui.dialogs.doctor_dialog import DoctorDialog

            self._doctor = DoctorDialog(self._state, self._window)
            self._doctor.finished.connect(self._doctor_went)
            self._doctor.open()

    @Slot()
    def _doctor_went(self) -> None:
        self._doctor = None

    @Slot()
    def edit_preprocessing(self) -> None:
        """Open the preprocessing editor, or bring it to the front."""
        if self._editor is not None:
            self._editor.raise_()
            self._editor.activateWindow()
            return
        from gui.dialogs.preparation_dialog import PreparationDialog

        self._editor = PreparationDialog(self._state, self._window)
        self._editor.finished.connect(self._editor_went)
        self._editor.show()

    @Slot()
    def _editor_went(self) -> None:
        self._editor = None

    @Slot(object)
    def _remember(self, recent: tuple[Path, ...]) -> None:
        self._settings.recent_weights = [str(path) for path in recent]

    @Slot()
    def fill_menu(self) -> None:
        """List the files; those that are gone are marked and cannot be chosen."""
        self.menu.clear()
        for path in self._state.checkpoint.recent:
            gone = not path.is_file()
            name = path.name.replace("&", "&&")
            action = self.menu.addAction(f"{name}  (gone)" if gone else name)
            action.setToolTip(f"{path} is not there any more" if gone else str(path))
            action.setData(str(path))
            action.setEnabled(not gone)
            action.triggered.connect(self._open)
        if self.menu.isEmpty():
            self.menu.addAction("No weights file opened yet").setEnabled(False)

    @Slot()
    def _open(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._state.checkpoint.open(Path(action.data()))
