"""Writing files: activations by the inference thread, figures by the disk thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal, Slot

from core.types import ExportReport, ExportRequest, Failure, ImageRef, JobProgress
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState
from gui.threads.disk_thread import WriteRequest

_NAMED = 3
"""Pictures without a file that are named in a notice."""


class ExportDesk(Desk):
    """Has files written and says what became of them: in passing what went well, to stay what did not."""

    kinds = (ExportRequest,)

    told = Signal(str)  # what was written: a sentence for a moment

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self._going: ExportRequest | None = None
        self._done = 0
        state.model_changed.connect(self._hear_model)
        conductor.intake.disk.written.connect(self._hear_written)

    @property
    def going(self) -> bool:
        """Whether activations are being written."""
        return self._going is not None

    def export(
        self, images: tuple[ImageRef, ...], layer: str, suffix: str, target: Path, *, folder: bool, replace: bool = False
    ) -> None:
        """Write what a layer puts out for pictures; parameters as those of :class:`ExportRequest`. Ends one that goes on."""
        self.stop()
        self._going = ExportRequest(self.conductor.next_id(), images, layer, suffix, target, folder, replace)
        self._done = 0
        self.conductor.ask(self._going)

    def write(self, path: Path, make: Callable[[], bytes]) -> None:
        """Write a figure; what is there is replaced. ``make`` gives the content, in another thread."""
        self.conductor.intake.disk.submit(WriteRequest(self.conductor.next_id(), path, make))

    @Slot()
    def stop(self) -> None:
        """Give up what is left; the files that were written stay."""
        if self._going is not None:
            self.call_off()
            self._give_up("The export was stopped.")

    def take(self, request: ExportRequest, answer: ExportReport) -> None:
        """Say what was written."""
        self._end()
        total, written = len(request.images), len(answer.written)
        if answer.stopped is not None:
            failure = answer.stopped
            before = f" {written} of {_count(total, 'file')} were written before." if written else ""
            self.state.raise_notice(Failure(failure.kind, f"{failure.message}{before}", failure.path))
        elif answer.failures:
            self.state.raise_notice(Failure("note", _mixed(request, answer)))
        elif written == 1:
            self.told.emit(f"Written: {answer.written[0]}{_notes(answer)}")
        else:
            self.told.emit(f"{_count(written, 'file')} written to {request.target}{_notes(answer)}")

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say why there is no file."""
        self._end()
        super().refuse(request, failure)

    def advance(self, request: Any, progress: JobProgress) -> None:
        """Show how far it is."""
        if self._going is not None:
            self._done = progress.done
            self.state.set_progress(progress)

    def _end(self) -> None:
        self._going, self._done = None, 0
        self.state.set_progress(None)

    def _give_up(self, why: str) -> None:
        done, total = self._done, len(self._going.images) if self._going is not None else 0
        self._end()
        if total > 1:
            self.state.raise_notice(Failure("note", f"{why} {done} of {_count(total, 'picture')} were done before."))

    @Slot(object)
    def _hear_model(self, _model: object) -> None:
        # The thread gives its work up when another model comes; that a model moved to the CPU changes nothing.
        if self._going is not None and not self.conductor.waits_for(ExportRequest):
            self._give_up("The export was stopped, because another model was loaded.")

    @Slot(object, object)
    def _hear_written(self, request: WriteRequest, failure: Failure | None) -> None:
        if failure is not None:
            self.state.raise_notice(failure)
        else:
            self.told.emit(f"Written: {request.path}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _notes(report: ExportReport) -> str:
    return f" ({'; '.join(report.notes)})" if report.notes else ""


def _mixed(request: ExportRequest, report: ExportReport) -> str:
    failed = [failure.message for failure in report.failures[:_NAMED]]
    more = len(report.failures) - len(failed)
    rest = f" And {more} more." if more else ""
    number = _count(len(report.failures), "picture")
    return (
        f"{_count(len(report.written), 'file')} written to {request.target}{_notes(report)}; "
        f"{number} could not be read. {' '.join(failed)}{rest}"
    )
