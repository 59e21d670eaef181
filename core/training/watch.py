"""Watching a run: what the network of the moment says of pictures that a person looks at. It changes nothing in the run."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import ImageError
from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.training.lines import MOST_WATCHED
from core.training.network import logits_of
from core.types import ImageRef, Preprocessing, WatchedEpoch, WatchedPicture

_BATCH = 16
_TOP = 5


class Watch:
    """Which pictures are watched; another thread may choose others while a run is under way.

    Parameters
    ----------
    paths
        The first choice; those after the 64th are left out.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._lock = threading.Lock()
        self._paths: tuple[Path, ...] = ()
        self._inputs: dict[Path, Tensor | None] = {}
        self.choose(paths)

    def choose(self, paths: Iterable[Path]) -> None:
        """Watch these from the next epoch on; those after the 64th are left out."""
        with self._lock:
            self._paths = tuple(dict.fromkeys(paths))[:MOST_WATCHED]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The pictures, in the order they were chosen."""
        with self._lock:
            return self._paths

    def look(self, viewer: Viewer, epoch: int) -> Generator[tuple[int, int], None, WatchedEpoch]:
        """Classify the pictures; yields how many are done, and of how many.

        Parameters
        ----------
        viewer
            Runs the network.
        epoch
            How many epochs are over.
        """
        paths = self.paths
        self._inputs = {path: known for path, known in self._inputs.items() if path in paths}
        found: list[WatchedPicture] = []
        for first in range(0, len(paths), _BATCH):
            some = paths[first : first + _BATCH]
            for path in some:
                if path not in self._inputs:
                    self._inputs[path] = _input(path, viewer.preprocessing)
            ready = {path: tensor for path in some if (tensor := self._inputs[path]) is not None}
            answers = dict(zip(ready, viewer.answers(list(ready.values())) if ready else (), strict=True))
            found += [WatchedPicture(path, answers.get(path, ())) for path in some]
            yield len(found), len(paths)
        return WatchedEpoch(epoch, tuple(found))


@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """A network being trained, as it will be when it is used: in evaluation mode, with its own preprocessing."""

    module: nn.Module
    categories: tuple[str, ...]
    preprocessing: Preprocessing
    device: torch.device

    def answers(self, inputs: list[Tensor]) -> list[tuple[tuple[str, float], ...]]:
        """The five likeliest categories with their probabilities for each input, float32 (1, channels, side, side)."""
        was = {module: module.training for module in self.module.modules()}
        self.module.eval()
        try:
            with torch.inference_mode():
                batch = torch.cat(inputs).to(self.device)
                shares = torch.softmax(logits_of(self.module(batch))[0].float(), 1).cpu()
        finally:
            for module, training in was.items():
                module.training = training
        best = shares.topk(min(_TOP, shares.shape[1]), dim=1)
        rows = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [tuple((self.categories[at], value) for at, value in zip(*row, strict=True)) for row in rows]


def _input(path: Path, how: Preprocessing) -> Tensor | None:
    try:
        return preprocess(decode(ImageRef(path), short_side=target_side(how)), how).tensor
    except ImageError:
        return None
