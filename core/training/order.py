"""A run as the command line that orders it. Knows no torch, so that the window can write orders without loading it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from core.errors import UsageError
from core.training.recipe import as_text
from core.types import Recipe, TrainConfig

_USUAL = Recipe()
"""What the preset “quick” is; only what differs from it is said."""


def arguments(config: TrainConfig, *, resume: bool = False) -> list[str]:
    """Write a run as the arguments of the program, for a process that says all in JSON and obeys standard input.

    Parameters
    ----------
    config
        The run; relative paths are those of the process that asks.
    resume
        Whether to go on with what is in the output folder.

    The number of classes of a network with random weights is not said: the pictures decide it.

    Raises
    ------
    UsageError
        If the weights are ones that a command line cannot name.
    """
    spec = config.spec
    if spec.code is not None:
        raise UsageError(f"Training needs a network of the catalogue; “{spec.architecture}” is built by a program of its own.")
    if spec.weights.repairs:
        raise UsageError(
            f"The weights in “{spec.weights}” are repaired whenever they are loaded, which a run cannot do. Save a repaired "
            "copy with the checkpoint doctor, and begin with that."
        )
    words = ["train", str(config.data.absolute()), f"--output={config.output.absolute()}"]
    if spec.architecture:
        words.append(f"--model={spec.architecture}")
    words += [f"--weights={spec.weights}", "--preset=quick", *(f"--set={one}" for one in settings(config.recipe))]
    if spec.channels is not None:
        words.append(f"--channels={spec.channels}")
    words += [f"--device={config.device}", f"--val-share={config.val_share!r}"]
    words += ["--json", "--progress", "--control"]
    return [*words, "--resume"] if resume else words


def settings(recipe: Recipe) -> list[str]:
    """Write what a recipe has different from the usual one, as ``KEY=VALUE``."""
    values = as_text(recipe)
    return [
        f"{one.name}={_text(values[one.name])}"
        for one in fields(recipe)
        if getattr(recipe, one.name) != getattr(_USUAL, one.name)
    ]


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(_text(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else repr(value)
