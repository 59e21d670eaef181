"""Recipes: the ones that come with the program, and changing them value by value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, get_args, get_type_hints

from core.errors import UsageError
from core.types import Phase, Recipe

PRESETS: dict[str, Recipe] = {
    "quick": Recipe(),
    "fine-tune": Recipe(mode="full", optimizer="adamw", rate=1e-3, batch_size=32, epochs=10, colour=0.2, warm_up=0.1),
    # Sections 3.1 of https://arxiv.org/abs/1409.1556: S is drawn from [256, 512] for inputs of 224 pixels.
    "vgg-paper": Recipe(
        mode="scratch", optimizer="sgd", rate=1e-2, momentum=0.9, weight_decay=5e-4, batch_size=256, epochs=74,
        schedule="plateau", factor=0.1, patience=3, crop="jitter", scale_jitter=(256 / 224, 512 / 224), colour_shift=0.1,
    ),
    "seed-004": Recipe(
        mode="full", optimizer="adam", rate=2e-4, body_rate=1.0, weight_decay=0.0, batch_size=32, epochs=20,
        schedule="constant", crop_area=(0.08, 1.0),
    ),
    # A handful of pictures must not make the network forget the rest: only the head learns, without decay, at a falling rate
    # and for few steps; rows of categories that have no pictures stay as they are (held_rows.py).
    "corrections": Recipe(rate=5e-3, weight_decay=0.0, batch_size=8, epochs=30, order="listed"),
}  # fmt: skip
"""The recipes by name; "quick" is the usual one. ``seed-004`` is the fine-tuning script of the seed document of that number."""

_RANGES: dict[str, tuple[float, float]] = {
    "rate": (0, 100), "body_rate": (0, 1), "momentum": (0, 0.9999), "weight_decay": (0, 1), "batch_size": (1, 65536),
    "epochs": (1, 100_000), "warm_up": (0, 1), "factor": (0, 1), "patience": (0, 100_000), "crop_area": (0.01, 1),
    "scale_jitter": (1, 16), "colour": (0, 1), "colour_shift": (0, 1), "label_smoothing": (0, 0.99), "mixup": (0, 10),
    "average": (0, 0.99999), "seed": (0, 2**31 - 1),
}  # fmt: skip
_SIDES = (8, 2048)


def preset(name: str) -> Recipe:
    """Return a recipe by its name; :class:`UsageError` if there is none."""
    if name not in PRESETS:
        raise UsageError(f"There is no preset “{name}”. The presets are {', '.join(PRESETS)}.")
    return PRESETS[name]


def changed(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Change values of a recipe.

    Parameters
    ----------
    recipe
        What to start from.
    settings
        Texts ``KEY=VALUE``: the keys are the fields of :class:`Recipe`. Pairs are written ``0.35,1``; phases as
        ``32:20,48+64:5`` (sides of the input, and epochs); their epochs add up to ``epochs``.

    Raises
    ------
    UsageError
        If a key or a value is not one, in words.
    """
    for setting in settings:
        key, mark, text = setting.partition("=")
        key = key.strip().replace("-", "_")
        if not mark or key not in _kinds():
            raise UsageError(f"“{setting}” does not set anything. Write KEY=VALUE; the keys are {', '.join(_kinds())}.")
        recipe = replace(recipe, **{key: _value(key, text)})
        if key == "phases" and recipe.phases:
            recipe = replace(recipe, epochs=sum(epochs for _, epochs in recipe.phases))
    return checked(recipe)


def limits(key: str) -> tuple[float, float] | None:
    """Return the smallest and the largest value of a field, of pairs those of each number; None where it is no number."""
    return _RANGES.get(key)


def checked(recipe: Recipe) -> Recipe:
    """Return the recipe; :class:`UsageError` if a value is outside of what makes sense."""
    for key, (low, high) in _RANGES.items():
        value = getattr(recipe, key)
        for one in value if isinstance(value, tuple) else (value,):
            if not (math.isfinite(one) and low <= one <= high):
                raise UsageError(f"{key} is between {low:g} and {high:g}, not {one:g}.")
    for key in ("crop_area", "scale_jitter"):
        low, high = getattr(recipe, key)
        if low > high:
            raise UsageError(f"{key} is a smaller number and a larger one, not {low:g},{high:g}.")
    if recipe.phases and sum(epochs for _, epochs in recipe.phases) != recipe.epochs:
        raise UsageError(
            f"The phases have {sum(epochs for _, epochs in recipe.phases)} epochs, and {recipe.epochs} are asked for. "
            "Leave one of them out."
        )
    return recipe


def sides(recipe: Recipe, epoch: int, own: int) -> tuple[int, ...]:
    """Return the sides of the input in an epoch, from 0; ``own`` is the network's own."""
    for these, epochs in recipe.phases:
        if epoch < epochs:
            return these
        epoch -= epochs
    return (own,)


def largest_side(recipe: Recipe, own: int) -> int:
    """Return the largest side of the input that a recipe ever uses."""
    return max((side for these, _ in recipe.phases for side in these), default=own)


def as_text(recipe: Recipe) -> dict[str, Any]:
    """Return the values as JSON can hold them, phases as :func:`changed` reads them."""
    values: dict[str, Any] = {one.name: getattr(recipe, one.name) for one in fields(recipe)}
    values["phases"] = ",".join("+".join(map(str, these)) + f":{epochs}" for these, epochs in recipe.phases)
    return values


def _kinds() -> dict[str, Any]:
    return get_type_hints(Recipe)


def _value(key: str, text: str) -> Any:
    kind = _kinds()[key]
    if kind is str:
        return text  # the name of a file, which may begin or end with a space
    text = text.strip()
    if key == "phases":
        return _phases(text)
    words = get_args(kind)
    if words and all(isinstance(word, str) for word in words):
        if text not in words:
            raise UsageError(f"{key} is one of {', '.join(words)}, not “{text}”.")
        return text
    if kind is bool:
        if text.lower() not in {"true", "false", "yes", "no", "1", "0"}:
            raise UsageError(f"{key} is true or false, not “{text}”.")
        return text.lower() in {"true", "yes", "1"}
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        what = {int: "a whole number", float: "a number"}.get(kind, "two numbers such as 0.35,1")
        raise UsageError(f"{key} is {what}, not “{text}”.") from None
    return low, high


def _phases(text: str) -> tuple[Phase, ...]:
    found: list[Phase] = []
    for part in filter(None, text.split(",")):
        these, _, epochs = part.partition(":")
        numbers = these.split("+")
        good = epochs.isdecimal() and int(epochs) > 0 and all(
            number.isdecimal() and _SIDES[0] <= int(number) <= _SIDES[1] for number in numbers
        )
        if not good:
            raise UsageError(
                f"“{part}” is no phase. Write sides of the input ({_SIDES[0]} to {_SIDES[1]} pixels) and epochs, as in "
                "32:20,48+64:5."
            )
        found.append((tuple(int(number) for number in numbers), int(epochs)))
    return tuple(found)
