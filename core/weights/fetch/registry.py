"""All weights that torchvision publishes for classification, and what a person calls them."""

from __future__ import annotations

import difflib
import math

from core.errors import UsageError, WeightsError
from core.types import BUILTIN_MODEL, PublishedWeights
from core.weights.published import hub_folder
from core.zoo import backend, catalog
from core.zoo.backend import WeightsEntry

IMAGENET_LICENCE = "ImageNet terms"
SWAG_LICENCE = "SWAG: CC-BY-NC 4.0"
_MEBIBYTE = 1024 * 1024


def published(architecture: str) -> tuple[PublishedWeights, ...]:
    """List the weights of an architecture in torchvision's order, feature extractors too; none where there are none.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    return tuple(_published(architecture, entry) for entry in backend.weights_entries(architecture))


def all_published() -> tuple[PublishedWeights, ...]:
    """List the weights of all architectures, in the order of the catalogue."""
    return tuple(one for architecture in catalog.architectures() for one in published(architecture))


def is_here(weights: PublishedWeights) -> bool:
    """Whether a file of that name is in the cache (its hash is not looked at)."""
    return (hub_folder() / weights.filename).is_file()


def usual(architecture: str) -> PublishedWeights | None:
    """Return the weights to suggest for an architecture: ``IMAGENET1K_V1``, or the first that classify; None for none."""
    usable = [one for one in published(architecture) if one.classifies]
    named = [one for one in usable if one.name == "IMAGENET1K_V1"]
    return next(iter(named or usable), None)


def find(text: str) -> PublishedWeights:
    """Return the weights that a person means.

    Parameters
    ----------
    text
        ``resnet18`` (its usual weights), ``resnet18:IMAGENET1K_V1`` or ``ResNet18_Weights.IMAGENET1K_V1``; upper and lower
        case count the same.

    Raises
    ------
    ModelError
        If there is no such architecture.
    WeightsError
        If the architecture has no such weights.
    UsageError
        If there is no such full name.
    """
    if "." in text:
        return _by_title(text)
    architecture, _, name = text.partition(":")
    architecture = architecture.lower()
    backend.check_architecture(architecture)
    if not name:
        weights = usual(architecture)
        if weights is None:
            why = "its weights came with the program" if architecture == BUILTIN_MODEL else "nobody publishes weights for it"
            raise WeightsError(f"There is nothing to download for {architecture}: {why}.")
        return weights
    found = next((one for one in published(architecture) if one.name == name.upper()), None)
    if found is None:
        names = ", ".join(one.name for one in published(architecture)) or "none"
        raise WeightsError(f"There are no published weights called “{name}” for {architecture}. There are: {names}.")
    return found


def _by_title(text: str) -> PublishedWeights:
    titles = {one.title.lower(): one for one in all_published()}
    if text.lower() in titles:
        return titles[text.lower()]
    close = [titles[one].title for one in difflib.get_close_matches(text.lower(), titles, n=2)]
    hint = f"Did you mean {' or '.join(close)}?" if close else "`layerscope weights list` lists them all."
    raise UsageError(f"There are no published weights called “{text}”. {hint}")


def without_network() -> str:
    """Say what works without a network, and which published weights are here: one or two sentences."""
    here = [one.label for one in all_published() if one.classifies and is_here(one)]
    named = ", ".join(here[:3]) + (f" and {len(here) - 3} more" if len(here) > 3 else "")
    rest = f"; downloaded already: {named}" if here else ""
    return f"Without a network there are the built-in model, random weights and weights files of your own{rest}."


def _published(architecture: str, entry: WeightsEntry) -> PublishedWeights:
    return PublishedWeights(
        architecture=architecture,
        name=entry.name,
        title=entry.preprocessing.source.removeprefix("weights "),
        url=entry.url,
        filename=entry.filename,
        sha256_prefix=entry.sha256_prefix,
        size=round(entry.file_size_mb * _MEBIBYTE),
        top1=entry.top1 if entry.top1 is not None and math.isfinite(entry.top1) else None,
        parameters=entry.num_params,
        licence=SWAG_LICENCE if "SWAG" in entry.licence_url or "SWAG" in entry.name else IMAGENET_LICENCE,
        classifies=bool(entry.categories),
    )
