"""Weights that somebody published: their names, and where they lie on this computer."""

from __future__ import annotations

from pathlib import Path

import torch

from core.errors import WeightsError
from core.zoo import backend
from core.zoo.backend import WeightsEntry


def hub_folder() -> Path:
    """Where ``torch.hub`` keeps downloaded weights: below ``TORCH_HOME``, else ``XDG_CACHE_HOME``, else
    ``~/.cache``."""
    return Path(torch.hub.get_dir(), "checkpoints")


def is_downloaded(entry: WeightsEntry) -> bool:
    """Whether the file of published weights is in torch's own cache."""
    return (hub_folder() / entry.filename).is_file()


def named_entry(architecture: str, name: str) -> WeightsEntry:
    """Return the published weights of that name, upper or lower case.

    Raises
    ------
    WeightsError
        If there are none, or they are a feature extractor without a classifier.
    """
    entries = backend.weights_entries(architecture)
    found = next((entry for entry in entries if entry.name == name.upper()), None)
    usable = ", ".join(entry.name for entry in entries if entry.categories) or "builtin"
    if found is None:
        raise WeightsError(
            f"There are no weights called “{name}” for {architecture}. There are: {usable}, random, or a weights file."
        )
    if not found.categories:
        raise WeightsError(f"{found.name} of {architecture} has no usable classifier. Choose one of: {usable}.")
    return found
