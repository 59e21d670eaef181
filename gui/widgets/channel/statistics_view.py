"""The statistics of a channel as captions and numbers."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from core.insight.channel_statistics import channel_statistics
from core.types.channel import Floats
from gui import theme
from gui.widgets.map_words import format_number, format_share

_CAPTIONS = ("mean", "std", "min", "max", "zeros", "NaN", "infinite", "values")
_IN_A_ROW = 4
_COUNTED_WRONG = ("NaN", "infinite")


def statistics_words(values: Floats) -> dict[str, str]:
    """Return caption and number of each statistic, of the finite values; "–" where there are none."""
    found = channel_statistics(values.reshape(1, -1))
    real = found.nans[0] + found.infinities[0] < values.size
    numbers = [float(part[0]) for part in (found.mean, found.std, found.minimum, found.maximum)]
    texts = [format_number(number) if real else "–" for number in numbers]
    texts += [format_share(float(found.zeros[0])), f"{found.nans[0]:,}", f"{found.infinities[0]:,}", f"{values.size:,}"]
    return dict(zip(_CAPTIONS, texts, strict=True))


class StatisticsView(QWidget):
    """Two rows of four; values that are not finite are counted in red."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Statistics")
        self._values = {caption: QLabel("–", self) for caption in _CAPTIONS}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * theme.GRID)
        grid.setVerticalSpacing(0)
        for place, (caption, value) in enumerate(self._values.items()):
            row, column = divmod(place, _IN_A_ROW)
            title = QLabel(caption, self)
            title.setProperty("muted", True)
            value.setAccessibleName(caption)
            grid.addWidget(title, 3 * row, column)
            grid.addWidget(value, 3 * row + 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowMinimumHeight(2, 2 * theme.GRID)
        self._use_figures()

    def set_values(self, values: Floats | None) -> None:
        """Describe other values, float32 of any shape."""
        words = statistics_words(values) if values is not None else dict.fromkeys(_CAPTIONS, "–")
        for caption, label in self._values.items():
            label.setText(words[caption])
            wrong = caption in _COUNTED_WRONG and words[caption] not in ("0", "–")
            if label.property("tone") != ("error" if wrong else ""):
                label.setProperty("tone", "error" if wrong else "")
                label.style().unpolish(label)
                label.style().polish(label)
        self.setAccessibleDescription(", ".join(f"{caption} {text}" for caption, text in words.items()))

    def text(self, caption: str) -> str:
        """What stands under a caption."""
        return self._values[caption].text()

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_values"):
            self._use_figures()

    def _use_figures(self) -> None:
        for label in self._values.values():
            label.setFont(theme.tabular(self.font()))
