"""From the arguments that all commands with a model share to that model."""

from __future__ import annotations

import argparse

from core.types import ModelSpec
from core.weights.choose import choose_spec


def chosen_spec(options: argparse.Namespace) -> ModelSpec:
    """Return what ``--model``, ``--weights``, ``--run-code``, ``--classes`` and ``--channels`` say.

    Errors are those of :func:`core.weights.choose.choose_spec`.
    """
    return choose_spec(
        options.model,
        options.weights,
        run_code=options.run_code,
        classes=options.classes,
        channels=options.channels,
    )
