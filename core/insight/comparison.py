"""A beside B: the same layer of another picture, or of another model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.errors import ImageError
from core.inference.session import Session
from core.inference.threads import set_threads
from core.insight.activations import STRONGEST, as_grid, is_last
from core.insight.changes import Answer, changes
from core.insight.inspect import Companion, Inspection, Inspector
from core.types import (
    Activations,
    ActivationVector,
    CompareOptionsRequest,
    CompareRequest,
    Comparison,
    ImageRef,
    JobProgress,
    LayerInfo,
    ModelSpec,
    WeightsOption,
    frozen,
)
from core.weights.choose import settle
from core.weights.options import weights_options

Floats = npt.NDArray[np.float32]

_STEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """What one side says, or why it says nothing."""

    inspection: Inspection | None
    reason: str = ""


def options(
    _inspector: Inspector, request: CompareOptionsRequest
) -> Generator[JobProgress, None, tuple[WeightsOption, ...]]:
    """List the weights of an architecture that a model to compare with may have; a tool of the window.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    yield JobProgress(0, 1, f"Looking for weights of {request.architecture}")
    return weights_options(request.architecture)


def compare(
    inspector: Inspector, request: CompareRequest
) -> Generator[JobProgress, None, Comparison | None]:
    """Look at B, and say how it differs from A; a tool of the window.

    B has an inspector of its own, on the same device, which is kept from one request to the next: so the input of A stays
    remembered, and another model is loaded once. It goes with the first request for another model, with one without a
    picture, and with ``inspector``.

    Parameters
    ----------
    inspector
        The one with the model of A.
    request
        What B is; see :class:`CompareRequest`.

    Returns
    -------
    The comparison; None where the request has no picture. Where only the picture of A cannot be read, what there is of B.

    Raises
    ------
    ImageError
        If the picture of B cannot be read.
    LayerError
        If the model of A has no such layer; a model of B without it is told in ``note``.
    ModelError, WeightsError, DeviceError
        If the model of B is not to be had; what was kept of one before is gone then.
    """
    if request.image is None or request.against is None:
        inspector.companion = None
        return None
    loaded = yield from _fetch(inspector, request.spec)
    companion = inspector.companion
    assert companion is not None
    other = companion.inspector
    told = len(other.session.info.notices)
    layer = inspector.layer(request.layer)
    twin = counterpart(layer, other.session.info.layers)
    a = _side(inspector, request.against, layer)
    yield JobProgress(1, _STEPS, "Looking at A")
    b = _look(other, inspector, request.image, twin)
    yield JobProgress(2, _STEPS, "Looking at B")
    found = _comparison(inspector, other, request.against, layer, a, b)
    # The session of A tells of itself.
    moved = other.session.info.notices[told:] if other.session is not inspector.session else ()
    return replace(found, notices=(*loaded, *found.notices, *moved))


def _fetch(inspector: Inspector, spec: ModelSpec | None) -> Generator[JobProgress, None, tuple[str, ...]]:
    """Have the inspector of B at hand: the one kept, or a new one; returns what is to be said about a model just loaded."""
    kept = inspector.companion
    if kept is not None and kept.spec == spec:
        return ()
    # Two models in memory are enough: the third must not come before the second has gone.
    kept = inspector.companion = None
    if spec is None:
        inspector.companion = Companion(None, Inspector(inspector.session))
        return ()
    settled = settle(spec)
    if settled == inspector.session.info.spec:
        inspector.companion = Companion(spec, Inspector(inspector.session))
        return ()
    yield JobProgress(0, _STEPS, f"Loading {settled.architecture} to compare with")
    try:
        session = Session.load(settled, str(inspector.session.device))
    finally:
        # Loading chose the number of threads that suits B.
        set_threads(inspector.session.info.layers)
    inspector.companion = Companion(spec, Inspector(session))
    yield JobProgress(0, _STEPS, f"{settled.architecture} is loaded")
    return session.info.notices


def counterpart(layer: LayerInfo, layers: Sequence[LayerInfo]) -> LayerInfo | None:
    """Return the layer of the same name and call, else the nearest call of that name; None where the name is unknown."""
    named = [other for other in layers if other.name == layer.name]
    return min(named, key=lambda other: abs(other.call - layer.call)) if named else None


def _look(inspector: Inspector, main: Inspector, image: ImageRef, layer: LayerInfo | None) -> Inspection:
    """Classify a picture with as many threads as suit the model, and leave them as they suit the main one."""
    set_threads(inspector.session.info.layers)
    try:
        return inspector.look(image, layer.key if layer is not None else "")
    finally:
        set_threads(main.session.info.layers)


def _side(inspector: Inspector, image: ImageRef, layer: LayerInfo) -> _Side:
    try:
        return _Side(_look(inspector, inspector, image, layer))
    except ImageError as error:
        return _Side(None, error.message)


def _comparison(
    inspector: Inspector, other: Inspector, against: ImageRef, layer: LayerInfo, a: _Side, b: Inspection
) -> Comparison:
    mine, theirs = inspector.session.info, other.session.info
    shown = a.inspection.activations if a.inspection is not None else None
    reason = f"A has no answer. {a.reason}" if a.inspection is None else _obstacle(layer, shown, b.activations, theirs.title)
    same = mine.categories == theirs.categories
    names = mine.categories if same and is_last(layer, mine.layers) else ()
    ours = Answer(a.inspection.probabilities, mine.categories) if a.inspection is not None else None
    return Comparison(
        against=against,
        model=theirs,
        same_model=other.session is inspector.session,
        picture=b.picture,
        network_input=b.network_input,
        classification=b.classification,
        activations=b.activations,
        difference=difference(shown, b.activations, names) if shown and b.activations and not reason else None,
        note=reason,
        changes=changes(ours, Answer(b.probabilities, theirs.categories)),
        remark="" if same else "A and B have different lists of categories; they are matched by name.",
        notices=(*(a.inspection.notices if a.inspection is not None else ()), *b.notices),
    )


def _obstacle(layer: LayerInfo, a: Activations | None, b: Activations | None, title: str) -> str:
    """Say why there is no difference; "" where there is one."""
    if b is None:
        return f"{title} has no layer “{layer.key}”: the maps of B cannot be shown. Choose a layer that both models have."
    if a is None or a.values.shape == b.values.shape:
        return ""
    return f"A has {_size(a)}, B has {_size(b)}: maps of different sizes have no difference."


def _size(activations: Activations) -> str:
    if isinstance(activations, ActivationVector):
        return f"{activations.values.size:,} units"
    return f"{activations.count:,} maps of {activations.tile_height} × {activations.tile_width}"


def difference(a: Activations, b: Activations, names: Sequence[str] = ()) -> Activations:
    """Subtract A from B, value by value.

    Parameters
    ----------
    a, b
        Of one shape, ``a.values.shape == b.values.shape``.
    names
        Of the units of a vector, where they are categories.

    Returns
    -------
    Grid or vector with the layer of ``a``; the strongest units of a vector are those that changed most, up or down.
    Infinite values that meet their like give NaN.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        values = frozen(b.values - a.values)
    if isinstance(a, ActivationVector) or isinstance(b, ActivationVector):
        return _vector(a.layer, values, names)
    return as_grid(values, a.layer)


def _vector(layer: LayerInfo, values: Floats, names: Sequence[str]) -> ActivationVector:
    order = np.argsort(-np.nan_to_num(np.abs(values), nan=-1.0), kind="stable")
    strongest = tuple(int(index) for index in order[:STRONGEST])
    return ActivationVector(layer, values, strongest, tuple(names[index] for index in strongest) if names else ())
