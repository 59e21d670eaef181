"""The strongest of many places, kept while pictures come one by one."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from core.jobs.patches_maxima import PLACES, Maxima
from core.types import Box, ImageRef


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A place that may be among the strongest; the strongest is the least, of equal ones that of the earlier picture."""

    negative: float
    order: int
    rank: int
    place: tuple[int, int] = field(compare=False)
    image: ImageRef = field(compare=False)
    size: tuple[int, int] = field(compare=False)
    crop: Box = field(compare=False)

    @property
    def value(self) -> float:
        """The activation."""
        return -self.negative


class Ranking:
    """The ``count`` strongest places of a channel, at most ``per_picture`` of one picture.

    Parameters
    ----------
    channel
        The channel.
    count, per_picture
        From 1; of a picture there are never more than :data:`PLACES`.
    """

    def __init__(self, channel: int, count: int, per_picture: int) -> None:
        self._channel, self._count, self._per_picture = channel, count, min(per_picture, PLACES)
        self.best: list[Candidate] = []

    def add(self, order: int, image: ImageRef, maxima: Maxima) -> tuple[Candidate, ...]:
        """Take in a picture, whose place in the order is ``order``; return those of its places that are among the best now."""
        values, places = maxima.values[self._channel].tolist(), maxima.places[self._channel].tolist()
        new = [
            Candidate(-value, order, rank, divmod(place, maxima.columns), image, maxima.size, maxima.box)
            for rank, (value, place) in enumerate(zip(values, places, strict=True))
            if rank < self._per_picture and place >= 0
        ]
        for candidate in new:
            bisect.insort(self.best, candidate)
        del self.best[self._count :]
        return tuple(candidate for candidate in new if candidate in self.best)
