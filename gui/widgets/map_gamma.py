"""The exponent of the colours of the maps."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from gui import theme
from gui.facts.map_look import DEFAULT_GAMMA, MAX_GAMMA, MIN_GAMMA

_STEPS = 40
"""Of the slider to each side of 1, in even ratios."""


class GammaControl(QWidget):
    """A short slider and its value; a double click puts it back to 1."""

    gamma_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gamma = DEFAULT_GAMMA
        self.label = QLabel(self)
        self.label.setProperty("muted", True)
        self.slider = _Slider(self)
        self.slider.setObjectName("gamma")
        self.slider.setRange(-_STEPS, _STEPS)
        self.slider.setPageStep(_STEPS // 4)
        self.slider.setFixedWidth(56)
        self.slider.setAccessibleName("Gamma of the colours")
        self.label.setBuddy(self.slider)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self.label)
        row.addWidget(self.slider)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._tell)
        self._use_figures()
        self._say()

    @property
    def gamma(self) -> float:
        """The exponent, 0.2 to 5."""
        return self._gamma

    @Slot(float)
    def set_gamma(self, gamma: float) -> None:
        """Show an exponent; the slider goes to the nearest place."""
        self._gamma = gamma
        with QSignalBlocker(self.slider):
            self.slider.setValue(place_of(gamma))
        self._say()

    def sizeHint(self) -> QSize:
        """As high as a line of text, so that the line it stands in does not grow."""
        return QSize(super().sizeHint().width(), self.label.sizeHint().height())

    @Slot(int)
    def _tell(self, place: int) -> None:
        self._gamma = gamma_of(place)
        self._say()
        self.gamma_changed.emit(self.gamma)

    def _say(self) -> None:
        text = f"{self.gamma:.2f}"
        self.label.setText(f"γ {text}")
        explanation = "below 1 small values stand out more, above 1 large ones; a double click puts it back to 1"
        for part in (self.label, self.slider):
            part.setToolTip(f"Gamma {text} of the colours: {explanation}")
        self.slider.setAccessibleDescription(f"Gamma {text}: {explanation}")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to 1, on the number too."""
        self.slider.setValue(0)

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "label"):
            self._use_figures()

    def _use_figures(self) -> None:
        self.label.setFont(theme.tabular(self.font()))
        self.label.setFixedWidth(QFontMetrics(self.label.font()).horizontalAdvance("γ 0.00") + 1)


class _Slider(QSlider):
    """A horizontal slider that a double click puts into the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the middle."""
        self.setValue(0)


def gamma_of(place: int) -> float:
    """Return the exponent at a place of the slider."""
    high = math.log(MAX_GAMMA)
    return round(max(MIN_GAMMA, math.exp(high * place / _STEPS)), 3)


def place_of(gamma: float) -> int:
    """Return the place of the slider that is nearest to an exponent."""
    return round(math.log(gamma) / math.log(MAX_GAMMA) * _STEPS)
