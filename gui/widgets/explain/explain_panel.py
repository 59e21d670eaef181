"""The panel “Why”: which parts of the picture speak for a category."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSlider, QVBoxLayout, QWidget

from core.insight.heat_words import strongest_place
from core.types import Explanation
from gui import theme
from gui.state import AppState
from gui.widgets.explain.category_picker import CategoryPicker
from gui.widgets.explain.heat_view import HeatView
from gui.widgets.explain.method_picker import ExplainLayerPicker, MethodPicker
from gui.widgets.explain.run_row import RunRow
from gui.widgets.wrapped_label import WrappedLabel

OVERLAY = "why"

_MARGIN = 3 * theme.GRID
_GAP = 2 * theme.GRID
_STEPS = 100


def describe(found: Explanation) -> str:
    """Say in a line what was found: "orange 87.3 % · strongest left of the middle", and what else there is to know."""
    probability = theme.format_probability(found.probability)
    parts = [f"{found.name} {probability}", f"strongest {strongest_place(found.values)}", found.note]
    return " · ".join(part for part in parts if part)


class ExplainPanel(QWidget):
    """Method, category and layer; the heat map by itself and over the picture; what it says in words."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._facts = state, state.explanation
        self.setObjectName("explainPanel")
        self.setAccessibleName("Why a category")
        self.method = MethodPicker(state, self)
        self.category = CategoryPicker(state, self)
        self.layer = ExplainLayerPicker(state, self)
        self.run = RunRow(state, self)
        self.shown = self._make_check()
        self.opacity = self._make_slider()
        self.heat = HeatView(self)
        self.words = WrappedLabel(2, self)
        self._lay_out()
        facts = (
            self._facts.found_changed, self._facts.failure_changed, self._facts.progress_changed,
            self._facts.method_changed, state.image_changed, state.classification_changed, state.failure_changed,
        )  # fmt: skip
        for fact in facts:
            fact.connect(self._show)
        state.overlays.changed.connect(self._show_overlay)
        self._show()
        self._show_overlay()

    def _make_check(self) -> QCheckBox:
        check = QCheckBox("On the picture", self)
        check.setObjectName("explainShown")
        check.setToolTip("Show or hide the explanation over the picture (W)")
        check.toggled.connect(self._set_shown)
        return check

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setObjectName("explainOpacity")
        slider.setRange(0, _STEPS)
        slider.setPageStep(10)
        slider.setMinimumWidth(48)
        slider.setAccessibleName("Opacity of the explanation")
        slider.valueChanged.connect(self._set_opacity)
        return slider

    def _lay_out(self) -> None:
        inside = QWidget(self)
        inside.setObjectName("explainInside")
        form = QGridLayout()
        form.setHorizontalSpacing(_GAP)
        form.setVerticalSpacing(theme.GRID)
        for row, (title, field) in enumerate((("Method", self.method), ("Category", self.category), ("Layer", self.layer))):
            label = QLabel(title, inside)
            label.setProperty("muted", True)
            label.setBuddy(field)
            form.addWidget(label, row, 0)
            form.addWidget(field, row, 1)
        form.setColumnStretch(1, 1)
        over = QHBoxLayout()
        over.setSpacing(_GAP)
        over.addWidget(self.shown)
        over.addWidget(self.opacity, 1)
        column = QVBoxLayout(inside)
        column.setContentsMargins(_MARGIN, _GAP, _MARGIN, _GAP)
        column.setSpacing(_GAP)
        column.addLayout(form)
        column.addWidget(self.run)
        column.addLayout(over)
        column.addWidget(self.heat, 1)
        column.addWidget(self.words)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName("Explanation, scrolled with Up and Down")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        # setWidget() has them filled; the ground is the panel's own.
        for part in (self._scroll.viewport(), inside):
            part.setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        chain = (self.method, self.category, self.layer, self.run.button, self.run.cancel, self.shown, self.opacity)
        for first, second in itertools.pairwise(chain):
            self.setTabOrder(first, second)

    def minimumSizeHint(self) -> QSize:
        """As wide as its controls; it scrolls in height only."""
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        return QSize(self._scroll.widget().minimumSizeHint().width() + bar, 120)

    @Slot(bool)
    def _set_shown(self, shown: bool) -> None:
        self._state.overlays.set_visible(OVERLAY, shown)

    @Slot(int)
    def _set_opacity(self, step: int) -> None:
        self._state.overlays.set_opacity(OVERLAY, step / _STEPS)

    @Slot(str)
    def _show_overlay(self, name: str = OVERLAY) -> None:
        if name != OVERLAY:
            return
        overlay = self._state.overlays[OVERLAY]
        for part in (self.shown, self.opacity):
            part.blockSignals(True)
        self.shown.setChecked(overlay.visible)
        self.opacity.setValue(round(overlay.opacity * _STEPS))
        for part in (self.shown, self.opacity):
            part.blockSignals(False)
        self.opacity.setEnabled(overlay.visible)
        self.opacity.setToolTip(f"Opacity over the picture: {round(100 * overlay.opacity)} %")

    @Slot()
    def _show(self) -> None:
        found, failure = self._facts.found, self._facts.failure
        if found is not None:
            self.heat.show_explanation(found)
            self.words.setText(describe(found))
            self.heat.setAccessibleName(f"Heat map of {found.name} by {found.about.title}")
            where = f"Layer {found.layer}. " if found.layer else ""
            self.heat.setAccessibleDescription(f"{where}Strongest {strongest_place(found.values)}")
            self.setAccessibleDescription(f"{found.title}. {describe(found)}")
            return
        title, detail = self._hint()
        self.heat.show_hint(title, failure.message if failure is not None else detail)
        self.words.setText("")
        words = f"{title}. {failure.message if failure is not None else detail}"
        self.heat.setAccessibleName("Heat map")
        self.heat.setAccessibleDescription(words)
        self.setAccessibleDescription(words)

    def _hint(self) -> tuple[str, str]:
        """What stands in the place of the heat map."""
        state = self._state
        if self._facts.failure is not None:
            return "No explanation", ""
        if state.image is None:
            return "No picture yet", "Open one to see what speaks for its categories"
        if state.failure is not None:
            return "No explanation", "This picture has no answer to explain"
        if self._facts.progress is not None or state.classification is None:
            return "Coming", "" if self._facts.about.quick else "The map appears when all of it is known"
        if not self._facts.about.quick:
            return "Not made yet", "It takes a while: press Explain, or W"
        return "Nothing yet", "Press Explain, or W"

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: quick explanations are made by themselves."""
        super().showEvent(event)
        self._facts.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._facts.set_watched(False)

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        QPainter(self).fillRect(event.rect(), QColor(theme.colours().panel))
