"""A model on a folder of pictures per category: how often it is right, and what it takes for what."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.cancel import CancelToken
from core.errors import ImageError, LayerscopeError, UsageError
from core.images.discover import discover, natural_key
from core.inference.session import Session
from core.jobs.matching import match_folders
from core.training.dataset import TRAIN, VAL, Part, folder_below
from core.training.idx import find_idx
from core.training.loader import ahead
from core.training.material import shown_to_network
from core.training.pictures import Pictures
from core.types import Evaluation, Failure, FolderMatch, FolderScore, JobProgress, Preprocessing

OTHER = "other"
BATCH = 32
_K = 5


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The pictures of a folder per category."""

    folder: Path
    names: tuple[str, ...]
    parts: tuple[Part, ...]
    notices: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def evaluate(
    session: Session, folder: Path, cancel: CancelToken | None = None
) -> Generator[JobProgress, None, Evaluation]:
    """Classify all pictures of a folder with a folder per category, and count the right answers.

    Parameters
    ----------
    session
        The loaded model; not to be used by anybody else until the end.
    folder
        A folder per category; where it has ``val`` (or ``validation``, ``valid``, ``test``) with folders in it, that one's; or
        IDX files as MNIST has them. What the names of folders stand for: :func:`core.jobs.matching.match_folders`.
    cancel
        Looked at before each batch.

    Yields
    ------
    How many pictures are done.

    Raises
    ------
    UsageError
        If there is no such folder, it has no folders with pictures, or none of them stands for a category of the model.
    core.errors.Cancelled
        If ``cancel`` was set.
    """
    cancel = cancel or CancelToken()
    categories = session.info.categories
    shelf = _shelf(folder.absolute(), cancel)
    matches = match_folders(shelf.names, categories)
    known = [row for row, match in enumerate(matches) if match.index is not None]
    if not known:
        whys = " ".join(match.why for match in matches[:3])
        raise UsageError(f"No folder in “{shelf.folder}” stands for a category of {session.info.spec.architecture}. {whys}")
    counts = _Counts([matches[row] for row in known], categories)
    total, done = sum(len(shelf.parts[row]) for row in known), 0
    for place, row in enumerate(known):
        part = shelf.parts[row]
        for logits, failures in _answers(session, part, cancel):
            counts.add(place, logits, failures)
            done += len(logits) + len(failures)
            yield JobProgress(done, total, f"Evaluating “{shelf.names[row]}”")
    left_out = tuple((match, len(part)) for match, part in zip(matches, shelf.parts, strict=True) if match.index is None)
    return counts.evaluation(shelf, left_out)


class _Counts:
    def __init__(self, matches: Sequence[FolderMatch], categories: Sequence[str]) -> None:
        self._matches, self._categories = matches, categories
        self._indices = [match.index for match in matches if match.index is not None]
        columns = list(dict.fromkeys(self._indices))
        self._column = np.full(len(categories), len(columns))
        self._column[columns] = np.arange(len(columns))
        self._labels = [categories[index] for index in columns]
        self._whole = len(columns) == len(categories)
        self._confusion: npt.NDArray[np.int64] = np.zeros((len(matches), len(columns) + 1), np.int64)
        self._right: npt.NDArray[np.int64] = np.zeros((len(matches), 2), np.int64)
        self._failures: list[list[Failure]] = [[] for _ in matches]

    def add(self, place: int, logits: Tensor, failures: Sequence[Failure]) -> None:
        """Note the answers to pictures of a folder: float32 (N, categories)."""
        self._failures[place] += failures
        if len(logits):
            # Stable, as the program ranks predictions everywhere.
            said = logits.sort(dim=1, descending=True, stable=True).indices[:, :_K].numpy()
            right = said == self._indices[place]
            self._right[place] += right[:, 0].sum(), right.any(1).sum()
            np.add.at(self._confusion[place], self._column[said[:, 0]], 1)

    def evaluation(self, shelf: _Shelf, left_out: tuple[tuple[FolderMatch, int], ...]) -> Evaluation:
        width = len(self._labels) if self._whole else len(self._labels) + 1
        return Evaluation(
            folder=shelf.folder,
            folders=tuple(self._score(place) for place in range(len(self._matches))),
            labels=(*self._labels, *(() if self._whole else (OTHER,))),
            confusion=tuple(tuple(row) for row in self._confusion[:, :width].tolist()),
            failures=(*shelf.failures, *(one for some in self._failures for one in some)),
            unmatched=left_out,
            notices=shelf.notices,
        )

    def _score(self, place: int) -> FolderScore:
        answered, failed = int(self._confusion[place].sum()), len(self._failures[place])
        first, five = self._right[place].tolist()
        shares = (first / answered, five / answered) if answered else (float("nan"),) * 2
        match, index = self._matches[place], self._indices[place]
        return FolderScore(match.folder, self._categories[index], index, answered + failed, failed, *shares)


