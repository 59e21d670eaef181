"""What the window remembers: from the settings into the state at the start, and back at the end."""

from __future__ import annotations

import logging
from pathlib import Path

from core.settings import Settings, save_settings
from core.types import ImageRef, ModelSpec, WeightsSpec
from core.zoo.catalog import architectures
from gui.state import AppState

log = logging.getLogger(__name__)


def restore(state: AppState, settings: Settings) -> None:
    """Put the last session's model, device and pictures into the state, before the threads start."""
    if settings.architecture in architectures() and settings.weights:
        state.spec = ModelSpec(settings.architecture, WeightsSpec.parse(settings.weights))
    state.device = settings.device or "auto"
    state.set_top_k(settings.top_k)
    images = [ImageRef(Path(text)) for text in settings.images]
    state.append_images(images)
    current = ImageRef(Path(settings.image)) if settings.image else None
    if current in images:
        state.set_image(current)
    elif images:
        state.set_image(images[0])


def remember(state: AppState, settings: Settings) -> None:
    """Put the state into the settings."""
    spec = state.model.spec if state.model is not None else state.spec
    settings.architecture = spec.architecture
    settings.weights = str(spec.weights)
    settings.device = state.device
    settings.layer = state.layer
    settings.top_k = state.top_k
    settings.images = [str(image.path) for image in state.images]
    settings.image = str(state.image.path) if state.image is not None else ""


def save(settings: Settings) -> None:
    """Write the settings; a disk that refuses must not keep a person from closing the window."""
    try:
        save_settings(settings)
    except OSError:
        log.exception("the settings could not be saved")
