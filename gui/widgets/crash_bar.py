"""Says that the last run ended unexpectedly, and offers what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.facts.trouble import Offer
from gui.state import AppState


class CrashBar(QWidget):
    """A strip above the content: a sentence and up to three buttons. It blocks nothing; Escape in it goes on without."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.trouble
        self.setObjectName("crashBar")
        self.setAccessibleName("The last run")
        self._words = self._make_words()
        self.without = self._make_button("crashGoOn")
        self.again = self._make_button("crashLoadAgain", "Load it again")
        self.copy = self._make_button("crashCopy", "Copy diagnostics")
        self.without.clicked.connect(self._facts.dismiss)
        self.again.clicked.connect(self._facts.load_again)
        self.copy.clicked.connect(self._facts.want_copy)
        self._lay_out()
        self._facts.changed.connect(self.show_offer)

    def _make_words(self) -> QLabel:
        words = QLabel(self)
        words.setObjectName("crashText")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return words

    def _make_button(self, name: str, text: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoDefault(True)  # Enter presses it, too
        return button

    def _lay_out(self) -> None:
        frame = QFrame(self)
        frame.setProperty("notice", "remark")
        around = QVBoxLayout(self)
        around.setContentsMargins(8, 0, 8, 0)
        around.addWidget(frame)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for button in (self.without, self.again, self.copy):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setTabOrder(self.without, self.again)
        self.setTabOrder(self.again, self.copy)

    @Slot(object)
    def show_offer(self, offer: Offer | None) -> None:
        """Show an offer, with the keyboard on the careful choice; None hides the strip."""
        if offer is None:
            self.hide()
            return
        self._words.setText(offer.sentence)
        self._words.setAccessibleName(offer.sentence)
        self.without.setText("Go on without it" if offer.without else "Close")
        self.without.setToolTip(
            "Keep the built-in model and take this line away (Escape)" if offer.without else "Take this line away (Escape)"
        )
        self.again.setVisible(offer.again is not None)
        self.again.setToolTip("Load the model that was in use; if it ends the program again, the next start asks again")
        self.copy.setToolTip(f"Copy versions, the log of that run and this one; nothing is sent anywhere\n{offer.log}".strip())
        self.show()
        self.without.setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleEvent(self._words, QAccessible.Event.Alert))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes on without."""
        if event.key() == Qt.Key.Key_Escape:
            self._facts.dismiss()
        else:
            super().keyPressEvent(event)
