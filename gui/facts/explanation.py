"""Why a category: what is asked for, how far it is, and what was found."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import METHODS, Explanation, Failure, JobProgress, Method


class ExplanationFacts(QObject):
    """The method and the layer that a person chose, and the explanation of the current picture and category."""

    method_changed = Signal(str)  # key of METHODS
    follows_layer_changed = Signal(bool)  # True: the chosen layer; False: the last layer with a map
    watched_changed = Signal(bool)  # the panel is on the screen
    kept_changed = Signal(bool)  # the explanation is wanted over the picture, even while the panel is not on the screen
    wanted = Signal()  # a person asks for the explanation now, however long it takes
    called_off = Signal()  # a person has waited long enough
    found_changed = Signal(object)  # Explanation | None
    failure_changed = Signal(object)  # Failure | None: why there is none
    progress_changed = Signal(object)  # JobProgress | None: None while nothing is under way

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.method: str = next(iter(METHODS))
        self.follows_layer: bool = False
        self.watched: bool = False
        self.kept: bool = False
        self.found: Explanation | None = None
        self.failure: Failure | None = None
        self.progress: JobProgress | None = None

    @property
    def about(self) -> Method:
        """The chosen method."""
        return METHODS[self.method]

    def set_method(self, method: str) -> None:
        """Choose a method; KeyError for one that does not exist."""
        if METHODS[method].key != self.method:
            self.method = method
            self.method_changed.emit(method)

    def set_follows_layer(self, follows: bool) -> None:
        """Look at the chosen layer, or at the last one with a map."""
        if follows != self.follows_layer:
            self.follows_layer = follows
            self.follows_layer_changed.emit(follows)

    def set_watched(self, watched: bool) -> None:
        """Note whether somebody can see the panel."""
        if watched != self.watched:
            self.watched = watched
            self.watched_changed.emit(watched)

    def set_kept(self, kept: bool) -> None:
        """Note whether the explanation stays over the picture when the panel goes."""
        if kept != self.kept:
            self.kept = kept
            self.kept_changed.emit(kept)

    def want(self) -> None:
        """Ask for the explanation now."""
        self.wanted.emit()

    def call_off(self) -> None:
        """Give up what is under way."""
        self.called_off.emit()

    def set_found(self, found: Explanation | None) -> None:
        """Note the explanation, or that there is none."""
        if found is not self.found:
            self.found = found
            self.found_changed.emit(found)

    def set_failure(self, failure: Failure | None) -> None:
        """Note why there is no explanation."""
        if failure != self.failure:
            self.failure = failure
            self.failure_changed.emit(failure)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far it is."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)
