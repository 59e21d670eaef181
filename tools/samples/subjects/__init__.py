"""The pictures, by name, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable

from ..scene import Scene
from . import alp, candle, ladybug, mushroom, orange, pretzel, seashore, teapot

SUBJECTS: dict[str, Callable[[], Scene]] = {
    "orange": orange.build,
    "teapot": teapot.build,
    "alp": alp.build,
    "ladybug": ladybug.build,
    "candle": candle.build,
    "mushroom": mushroom.build,
    "seashore": seashore.build,
    "pretzel": pretzel.build,
}
