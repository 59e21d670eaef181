"""The patches of pictures that excite a channel most."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.answers import Failure, ImageRef, JobProgress
from core.types.base import Box, Pixels
from core.types.model import LayerInfo


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What one unit sees of one picture.

    ``value`` is the unit's activation, (``row``, ``column``) its place in the map, 0 and 0 for a unit of a vector. ``box`` is
    its theoretical receptive field in pixels of the upright original, clipped at the border of the network's input and of
    the picture; None where the field lies wholly outside of them. ``pixels`` (height, width, 3) is what is in the box, made
    smaller where it is large; None as long as it has not been cut out, or if it cannot be.
    """

    image: ImageRef
    value: float
    row: int
    column: int
    box: Box | None
    pixels: Pixels | None


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The strongest patches of a channel, the strongest first; of equal ones that of the earlier picture.

    Of ``total`` pictures ``looked_at`` were looked at, ``copies`` had the same content as an earlier one, and ``skipped`` says
    why the others could not be. ``whole_crop`` says that every unit of the layer sees all of the network's input, so that a
    patch is the whole crop. ``notices`` are sentences about what went otherwise than expected; those about the cache
    come again with every later answer.
    """

    layer: LayerInfo
    channel: int
    patches: tuple[Patch, ...]
    total: int
    looked_at: int
    skipped: tuple[Failure, ...] = ()
    copies: int = 0
    whole_crop: bool = False
    notices: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no picture is left to look at."""
        return self.looked_at + self.copies + len(self.skipped) == self.total


@dataclass(frozen=True, slots=True, eq=False)
class PatchesProgress(JobProgress):
    """How far the search is, and what it has found so far."""

    so_far: Patches | None = None
