"""Where things lie in the folder of a run. Knows no torch."""

from __future__ import annotations

import contextlib
import os
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


def unfit(output: Path, data: Path | None) -> str:
    """Why a new result cannot go into a folder, in a sentence; "" if nothing that is there stands in the way.

    What a run leaves that was killed before its first state is no obstacle, nor is the list of pictures that it is for.
    """
    place, source = _real(output), _real(data) if data is not None else None
    if source is not None and source.is_dir() and source in (place, *place.parents):
        return "The folder for the result lies in that of the pictures. Choose one outside."
    ours = {_real(output / RUN), source}
    # A folder that cannot be read is told of when it is written to.
    with contextlib.suppress(OSError):
        if any(_real(one) not in ours and not one.name.startswith(".") for one in output.iterdir()):
            return f"“{place.name}” is not empty, and nothing in it is overwritten. Choose another name."
    return ""


def _real(path: Path) -> Path:
    # Path.resolve raises where links go in a circle.
    return Path(os.path.realpath(path))


def weights_file(output: Path) -> Path:
    """The weights that a run left."""
    return output / WEIGHTS
