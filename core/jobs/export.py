"""A layer's activations as a file: the tensor itself, its feature maps as a picture, or figures about its channels."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save as save_safetensors

from core.errors import ExportError, UsageError
from core.insight.channel_statistics import channel_statistics
from core.insight.layout import as_maps, is_vector
from core.insight.mosaic import build_mosaic
from core.insight.raw import RawActivations
from core.types import Pixels

STRIP_HEIGHT = 32
"""Pixels of the height of the strip that stands for a vector."""

_COLUMNS = ("channel", "mean", "std", "min", "max", "share_of_zeros", "nan_count", "infinite_count")


def export_activations(raw: RawActivations, path: Path, weights_sha256: str = "") -> None:
    """Write activations to a file, whole or not at all; one that is there already is replaced.

    Parameters
    ----------
    raw
        The activations.
    path
        The file; its suffix, one of :data:`FORMATS` in upper or lower case, says what is written.
    weights_sha256
        Hash of the weights file in hexadecimal digits, "" for random weights.

    Raises
    ------
    UsageError
        As :func:`check_output`.
    ExportError
        If the file cannot be written.
    """
    check_output(path)
    write_whole(path, FORMATS[path.suffix.lower()](raw, weights_sha256))


def check_output(path: Path, keep: Iterable[Path | None] = (), formats: Iterable[str] | None = None) -> None:
    """Say before any work is done that a file cannot be written.

    Parameters
    ----------
    path
        The file to be written.
    keep
        Files that it must not replace, such as the picture and the weights.
    formats
        The suffixes that it may have; those of :data:`FORMATS` by default.

    Raises
    ------
    UsageError
        If the suffix is another one, the folder is missing, or something is in the way.
    ExportError
        If the place cannot be looked at.
    """
    endings = tuple(FORMATS if formats is None else formats)
    if path.suffix.lower() not in endings:
        raise UsageError(f"“{path}” does not say what to write. Give it one of the endings {', '.join(endings)}.", path=path)
    try:
        if not path.parent.is_dir():
            raise UsageError(f"There is no folder “{path.parent}” to write “{path.name}” into. Make it first.", path=path)
        if path.exists() and not path.is_file():
            raise UsageError(f"“{path}” is not a file and cannot be replaced by one. Choose another name.", path=path)
        if path.exists() and any(other is not None and other.exists() and path.samefile(other) for other in keep):
            raise UsageError(f"“{path}” is what the output is made from. Choose another name.", path=path)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds half of it.

    Parameters
    ----------
    path
        The file; a symbolic link is followed.
    content
        All of its bytes.

    Raises
    ------
    ExportError
        If it cannot be written; nothing is left behind, and what was there before stays.
    """
    part: Path | None = None
    try:
        target = path.resolve()
        # Not mkstemp: its files are for nobody but their owner.
        part = target.with_name(f".layerscope-{secrets.token_hex(8)}.part")
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException as error:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        # Before Python 3.13 a loop of links is a RuntimeError.
        if isinstance(error, OSError | RuntimeError):
            raise _unwritable(path, error) from error
        raise


def _unwritable(path: Path, error: OSError | RuntimeError) -> ExportError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ExportError(f"“{path}” could not be written ({reason}). Choose another place for it.", path=path)


def metadata(raw: RawActivations, weights_sha256: str) -> dict[str, str]:
    """Return what stands beside the tensor in ``.npz`` and ``.safetensors``; ``shape`` is a JSON array."""
    words = {
        "layer": raw.layer.key,
        "kind": raw.layer.kind,
        "shape": json.dumps(raw.values.shape),
        "model": raw.model.architecture,
        "weights": str(raw.model.weights),
        "preprocessing": raw.preprocessing.describe(),
        "weights_sha256": weights_sha256,
        "image": raw.image.name,
    }
    # File names that are not text have lone surrogates, which UTF-8 does not know.
    return {name: text.encode("utf-8", "backslashreplace").decode("utf-8") for name, text in words.items()}


def _npy(raw: RawActivations, _weights_sha256: str) -> bytes:
    file = io.BytesIO()
    np.save(file, raw.values, allow_pickle=False)
    return file.getvalue()


def _npz(raw: RawActivations, weights_sha256: str) -> bytes:
    about: dict[str, Any] = {name: np.array(text) for name, text in metadata(raw, weights_sha256).items()}
    about["shape"] = np.array(raw.values.shape, np.int64)
    file = io.BytesIO()
    np.savez(file, activations=raw.values, **about)
    return file.getvalue()


def _safetensors(raw: RawActivations, weights_sha256: str) -> bytes:
    return save_safetensors({"activations": raw.values}, metadata=metadata(raw, weights_sha256))


def _png(raw: RawActivations, _weights_sha256: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture(raw)).save(file, "PNG")
    return file.getvalue()


def picture(raw: RawActivations) -> Pixels:
    """Return the feature maps as a mosaic, uint8 (height, width).

    Every map is scaled by its own range. A vector is a strip of :data:`STRIP_HEIGHT` pixels, one column a unit, from the
    smallest value (black) to the largest (white).
    """
    if is_vector(raw.values.shape):
        units = raw.values[:1].reshape(1, 1, -1)
        return np.repeat(build_mosaic(units, gap=0).pixels, STRIP_HEIGHT, axis=0)
    return build_mosaic(as_maps(raw.values, raw.order, raw.layer).values).pixels


def picture_note(raw: RawActivations) -> str:
    """Say in a few words what :func:`picture` does not show; "" where it shows all there is."""
    notes = [] if is_vector(raw.values.shape) else [as_maps(raw.values, raw.order, raw.layer).note]
    if not np.isfinite(raw.values).all():
        notes.append("some values are not finite")
    return "; ".join(filter(None, notes))


def _csv(raw: RawActivations, _weights_sha256: str) -> bytes:
    figures = channel_statistics(raw.by_channel())
    spread = (figures.mean, figures.std, figures.minimum, figures.maximum)
    columns = (*spread, figures.zeros, figures.nans, figures.infinities)
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows(zip(range(len(figures.nans)), *(column.tolist() for column in columns), strict=True))
    return file.getvalue().encode("utf-8")


FORMATS: dict[str, Callable[[RawActivations, str], bytes]] = {
    ".npz": _npz,
    ".npy": _npy,
    ".safetensors": _safetensors,
    ".png": _png,
    ".csv": _csv,
}
"""How to make the bytes of a file, by its suffix."""
