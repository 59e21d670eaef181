"""A layer's activations for one picture or for many, a file each."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from core.errors import ExportError, LayerscopeError
from core.insight.inspect import Inspector
from core.insight.raw import RawActivations
from core.jobs.export import FORMATS, check_output, picture_note
from core.jobs.export_files import FreeNames, write_new, write_whole
from core.types import ExportReport, ExportRequest, Failure, ImageRef, JobProgress
from core.weights.resolve import weights_file

Steps = Generator[JobProgress, None, ExportReport]


def export_pictures(inspector: Inspector, request: ExportRequest) -> Steps:
    """Write what a layer puts out for the pictures of a request.

    A picture that has no answer is noted and the next one follows; a place that cannot be written to ends the work, and what
    was written stays. No file is ever there in part. In a folder no file replaces another one of this export, nor a picture
    or the weights that it is made from.

    Parameters
    ----------
    inspector
        The loaded model.
    request
        What, for which pictures, and where to.

    Yields
    ------
    How many pictures are done, several times a picture: after it was captured, after it became bytes, after it was written.

    Raises
    ------
    LayerError
        If the model has no such layer.
    UsageError, ExportError, ImageError
        If the one file cannot be made (without ``into_folder``).
    """
    key = inspector.layer(request.layer).key
    weights = weights_file(inspector.session.info.spec)
    if not request.into_folder:
        image = request.images[0]
        check_output(request.target, (image.path, weights))
        return (yield from _one(inspector, image, request))
    check_output(request.target / f"x{request.suffix}")
    keep = [image.path for image in request.images] + ([weights] if weights is not None else [])
    return (yield from _many(inspector, request, key, FreeNames(request.target, keep)))


def _one(inspector: Inspector, image: ImageRef, request: ExportRequest) -> Steps:
    content, note = yield from _bytes(inspector, image, request, JobProgress(0, 1, f"Exporting {image.name}"))
    write_whole(request.target, content)
    return ExportReport((request.target,), notes=(note,) if note else ())


def _many(inspector: Inspector, request: ExportRequest, key: str, free: FreeNames) -> Steps:
    written: list[Path] = []
    failures: list[Failure] = []
    notes: dict[str, None] = {}
    total = len(request.images)
    for done, image in enumerate(request.images):
        try:
            progress = JobProgress(done, total, f"Exporting {done + 1} of {total}")
            content, note = yield from _bytes(inspector, image, request, progress)
            written.append(_written(free, image, key, content, request))
            notes.update({note: None} if note else {})
        except ExportError as error:
            return ExportReport(tuple(written), tuple(failures), Failure.of(error), tuple(notes))
        except LayerscopeError as error:
            failures.append(Failure.of(error))
        yield JobProgress(done + 1, total, f"Exporting {done + 1} of {total}")
    return ExportReport(tuple(written), tuple(failures), None, tuple(notes))


def _bytes(
    inspector: Inspector, image: ImageRef, request: ExportRequest, progress: JobProgress
) -> Generator[JobProgress, None, tuple[bytes, str]]:
    """Make the content of a file, and say what it does not show."""
    yield progress
    raw: RawActivations = inspector.capture(image, request.layer)
    yield progress
    content = FORMATS[request.suffix](raw)
    note = picture_note(raw) if request.suffix == ".png" else ""
    yield progress
    return content, note


def _written(free: FreeNames, image: ImageRef, key: str, content: bytes, request: ExportRequest) -> Path:
    for path in free.names(image.path.stem, key or "network", suffix=request.suffix):
        if request.replace:
            write_whole(path, content)
            return path
        if write_new(path, content):
            return path
    raise AssertionError("there is always another number")
