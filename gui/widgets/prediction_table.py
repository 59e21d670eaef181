"""The panel of the top-k: title, how many, copy, and the table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSpinBox, QToolButton, QVBoxLayout, QWidget

from core.types import MAX_TOP_K
from gui import theme
from gui.state import AppState
from gui.widgets.lesions.prediction_lesions import PredictionLesions
from gui.widgets.prediction_view import PredictionView


class PredictionTable(QWidget):
    """The most probable categories of the current picture. ``view`` is the table, named ``predictionTable``."""

    copy_text_requested = Signal()
    copy_csv_requested = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.view = PredictionView(state, self)
        self._title = QLabel(self)
        self._title.setProperty("heading", True)
        self.doubt = QLabel("Not sure", self)
        self.doubt.setObjectName("notSure")
        self.lesions = PredictionLesions(state, self.view)
        self._spin = self._make_spin()
        self._copy = self._make_copy_button()
        self._lay_out()
        self.view.copy_requested.connect(self.copy_text_requested)
        state.top_k_changed.connect(self._show_top_k)
        state.classification_changed.connect(self._show_can_copy)
        state.failure_changed.connect(self._show_can_copy)
        for signal in (state.classification_changed, state.failure_changed, state.model_changed):
            signal.connect(self._show_doubt)
        self._show_top_k()
        self._show_can_copy()
        self._show_doubt()

    def _make_spin(self) -> QSpinBox:
        spin = QSpinBox(self)
        spin.setObjectName("topK")
        spin.setRange(1, MAX_TOP_K)
        spin.setMinimumHeight(24)
        spin.setValue(self._state.top_k)
        spin.setAccessibleName("Number of categories shown")
        spin.setToolTip(f"How many categories are shown, 1 to {MAX_TOP_K} (Up, Down)")
        spin.valueChanged.connect(self._state.set_top_k)
        return spin

    def _make_copy_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("copyPredictions")
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName("Copy predictions")
        button.setToolTip("Copy the predictions (Ctrl+C, as CSV Ctrl+Shift+C)")
        button.setIcon(theme.icon("copy", self))
        menu = QMenu(button)
        menu.addAction("Copy as text").triggered.connect(self.copy_text_requested)
        menu.addAction("Copy as CSV").triggered.connect(self.copy_csv_requested)
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        label = QLabel("Show", self)
        label.setProperty("muted", True)
        label.setBuddy(self._spin)
        header = QHBoxLayout()
        header.setContentsMargins(8, 4, 8, 4)
        header.setSpacing(8)
        header.addWidget(self._title)
        header.addWidget(self.doubt)
        header.addWidget(self.lesions.chip)
        header.addStretch(1)
        header.addWidget(label)
        header.addWidget(self._spin)
        header.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.lesions.summary)
        column.addWidget(self.view, 1)
        self.setTabOrder(self.lesions.chip, self._spin)
        self.setTabOrder(self._spin, self._copy)
        self.setTabOrder(self._copy, self.view)

    @Slot()
    def _show_top_k(self) -> None:
        self._title.setText(f"Top {self._state.top_k}")
        self._spin.setValue(self._state.top_k)
        self.view.updateGeometry()

    @Slot()
    def _show_doubt(self) -> None:
        self.doubt.setVisible(self._state.unsure)
        if self._state.model is not None and self._state.unsure:
            threshold = theme.format_probability(self._state.model.not_sure_below)
            self.doubt.setToolTip(
                f"The first category has less than {threshold}: of such answers of this model, more were wrong than right on "
                "pictures that were kept aside when it was trained. It may be something that the model does not know."
            )
            self.doubt.setAccessibleDescription(self.doubt.toolTip())

    @Slot()
    def _show_can_copy(self) -> None:
        self._copy.setEnabled(self._state.classification is not None and self._state.failure is None)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_copy"):
            self._copy.setIcon(theme.icon("copy", self))
