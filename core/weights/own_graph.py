"""Exported programs that are run by their own graph: the network, the names of its outputs, its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import WeightsError
from core.types import Preprocessing
from core.weights.categories import FILE_NAME, find_names
from core.weights.checkpoint import Checkpoint, open_checkpoint
from core.weights.doctor.health import not_finite
from core.weights.doctor.own_graph import network_of, preprocessing_of
from core.weights.doctor.words import number, some
from core.zoo.exported import ExportedNetwork, GraphError

_ALIGNMENT = 64  # bytes, as torch's own memory


@dataclass(frozen=True, slots=True, eq=False)
class OwnGraph:
    """A network that runs its own graph, on the CPU, and what there is to say about it."""

    module: ExportedNetwork
    categories: tuple[str, ...]
    categories_source: str
    preprocessing: Preprocessing
    notices: tuple[str, ...]
    sha256: str


def load_own_graph(path: Path) -> OwnGraph:
    """Read an exported program to be run by its own graph.

    Raises
    ------
    WeightsError
        If it cannot be read or run, in words.
    """
    checkpoint = open_checkpoint(path)
    name = path.name
    try:
        network = network_of(checkpoint)
        network.confirm()
    except GraphError as error:
        raise WeightsError(f"“{name}” cannot be run by its own graph: {error}.", kind="unsupported", path=path) from error
    except RuntimeError as error:
        reason = (str(error).splitlines() or ["?"])[0][:200].rstrip(". ")
        raise WeightsError(f"“{name}” cannot be run by its own graph: {reason}.", kind="unsupported", path=path) from error
    broken = not_finite(dict(network.state_dict()))
    if broken:
        raise WeightsError(
            f"“{name}” has {number(len(broken), 'tensor')} with NaN or infinite values ({some(broken)}). Take an earlier "
            "checkpoint.",
            path=path,
        )
    for tensor in (*network.parameters(), *network.buffers()):
        # Numbers at odd addresses take other paths through the processor and give other last digits.
        if tensor.data_ptr() % _ALIGNMENT:
            tensor.data = tensor.data.clone()
    categories, source, more = _categories(checkpoint, network.num_classes)
    how = preprocessing_of(network)
    said = (
        f"“{name}” is an exported program, run by its own graph; nothing in it was unpickled.",
        f"How pictures are prepared for “{name}” is not said in it: {how.crop}×{how.crop} pixels are those it was exported "
        "for, mean and standard deviation are assumed to be the usual ones of ImageNet. The preprocessing can be changed.",
        *_batches(network, name),
    )
    return OwnGraph(network, categories, source, how, (*said, *more), checkpoint.sha256)


def _batches(network: ExportedNetwork, name: str) -> tuple[str, ...]:
    if network.batch is None:
        return ()
    return (
        f"“{name}” was exported for {number(network.batch, 'picture')} at a time: several are run one after the other, and "
        "what changes layers for several at once (lesion rankings, for example) cannot be done.",
    )


def _categories(checkpoint: Checkpoint, count: int) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    named = find_names(checkpoint, count)
    if named.names is not None:
        return named.names, named.source, named.refused
    note = f"“{checkpoint.path.name}” does not name its {count:,} categories. Put a {FILE_NAME} beside it to see names."
    return tuple(f"class {index}" for index in range(count)), named.source, (*named.refused, note)
