"""The search for the strongest patches of a channel: where to look, how far it is, what it found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.types import JobProgress, Patch, Patches

MAX_PER_PICTURE = 3


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPatch:
    """A patch that a person went to: its unit is outlined on the picture until something else is chosen."""

    layer: str
    channel: int
    patch: Patch


class PatchSearch(QObject):
    """One search at a time; what it found stays until there is something else to show."""

    find_wanted = Signal()
    stop_wanted = Signal()
    watched_changed = Signal(bool)  # whether somebody can see what is found
    folder_changed = Signal(object)  # Path of the folder that is looked through, or None for the strip
    per_picture_changed = Signal(int)
    answer_changed = Signal(object)  # Patches | None
    progress_changed = Signal(object)  # JobProgress while a search is on, else None
    opened_changed = Signal(object)  # OpenedPatch | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.watched = False
        self.folder: Path | None = None
        self.per_picture = 1
        self.answer: Patches | None = None
        self.progress: JobProgress | None = None
        self.opened: OpenedPatch | None = None

    def find(self) -> None:
        """Ask for the patches of the chosen channel; a search that is on is given up for it."""
        self.find_wanted.emit()

    def stop(self) -> None:
        """Ask for the search to end here."""
        self.stop_wanted.emit()

    def watch(self, watched: bool) -> None:
        """Note whether what is found can be seen."""
        if watched != self.watched:
            self.watched = watched
            self.watched_changed.emit(watched)

    def choose_folder(self, folder: Path | None) -> None:
        """Choose where to look: a folder and what is below it, or the strip (None)."""
        if folder != self.folder:
            self.folder = folder
            self.folder_changed.emit(folder)

    def set_per_picture(self, per_picture: int) -> None:
        """Choose how many patches there may be of one picture, 1 to :data:`MAX_PER_PICTURE`."""
        per_picture = max(1, min(MAX_PER_PICTURE, per_picture))
        if per_picture != self.per_picture:
            self.per_picture = per_picture
            self.per_picture_changed.emit(per_picture)

    def set_answer(self, answer: Patches | None) -> None:
        """Note what was found, all of it or so far."""
        if answer is not self.answer:
            self.answer = answer
            self.answer_changed.emit(answer)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far the search is; None when none is on."""
        if progress is not self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)

    def open(self, patch: Patch) -> None:
        """Go to a patch of the answer."""
        if self.answer is not None:
            self._set_opened(OpenedPatch(self.answer.layer.key, self.answer.channel, patch))

    def leave(self) -> None:
        """Outline it no more."""
        self._set_opened(None)

    def _set_opened(self, opened: OpenedPatch | None) -> None:
        if opened is not self.opened:
            self.opened = opened
            self.opened_changed.emit(opened)