def _answers(session: Session, part: Part, cancel: CancelToken) -> Generator[tuple[Tensor, list[Failure]], None, None]:
    """Yield the logits (N, categories) of batches, and why others of their pictures have none."""
    how = session.info.preprocessing
    pictures = Pictures(part, how.crop, len(how.mean), 0)

    def read(number: int) -> list[Tensor | Failure]:
        cancel.check()
        return [_input(pictures, row, how) for row in range(number * BATCH, min(len(part), (number + 1) * BATCH))]

    with ahead(read, -(-len(part) // BATCH)) as batches:
        for made in batches:
            cancel.check()
            failures = [one for one in made if isinstance(one, Failure)]
            inputs = [one for one in made if isinstance(one, Tensor)]
            logits = session.forward(torch.cat(inputs)) if inputs else torch.empty(0, len(session.info.categories))
            fit = logits.isfinite().all(1)
            failures += [Failure("architecture", "The network's output for a picture is not a number.")] * int((~fit).sum())
            yield logits[fit], failures


def _input(pictures: Pictures, row: int, how: Preprocessing) -> Tensor | Failure:
    try:
        return shown_to_network(pictures, row, how)
    except ImageError as error:
        return Failure.of(error)


def _shelf(folder: Path, cancel: CancelToken) -> _Shelf:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"“{folder}” {what}. Choose a folder with a folder of pictures per category.", kind="missing")
    try:
        idx = find_idx(folder)
        if idx is not None:
            return _of_idx(folder, *((idx.train, idx.train_labels) if idx.val is None else (idx.val, idx.val_labels)))
        chosen, notices = folder, tuple[str, ...]()
        val = folder_below(folder, VAL)
        if val is not None and (folder_below(folder, TRAIN) is not None or _only(folder, val)):
            chosen, notices = val, (f"The pictures of “{val.name}” are taken.",)
        return _of_folders(chosen, notices, cancel)
    except OSError as error:
        raise LayerscopeError(f"“{folder}” cannot be read: {error.strerror or error}.", kind="denied", path=folder) from error


def _only(folder: Path, inside: Path) -> bool:
    return [one for one in folder.iterdir() if one.is_dir()] == [inside] and any(one.is_dir() for one in inside.iterdir())


def _of_folders(folder: Path, notices: tuple[str, ...], cancel: CancelToken) -> _Shelf:
    names = sorted((one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")), key=natural_key)
    found = {name: discover([folder / name], recursive=True, token=cancel) for name in names}
    full = tuple(name for name in names if found[name].images)
    if not full:
        raise UsageError(f"“{folder}” has no folders with pictures in it: a folder is needed for each category.", kind="empty")
    parts = tuple(Part(found[name].images, np.zeros(len(found[name].images), np.int64)) for name in full)
    return _Shelf(folder, full, parts, notices, tuple(one for name in names for one in found[name].failures))


def _of_idx(folder: Path, pictures: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64] | None) -> _Shelf:
    assert labels is not None  # pictures come with labels
    names = tuple(str(label) for label in np.unique(labels).tolist())
    rows = [np.flatnonzero(labels == int(name)) for name in names]
    return _Shelf(folder, names, tuple(Part(pictures[one], labels[one]) for one in rows))
