"""The built-in model: its weights and its card, as ``tools/make_builtin.py`` wrote them."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import paths
from core.errors import WeightsError
from core.types import Preprocessing

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of the built-in model.

    ``accuracy`` maps the input side in pixels to ``{"top1": share, "top5": share}`` on pictures kept back from
    training. ``not_sure_below`` is as in :class:`core.types.ModelInfo`.
    """

    weights: Path
    categories: tuple[str, ...]
    preprocessing: Preprocessing
    parameters: int
    accuracy: dict[str, dict[str, float]]
    not_sure_below: float = 0.0

    @property
    def top1(self) -> float | None:
        """Accuracy in percent at the model's own input side, if it was measured."""
        share = self.accuracy.get(str(self.preprocessing.crop), {}).get("top1")
        return None if share is None else 100 * share


def card() -> Card:
    """Read the card.

    Raises
    ------
    WeightsError
        If the program was installed without its built-in model, or the card is damaged.
    """
    return _card(paths.BUILTIN)


def read(path: Path) -> tuple[dict[str, Tensor], str]:
    """Read the weights: the state_dict, float32 on the CPU, and the SHA-256 of the file in hexadecimal digits.

    The file is our own, in one known format, so that nothing has to be found out about it. That the tensors are all there,
    in their shapes, shows when the network takes them.

    Raises
    ------
    WeightsError
        If there is no such file, or it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        content = path.read_bytes()
        stored = load(content)
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"The weights of the built-in model, “{path}”, cannot be read ({type(error).__name__}). Install the program again, "
            "or choose other weights.",
            path=path,
        ) from error
    # What is float32 already is copied too: it would keep all of the file in memory, at odd addresses.
    state = OrderedDict((name, value.float() if value.dtype.itemsize < 4 else value.clone()) for name, value in stored.items())
    return state, hashlib.sha256(content).hexdigest()


@cache
def _card(folder: Path) -> Card:
    path = folder / "model.json"
    try:
        return _parse(json.loads(path.read_text(encoding="utf-8")), folder / "weights.safetensors")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The card of the built-in model, “{path}”, cannot be read ({type(error).__name__}). Install the program "
            "again, or choose other weights.",
            path=path,
        ) from error


def _parse(content: dict[str, Any], weights: Path) -> Card:
    how = content["preprocessing"]
    return Card(
        weights=weights,
        categories=tuple(content["categories"]),
        preprocessing=Preprocessing(
            resize=how["resize"],
            crop=how["crop"],
            interpolation=how["interpolation"],
            mean=tuple(how["mean"]),
            std=tuple(how["std"]),
            source="built-in model",
        ),
        parameters=content["parameters"],
        accuracy=content.get("accuracy_on_val", {}),
        not_sure_below=float(content.get("not_sure_below", 0)),
    )
