"""The bytes of an export: numpy's formats, safetensors, PNG, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save as save_safetensors

from core.insight.channel_statistics import channel_statistics
from core.insight.layout import as_maps, is_vector
from core.insight.mosaic import build_mosaic
from core.insight.raw import RawActivations
from core.types import Pixels
from core.version import program_version

STRIP_HEIGHT = 32
"""Pixels of the height of the strip that stands for a vector."""

_COLUMNS = ("channel", "mean", "std", "min", "max", "share_of_zeros", "nan_count", "infinite_count")


def metadata(raw: RawActivations) -> dict[str, str]:
    """Return what stands beside the tensor in ``.npz`` and ``.safetensors``: all that is needed to get it again.

    ``shape`` is a JSON array and ``preprocessing_json`` a JSON object with the fields of :class:`core.types.Preprocessing`;
    the rest are words.
    """
    words = {
        "layer": raw.layer.key,
        "kind": raw.layer.kind,
        "shape": json.dumps(raw.values.shape),
        "model": raw.model.architecture,
        "weights": str(raw.model.weights),
        "weights_sha256": raw.weights_sha256,
        "preprocessing": raw.preprocessing.describe(),
        "preprocessing_json": json.dumps(asdict(raw.preprocessing), ensure_ascii=False),
        "image": raw.image.path.name,
        "image_sha256": raw.image_sha256,
        "device": raw.device,
        "program": f"Layerscope {program_version()}",
        "torch": _torch_version(),
    }
    # File names that are not text have lone surrogates, which UTF-8 does not know.
    return {name: text.encode("utf-8", "backslashreplace").decode("utf-8") for name, text in words.items()}


def _torch_version() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:  # inside a package made without the papers of its parts
        return ""


def _npy(raw: RawActivations) -> bytes:
    file = io.BytesIO()
    np.save(file, raw.values, allow_pickle=False)
    return file.getvalue()


def _npz(raw: RawActivations) -> bytes:
    about: dict[str, Any] = {name: np.array(text) for name, text in metadata(raw).items()}
    about["shape"] = np.array(raw.values.shape, np.int64)
    file = io.BytesIO()
    np.savez(file, activations=raw.values, **about)
    return file.getvalue()


def _safetensors(raw: RawActivations) -> bytes:
    return save_safetensors({"activations": raw.values}, metadata=metadata(raw))


def _png(raw: RawActivations) -> bytes:
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


def _csv(raw: RawActivations) -> bytes:
    figures = channel_statistics(raw.by_channel())
    spread = (figures.mean, figures.std, figures.minimum, figures.maximum)
    columns = (*spread, figures.zeros, figures.nans, figures.infinities)
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(_COLUMNS)
    table.writerows(zip(range(len(figures.nans)), *(column.tolist() for column in columns), strict=True))
    return file.getvalue().encode("utf-8")


FORMATS: dict[str, Callable[[RawActivations], bytes]] = {
    ".npz": _npz,
    ".npy": _npy,
    ".safetensors": _safetensors,
    ".png": _png,
    ".csv": _csv,
}
"""How to make the bytes of a file, by its suffix."""
