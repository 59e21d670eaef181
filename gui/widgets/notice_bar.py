"""Sentences that stay until they are dismissed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from core.types import Failure
from gui import theme
from gui.state import AppState


class NoticeBar(QWidget):
    """A strip above the content, hidden while there is nothing to say; the oldest notice first, others wait."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue: list[Failure] = []
        self._dismissed = 0
        self.setObjectName("noticeBar")
        self.setAccessibleName("Notice")
        self._text = self._make_text()
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        self._copy = self._make_copy()
        self._copy.clicked.connect(state.trouble.want_copy)
        self._close = self._make_close()
        self._frame = QFrame(self)
        around = QVBoxLayout(self)
        around.setContentsMargins(8, 0, 8, 0)
        self._count.setFixedHeight(self._close.sizeHint().height())
        around.addWidget(self._frame)
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._count, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._set_up_escape()
        state.notice_raised.connect(self.add)
        state.notices_ended.connect(self.withdraw)
        self.hide()

    def _make_text(self) -> QLabel:
        text = QLabel(self)
        text.setObjectName("noticeText")
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return text

    def _make_copy(self) -> QPushButton:
        copy = QPushButton("Copy diagnostics", self)
        copy.setObjectName("copyDiagnostics")
        copy.setAutoDefault(True)  # Enter presses it, too
        copy.setToolTip("Copy versions, what happened in this run and the end of the log; nothing is sent anywhere")
        return copy

    def _make_close(self) -> QToolButton:
        close = QToolButton(self)
        close.setObjectName("dismissNotice")
        close.setAutoRaise(True)
        close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        close.setIcon(theme.icon("cancel", self))
        close.setAccessibleName("Dismiss the notice")
        close.setToolTip("Dismiss (Escape)")
        close.clicked.connect(self.dismiss)
        return close

    def _set_up_escape(self) -> None:
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.dismiss)
        # Somebody else may use Escape too; a notice that stays then would be worse than one key that does two things.
        escape.activatedAmbiguously.connect(self.dismiss)

    @property
    def notices(self) -> tuple[Failure, ...]:
        """What is shown, and what waits behind it."""
        return tuple(self._queue)

    @Slot(object)
    def add(self, failure: Failure) -> None:
        """Show a notice, or let it wait behind the others; one that is there already is not repeated."""
        if failure in self._queue:
            return
        self._queue.append(failure)
        self._show_first()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    @Slot(object)
    def withdraw(self, notices: tuple[Failure, ...]) -> None:
        """Take notices away that are true no more, as if they had never been."""
        self._queue = [one for one in self._queue if one not in notices]
        if not self._queue:
            self._dismissed = 0
        self._show_first()

    @Slot()
    def dismiss(self) -> None:
        """Take the shown notice away; the next one follows."""
        if self._queue:
            del self._queue[0]
            self._dismissed += 1
        if not self._queue:
            self._dismissed = 0
        self._show_first()

    def _show_first(self) -> None:
        if not self._queue:
            self.hide()
            return
        failure = self._queue[0]
        if self._text.text() != failure.message:
            self._text.setText(failure.message)
        self._text.setAccessibleName(f"Notice: {failure.message}")
        self._dress("remark" if failure.kind == "note" else "error")
        self._text.setToolTip(str(failure.path) if failure.path is not None else "")
        self._copy.setVisible(failure.kind == "internal")
        total = self._dismissed + len(self._queue)
        self._count.setText(f"{self._dismissed + 1} of {total}")
        self._count.setVisible(total > 1)
        self.show()

    def _dress(self, kind: str) -> None:
        if self._frame.property("notice") != kind:
            self._frame.setProperty("notice", kind)
            # A style sheet looks at a property only when it is told to.
            self._frame.style().unpolish(self._frame)
            self._frame.style().polish(self._frame)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and hasattr(self, "_close"):
            self._close.setIcon(theme.icon("cancel", self))
