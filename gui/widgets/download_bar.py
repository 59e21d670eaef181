"""Offers to download weights, and shows how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.types import DownloadProgress, PublishedWeights, in_megabytes, in_minutes
from gui import theme
from gui.facts.downloads import Download
from gui.state import AppState
from gui.widgets.elided_label import ElidedLabel

_BAR_SIZE = (160, 6)
_STEPS = 1000
_FIRST = {"offered": "Download", "running": "Pause", "paused": "Resume", "failed": "Retry"}
_SECOND = {"offered": "Not now", "running": "Cancel", "paused": "Cancel", "failed": "Close"}
_TIPS = {
    "offered": "Download into torch's cache, and load the weights then",
    "running": "Stop for now; what was received is kept (Ctrl+.)",
    "paused": "Go on from what was received",
    "failed": "Try again; what was received is kept",
}


class DownloadBar(QWidget):
    """A strip above the content, hidden while there is nothing to download: words, a bar, and two buttons."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = state.downloads
        self.setObjectName("downloadBar")
        self.setAccessibleName("Download")
        self._line = ElidedLabel(self)
        self._words = self._make_words()
        self.bar = self._make_bar()
        self._numbers = ElidedLabel(self, muted=True)
        self._numbers.setFont(theme.tabular(self._numbers.font()))
        self.first = self._make_button("downloadFirst")
        self.second = self._make_button("downloadSecond")
        self.first.clicked.connect(self._press_first)
        self.second.clicked.connect(self._press_second)
        self._lay_out()
        self._facts.changed.connect(self._show)
        self._facts.asked_for.connect(self._focus)
        self._show(self._facts.now)

    def _make_words(self) -> QLabel:
        words = QLabel(self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return words

    def _make_bar(self) -> QProgressBar:
        bar = QProgressBar(self)
        bar.setObjectName("downloadProgress")
        bar.setTextVisible(False)
        bar.setFixedSize(*_BAR_SIZE)
        return bar

    def _make_button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoDefault(True)  # Enter presses it, too
        return button

    def _lay_out(self) -> None:
        self._frame = QFrame(self)
        around = QVBoxLayout(self)
        around.setContentsMargins(8, 0, 8, 0)
        around.addWidget(self._frame)
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._line, 2)
        row.addWidget(self._words, 3)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._numbers, 2)
        for button in (self.first, self.second):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setTabOrder(self.first, self.second)

    @Slot(object)
    def _show(self, now: Download) -> None:
        self.setVisible(now.state != "none")
        if now.weights is None or now.state == "none":
            return
        failed, moving = now.state == "failed", now.state in ("running", "paused")
        self._words.setVisible(failed)
        self._line.setVisible(not failed)
        self.bar.setVisible(moving)
        silent = now.progress is not None and now.state == "running" and now.progress.stage in ("connecting", "waiting")
        self._numbers.setVisible(moving and not silent)
        if failed and now.failure is not None:
            self._words.setText(now.failure.message)
        self._line.setText(_sentence(now, now.weights))
        self._show_progress(now)
        size = f" ({in_megabytes(now.weights.size)})" if now.state == "offered" and now.weights.size else ""
        self.first.setText(f"{_FIRST[now.state]}{size}")
        self.second.setText(_SECOND[now.state])
        self.first.setAccessibleName(f"{_FIRST[now.state]} {now.weights.label}")
        self.second.setAccessibleName(f"{_SECOND[now.state]}: download of {now.weights.label}")
        self.first.setToolTip(_TIPS[now.state])
        self.second.setToolTip("Stop, and delete what was received" if moving else "Take this line away")
        self._dress("error" if failed else "remark" if now.state == "offered" else "plain")

    def _show_progress(self, now: Download) -> None:
        progress, weights = now.progress, now.weights
        assert weights is not None
        total = progress.total if progress is not None else weights.size
        done = progress.done if progress is not None else 0
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(min(_STEPS, _STEPS * done // total) if total else 0)
        self.bar.setAccessibleName(f"Download of {weights.label}")
        self._numbers.setText(_numbers(now, done, total))

    def _dress(self, kind: str) -> None:
        if self._frame.property("notice") != kind:
            self._frame.setProperty("panel", kind == "plain")
            self._frame.setProperty("notice", kind)
            # A style sheet looks at a property only when it is told to.
            self._frame.style().unpolish(self._frame)
            self._frame.style().polish(self._frame)

    @Slot()
    def _focus(self) -> None:
        self.first.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _press_first(self) -> None:
        if self._facts.now.state == "running":
            self._facts.pause()
        else:
            self._facts.want()

    @Slot()
    def _press_second(self) -> None:
        if self._facts.busy:
            self._facts.cancel()
        else:
            self._facts.dismiss()


def _sentence(now: Download, weights: PublishedWeights) -> str:
    if now.state == "offered":
        known = [f"{weights.top1:.1f} % top-1"] if weights.top1 is not None else []
        known += [weights.licence] if weights.licence else []
        about = f" ({'; '.join(known)})" if known else ""
        what = "can be downloaded again" if now.again else "is not on this computer"
        return f"{weights.label} {what}{about}."
    if now.state == "paused":
        return f"Paused: {weights.label}"
    progress = now.progress
    if progress is None or progress.stage == "receiving":
        return f"Downloading {weights.label}"
    return f"{weights.label}: {progress.text}"


def _numbers(now: Download, done: int, total: int) -> str:
    parts = [f"{in_megabytes(done)} of {in_megabytes(total)}" if total else in_megabytes(done)]
    progress: DownloadProgress | None = now.progress if now.state == "running" else None
    if progress is not None and progress.stage == "receiving":
        parts += [f"{in_megabytes(round(progress.speed))}/s"] if progress.speed is not None else []
        parts += [f"{in_minutes(progress.seconds_left)} left"] if progress.seconds_left is not None else []
    return " · ".join(parts)
