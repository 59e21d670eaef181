"""``layerscope layers``: the layers of a model in order of execution."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.main import OK, say
from core.cli.model_arguments import chosen_spec
from core.cli.table import as_json, as_table
from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.inference.measure import measure_layers
from core.inference.session import Session
from core.types import ImageRef, LayerInfo

_HEADER = ("layer", "kind", "output", "parameters", "MACs", "receptive field", "stride", "activation bytes")
_NONE = "–"


def run(options: argparse.Namespace) -> int:
    """List the modules that hold no other ones, so that parameters add up; with ``--all``, every module that runs."""
    session = Session.load(chosen_spec(options), "cpu")
    for notice in session.info.notices:
        say(notice)
    layers = _measured(session, Path(options.image)) if options.image else session.info.layers
    layers = tuple(layer for layer in layers if layer.leaf or options.all)
    if options.json:
        print(as_json(_object(layer) for layer in layers))
        return OK
    print(as_table(_HEADER, map(_row, layers), right=range(3, len(_HEADER))))
    return OK


def _measured(session: Session, path: Path) -> tuple[LayerInfo, ...]:
    how = session.info.preprocessing
    prepared = preprocess(decode(ImageRef(path.absolute()), short_side=target_side(how)), how)
    (layers, _), _ = session.run(measure_layers, prepared.tensor)
    return layers


def _row(layer: LayerInfo) -> tuple[str, ...]:
    return (
        layer.key,
        layer.kind,
        _sides(layer.output_shape),
        f"{layer.parameters:,}",
        _NONE if layer.macs is None else f"{layer.macs:,}",
        _sides(layer.receptive_field),
        _sides(layer.stride),
        f"{layer.activation_bytes:,}",
    )


def _sides(shape: tuple[int, ...] | None) -> str:
    return _NONE if shape is None else "×".join(str(side) for side in shape)


def _object(layer: LayerInfo) -> dict[str, object]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "output_shape": list(layer.output_shape),
        "parameters": layer.parameters,
        "call": layer.call,
        "macs": layer.macs,
        "receptive_field": layer.receptive_field,
        "stride": layer.stride,
        "activation_bytes": layer.activation_bytes,
    }
