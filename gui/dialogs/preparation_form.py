"""The fields of the preprocessing editor, without what they bring about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from core.types import Preprocessing
from gui import theme

INTERPOLATIONS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
LARGEST = 4096

Numbers = tuple[float, ...]

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PRESETS: dict[str, tuple[Numbers, Numbers, str]] = {
    "ImageNet": (*_IMAGENET, "RGB"),
    "0.5 / 0.5 (tutorials)": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "RGB"),
    "0 to 1, without normalisation": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "RGB"),
    "0 to 255, ImageNet mean taken off": (_IMAGENET[0], (1 / 255, 1 / 255, 1 / 255), "RGB"),
    "Caffe: BGR, 0 to 255, mean taken off": ((103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255, 1 / 255, 1 / 255), "BGR"),
}
"""Mean, standard deviation and order of the channels, on the scale [0, 1] of the pixels; sizes are left as they are."""


class PreparationForm(QWidget):
    """Sizes, filter, order of the channels, mean and standard deviation."""

    changed = Signal()
    preset_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self._channels = 3
        self.preset = QComboBox(self)
        self.preset.addItem("Choose…")
        self.preset.addItems(list(PRESETS))
        self.short_side = QRadioButton("S&hort side", self)
        self.exact = QRadioButton("E&xactly", self)
        self.side, self.height_field, self.width_field, self.crop = (self._size() for _ in range(4))
        self.interpolation, self.order = QComboBox(self), QComboBox(self)
        self.interpolation.addItems(list(INTERPOLATIONS))
        self.order.addItems(["RGB", "BGR"])
        self.mean, self.std = QLineEdit(self), QLineEdit(self)
        self._name()
        self._lay_out()
        self._connect()

    def _size(self) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(1, LARGEST)
        field.setKeyboardTracking(True)
        field.setSuffix(" px")
        field.setFixedSize(92, 6 * theme.GRID)
        return field

    def _name(self) -> None:
        for widget, name, tip in (
            (self.preset, "Preset", "Mean, standard deviation and order of the channels that are often met"),
            (self.short_side, "Resize the short side", "Keep the picture’s proportions"),
            (self.exact, "Resize to an exact height and width", "Squeeze the picture, as Resize((224, 224)) does"),
            (self.side, "Short side in pixels", ""),
            (self.height_field, "Height in pixels", ""),
            (self.width_field, "Width in pixels", ""),
            (self.crop, "Side of the centre crop in pixels", "The network sees a square of this side from the middle"),
            (self.interpolation, "Interpolation", "The filter of the resize"),
            (self.order, "Order of the channels", "Caffe’s models take BGR"),
            (self.mean, "Mean", "Taken off each channel of the pixels from 0 to 1; three numbers, or one for all"),
            (self.std, "Standard deviation", "Each channel is divided by it; 1/255 brings pixels to 0 to 255"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip or name)

    def _lay_out(self) -> None:
        resize = QGridLayout()
        resize.setHorizontalSpacing(2 * theme.GRID)
        resize.setVerticalSpacing(theme.GRID)
        resize.addWidget(self.short_side, 0, 0)
        resize.addWidget(self.side, 0, 1)
        for column, widget in enumerate((self.exact, self.height_field, QLabel("×", self), self.width_field)):
            resize.addWidget(widget, 1, column)
        resize.setColumnStretch(4, 1)
        filters = QHBoxLayout()
        filters.setSpacing(2 * theme.GRID)
        channels = QLabel("Cha&nnels", self)
        channels.setBuddy(self.order)
        for widget in (self.interpolation, channels, self.order):
            filters.addWidget(widget)
        filters.addStretch(1)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(2 * theme.GRID)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (
            ("&Preset", self.preset), ("Resize", resize), ("C&rop", self.crop), ("&Interpolation", filters),
            ("&Mean", self.mean), ("S&td", self.std),
        ):
            form.addRow(words, field)
        label = form.labelForField(filters)
        if isinstance(label, QLabel):
            label.setBuddy(self.interpolation)

    def _connect(self) -> None:
        self.preset.activated.connect(self._choose_preset)
        self.short_side.toggled.connect(self._show_mode)
        for field in (self.side, self.height_field, self.width_field, self.crop):
            field.valueChanged.connect(self.changed)
        for combo in (self.interpolation, self.order):
            combo.activated.connect(self.changed)
        for text in (self.mean, self.std):
            text.textEdited.connect(self._name_numbers)
            text.textEdited.connect(self.changed)
        self.order.activated.connect(self._name_numbers)

    @Slot(int)
    def _choose_preset(self, row: int) -> None:
        if row > 0:
            self.preset_chosen.emit(self.preset.itemText(row))

    @Slot()
    def _name_numbers(self) -> None:
        """Show the preset that the numbers are, if they are one: those of another must not stand under its name."""
        mean, std = (_parse(field.text()) for field in (self.mean, self.std))
        name = _name_of(mean or (), std or (), self.order.currentText())
        self.preset.setCurrentIndex(self.preset.findText(name))

    @Slot()
    def _show_mode(self) -> None:
        short = self.short_side.isChecked()
        self.side.setEnabled(short)
        self.height_field.setEnabled(not short)
        self.width_field.setEnabled(not short)
        self.changed.emit()

    def show_preprocessing(self, how: Preprocessing) -> None:
        """Show a preprocessing without telling anybody."""
        blocked = self.blockSignals(True)
        exact = isinstance(how.resize, tuple)
        height, width = how.resize if isinstance(how.resize, tuple) else (how.crop, how.crop)
        (self.exact if exact else self.short_side).setChecked(True)
        self.side.setValue(how.resize if isinstance(how.resize, int) else min(height, width))
        self.height_field.setValue(height)
        self.width_field.setValue(width)
        self._show_mode()
        self.crop.setValue(how.crop)
        name = "nearest" if how.interpolation == "nearest-exact" else how.interpolation
        self.interpolation.setCurrentText(name)
        self._show_numbers(how.mean, how.std, how.order)
        self.blockSignals(blocked)

    def _show_numbers(self, mean: Sequence[float], std: Sequence[float], order: str) -> None:
        self.mean.setText(_numbers_text(mean))
        self.std.setText(_numbers_text(std))
        self.order.setCurrentText(order)
        self._channels = len(mean)
        self.preset.setCurrentIndex(self.preset.findText(_name_of(mean, std, order)))

    def take_preset(self, preset: tuple[Numbers, Numbers, str]) -> None:
        """Show the numbers of a preset, without telling anybody."""
        mean, std, order = preset
        if self._channels == 1:
            mean, std, order = (sum(mean) / 3,), (sum(std) / 3,), "RGB"
        self._show_numbers(mean, std, order)

    def preprocessing(self) -> Preprocessing | None:
        """What is chosen; None where a number cannot be read, and ``problem`` says why."""
        mean, std = self._read(self.mean), self._read(self.std)
        if mean is None or std is None:
            return None
        self.problem = ""
        short = self.short_side.isChecked()
        return Preprocessing(
            resize=self.side.value() if short else (self.height_field.value(), self.width_field.value()),
            crop=self.crop.value(),
            interpolation=self.interpolation.currentText(),
            mean=mean,
            std=std,
            source="changed by you",
            order="BGR" if self.order.currentText() == "BGR" else "RGB",
        )

    def _read(self, field: QLineEdit) -> Numbers | None:
        numbers = _parse(field.text())
        if numbers is not None and len(numbers) == 1:
            numbers = numbers * self._channels
        if numbers is None or len(numbers) != self._channels:
            wanted = "one number" if self._channels == 1 else f"{self._channels} numbers, or one for all channels"
            self.problem = f"{field.accessibleName()}: {wanted}, such as 0.5 or 1/255."
            return None
        return numbers


def _parse(text: str) -> Numbers | None:
    """Read "0.485, 0.456 0.406" or "1/255"; None for anything else."""
    parts = text.replace(",", " ").replace(";", " ").split()
    try:
        return tuple(_number(part) for part in parts) or None
    except (ValueError, ZeroDivisionError):
        return None


def _number(text: str) -> float:
    above, slash, below = text.partition("/")
    return float(above) / float(below) if slash else float(above)


def _numbers_text(numbers: Sequence[float]) -> str:
    return ", ".join(_number_text(number) for number in numbers)


def _number_text(number: float) -> str:
    if abs(number * 255 - 1) < 1e-9:
        return "1/255"
    return repr(float(number)) if float(f"{number:.6g}") != number else f"{number:.6g}"


def _name_of(mean: Sequence[float], std: Sequence[float], order: str) -> str:
    for name, preset in PRESETS.items():
        if _same(preset[0], mean) and _same(preset[1], std) and preset[2] == order:
            return name
    return "Choose…"


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))
