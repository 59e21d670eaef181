"""Weights that lie in a file of somebody else: read, fitted to a network, with what belongs to them.

Here is all that the checkpoint doctor knows, which the built-in model can do without; so :mod:`.resolve` imports this late.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from core.errors import WeightsError
from core.types import ModelSpec, Preprocessing, WeightsSpec
from core.weights import fit, usual
from core.weights.card_beside import preprocessing_beside, rescaling_beside, threshold_beside
from core.weights.categories import FILE_NAME, find_names
from core.weights.code import LoadedCode, load_code
from core.weights.doctor import repaired
from core.weights.own_graph import OwnGraph, load_own_graph
from core.weights.published import hub_folder, named_entry
from core.weights.read import WeightsFile, read_weights
from core.weights.resolved import ResolvedWeights
from core.zoo import backend
from core.zoo.backend import BuildOptions, WeightsEntry

IMAGENET_CLASSES = 1000


def resolve_file(spec: ModelSpec) -> ResolvedWeights:
    """Find weights that lie in a file; as :func:`.resolve.resolve`, errors too."""
    weights = spec.weights
    if spec.code is not None:
        return _ready(load_code(spec.code, weights))
    if weights.kind == "named":
        return _named(spec.architecture, weights.name)
    if weights.path is None:
        raise WeightsError("No weights file was given.")
    if spec.own_graph:
        return _ready(load_own_graph(weights.path))
    if weights.repairs:
        return _repaired(spec.architecture, weights.path, weights)
    return _file(spec.architecture, weights.path)


def _ready(found: LoadedCode | OwnGraph) -> ResolvedWeights:
    """A network that was built already, weights and all."""
    return ResolvedWeights(
        None,
        len(found.categories),
        found.categories,
        found.categories_source,
        found.preprocessing,
        found.notices,
        BuildOptions(num_classes=len(found.categories)),
        found.sha256,
        found.module,
    )


def _named(architecture: str, name: str) -> ResolvedWeights:
    entry = named_entry(architecture, name)
    path = hub_folder() / entry.filename
    if not path.is_file():
        raise WeightsError(
            f"The weights {entry.name} of {architecture} are not on this computer. Run `layerscope weights fetch "
            f"{architecture}:{entry.name}`, or press Download in the window ({entry.file_size_mb:.0f} MB). By hand: download "
            f"{entry.url} and put the file into “{path.parent}”, as “{entry.filename}”.",
            kind="missing",
            path=path,
        )
    content = read_weights(path)
    if not content.sha256.startswith(entry.sha256_prefix):
        raise WeightsError(
            f"“{path}” is not what was published: its SHA-256 begins with {content.sha256[:8]}, not with "
            f"{entry.sha256_prefix}. Delete it and download {entry.url} again.",
            path=path,
        )
    return _published(architecture, content, entry)


def _published(architecture: str, content: WeightsFile, entry: WeightsEntry) -> ResolvedWeights:
    options = replace(fit.options_of(architecture, content), transform_input=True)
    state_dict = fit.fitted(architecture, content, options)
    source = entry.preprocessing.source
    return ResolvedWeights(
        state_dict,
        len(entry.categories),
        entry.categories,
        source,
        entry.preprocessing,
        content.notices,
        options,
        content.sha256,
    )


def _file(architecture: str, path: Path) -> ResolvedWeights:
    content = read_weights(path)
    entry = _entry_of_hash(architecture, content.sha256)
    if entry is not None and entry.categories:
        return _published(architecture, content, entry)
    options = _options(architecture, content)
    state_dict = fit.fitted(architecture, content, options)
    categories, source, notices = _categories(architecture, content, options.num_classes or 0)
    how, more = _preprocessing(architecture, options, path)
    return ResolvedWeights(
        state_dict,
        len(categories),
        categories,
        source,
        how,
        (*content.notices, *fit.notices(architecture, options), *notices, *more),
        options,
        content.sha256,
        not_sure_below=threshold_beside(path, architecture, len(categories)),
    )


def _repaired(architecture: str, path: Path, weights: WeightsSpec) -> ResolvedWeights:
    """A file as the checkpoint doctor mends it; the file itself stays as it is."""
    found = repaired(path, weights.repairs, architecture, weights.classes)
    content = WeightsFile(path, OrderedDict(found.state_dict), found.sha256)  # which can carry module versions
    options = _options(architecture, content)
    state_dict = fit.fitted(architecture, content, options)
    notices = [f"“{path.name}” was repaired as it was read: {one.message}" for one in found.done]
    if any(one.kind == "new_head" for one in found.done):
        notices.append("The classifier is new and untrained: predictions mean nothing.")
    categories, source = found.categories, found.categories_source
    own = usual.of_architecture(architecture)
    if categories is None and found.num_classes == len(own.names) and "new_head" not in weights.repairs:
        categories, source = own.names, own.source
    if categories is None:
        notices.append(f"“{path.name}” does not name its {found.num_classes} categories. Put a {FILE_NAME} beside it.")
        categories, source = usual.numbered(found.num_classes), usual.NUMBERED
    how, more = _preprocessing(architecture, options, path)
    return ResolvedWeights(
        state_dict,
        len(categories),
        categories,
        source,
        how,
        (*notices, *fit.notices(architecture, options), *more),
        options,
        found.sha256,
    )


def _options(architecture: str, content: WeightsFile) -> BuildOptions:
    """The variant that the tensors are of; what they cannot tell, the card beside them does."""
    options = fit.options_of(architecture, content)
    rescaled = rescaling_beside(content.path, architecture, options.num_classes)
    return options if rescaled is None else replace(options, transform_input=rescaled)


def _entry_of_hash(architecture: str, sha256: str) -> WeightsEntry | None:
    entries = backend.weights_entries(architecture)
    return next((entry for entry in entries if entry.sha256_prefix and sha256.startswith(entry.sha256_prefix)), None)


def _categories(architecture: str, content: WeightsFile, count: int) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Names of ``count`` outputs: the file's own, those of a list beside it, the architecture's own, or numbers."""
    assert content.checkpoint is not None  # read_weights always gives it
    named = find_names(content.checkpoint, count, architecture)
    if named.names is not None:
        return named.names, named.source, named.refused
    own = usual.of_architecture(architecture)
    if count == len(own.names):
        return own.names, own.source, named.refused
    note = f"“{content.path.name}” does not name its {count} categories. Put a {FILE_NAME} beside it to see names."
    return usual.numbered(count), named.source, (*named.refused, note)


def _preprocessing(architecture: str, options: BuildOptions, path: Path) -> tuple[Preprocessing, tuple[str, ...]]:
    """Return the preprocessing that a file of an architecture is taken to want, and what is worth saying about it."""
    ours = usual.of_architecture(architecture)
    own = usual.for_channels(architecture, ours.preprocessing, options.in_channels)
    stated = preprocessing_beside(path, architecture, options.num_classes, len(own.mean))
    if stated is not None:
        return stated, ()
    size = options.image_size
    if size is not None and size != own.crop:
        entries = backend.weights_entries(architecture)
        fitting = [entry.preprocessing for entry in entries if entry.categories and entry.preprocessing.crop == size]
        own = fitting[0] if fitting else replace(own, resize=size, crop=size, source=f"{own.source}, at {size} pixels")
        return own, (f"These weights look at {size}×{size} pixels; the preprocessing is that of {own.source}.",)
    if options.num_classes in {IMAGENET_CLASSES, len(ours.categories)} or own.source.startswith(usual.ASSUMED):
        return own, ()
    own = replace(own, source=f"{usual.ASSUMED}, as {own.source}")
    return own, ()
