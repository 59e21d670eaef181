"""Where things lie in the folder of a run. Knows no torch."""

from __future__ import annotations

from pathlib import Path

RUN = "run"
"""The folder inside a run's own that is only needed to go on."""

WEIGHTS = "weights.safetensors"
"""The result, in the run's own folder."""

CURVES, CONFUSION = "curves.csv", "confusion.csv"


def state_file(output: Path) -> Path:
    """What a run goes on from; it is there once the first step is about to be taken."""
    return output / RUN / "state.pt"


def finished_file(output: Path) -> Path:
    """What is told of a run that is over, in the place of its state."""
    return output / RUN / "finished.json"


def holds_a_run(output: Path) -> bool:
    """Whether there is a run that can be gone on with, or be told of if it is over."""
    return state_file(output).is_file() or finished_file(output).is_file()


def weights_file(output: Path) -> Path:
    """The weights that a run left."""
    return output / WEIGHTS
