"""What makes a channel: its kernel, its bias, its normalisation, or in words where it comes from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.types import ChannelDetails, Kernel, Normalisation
from gui import theme
from gui.widgets.channel.kernel_picture import KernelPicture, is_rgb
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.map_words import format_number
from gui.widgets.unit_strip import UnitStrip


def kernel_facts(kernel: Kernel) -> list[str]:
    """Say in short lines what there is to know of a kernel's numbers."""
    count, height, width = kernel.weights.shape
    lines = [f"{count:,} weights" if kernel.is_linear else f"{count:,} × {height} × {width} weights"]
    lines.append(f"norm {format_number(kernel.norm)}")
    lines.append(f"bias {format_number(kernel.bias)}" if kernel.bias is not None else "no bias")
    if is_rgb(kernel):
        lines += [f"{name} {format_number(float(norm))}" for name, norm in zip(_RGB, kernel.norms, strict=True)]
    return lines


_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX, which PySide6 does not name
_RGB = ("norm of red", "norm of green", "norm of blue")


def normalisation_facts(found: Normalisation) -> list[str]:
    """Say in short lines what a normalising layer does to the channel."""
    if found.mean is not None and found.variance is not None:
        scale = found.gamma / (found.variance + found.epsilon) ** 0.5
        shift = found.beta - scale * found.mean
        lines = [f"mean {format_number(found.mean)} · variance {format_number(found.variance)}"]
        does = f"value × {format_number(scale)} {'−' if shift < 0 else '+'} {format_number(abs(shift))}"
    else:
        lines, does = ["mean and variance are those of the picture"], ""
    lines.insert(0, f"gamma {format_number(found.gamma)} · beta {format_number(found.beta)}")
    return [*lines, *([does] if does else [])]


class KernelView(QWidget):
    """A heading, a sentence, the picture or the strip of the weights, and their numbers; a button leads to their layer."""

    layer_wanted = Signal(str)  # key of the layer whose kernel is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details: ChannelDetails | None = None
        self._hint = ""
        self._heading = ElidedLabel(self)
        self._heading.setProperty("heading", True)
        self._go = QPushButton("Show layer", self)
        self._go.setToolTip("Show the layer whose kernel this is (Space)")
        self._words, self._numbers, self._normalisation = (QLabel(self) for _ in range(3))
        for label in (self._words, self._numbers, self._normalisation):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("muted", True)
        self.picture = KernelPicture(self)
        self.strip = UnitStrip(self)
        self.strip.setAccessibleName("Weights")
        self._marked = ElidedLabel(self, muted=True)
        self._beside = QLabel(self)
        self._beside.setTextFormat(Qt.TextFormat.PlainText)
        self._beside.setProperty("muted", True)
        self._beside.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self._go.clicked.connect(self._lead)
        self.picture.kernel_marked.connect(self._explain)
        self.strip.unit_chosen.connect(self._explain_weight)
        self.show_details(None)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._go)
        middle = QHBoxLayout()
        middle.setSpacing(3 * theme.GRID)
        middle.addWidget(self.picture, 1, Qt.AlignmentFlag.AlignTop)
        middle.addWidget(self._beside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.GRID)
        column.addLayout(top)
        column.addWidget(self._words)
        column.addWidget(self._normalisation)
        column.addWidget(self._numbers)
        column.addLayout(middle)
        column.addWidget(self.strip)
        column.addWidget(self._marked)

    @property
    def text(self) -> str:
        """All that is written."""
        labels = (self._heading, self._words, self._normalisation, self._numbers, self._beside, self._marked)
        return "\n".join(label.text() for label in labels if not label.isHidden() and label.text())

    def show_details(self, details: ChannelDetails | None) -> None:
        """Show what is known of another channel."""
        self._details = details
        kernel = details.kernel if details is not None else None
        self.setVisible(details is not None)
        self._hint = ""
        if kernel is not None and not is_rgb(kernel):
            self._hint = "click a weight to see which it is" if kernel.is_linear else "point at a kernel to see which it is"
        self._write(self._marked, self._hint)
        rgb, linear = kernel is not None and is_rgb(kernel), kernel is not None and kernel.is_linear
        self._write(self._heading, self._title(kernel))
        self._write(self._words, details.words if details is not None else "")
        found = details.normalisation if details is not None else None
        self._write(self._normalisation, "\n".join(normalisation_facts(found)) if found is not None else "")
        self._write(self._numbers, self._number_words(kernel) if kernel is not None and not rgb else "")
        self._write(self._beside, "\n".join(kernel_facts(kernel)) if kernel is not None and rgb else "")
        self.picture.setVisible(kernel is not None and not linear)
        self.picture.set_kernel(kernel if not linear else None)
        # The numbers stand right beside a single picture; a grid takes all the width there is.
        self.picture.setMaximumWidth(self.picture.sizeHint().width() if rgb else _NO_LIMIT)
        self.strip.setVisible(linear)
        if kernel is not None and linear:
            self.strip.set_values(kernel.weights.ravel())
        self._go.setVisible(kernel is not None and details is not None and kernel.layer != details.layer)

    def _title(self, kernel: Kernel | None) -> str:
        if self._details is None:
            return ""
        if kernel is None:
            return "Normalisation" if self._details.normalisation is not None else "Kernel"
        noun = "Weights" if kernel.is_linear else "Kernel"
        return noun if kernel.layer == self._details.layer else f"{noun} of {kernel.layer}"

    @staticmethod
    def _number_words(kernel: Kernel) -> str:
        words = " · ".join(kernel_facts(kernel))
        reach = format_number(float(abs(kernel.weights).max()))
        order = "" if kernel.is_linear or len(kernel.weights) == 1 else "sorted by norm · "
        return f"{words}\n{order}blue −{reach}, orange {reach}"

    @staticmethod
    def _write(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    @Slot(str)
    def _explain(self, words: str) -> None:
        self._marked.setText(words or self._hint)

    @Slot(int)
    def _explain_weight(self, unit: int) -> None:
        kernel = self._details.kernel if self._details is not None else None
        if kernel is not None and unit < len(kernel.weights):
            self.strip.set_marked(unit)
            self._explain(f"input unit {unit}: weight {format_number(float(kernel.weights[unit, 0, 0]))}")

    @Slot()
    def _lead(self) -> None:
        if self._details is not None and self._details.kernel is not None:
            self.layer_wanted.emit(self._details.kernel.layer)

    def changeEvent(self, event: QEvent) -> None:
        """Write in tabular figures, whatever the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_beside"):
            for label in (self._numbers, self._normalisation, self._beside):
                label.setFont(theme.tabular(self.font()))
