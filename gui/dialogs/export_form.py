"""The controls of the export dialog, without their meaning."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.dialogs.export_choice import PAPERS, STATISTICS, TENSOR, WHATS
from gui.figures.formats import SCALES
from gui.figures.kinds import CHANNEL, MAPS, PICTURE
from gui.widgets.wrapped_label import WrappedLabel

WIDTH = 332

_HINTS = {
    MAPS: "Figure of all channels of the layer, in the order and the colours of the window",
    CHANNEL: "Figure of the chosen channel, with its values",
    PICTURE: "Figure of the picture with the overlays that are shown",
    TENSOR: "All values of the layer, with its name, shape, preprocessing and the hash of the weights",
    STATISTICS: "A table: mean, deviation, extremes and share of zeros of each channel",
}


class ExportForm(QWidget):
    """A column of choices; the dialog says which of them there are, and what they bring about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.whats = {what: QRadioButton(self) for what in WHATS}
        self.format = self._combo("format", "Format")
        self.scale = self._combo("scale", "Size")
        self.paper = self._combo("paper", "Colours")
        self.labels = QCheckBox("&Title, labels and legend", self)
        self.one, self.all = QRadioButton("This &picture", self), QRadioButton(self)
        self.target = QLineEdit(self)
        self.target.setObjectName("exportTarget")
        self.browse = QPushButton("&Browse…", self)
        self.replace = QCheckBox("&Replace files of the same name", self)
        self.message = WrappedLabel(3, self)
        self.message.setAccessibleName("What will happen")
        self._group_whats = self._group(self.whats.values())
        self._group_pictures = self._group((self.one, self.all))
        self._fill()
        self._explain()
        self._lay_out()

    def _combo(self, name: str, title: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName(f"export_{name}")
        combo.setAccessibleName(title)
        return combo

    def _group(self, buttons: object) -> QButtonGroup:
        group = QButtonGroup(self)
        for button in buttons:  # type: ignore[attr-defined]
            group.addButton(button)
        return group

    def _fill(self) -> None:
        for scale in SCALES:
            self.scale.addItem(f"{scale}×", scale)
        for key, words in PAPERS.items():
            self.paper.addItem(words, key)

    def _explain(self) -> None:
        for what, words in _HINTS.items():
            self.whats[what].setToolTip(words)
        self.one.setToolTip("One file of what is on the screen")
        self.target.setToolTip("Where the file goes; it can be typed in")
        self.format.setToolTip("SVG and PDF stay sharp at any size; PNG has the pixels that you choose below")
        self.scale.setToolTip("Pixels of a PNG for each unit of the figure (1/96 inch)")
        self.paper.setToolTip("White for print, or the colours of the window")
        self.labels.setToolTip("Without them only the pixels of the maps or of the picture are left")
        self.all.setToolTip("One file a picture, in the folder below; a picture that cannot be read is passed over and named")
        self.replace.setToolTip("Otherwise files that are there already stay, and the new ones get a number")
        self.target.setAccessibleName("File or folder")
        self.browse.setToolTip("Choose the file or the folder in a dialog")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        self._title(column, "What")
        for button in self.whats.values():
            column.addWidget(button)
        self._title(column, "How")
        form = QFormLayout()
        form.setSpacing(2 * theme.GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for words, combo in (("&Format", self.format), ("&Size", self.scale), ("&Colours", self.paper)):
            form.addRow(words, combo)
        form.addRow(self.labels)
        column.addLayout(form)
        self._title(column, "Where to")
        column.addWidget(self.one)
        column.addWidget(self.all)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.target, 1)
        row.addWidget(self.browse)
        column.addLayout(row)
        column.addWidget(self.replace)
        column.addWidget(self.message)
        column.addStretch(1)

    def _title(self, column: QVBoxLayout, words: str) -> None:
        title = QLabel(words, self)
        title.setProperty("heading", True)
        if column.count():
            column.addSpacing(3 * theme.GRID)
        column.addWidget(title)

    def say(self, words: str, *, wrong: bool) -> None:
        """Write below the controls what will happen, or what stands in the way."""
        self.message.setText(words)
        tone = "error" if wrong else ""
        if self.message.property("tone") != tone:
            self.message.setProperty("tone", tone)
            self.message.setProperty("muted", not wrong)
            # A style sheet looks at a property only when it is told to.
            self.message.style().unpolish(self.message)
            self.message.style().polish(self.message)
