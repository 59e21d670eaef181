"""Pictures on their way into the strip, and their thumbnails: what the disk thread is asked for and answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from core import paths
from core.settings import MAX_RECENT
from core.types import DiscoverRequest, Failure, ImageRef, ThumbnailRequest
from gui.state import AppState
from gui.threads.disk_thread import DiskThread, Found, KeepRequest

THUMBNAIL_SIDE = 168
"""Pixels: the square of 56 that the strip cuts from the middle, at device pixel ratio 2, for pictures of up to 3:2."""


class Intake(QObject):
    """Owns the disk thread. Pictures come in parts, one a turn of the event loop, so that painting and keys get theirs.

    Parameters
    ----------
    state
        Where the pictures go.
    next_id
        Gives each request an id of its own.
    """

    rested = Signal()  # nothing is under way any more, or less than before
    recent_added = Signal(object)  # Path of a file or folder that was opened

    def __init__(self, state: AppState, next_id: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._next_id = next_id
        self.disk = DiskThread(self)
        self._arriving: set[int] = set()
        self._thumbnails = 0
        self._parts: deque[Found] = deque()
        self._to_show: tuple[ImageRef, ImageRef | None] | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._take_part)
        self.disk.found.connect(self._found)
        self.disk.failed.connect(state.raise_notice)
        self.disk.thumbnail_made.connect(state.add_thumbnail)
        self.disk.thumbnails_done.connect(self._thumbnails_done)
        state.thumbnails_wanted.connect(self._thumbnails_wanted)

    def start(self) -> None:
        """Start the thread."""
        self.disk.start()

    def stop(self, milliseconds: int) -> bool:
        """Stop the thread; False if it is still busy after that time."""
        return self.disk.stop(milliseconds)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not (self._arriving or self._thumbnails or self._turn.isActive())

    def open_paths(self, sources: tuple[Any, ...], *, show: bool = True) -> None:
        """Add the pictures among files and folders to the strip; with ``show`` the first becomes the current one."""
        self._expect(DiscoverRequest(self._next_id(), tuple(sources), show))

    def keep_picture(self, image: QImage) -> None:
        """Add a picture that has no file (pasted, or dropped by a browser)."""
        self._expect(KeepRequest(self._next_id(), image, paths.data_dir() / "pasted"))

    def _expect(self, request: DiscoverRequest | KeepRequest) -> None:
        self._arriving.add(request.id)
        self.disk.submit(request)

    @Slot(object)
    def _thumbnails_wanted(self, images: tuple[ImageRef, ...]) -> None:
        self._thumbnails = self._next_id()
        self.disk.submit(ThumbnailRequest(self._thumbnails, images, THUMBNAIL_SIDE))

    @Slot(int)
    def _thumbnails_done(self, request_id: int) -> None:
        if self._thumbnails == request_id:
            self._thumbnails = 0
            self.rested.emit()

    @Slot(object)
    def _found(self, found: Found) -> None:
        self._parts.append(found)
        self._turn.start()

    @Slot()
    def _take_part(self) -> None:
        if self._to_show is not None:
            (image, before), self._to_show = self._to_show, None
            # Whoever chose another picture meanwhile keeps it.
            if self._state.image == before:
                self._state.set_image(image)
        elif self._parts:
            self._take_in(self._parts.popleft())
        else:
            self._turn.stop()
            self.rested.emit()

    def _take_in(self, found: Found) -> None:
        request, images = found.request, found.images
        self._state.append_images(images)
        show = isinstance(request, KeepRequest) or request.show
        if images and found.first and (show or self._state.image is None):
            self._to_show = (images[0], self._state.image)
        if found.last:
            self._arriving.discard(request.id)
            if isinstance(request, DiscoverRequest):
                self._tell_what_was_found(request, nothing=found.first and not images)

    def _tell_what_was_found(self, request: DiscoverRequest, *, nothing: bool) -> None:
        for source in reversed(request.paths[:MAX_RECENT]):
            self.recent_added.emit(source)
        if nothing and request.paths:
            names = ", ".join(source.name or str(source) for source in request.paths[:3])
            self._state.raise_notice(Failure("missing", f"No pictures were found in {names}."))
