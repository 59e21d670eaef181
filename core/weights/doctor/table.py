"""The names and shapes of all tensors of all architectures, as ``tools/make_architectures.py`` wrote them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from core import paths
from core.errors import WeightsError

Shape = tuple[int, ...]

ANY = 0
"""Stands in a shape for the number of classes, of channels of the pictures where an architecture leaves the choice, and of
positions of a Vision Transformer."""

COUNTER = "num_batches_tracked"
"""Ends the names of batch norm's counters, which older files lack and which are never compared."""

_OPTIONAL = {
    "googlenet": ("aux1.", "aux2."), "googlenet_seed": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What an architecture is made of: ``tensors`` without counters; ``heads`` as :func:`core.zoo.backend.heads`."""

    name: str
    tensors: Mapping[str, Shape]
    heads: tuple[str, ...]

    @property
    def head(self) -> str:
        """Name of the weight with one row per class."""
        return self.heads[-1]

    @cached_property
    def first(self) -> str:
        """Name of the weight of the first convolution."""
        return next((name for name, shape in self.tensors.items() if len(shape) == 4), "")

    @cached_property
    def head_part(self) -> str:
        """What the names of the classifier, hidden layers included, begin with ("fc.", "classifier.")."""
        return self.head.partition(".")[0] + "."

    @property
    def auxiliary(self) -> tuple[str, ...]:
        """What the names of the auxiliary heads begin with, which a file may lack."""
        return _OPTIONAL.get(self.name, ())

    @cached_property
    def features(self) -> frozenset[str]:
        """Names of the tensors that a new head would leave as they are."""
        return frozenset(name for name in self.tensors if not name.startswith((self.head_part, *self.auxiliary)))


def agree(wanted: Shape, given: Shape) -> bool:
    """Whether a shape is the one of a plan."""
    if wanted == given:
        return True
    return (
        ANY in wanted
        and len(wanted) == len(given)
        and all(one in {ANY, other} and other > 0 for one, other in zip(wanted, given, strict=True))
    )


@cache
def plans() -> Mapping[str, Plan]:
    """All architectures by name, in the order of the catalogue.

    Raises
    ------
    WeightsError
        If the program was installed without its table.
    """
    return _read()


def _read() -> dict[str, Plan]:
    path = paths.ARCHITECTURES
    try:
        content = json.loads(gzip.decompress(path.read_bytes()))
        return {
            name: Plan(name, {key: tuple(shape) for key, shape in one["tensors"].items()}, tuple(one["heads"]))
            for name, one in content.items()
        }
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"The table of architectures, “{path}”, cannot be read ({type(error).__name__}). Install the program again.",
            path=path,
        ) from error
