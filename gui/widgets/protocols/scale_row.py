"""Chooses the scales Q of a protocol: one with a slider, or several in words."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QStackedWidget, QWidget

from gui import theme
from gui.facts.protocols import MOST
from gui.itemmodels.view_words import scales_text
from gui.state import AppState
from gui.widgets.protocols.scale_slider import ScaleSlider

MANY = 6
"""So many scales are enough for anybody; each costs its own passes."""


def read_scales(text: str, side: int) -> tuple[tuple[int, ...], str]:
    """Read "256, 384, 512": the scales, ascending, each once; and a sentence on what is wrong with the text, or ""."""
    words = [word for word in re.split(r"[\s,;]+", text.strip()) if word]
    strange = next((word for word in words if not (word.isascii() and word.isdecimal())), None)
    if not words:
        return (), "Write one scale or more: the short side in pixels, such as 256, 384."
    if strange is not None:
        return (), f"“{strange}” is not a whole number of pixels."
    scales = sorted({int(word) for word in words})
    if scales[0] < side:
        return (), f"{scales[0]} is less than the {side} pixels that the network looks at."
    if scales[-1] > MOST * side:
        return (), f"{scales[-1]} is more than {MOST * side}, {MOST} times what the network looks at."
    if len(scales) > MANY:
        return (), f"{len(scales)} scales are more than {MANY}."
    return tuple(scales), ""


class ScaleRow(QWidget):
    """A slider for a single scale, and beside it a number, or a list where the protocol takes several.

    While the slider is dragged, quick protocols follow; others when it is let go.
    """

    complained = Signal(str)  # what is wrong with what is typed; "" when nothing is

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.protocols
        self._wrong = ""
        self.slider = ScaleSlider(self)
        self.slider.setObjectName("protocolScaleSlider")
        self.slider.setAccessibleName("Scale Q")
        self.number = QSpinBox(self)
        self.number.setObjectName("protocolScale")
        self.number.setAccessibleName("Scale Q in pixels")
        self.number.setKeyboardTracking(False)
        self.list = QLineEdit(self)
        self.list.setObjectName("protocolScales")
        self.list.setAccessibleName("Scales Q in pixels")
        self._fields = QStackedWidget(self)
        self._fields.addWidget(self.number)
        self._fields.addWidget(self.list)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.slider, 1)
        row.addWidget(self._fields)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self._let_go)
        self.number.valueChanged.connect(self._set_one)
        self.list.textEdited.connect(self._check)
        self.list.editingFinished.connect(self._take_list)
        self._facts.protocol_changed.connect(self._show)
        self._facts.ground_changed.connect(self._show)
        self._show()

    @property
    def tab_chain(self) -> tuple[QWidget, ...]:
        """What Tab walks through, in order."""
        return self.slider, self.number, self.list

    @Slot()
    def _show(self) -> None:
        """Show what is chosen, without telling anybody."""
        facts, kind = self._facts, self._facts.kind
        scales = facts.scales
        ready = bool(facts.side) and kind.takes_scales
        self._fields.setCurrentWidget(self.list if kind.many else self.number)
        self._fields.setFixedWidth(self.fontMetrics().horizontalAdvance("256, 384, 512") + 20 if kind.many else 76)
        for part in (self.slider, self.number):
            part.blockSignals(True)
            part.setRange(facts.side, MOST * facts.side)
            if len(scales) == 1 and not (part is self.slider and self.slider.isSliderDown()):
                part.setValue(scales[0])
            part.blockSignals(False)
        self.slider.set_marks(self._marks())
        self.slider.setEnabled(ready and len(scales) == 1)
        self.number.setEnabled(ready)
        self.list.setEnabled(ready)
        if not (self.list.hasFocus() and self._wrong):
            self.list.setText(scales_text(scales))
            self._complain("")
        self._explain(len(scales))

    def _marks(self) -> tuple[int, ...]:
        return tuple(sorted({scale for scales in self._facts.usual.values() for scale in scales}))

    def _explain(self, count: int) -> None:
        facts = self._facts
        between = f"from {facts.side} to {MOST * facts.side} pixels; marks: {scales_text(self._marks())}"
        if not facts.kind.takes_scales:
            words = "This protocol takes the picture as the weights ask for it"
        elif count > 1:
            words = f"Several scales: change them in the list. {between}"
        else:
            words = f"Short side of the resized picture, {between}"
        self.slider.setToolTip(words)
        self.slider.setAccessibleDescription(words)
        self.number.setToolTip(f"Short side of the resized picture, {between} (Up, Down)")
        self.list.setToolTip(f"Short sides of the resized picture, such as 256, 384, 512; each {between} (Return)")

    @Slot(int)
    def _slide(self, scale: int) -> None:
        self.number.blockSignals(True)
        self.number.setValue(scale)
        self.number.blockSignals(False)
        if self._facts.kind.many:
            self.list.setText(str(scale))
        if not self.slider.isSliderDown() or self._facts.quick:
            self._set_one(scale)

    @Slot()
    def _let_go(self) -> None:
        self._set_one(self.slider.value())

    @Slot(int)
    def _set_one(self, scale: int) -> None:
        self._set((scale,))

    def _set(self, scales: tuple[int, ...]) -> None:
        """Choose scales; what a person had begun before is begun again for them."""
        facts = self._facts
        if scales == facts.scales:
            return
        again = not facts.quick and (facts.answer is not None or facts.progress is not None)
        facts.set_scales(scales)
        if again:
            facts.want()

    @Slot(str)
    def _check(self, text: str) -> None:
        self._complain(read_scales(text, self._facts.side)[1])

    def _complain(self, wrong: str) -> None:
        if wrong != self._wrong:
            self._wrong = wrong
            self.list.setAccessibleDescription(wrong)
            self.complained.emit(wrong)

    @Slot()
    def _take_list(self) -> None:
        """Take what is typed; what is wrong gives way to the last good list when the keyboard goes elsewhere."""
        scales, wrong = read_scales(self.list.text(), self._facts.side)
        if not wrong:
            self._complain("")
            self._set(scales)
        elif not self.list.hasFocus():
            self.list.setText(scales_text(self._facts.scales))
            self._complain("")

    def event(self, event: QEvent) -> bool:
        """Escape belongs to the list while something wrong stands in it."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and is_escape and self._wrong:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the last good list back."""
        if event.key() == Qt.Key.Key_Escape and self._wrong:
            self.list.setText(scales_text(self._facts.scales))
            self._complain("")
            return
        super().keyPressEvent(event)
