"""The weights that a person can choose from for an architecture."""

from __future__ import annotations

from core.errors import WeightsError
from core.types import BUILTIN_MODEL, WeightsOption, WeightsSpec
from core.weights import builtin
from core.weights.resolve import hub_folder
from core.zoo import backend
from core.zoo.backend import WeightsEntry


def weights_options(architecture: str) -> tuple[WeightsOption, ...]:
    """List the weights of an architecture for the window: built-in, published, random; a file is for the window to
    offer.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    published = tuple(_published(entry) for entry in backend.weights_entries(architecture) if entry.categories)
    own = (_builtin(),) if architecture == BUILTIN_MODEL else ()
    return (*own, *published, WeightsOption(WeightsSpec("random"), "random", "predictions mean nothing", True))


def _builtin() -> WeightsOption:
    try:
        top1 = builtin.card().top1
    except WeightsError:
        return WeightsOption(WeightsSpec("builtin"), "built-in", "not installed", False)
    note = f"{top1:.1f} % top-1" if top1 is not None else ""
    return WeightsOption(WeightsSpec("builtin"), "built-in", note, True)


def _published(entry: WeightsEntry) -> WeightsOption:
    downloaded = (hub_folder() / entry.filename).is_file()
    parts = [f"{entry.top1:.1f} % top-1"] if entry.top1 is not None else []
    parts += [f"{entry.file_size_mb:.1f} MB", "downloaded" if downloaded else "not downloaded"]
    return WeightsOption(WeightsSpec("named", name=entry.name), entry.name, " · ".join(parts), downloaded)
