"""The ledger of a model that is loaded already: no network is run. Neither torch nor Qt."""

from __future__ import annotations

from collections.abc import Sequence

from core.types import LayerInfo, LedgerLayer, LedgerNetwork, ModelInfo


def of_model(info: ModelInfo) -> LedgerNetwork:
    """Lay out what was measured when a model was loaded; for networks that are not in the catalogue."""
    side = info.preprocessing.crop
    layers = tuple(layer for layer in info.layers if layer.heads is None)
    lines = [_line(layer) for layer in layers if layer.leaf]
    rest = info.parameters - sum(line.parameters for line in lines)
    if rest > 0:
        lines.append(LedgerLayer("", "modules that hold others, or do not run", parameters=rest))
    macs = _total(layers)
    listed = sum(line.macs or 0 for line in lines)
    if macs is not None and macs > listed:
        lines.append(LedgerLayer("", "between the layers", macs=macs - listed))
    return LedgerNetwork(
        name=info.title,
        classes=len(info.categories),
        input_shape=(len(info.preprocessing.mean), side, side),
        output_shape=(len(info.categories),),
        weight_layers=len({layer.name for layer in layers if layer.kind == "Linear" or layer.kind.startswith("Conv")}),
        parameters=info.parameters,
        macs=macs,
        receptive_field=field_of_maps(layers),
        layers=tuple(lines),
        notes=("It is not in the catalogue: nothing is printed of it.",),
    )


def field_of_maps(layers: Sequence[LayerInfo]) -> tuple[int, int] | None:
    """The receptive field of the last layer with maps of more than one pixel; None where that is not known."""
    maps = [layer for layer in layers if layer.leaf and len(layer.output_shape) == 4 and max(layer.output_shape[2:]) > 1]
    return maps[-1].receptive_field if maps else None


def _line(layer: LayerInfo) -> LedgerLayer:
    return LedgerLayer(
        name=layer.key,
        kind=layer.kind,
        key=layer.key,
        output_shape=layer.output_shape[1:],
        receptive_field=layer.receptive_field,
        parameters=layer.parameters if layer.call == 1 else 0,
        macs=layer.macs,
    )


def _total(layers: Sequence[LayerInfo]) -> int | None:
    """Multiply-adds of the outermost layers; None where one could not be counted."""
    names = {layer.name for layer in layers}
    outer = [layer.macs for layer in layers if not any(up in names for up in _above(layer.name))]
    return None if None in outer else sum(macs or 0 for macs in outer)


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
