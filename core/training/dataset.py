"""Folders of pictures, lists of them, or IDX files, as something to learn from: a training part and a validation part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LayerscopeError
from core.images.discover import discover
from core.images.names import natural_key
from core.training.idx import Idx, find_idx
from core.training.manifest import read_manifest
from core.training.split import stratified
from core.types import ImageRef

TRAIN = ("train", "training")
LISTS = (".json", ".csv")
VAL = ("val", "validation", "valid", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Pictures and the index of each one's category.

    ``pictures`` are files, or the rows of an array uint8 (N, H, W); ``targets`` is int64 (N,).
    """

    pictures: Sequence[ImageRef] | npt.NDArray[np.uint8]
    targets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)

    def name(self, row: int) -> str:
        """What a person calls a picture: its path below the folder of its category, or its number."""
        one = self.pictures[row]
        return f"{one.path.parent.name}/{one.name}" if isinstance(one, ImageRef) else f"picture {row}"

    def only(self, rows: Sequence[int]) -> Part:
        """The same with these pictures only."""
        index = np.asarray(rows, np.int64)
        if isinstance(self.pictures, np.ndarray):
            return Part(self.pictures[index], self.targets[index])
        return Part(tuple(self.pictures[row] for row in rows), self.targets[index])


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """What there is to learn from.

    ``categories`` are the names of the folders, in natural order, those that a list gives, or the digits of IDX files.
    ``split`` says in words where the validation part comes from; ``fingerprint`` is a hash in hexadecimal digits of names,
    sizes and split: other data has another one. ``given`` says that the categories were given by name, those of a network
    for instance: some of them may be without pictures.
    """

    path: Path
    categories: tuple[str, ...]
    train: Part
    val: Part
    split: str
    fingerprint: str
    given: bool = False


def open_dataset(folder: Path, *, val_share: float = 0.1, seed: int = 0) -> Dataset:
    """Find categories and pictures below a folder, or on a list; no picture is read yet.

    A list of pictures (:mod:`core.training.manifest`); a folder with ``train`` and ``val`` (or ``validation``, ``valid``,
    ``test``), each with a folder per category; a folder per category, split stratified by ``seed``; or IDX files as MNIST has
    them.

    Parameters
    ----------
    folder
        The folder, or a list: a file that ends in .json or .csv.
    val_share
        Share of each category that is kept back where there is no split, at least one picture of each with two or more.
    seed
        Decides which ones.

    Raises
    ------
    LayerscopeError
        In words, if there is no such folder or list, it has fewer than two categories with pictures, or nothing to validate
        with.
    """
    folder = folder.absolute()
    if folder.suffix.lower() in LISTS and folder.is_file():
        return _of_list(folder, val_share, seed)
    if not folder.is_dir():
        what = "is neither a folder nor a list of pictures (.json, .csv)" if folder.exists() else "does not exist"
        raise LayerscopeError(f"“{folder}” {what}. Choose a folder with a folder of pictures per category.", kind="missing")
    idx = find_idx(folder)
    if idx is not None:
        return _of_idx(folder, idx, val_share, seed)
    train, val = folder_below(folder, TRAIN), folder_below(folder, VAL)
    if train is not None and val is not None:
        categories = _categories(train)
        parts = _part(train, categories), _part(val, categories, strict=True)
        return _dataset(folder, categories, *parts, f"the folders “{train.name}” and “{val.name}”")
    root = train or folder
    categories = _categories(root)
    rows = _part(root, categories)
    kept, back = stratified(rows.targets.tolist(), val_share, seed)
    return _dataset(folder, categories, rows.only(kept), rows.only(back), f"{val_share:.0%} of each category, by seed {seed}")


def folder_below(folder: Path, names: Sequence[str]) -> Path | None:
    """The folder in a folder that has one of these names, in upper or lower case; the first of them that is there."""
    inside = {one.name.lower(): one for one in folder.iterdir() if one.is_dir()}
    return next((inside[name] for name in names if name in inside), None)


def _categories(root: Path) -> tuple[str, ...]:
    names = sorted((one.name for one in root.iterdir() if one.is_dir() and not one.name.startswith(".")), key=natural_key)
    full = tuple(name for name in names if discover([root / name], recursive=True).images)
    if len(full) < 2:
        found = f"only one folder with pictures (“{full[0]}”)" if full else "no folders with pictures"
        raise LayerscopeError(
            f"“{root}” has {found} in it. To train, a folder of pictures is needed for each category, at least two.",
            kind="empty", path=root,
        )
    return full


def _part(root: Path, categories: tuple[str, ...], *, strict: bool = False) -> Part:
    pictures: list[ImageRef] = []
    targets: list[int] = []
    if strict:
        strange = sorted({one.name for one in root.iterdir() if one.is_dir()} - set(categories))
        strange = [name for name in strange if discover([root / name], recursive=True).images]
        if strange:
            raise LayerscopeError(
                f"“{root}” has pictures of “{strange[0]}”, of which there are none to train with. Add some, or take the "
                "folder away.",
                path=root,
            )
    for index, name in enumerate(categories):
        found = discover([root / name], recursive=True).images if (root / name).is_dir() else ()
        pictures += found
        targets += [index] * len(found)
    return Part(tuple(pictures), np.array(targets, np.int64))


def _of_list(path: Path, val_share: float, seed: int) -> Dataset:
    found = read_manifest(path)
    rows = Part(tuple(entry.image for entry in found.entries), found.targets)
    if found.split:
        kept, back, split = found.rows("train"), found.rows("val"), f"as “{path.name}” says"
    else:
        kept, back = stratified(rows.targets.tolist(), val_share, seed)
        split = f"{val_share:.0%} of each category, by seed {seed}"
    return _dataset(path, found.categories, rows.only(kept), rows.only(back), split, given=found.given)


def _of_idx(folder: Path, idx: Idx, val_share: float, seed: int) -> Dataset:
    count = int(max(idx.train_labels.max(), idx.val_labels.max() if idx.val_labels is not None else 0)) + 1
    categories = tuple(str(index) for index in range(count))
    rows = Part(idx.train, idx.train_labels)
    if idx.val is not None and idx.val_labels is not None:
        return _dataset(folder, categories, rows, Part(idx.val, idx.val_labels), "the t10k files")
    kept, back = stratified(rows.targets.tolist(), val_share, seed)
    return _dataset(folder, categories, rows.only(kept), rows.only(back), f"{val_share:.0%} of each category, by seed {seed}")


def _dataset(
    folder: Path, categories: tuple[str, ...], train: Part, val: Part, split: str, *, given: bool = False
) -> Dataset:
    for part, what in ((train, "train"), (val, "validate")):
        if not len(part):
            raise LayerscopeError(
                f"“{folder}” has no pictures to {what} with. Add some: of a category with two or more, one is kept out to "
                "validate with.",
                kind="empty", path=folder,
            )
    digest = hashlib.sha256("\n".join(categories).encode())
    for part in (train, val):
        digest.update(part.targets.tobytes())
        if isinstance(part.pictures, np.ndarray):
            digest.update(np.ascontiguousarray(part.pictures).tobytes())
            continue
        for one in part.pictures:
            name = (one.path.relative_to(folder) if one.path.is_relative_to(folder) else one.path).as_posix()
            digest.update(f"{name}\0{one.path.stat().st_size}\n".encode(errors="surrogateescape"))
    return Dataset(folder, categories, train, val, split, digest.hexdigest(), given)
