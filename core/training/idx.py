"""IDX files, as MNIST and Fashion-MNIST are published: http://yann.lecun.com/exdb/mnist/, "file formats"."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import LayerscopeError

_UBYTE = 0x08
_LIMIT = 2_000_000_000  # bytes; the largest that is published has 47 million


@dataclass(frozen=True, slots=True, eq=False)
class Idx:
    """Pictures uint8 (N, H, W) and labels int64 (N,); None where the folder has no second pair."""

    train: npt.NDArray[np.uint8]
    train_labels: npt.NDArray[np.int64]
    val: npt.NDArray[np.uint8] | None
    val_labels: npt.NDArray[np.int64] | None


def find_idx(folder: Path) -> Idx | None:
    """Read the IDX files of a folder, gzipped or not; None if there are none to train with.

    Raises
    ------
    LayerscopeError
        If a file is damaged, or pictures and labels do not belong together.
    """
    pairs = [_pair(folder, stem) for stem in ("train", "t10k")]
    if pairs[0] is None:
        return None
    second = pairs[1]
    return Idx(*pairs[0], *(second if second is not None else (None, None)))


def _pair(folder: Path, stem: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]] | None:
    pictures, labels = (_find(folder, f"{stem}-{what}") for what in ("images", "labels"))
    if pictures is None or labels is None:
        return None
    values, names = _read(pictures, 3), _read(labels, 1)
    if len(values) != len(names):
        raise LayerscopeError(
            f"“{pictures.name}” has {len(values)} pictures and “{labels.name}” {len(names)} labels: they do not belong "
            "together.",
            path=pictures,
        )
    return values, names.astype(np.int64)


def _find(folder: Path, start: str) -> Path | None:
    return next((one for one in sorted(folder.iterdir()) if one.name.startswith(start) and one.is_file()), None)


def _read(path: Path, axes: int) -> npt.NDArray[np.uint8]:
    try:
        with (gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            content = file.read(_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise LayerscopeError(f"“{path.name}” cannot be read: {error}.", kind="unreadable", path=path) from error
    head = 4 + 4 * axes
    if len(content) < head or content[:2] != b"\0\0" or content[2] != _UBYTE or content[3] != axes:
        raise LayerscopeError(f"“{path.name}” is no IDX file of bytes with {axes} axes.", kind="unreadable", path=path)
    shape = struct.unpack(f">{axes}I", content[4:head])
    if len(content) - head != math.prod(shape):
        raise LayerscopeError(
            f"“{path.name}” is cut off, or damaged: it says {math.prod(shape)} bytes and has {len(content) - head}.",
            kind="truncated", path=path,
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)
