"""A problem of a weights file: a sign and a sentence."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.types import Finding
from gui.widgets.signed_sentence import SignedSentence


class FindingRow(SignedSentence):
    """Its accessible name says that it is a problem."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(finding.message, "Problem", parent)
        self.finding = finding
