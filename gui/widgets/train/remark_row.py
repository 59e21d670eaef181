"""Something to know about a data set: a sign and a sentence."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.training.survey_words import Remark
from gui.widgets.signed_sentence import SignedSentence

_MOST_LINES = 30


class RemarkRow(SignedSentence):
    """The tooltip lists all that the sentence is about; one that does not bear on the result has no sign."""

    upright: ClassVar[QSizePolicy.Policy] = QSizePolicy.Policy.Minimum

    def __init__(self, remark: Remark, parent: QWidget | None = None) -> None:
        super().__init__(remark.sentence, "Warning", parent, signed=remark.serious)
        self.remark = remark
        self.text.setToolTip(_lines(remark))
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


def _lines(remark: Remark) -> str:
    rest = len(remark.details) - _MOST_LINES
    return "\n".join((*remark.details[:_MOST_LINES], *((f"… and {rest:,} more",) if rest > 0 else ())))
