"""From the weights a person asks for to everything a network needs: tensors, categories, preprocessing."""

from __future__ import annotations

from pathlib import Path

from core.errors import WeightsError
from core.types import BUILTIN_MODEL, ModelSpec
from core.weights import builtin, usual
from core.weights.published import hub_folder, named_entry
from core.weights.resolved import ResolvedWeights
from core.zoo import backend
from core.zoo.backend import BuildOptions


def resolve(spec: ModelSpec) -> ResolvedWeights:
    """Find the weights of a spec and all that travels with them.

    Raises
    ------
    ModelError
        If the architecture is not in the catalogue, or the code that builds it fails.
    WeightsError
        If the weights cannot be read, are not on this computer, or do not fit the architecture.
    """
    if spec.code is None and not spec.own_graph:
        backend.check_architecture(spec.architecture)
        kind = spec.weights.kind
        if kind != "random" and (spec.classes, spec.channels) != (None, None):
            raise WeightsError(
                f"Only random weights can be had for any number of classes and channels; {spec.weights} say themselves what "
                "they are for.",
                path=spec.weights.path,
            )
        if kind == "builtin":
            return _builtin(spec.architecture)
        if kind == "random":
            return _random(spec)
    from core.weights.resolve_file import resolve_file  # which imports all that the checkpoint doctor knows

    return resolve_file(spec)


def _builtin(architecture: str) -> ResolvedWeights:
    if architecture != BUILTIN_MODEL:
        raise WeightsError(
            f"There are no built-in weights for {architecture}, only for {BUILTIN_MODEL}. Choose a weights file, "
            "published weights or `random`."
        )
    card = builtin.card()
    state_dict, sha256 = builtin.read(card.weights)
    options = BuildOptions(num_classes=len(card.categories))
    return ResolvedWeights(
        state_dict,
        len(card.categories),
        card.categories,
        "built-in model",
        card.preprocessing,
        (),  # that its kernels are stored as float16 is no news to anybody
        options,
        sha256,
        not_sure_below=card.not_sure_below,
    )


def _random(spec: ModelSpec) -> ResolvedWeights:
    own = usual.of_architecture(spec.architecture)
    preprocessing = usual.for_channels(spec.architecture, own.preprocessing, spec.channels)
    image_size = preprocessing.crop if backend.is_vision_transformer(spec.architecture) else None
    categories, source = own.categories, own.source
    if spec.classes not in {None, len(categories)}:
        categories, source = usual.numbered(spec.classes or 0), usual.NUMBERED
    options = BuildOptions(num_classes=len(categories), image_size=image_size, in_channels=spec.channels)
    notice = f"The weights of {spec.architecture} are random (seed {spec.weights.seed}): its predictions mean nothing."
    return ResolvedWeights(None, len(categories), categories, source, preprocessing, (notice,), options)


def weights_file(spec: ModelSpec) -> Path | None:
    """Return the file that the weights of a spec are in, or None for random ones.

    Raises
    ------
    WeightsError
        As :func:`.published.named_entry`.
    """
    if spec.code is not None:
        return spec.weights.path
    if spec.weights.kind == "builtin":
        return builtin.card().weights
    if spec.weights.kind == "named":
        return hub_folder() / named_entry(spec.architecture, spec.weights.name).filename
    return spec.weights.path
