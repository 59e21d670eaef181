"""Exported programs that no model of the catalogue fits: whether they can be run by their own graph."""

from __future__ import annotations

import math

from torch import Tensor

from core.errors import WeightsError
from core.types import Finding, Preprocessing
from core.weights.checkpoint import Checkpoint
from core.weights.doctor import fitting
from core.weights.doctor.anatomy import Reading, dissect
from core.weights.doctor.words import number
from core.zoo.exported import ExportedNetwork, GraphError, build, parse

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def network_of(checkpoint: Checkpoint) -> ExportedNetwork:
    """Build the network of a program from its graph; nothing is run but on sizes, and nothing is unpickled.

    Raises
    ------
    GraphError
        If it has no graph, or one that cannot be run here.
    """
    if checkpoint.program is None:
        raise GraphError("there is none that can be read")
    tensors = {str(name): value for name, value in checkpoint.content.items() if isinstance(value, Tensor)}
    network = build(parse(checkpoint.program.text), tensors | checkpoint.program.constants)
    preprocessing_of(network)
    return network


def fits_catalogue(reading: Reading | None) -> bool:
    """Whether a network of the catalogue has exactly these tensors."""
    if reading is None or reading.match is None:
        return False
    judged = fitting.judge(reading)
    return judged.refusal is None and not judged.repairs


def architecture_for(checkpoint: Checkpoint) -> str:
    """Say what to load a program as: the model of the catalogue that it fits, or else the name of its own file.

    Raises
    ------
    WeightsError
        If it is neither.
    """
    reading = dissect(checkpoint).taken
    if reading is not None and reading.match is not None and fits_catalogue(reading):
        return reading.match.plan.name
    try:
        network_of(checkpoint)
    except GraphError as error:
        if reading is not None and reading.match is not None:
            return reading.match.plan.name
        refusal = fitting.judge(reading).refusal if reading is not None else None
        why = refusal.message if refusal is not None else "No model of the catalogue has its tensors."
        raise WeightsError(
            f"“{checkpoint.path.name}” cannot be loaded. {why} Its own graph cannot be run either: {error}.",
            path=checkpoint.path,
        ) from error
    return checkpoint.path.name


def finding(network: ExportedNetwork, name: str) -> Finding:
    """Say that a program is run by its own graph."""
    sizes = "×".join(map(str, network.graph.example[1:]))
    count = number(network.num_classes, "class")
    return Finding(
        "own_graph",
        f"“{name}” is no model of the catalogue as it is; it is run by its own graph ({len(network.graph.nodes):,} steps, for "
        f"pictures of {sizes}, to {count}). Nothing in it is unpickled.",
    )


def preprocessing_of(network: ExportedNetwork) -> Preprocessing:
    """Say how pictures are prepared: the size is that of the export, the rest assumed.

    Raises
    ------
    GraphError
        If it is not made for square pictures in colour or grey, one or any number of them at a time.
    """
    _, channels, height, width = network.graph.example
    if channels not in (1, 3):
        raise GraphError(f"it takes pictures of {channels} channels, and photographs have 3, or 1")
    if height != width:
        raise GraphError(f"it takes pictures of {height}×{width} pixels, and pictures are cut to squares here")
    if network.batch is not None and network.batch != 1:
        raise GraphError(f"it was exported for {network.batch} pictures at a time. Export it for one, or for any number")
    mean, std = (_MEAN, _STD) if channels == 3 else ((sum(_MEAN) / 3,), (sum(_STD) / 3,))
    return Preprocessing(
        resize=math.ceil(height * 256 / 224), crop=height, interpolation="bilinear", mean=mean, std=std,
        source="assumed: the size of the export, otherwise the usual one of ImageNet",
    )  # fmt: skip
