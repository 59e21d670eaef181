"""The preprocessing that a person chose for a weights file: remembered by the file's hash, wherever the file lies."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import ExportError
from core.files import write_whole
from core.paths import config_dir
from core.types import Preprocessing

log = logging.getLogger(__name__)

LIMIT = 500
"""Files that are remembered; the one whose choice is the oldest is forgotten first."""

LARGEST = 4096
"""Pixels: the largest side of a picture that a network is given."""

SOURCE = "changed by you"
"""Where a remembered preprocessing comes from, in words."""

_SIZE_LIMIT = 4_000_000


def store() -> Path:
    """The file that the choices are kept in."""
    return config_dir() / "preprocessing.json"


def recall(sha256: str) -> Preprocessing | None:
    """Return what a person chose for the file of this hash, or None; a damaged store is as good as an empty one."""
    return parsed(_read().get(sha256)) if sha256 else None


def remember(sha256: str, how: Preprocessing | None) -> None:
    """Remember a choice for the file of this hash, or forget it (None).

    Raises
    ------
    ExportError
        If the store cannot be written.
    """
    kept = _read()
    kept.pop(sha256, None)
    if how is not None:
        kept[sha256] = _to_json(how)
    kept = dict(list(kept.items())[-LIMIT:])
    try:
        store().parent.mkdir(parents=True, exist_ok=True)
        write_whole(store(), json.dumps(kept, indent=1).encode())
    except (OSError, ExportError) as error:
        reason = f"{store()} could not be written ({error.strerror or error})." if isinstance(error, OSError) else error.message
        raise ExportError(f"The preprocessing is used, but cannot be remembered: {reason}", path=store()) from error


def problem(how: Preprocessing) -> str:
    """Say in a sentence what is wrong with a preprocessing; "" where nothing is."""
    sides = (*(how.resize if isinstance(how.resize, tuple) else (how.resize,)), how.crop)
    if not all(1 <= side <= LARGEST for side in sides):
        return f"Sizes are 1 to {LARGEST:,} pixels."
    if len(how.mean) not in {1, 3} or len(how.std) != len(how.mean):
        return "Mean and standard deviation have one number for each channel: three, or one for a grey picture."
    if not all(math.isfinite(number) for number in (*how.mean, *how.std)):
        return "Mean and standard deviation are ordinary numbers."
    if not all(number > 0 for number in how.std):
        return "A standard deviation is above 0: the pixels are divided by it."
    return ""


def _read() -> dict[str, Any]:
    try:
        with store().open("rb") as file:
            raw = json.loads(file.read(_SIZE_LIMIT))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError):
        log.exception("the remembered preprocessing could not be read")
        return {}
    return raw if isinstance(raw, dict) else {}


def _to_json(how: Preprocessing) -> dict[str, Any]:
    return {
        "resize": list(how.resize) if isinstance(how.resize, tuple) else how.resize,
        "crop": how.crop,
        "interpolation": how.interpolation,
        "mean": list(how.mean),
        "std": list(how.std),
        "order": how.order,
    }


def parsed(raw: Any, source: str = SOURCE) -> Preprocessing | None:
    """Read a preprocessing as JSON has it; None for whatever this program would not have written."""
    from core.images.preprocess import INTERPOLATIONS

    try:
        resize = raw["resize"]
        how = Preprocessing(
            resize=(int(resize[0]), int(resize[1])) if isinstance(resize, list) else int(resize),
            crop=int(raw["crop"]),
            interpolation=str(raw["interpolation"]),
            mean=tuple(float(number) for number in raw["mean"]),
            std=tuple(float(number) for number in raw["std"]),
            source=source,
            order="BGR" if raw.get("order") == "BGR" else "RGB",
        )
    except (TypeError, KeyError, ValueError, IndexError, OverflowError, AttributeError):
        return None
    return how if how.interpolation in INTERPOLATIONS and not problem(how) else None


def chosen(how: Preprocessing) -> Preprocessing:
    """The same preprocessing, said to be a person's choice."""
    return replace(how, source=SOURCE)
