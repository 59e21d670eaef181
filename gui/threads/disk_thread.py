"""The thread that reads the disk for the strip: finding pictures in folders, thumbnails, keeping pasted pictures."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.errors import LayerscopeError
from core.types import DiscoverRequest, Failure, ImageRef, ThumbnailRequest
from gui.threads.mailbox import Mailbox
from gui.threads.worker_thread import WorkerThread

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """Keep a pasted or dropped picture that has no file as a PNG in ``folder``."""

    id: int
    image: QImage
    folder: Path


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Write a file whole; what is there is replaced. ``make`` gives its content, in the thread."""

    id: int
    path: Path
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the pictures that a request brought; thousands come in several parts, so that no part stalls the window."""

    request: DiscoverRequest | KeepRequest
    images: tuple[ImageRef, ...]
    first: bool = True
    last: bool = True


_ORDERED = (DiscoverRequest, KeepRequest, WriteRequest)

PART = 250
"""Pictures in one :class:`Found`."""


class DiskThread(WorkerThread):
    """Answers :class:`DiscoverRequest`, :class:`KeepRequest`, :class:`WriteRequest` (all, in order) and
    :class:`ThumbnailRequest` (the newest)."""

    found = Signal(object)  # Found
    written = Signal(object, object)  # WriteRequest, Failure | None
    failed = Signal(object)  # Failure
    thumbnail_made = Signal(object, object)  # ImageRef, Pixels | None
    thumbnails_done = Signal(int)  # id of the ThumbnailRequest of which nothing is left

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("disk", Mailbox((ThumbnailRequest,), ordered=_ORDERED), parent)
        self._wanted: deque[ImageRef] = deque()
        self._thumbnails: ThumbnailRequest | None = None

    def answer(self, request: Any) -> None:
        """Answer one request with signals."""
        if isinstance(request, WriteRequest):
            self._write(request)
            return
        try:
            if isinstance(request, ThumbnailRequest):
                self._thumbnails = request
                self._wanted = deque(request.images)
                self._finish_thumbnails()
            elif isinstance(request, DiscoverRequest):
                self._discover(request)
            else:
                self._keep(request)
        except Exception as error:
            log.exception("disk thread")
            self.failed.emit(Failure("internal", f"Reading the dropped files failed: {error}. The log has the details."))
            self.found.emit(Found(request, ()))

    def _discover(self, request: DiscoverRequest) -> None:
        from core.images.discover import discover

        result = discover(request.paths, recursive=True)
        for failure in result.failures:
            self.failed.emit(failure)
        images = result.images
        for start in range(0, max(1, len(images)), PART):
            part = images[start : start + PART]
            self.found.emit(Found(request, part, first=start == 0, last=start + PART >= len(images)))

    def _keep(self, request: KeepRequest) -> None:
        try:
            request.folder.mkdir(parents=True, exist_ok=True)
            path = _free_name(request.folder)
            part = path.with_suffix(".part")
            if not request.image.save(str(part), "PNG"):
                raise OSError("the picture could not be written")
            part.replace(path)
        except OSError as error:
            message = f"The picture could not be kept in {request.folder}: {error}. Save it to a file and open that."
            self.failed.emit(Failure("denied", message))
            self.found.emit(Found(request, ()))
            return
        self.found.emit(Found(request, (ImageRef(path),)))

    def _write(self, request: WriteRequest) -> None:
        from core.jobs.export_files import write_whole

        try:
            write_whole(request.path, request.make())
        except LayerscopeError as error:
            self.written.emit(request, Failure.of(error))
        except Exception as error:
            log.exception("writing %s", request.path)
            self.written.emit(request, Failure("internal", f"Writing {request.path} failed: {error}. The log has the details."))
        else:
            self.written.emit(request, None)

    def has_spare_work(self) -> bool:
        """Whether thumbnails are still wanted."""
        return bool(self._wanted)

    def work_a_little(self) -> None:
        """Make one thumbnail."""
        from core.images.decode import thumbnail

        assert self._thumbnails is not None
        image = self._wanted.popleft()
        try:
            pixels = thumbnail(image, self._thumbnails.side)
        except LayerscopeError:
            pixels = None  # the strip says why once the picture is classified
        except Exception:
            log.exception("thumbnail of %s", image.path)
            pixels = None
        self.thumbnail_made.emit(image, pixels)
        self._finish_thumbnails()

    def _finish_thumbnails(self) -> None:
        if not self._wanted and self._thumbnails is not None:
            self.thumbnails_done.emit(self._thumbnails.id)


def _free_name(folder: Path) -> Path:
    stem = datetime.now().strftime("pasted %Y-%m-%d %H.%M.%S")
    path, number = folder / f"{stem}.png", 2
    while path.exists():
        path, number = folder / f"{stem} ({number}).png", number + 1
    return path
