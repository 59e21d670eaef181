"""A look at a data set before anything is learned from it: counts, samples, unreadable files, the same picture twice."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.cancel import CancelToken
from core.errors import ImageError
from core.images.decode import decode, size_of, thumbnail
from core.training.dataset import Dataset, Part, open_dataset
from core.types import (
    CategoryLook,
    DatasetSurvey,
    Duplicates,
    ImageRef,
    Pixels,
    SurveyProgress,
    UnreadablePicture,
    frozen,
)

SAMPLE_SIDE = 168
"""Pixels of the long side of a sample."""

SAMPLES = 6
"""Samples of a category, where there are few enough categories."""

_ALL_SAMPLES = 240
_LOOK_SIDE = 64
_STEP_SECONDS = 0.05
_IDX_SPLIT = "the t10k files"

Known = dict[tuple[Path, int, int], "Reading"]
"""What was found out about files, by path, size and time of change: another split asks for nothing twice."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading of a picture said: (width, height) in pixels and a hash of it made small; or why it failed."""

    size: tuple[int, int] = (0, 0)
    small: bytes = b""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture is: its row counts over both parts, those to train with first."""

    row: int
    category: int
    in_val: bool


def survey(
    folder: Path,
    *,
    val_share: float = 0.1,
    seed: int = 0,
    token: CancelToken | None = None,
    known: Known | None = None,
) -> Generator[SurveyProgress, None, DatasetSurvey]:
    """Look at a data set. Every picture is read once, as small as its format allows.

    Parameters
    ----------
    folder, val_share, seed
        As :func:`core.training.dataset.open_dataset`.
    token
        Looked at between pictures.
    known
        What an earlier look found out, which is used and added to.

    Yields
    ------
    How far it is, about twenty times a second; the first ones carry the counts and then the samples.

    Returns
    -------
    All of it. Pictures count as the same where their files are equal, or else their pixels; the latter is found out where
    they have the same size and look the same made small, which a JPEG and a lossless copy of it need not.

    Raises
    ------
    LayerscopeError
        As :func:`open_dataset`.
    core.errors.Cancelled
        If ``token`` was set.
    """
    token = token or CancelToken()
    dataset = open_dataset(folder, val_share=val_share, seed=seed)
    total = len(dataset.train) + len(dataset.val)
    found = _counts(dataset)
    yield SurveyProgress(0, total, "Counting", found)
    token.check()
    found = replace(found, categories=_with_samples(dataset, found.categories, token))
    yield SurveyProgress(0, total, "Reading pictures", found)
    if isinstance(dataset.train.pictures, np.ndarray):
        return (yield from _of_arrays(dataset, found, token))
    known = {} if known is None else known
    readings: list[Reading] = []
    files = [*dataset.train.pictures, *_files(dataset.val)]
    told = time.monotonic()
    for one in files:
        token.check()
        readings.append(_read(one, known))
        if time.monotonic() - told > _STEP_SECONDS:
            yield SurveyProgress(len(readings), total, "Reading pictures")
            told = time.monotonic()
    yield SurveyProgress(total, total, "Comparing pictures")
    names = [one.path.relative_to(dataset.path).as_posix() for one in files]
    bad = tuple(UnreadablePicture(name, read.problem) for name, read in zip(names, readings, strict=True) if read.problem)
    places = _places(dataset)
    twins: list[Duplicates] = []
    for rows in _alike([(read.size, read.small) if read.small else None for read in readings]):
        token.check()
        for group, same_file in _equal(rows, files):
            twins.append(_duplicates([places[row] for row in group], names, dataset.categories, same_file=same_file))
            yield SurveyProgress(total, total, "Comparing pictures")
    sides = sorted(min(read.size) for read in readings if not read.problem)
    span = (sides[0], sides[len(sides) // 2], sides[-1]) if sides else None
    return replace(found, unreadable=bad, duplicates=_sorted(twins), short_sides=span, read=True)


def sample_rows(dataset: Dataset, category: int, count: int) -> list[int]:
    """Rows of the training part that stand for a category: spread evenly over it."""
    rows = np.flatnonzero(dataset.train.targets == category)
    return [int(rows[at]) for at in np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int)]


def _counts(dataset: Dataset) -> DatasetSurvey:
    count = len(dataset.categories)
    train, val = (np.bincount(part.targets, minlength=count).tolist() for part in (dataset.train, dataset.val))
    looks = tuple(CategoryLook(name, *numbers) for name, *numbers in zip(dataset.categories, train, val, strict=True))
    return DatasetSurvey(dataset.path, dataset.split, _is_seeded(dataset), looks)


def _is_seeded(dataset: Dataset) -> bool:
    if isinstance(dataset.train.pictures, np.ndarray):
        return dataset.split != _IDX_SPLIT
    train, val = ({_top(one, dataset.path) for one in _files(part)} for part in (dataset.train, dataset.val))
    return bool(train & val)


def _top(one: ImageRef, folder: Path) -> str:
    return one.path.relative_to(folder).parts[0]


def _files(part: Part) -> Sequence[ImageRef]:
    return [one for one in part.pictures if isinstance(one, ImageRef)]


def _with_samples(
    dataset: Dataset, looks: tuple[CategoryLook, ...], token: CancelToken
) -> tuple[CategoryLook, ...]:
    each = max(1, min(SAMPLES, _ALL_SAMPLES // len(looks)))
    made = []
    for category, look in enumerate(looks):
        pixels = []
        for row in sample_rows(dataset, category, each if category < _ALL_SAMPLES else 0):
            token.check()
            with contextlib.suppress(ImageError):  # the reading that follows says why
                pixels.append(_small(dataset.train, row))
        made.append(replace(look, samples=tuple(pixels)))
    return tuple(made)


def _small(part: Part, row: int) -> Pixels:
    one = part.pictures[row]
    return thumbnail(one, SAMPLE_SIDE) if isinstance(one, ImageRef) else frozen(np.array(one))


def _read(one: ImageRef, known: Known) -> Reading:
    try:
        about = one.path.stat()
    except OSError:
        return _look(one)
    key = (one.path, about.st_size, about.st_mtime_ns)
    if key not in known:
        known[key] = _look(one)
    return known[key]


def _look(one: ImageRef) -> Reading:
    try:
        small, size = thumbnail(one, _LOOK_SIDE), size_of(one)
    except ImageError as error:
        return Reading(problem=error.message)
    return Reading(size, hashlib.blake2b(small.tobytes(), digest_size=16).digest())


def _places(dataset: Dataset) -> list[_Place]:
    targets = [*dataset.train.targets.tolist(), *dataset.val.targets.tolist()]
    return [_Place(row, category, row >= len(dataset.train)) for row, category in enumerate(targets)]


def _alike(keys: Iterable[object | None]) -> list[list[int]]:
    """Rows with the same key, where there are two or more; None is like nothing."""
    groups: dict[object, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            groups[key].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _equal(rows: Sequence[int], files: Sequence[ImageRef]) -> list[tuple[list[int], bool]]:
    """Of pictures that look alike, those that are the same, and whether their files are."""
    contents = [_hash_of_file(files[row]) for row in rows]
    if len(set(contents)) == 1:
        return [(list(rows), True)]
    pixels = {content: _hash_of_pixels(files[row]) for content, row in zip(contents, rows, strict=True)}
    found = []
    for places in _alike([pixels[content] for content in contents]):
        group = [rows[place] for place in places]
        found.append((group, len({contents[place] for place in places}) == 1))
    return found


def _hash_of_file(one: ImageRef) -> bytes:
    with contextlib.suppress(OSError), one.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
    return str(one.path).encode(errors="surrogateescape")


def _hash_of_pixels(one: ImageRef) -> bytes | None:
    try:
        picture = decode(one).rgb
    except ImageError:
        return None
    return hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).digest()


def _duplicates(
    group: Sequence[_Place], names: Sequence[str], categories: Sequence[str], *, same_file: bool
) -> Duplicates:
    in_val = sum(one.in_val for one in group)
    lies_in = tuple(categories[index] for index in sorted({one.category for one in group}))
    return Duplicates(tuple(names[one.row] for one in group), lies_in, len(group) - in_val, in_val, same_file)


def _sorted(twins: Iterable[Duplicates]) -> tuple[Duplicates, ...]:
    return tuple(sorted(twins, key=lambda one: (not one.leaks, len(one.categories) == 1, one.names)))


def _of_arrays(
    dataset: Dataset, found: DatasetSurvey, token: CancelToken
) -> Generator[SurveyProgress, None, DatasetSurvey]:
    """The same of IDX files, of which no picture can be unreadable."""
    names, keys = [], []
    for part, what in ((dataset.train, "training"), (dataset.val, "validation")):
        told = time.monotonic()
        for row in range(len(part)):
            picture = part.pictures[row]
            assert isinstance(picture, np.ndarray)
            names.append(f"{what} picture {row}")
            keys.append(hashlib.blake2b(picture.tobytes(), digest_size=16).digest())
            if time.monotonic() - told > _STEP_SECONDS:
                token.check()
                yield SurveyProgress(len(keys), found.train + found.val, "Reading pictures")
                told = time.monotonic()
    places = _places(dataset)
    twins = [
        _duplicates([places[row] for row in rows], names, dataset.categories, same_file=False) for rows in _alike(keys)
    ]
    assert isinstance(dataset.train.pictures, np.ndarray)
    side = min(dataset.train.pictures.shape[1:])
    return replace(found, duplicates=_sorted(twins), short_sides=(side, side, side), read=True)
