"""Finding a layer by what a person calls it, and the one to show first."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from core.errors import LayerError
from core.types import LayerInfo

_HANDSOME = 14
"""The smallest side in pixels of maps that are worth showing first."""

_MANY = 64
"""So many channels make a good mosaic."""


def find_layer(layers: Sequence[LayerInfo], key: str) -> LayerInfo:
    """Return the layer of that name.

    Parameters
    ----------
    layers
        The layers of a model (``ModelInfo.layers``).
    key
        ``name``, or ``name@call`` with a call from 1; a name alone stands for the last of several calls.

    Raises
    ------
    LayerError
        If there is none, with names that look like it.
    """
    name, _, call = key.rpartition("@") if "@" in key else (key, "", "")
    found = [layer for layer in layers if layer.name == name and (not call or str(layer.call) == call)]
    if found:
        return found[-1]
    calls = [layer.call for layer in layers if layer.name == name]
    if calls:
        raise LayerError(f"The layer “{name}” runs {max(calls)} time{'s' * (max(calls) > 1)}; there is no “{key}”.")
    close = difflib.get_close_matches(name, [layer.name for layer in layers], n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(dict.fromkeys(close))}?" if close else "`layerscope layers` lists them all."
    raise LayerError(f"The model has no layer “{key}”. {hint}")


def default_layer(layers: Sequence[LayerInfo]) -> str:
    """Return the key of a layer worth showing first.

    The convolution whose maps come closest to a quarter of the sides of the widest ones, but not below 14x14, the first
    of several; one of 64 channels or more if there is. That deep a network sees edges and textures rather than
    brightness, and there is still something to see. A network without such a convolution gives any leaf with maps, or
    else its first layer; "" if it has none.
    """
    leaves = [layer for layer in layers if layer.leaf and layer.heads is None]
    maps = [layer for layer in leaves if layer.kind.startswith("Conv") and _side(layer) >= _HANDSOME]
    maps = maps or [layer for layer in leaves if _side(layer) > 1]
    if not maps:
        return layers[0].key if layers else ""
    target = max(_HANDSOME, max(_side(layer) for layer in maps) / 4)
    return min(maps, key=lambda layer: (abs(_side(layer) - target), layer.output_shape[1] < _MANY)).key


def _side(layer: LayerInfo) -> int:
    """Smaller side of a layer's maps in pixels, 0 if it has none."""
    return min(layer.output_shape[2:]) if len(layer.output_shape) == 4 else 0
