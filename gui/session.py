"""What the window remembers: from the settings into the state at the start, and back at the end."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import ExportError
from core.settings import Settings, save_settings
from core.types import CODE_SUFFIX, MAX_CLASSES, PROTOCOLS, Failure, ImageRef, ModelSpec, Protocol, WeightsSpec
from core.zoo.catalog import architectures
from gui import colourmaps
from gui.facts.map_look import ORDERS, SCALINGS
from gui.state import AppState

log = logging.getLogger(__name__)


def restore(state: AppState, settings: Settings, asked: ModelSpec | None = None) -> None:
    """Put the last session's model, device and pictures into the state, before the threads start.

    A model that a person's code built does not come back by itself; unless another was ``asked`` for, they are told.
    """
    spec = last_spec(settings)
    if spec is not None:
        state.spec = spec
    elif settings.architecture.endswith(CODE_SUFFIX) and asked is None:
        message = (
            f"The model of the last session came from code in \u201c{Path(settings.architecture).name}\u201d, and code is "
            "never run without asking you. The built-in model is used; File > Open Model Code opens the file again."
        )
        state.raise_notice(Failure("note", message))
    state.device = settings.device or "auto"
    state.set_top_k(settings.top_k)
    _restore_look(state, settings)
    _restore_protocol(state, settings)
    state.corrections.restore(settings.corrections)
    images = [ImageRef(Path(text)) for text in settings.images]
    state.append_images(images)
    current = ImageRef(Path(settings.image)) if settings.image else None
    if current in images:
        state.set_image(current)
    elif images:
        state.set_image(images[0])


def last_spec(settings: Settings) -> ModelSpec | None:
    """The model of the catalogue that the settings name; None where they name none."""
    if settings.architecture not in architectures() or not settings.weights:
        return None
    weights = WeightsSpec.parse(settings.weights)
    if weights.kind == "file":
        weights = replace(weights, repairs=tuple(settings.weights_repairs))
    return ModelSpec(settings.architecture, weights, **_sizes(settings, weights))


def _sizes(settings: Settings, weights: WeightsSpec) -> dict[str, int]:
    """The numbers of classes and channels of a network with random weights; ones that cannot be are left out."""
    sizes = {}
    if weights.kind == "random":
        if 1 <= settings.classes <= MAX_CLASSES:
            sizes["classes"] = settings.classes
        if settings.channels in (1, 3):
            sizes["channels"] = settings.channels
    return sizes


def _restore_look(state: AppState, settings: Settings) -> None:
    """Names that are not known keep their defaults."""
    look = state.map_look
    if settings.map_order in ORDERS:
        look.set_order(settings.map_order)
    if settings.map_scaling in SCALINGS:
        look.set_scaling(settings.map_scaling)
    if settings.map_colours in colourmaps.NAMES:
        look.set_colour_map(settings.map_colours)
    if math.isfinite(settings.map_gamma):
        look.set_gamma(settings.map_gamma)
    look.set_side(settings.map_side)


def _restore_protocol(state: AppState, settings: Settings) -> None:
    """A protocol that is not known keeps the default; scales that the model cannot take go once it is there."""
    kind = PROTOCOLS.get(settings.protocol)
    if kind is not None:
        scales = tuple(int(text) for text in settings.protocol_scales if text.isascii() and text.isdecimal())
        average = "logits" if settings.protocol_average == "logits" else "softmax"
        state.protocols.restore(Protocol(kind.key, scales, settings.protocol_flip, average))


def remember(state: AppState, settings: Settings) -> None:
    """Put the state into the settings."""
    spec = state.model.spec if state.model is not None else state.spec
    for name, value in spec_fields(spec).items():
        setattr(settings, name, value)
    settings.device = state.device
    settings.layer = state.layer
    settings.top_k = state.top_k
    look = state.map_look
    settings.map_order, settings.map_scaling, settings.map_colours = look.order, look.scaling, look.colour_map
    settings.map_gamma, settings.map_side = look.gamma, look.side
    protocol = state.protocols.protocol
    settings.protocol, settings.protocol_flip = protocol.name, protocol.flip
    settings.protocol_scales, settings.protocol_average = [str(scale) for scale in protocol.scales], protocol.average
    settings.corrections = state.corrections.as_texts()
    settings.images = [str(image.path) for image in state.images]
    settings.image = str(state.image.path) if state.image is not None else ""


def spec_fields(spec: ModelSpec) -> dict[str, Any]:
    """The fields of the settings that stand for a model, see :func:`last_spec`."""
    return {
        "architecture": spec.architecture,
        "weights": str(spec.weights),
        "weights_repairs": list(spec.weights.repairs),
        "classes": spec.classes or 0,
        "channels": spec.channels or 0,
    }


def save(settings: Settings) -> None:
    """Write the settings; a disk that refuses must not keep a person from closing the window."""
    try:
        save_settings(settings)
    except ExportError:
        log.exception("the settings could not be saved")
