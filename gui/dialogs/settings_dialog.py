"""The few things a person sets once: every change is in force at once."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.types import MAX_TOP_K
from core.weights.fetch.mirror import mirror_problem
from core.weights.fetch.options import MIRROR
from gui import theme
from gui.state import AppState
from gui.widgets.device_picker import DevicePicker
from gui.widgets.wrapped_label import WrappedLabel

_MIRROR_WORDS = "Published weights are looked for here first, under their own file names; then where they were published."


class SettingsDialog(QDialog):
    """Theme, device, number of predictions, where files open, and the mirror of published weights."""

    theme_chosen = Signal(str)
    mirror_chosen = Signal(str)

    def __init__(self, state: AppState, shown_theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName("settingsDialog")
        self.setWindowTitle("Settings")
        self.setModal(True)
        self.theme = self._make_themes(shown_theme)
        self.top_k = self._make_top_k()
        self.device = DevicePicker(self)
        self.single_window = QCheckBox("In the window that is open &already", self)
        self.mirror = QLineEdit(state.downloads.mirror, self)
        self.browse = QPushButton("&Browse…", self)
        self.message = WrappedLabel(3, self)
        self.close_button = QPushButton("Close", self)
        self._name()
        self._lay_out()
        self._connect()
        self._show_device()
        self._judge_mirror()

    def _make_themes(self, shown: str) -> QComboBox:
        box = QComboBox(self)
        for name in theme.THEMES:
            box.addItem("As the system" if name == "system" else name.capitalize(), name)
        box.setCurrentIndex(max(0, box.findData(shown)))
        return box

    def _make_top_k(self) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, MAX_TOP_K)
        box.setValue(self._state.top_k)
        box.setFixedWidth(24 * theme.GRID)
        return box

    def _name(self) -> None:
        self.mirror.setPlaceholderText("https://… or a folder")
        self.mirror.setClearButtonEnabled(True)
        self.browse.setAutoDefault(False)
        self.close_button.setDefault(True)
        for widget, name, tip in (
            (self.theme, "Theme", "Light, dark, or as the system"),
            (self.top_k, "Predictions shown", f"How many categories the predictions list, 1 to {MAX_TOP_K}"),
            (self.single_window, "Open files in the window that is open already",
             "Files that you open from the file manager or a terminal come into this window; otherwise each start has its own"),
            (self.mirror, "Weights mirror", "The address or the folder that published weights are fetched from first"),
            (self.browse, "Browse for a folder as the weights mirror", "Choose a folder"),
            (self.close_button, "Close", "Close; every change is in force already (Escape)"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        mirror = QHBoxLayout()
        mirror.setSpacing(2 * theme.GRID)
        mirror.addWidget(self.mirror, 1)
        mirror.addWidget(self.browse)
        form = QFormLayout()
        form.setHorizontalSpacing(4 * theme.GRID)
        form.setVerticalSpacing(3 * theme.GRID)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Theme", self.theme)
        form.addRow("&Predictions shown", self.top_k)
        form.addRow("&Device", self.device)
        form.addRow("Open files", self.single_window)
        form.addRow("Weights &mirror", mirror)
        label = form.labelForField(mirror)
        if isinstance(label, QLabel):
            label.setBuddy(self.mirror)
        form.addRow("", self.message)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(3 * theme.GRID)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(560)

    def _connect(self) -> None:
        self.theme.activated.connect(self._choose_theme)
        self.top_k.valueChanged.connect(self._state.set_top_k)
        self.device.device_chosen.connect(self._state.choose_device)
        self.mirror.editingFinished.connect(self._judge_mirror)
        self.mirror.textEdited.connect(self._tell_nothing)
        self.browse.clicked.connect(self._ask_for_folder)
        self.close_button.clicked.connect(self.accept)
        self._state.top_k_changed.connect(self.top_k.setValue)
        for changed in (self._state.devices_changed, self._state.model_changed, self._state.truth_restored):
            changed.connect(self._show_device)
        self.finished.connect(self.deleteLater)

    @Slot()
    def _show_device(self) -> None:
        self.device.set_devices(self._state.devices)
        self.device.show_device(self._state.device, self._state.model.device if self._state.model is not None else "")

    @Slot()
    def _choose_theme(self) -> None:
        self.theme_chosen.emit(self.theme.currentData())

    @Slot()
    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "A folder with published weights", self.mirror.text())
        if name:
            self.mirror.setText(name)
            self._judge_mirror()

    @Slot()
    def _tell_nothing(self) -> None:
        """Whoever is typing is not interrupted."""
        self._tell("")

    @Slot()
    def _judge_mirror(self) -> bool:
        """Take the mirror if it can be one; say so if not."""
        mirror = self.mirror.text().strip()
        problem = mirror_problem(mirror)
        self._tell(problem)
        if not problem and mirror != self._state.downloads.mirror:
            self.mirror_chosen.emit(mirror)
        return not problem

    def _tell(self, problem: str) -> None:
        forced = os.environ.get(MIRROR, "")
        words = f"{MIRROR} is set and comes before this field: {forced}" if forced else _MIRROR_WORDS
        text = problem or words
        self.message.setText(text)
        self.message.setAccessibleName(text)
        self.message.setProperty("tone", "error" if problem else "")
        self.message.setProperty("muted", not problem)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)

    def accept(self) -> None:
        """Close, unless what was typed as a mirror cannot be one; Escape leaves it as it was."""
        if self._judge_mirror():
            super().accept()
        else:
            self.mirror.setFocus(Qt.FocusReason.OtherFocusReason)
