"""Where the result of a run goes, and which folders look like something to learn from. No window here."""

from __future__ import annotations

import os
from pathlib import Path

from core.training.places import unfit
from core.training.plan import is_unfinished

_ENOUGH = 2
_LOOKED_AT = 200
_PARTS = ("train", "training")


def usual_output(data: Path) -> Path:
    """A name beside the pictures that is free: ``flowers-model``, ``flowers-model-2`` ..."""
    first = data.with_name(f"{data.name or 'pictures'}-model")
    path, number = first, 2
    while os.path.lexists(path):
        path, number = first.with_name(f"{first.name}-{number}"), number + 1
    return path


def unfinished_beside(data: Path) -> Path | None:
    """The newest unfinished run among the usual places for the result of these pictures."""
    path, number, found = data.with_name(f"{data.name}-model"), 2, None
    while path.is_dir():
        found = path if is_unfinished(path) else found
        path, number = data.with_name(f"{data.name}-model-{number}"), number + 1
    return found


def output_problem(output: Path | None, data: Path | None) -> str:
    """Why a result cannot go to a folder, in a sentence; "" where nothing stands in the way."""
    if output is None:
        return "Choose a folder for the result."
    try:
        if not output.is_absolute():
            return "Write the whole path of the folder for the result."
        if is_unfinished(output):
            return f"“{output.name}” holds an unfinished run. Go on with it, or choose another folder."
        if output.exists() and not output.is_dir():
            return f"“{output.name}” is a file. Choose another name for the folder of the result."
        reason = unfit(output, data)
        if reason:
            return reason
        above = output if output.is_dir() else next(one for one in output.parents if one.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            return f"Nothing can be written into “{above}”. Choose another folder for the result."
    except (OSError, ValueError):
        return "This is not the name of a folder. Choose another one for the result."
    return ""


def looks_like_dataset(folder: Path) -> bool:
    """Whether a folder has folders in it that may be categories, or IDX files; a glance, no picture is looked at."""
    try:
        with os.scandir(folder) as listing:
            entries = [entry for entry, _ in zip(listing, range(_LOOKED_AT), strict=False)]
        names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return False
    if any(name.lower() in _PARTS for name in names):
        return True
    return len(names) >= _ENOUGH or any(entry.name.startswith("train-images") for entry in entries)
