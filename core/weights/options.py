"""The weights that a person can choose from for an architecture."""

from __future__ import annotations

from core.errors import WeightsError
from core.types import BUILTIN_MODEL, CODE_SUFFIX, PublishedWeights, WeightsOption, WeightsSpec, in_megabytes
from core.weights import builtin
from core.weights.fetch import registry


def weights_options(architecture: str) -> tuple[WeightsOption, ...]:
    """List the weights of an architecture for the window: built-in, published, random; a file is for the window to
    offer. A network that a person's code builds has its own.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    if "." in architecture and not architecture.endswith(CODE_SUFFIX):
        return ()  # an exported program, run by its own graph, with the weights that it has
    if architecture.endswith(CODE_SUFFIX):
        return (WeightsOption(WeightsSpec("builtin"), "as the code has them", "", True),)
    published = tuple(_published(one) for one in registry.published(architecture) if one.classifies)
    own = (_builtin(),) if architecture == BUILTIN_MODEL else ()
    note = "predictions mean nothing" if own or published else "none are published · predictions mean nothing"
    return (*own, *published, WeightsOption(WeightsSpec("random"), "random", note, True))


def _builtin() -> WeightsOption:
    try:
        top1 = builtin.card().top1
    except WeightsError:
        return WeightsOption(WeightsSpec("builtin"), "built-in", "not installed", False)
    note = f"{top1:.1f} % top-1" if top1 is not None else ""
    return WeightsOption(WeightsSpec("builtin"), "built-in", note, True)


def _published(weights: PublishedWeights) -> WeightsOption:
    here = registry.is_here(weights)
    parts = [f"{weights.top1:.1f} % top-1"] if weights.top1 is not None else []
    parts += [in_megabytes(weights.size), "downloaded" if here else "not downloaded"]
    return WeightsOption(WeightsSpec("named", name=weights.name), weights.name, " · ".join(parts), here, weights)
