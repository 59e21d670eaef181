"""What a run was asked for, beside its state: whoever finds it unfinished can go on with the very same. No torch here."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from core.errors import LayerscopeError
from core.files import write_whole
from core.training.places import RUN, state_file, weights_file
from core.training.recipe import as_text, changed, checked
from core.types import ModelSpec, Recipe, TrainConfig, WeightsSpec

_PLAN = "plan.json"


def is_unfinished(folder: Path) -> bool:
    """Whether a folder holds a run that was broken off."""
    return state_file(folder).is_file() and not weights_file(folder).exists()


def write_plan(config: TrainConfig) -> None:
    """Write down what a run was asked for; :class:`core.errors.ExportError` if it cannot be written."""
    spec = config.spec
    content = {
        "data": str(config.data.absolute()),
        "architecture": spec.architecture,
        "weights": str(spec.weights),
        "repairs": list(spec.weights.repairs),
        "head_classes": spec.weights.classes,
        "classes": spec.classes,
        "channels": spec.channels,
        "recipe": as_text(config.recipe),
        "device": config.device,
        "val_share": config.val_share,
    }
    write_whole(config.output / RUN / _PLAN, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_plan(folder: Path) -> TrainConfig:
    """Return what the run in a folder was asked for.

    Raises
    ------
    LayerscopeError
        If that is not there, or damaged.
    """
    path = folder / RUN / _PLAN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        weights = replace(
            WeightsSpec.parse(content["weights"]), repairs=tuple(content["repairs"]), classes=content["head_classes"]
        )
        spec = ModelSpec(content["architecture"], weights, classes=content["classes"], channels=content["channels"])
        data, device, share = Path(content["data"]), str(content["device"]), float(content["val_share"])
        return TrainConfig(data, folder, spec, _recipe(content["recipe"]), device, share)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, LayerscopeError) as error:
        raise LayerscopeError(
            f"What the run in “{folder}” was asked for cannot be read. Go on with it by `layerscope train --resume` and the "
            "same values, or choose another folder.",
            kind="unreadable", path=path,
        ) from error


def _recipe(values: dict[str, Any]) -> Recipe:
    known = {one.name for one in fields(Recipe)}
    if set(values) != known:
        raise ValueError("another version's recipe")
    phases = changed(Recipe(), [f"phases={values['phases']}"]).phases
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    plain["phases"] = phases
    return checked(Recipe(**plain))
