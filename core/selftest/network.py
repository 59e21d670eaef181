"""Whether the built-in network loads, runs, is right, and lets its layers be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import paths
from core.types import BUILTIN_SPEC, Check, ImageRef

if TYPE_CHECKING:
    from core.insight.inspect import Inspector

_WRONG = "Install Layerscope again: its files, torch or the driver of the device do not do what they should."


def checks() -> Iterator[Check]:
    """The rows about device, forward pass and activations. torch is imported here, so that a broken one is a row."""
    from core.inference.devices import list_devices
    from core.inference.session import Session
    from core.insight.inspect import Inspector

    for device in list_devices():
        yield Check("device", device.id, "OK", device.name)
    session = Session.load(BUILTIN_SPEC)
    info = session.info
    yield Check("network", "built-in model", "OK", f"{info.title}, {len(info.layers)} layers, on {info.device}")
    for notice in info.notices:
        yield Check("network", "about it", "note", notice)
    samples = paths.sample_pictures()
    if not samples:
        yield Check("network", "forward", "problem", f"there are no sample pictures in {paths.SAMPLES}", _WRONG)
        return
    inspector = Inspector(session)
    yield _forward(inspector, samples)
    yield _activations(inspector, samples[0])


def _forward(inspector: Inspector, samples: tuple[Path, ...]) -> Check:
    wrong = []
    for path in samples:
        top = inspector.classify(ImageRef(path)).classification.predictions[0]
        if expected(path) not in top.category.lower():
            wrong.append(f"{path.name} is taken for {top.category}")
    right = f"{len(samples) - len(wrong)} of {len(samples)} sample pictures are recognised"
    return Check("network", "forward", "problem" if wrong else "OK", "; ".join([right, *wrong]), _WRONG if wrong else "")


def expected(path: Path) -> str:
    """What a sample picture shows, from its name: "orange" of ``1_orange.jpg``."""
    return path.stem.partition("_")[2].replace("_", " ").lower()


def _activations(inspector: Inspector, path: Path) -> Check:
    layer = next(one for one in inspector.session.info.layers if one.output_shape is not None and len(one.output_shape) == 4)
    values = inspector.capture(ImageRef(path), layer.key).values
    wrong = ""
    if values.shape != tuple(layer.output_shape):
        wrong = f"their shape is not the {_shape(layer.output_shape)} of the layer"
    elif not np.isfinite(values).all():
        wrong = f"{int((~np.isfinite(values)).sum()):,} of them are no numbers"
    elif not values.any():
        wrong = "all of them are zero"
    found = f"{_shape(values.shape)} of {layer.key}" + (f": {wrong}" if wrong else ", all finite")
    return Check("network", "activations", "problem" if wrong else "OK", found, _WRONG if wrong else "")


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(str(side) for side in shape)
