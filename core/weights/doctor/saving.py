"""A repaired copy on disk, which says of itself what it is and where it comes from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from core.errors import ExportError, UsageError
from core.files import unwritable, write_whole_by
from core.version import program_version
from core.weights.doctor.repair import Repaired, repaired
from core.weights.formats import shards

_OS_ERROR = re.compile(r"os error (\d+)")


def copy_name(path: Path) -> Path:
    """Where a repaired copy goes unless told otherwise: beside the original."""
    return path.with_name(f"{path.stem}.repaired.safetensors")


def save_repaired(
    path: Path,
    out: Path,
    kinds: Collection[str],
    architecture: str | None = None,
    num_classes: int | None = None,
    seed: int = 0,
    *,
    replace: bool = False,
) -> Repaired:
    """Write a repaired copy as safetensors; what it is and where it comes from stands in its metadata.

    Parameters are those of :func:`repaired`; ``out`` appears whole or not at all, and is replaced where it is there only
    with ``replace``.

    Raises
    ------
    UsageError
        If ``out`` is the original or a part of it, or there already.
    ExportError
        If it cannot be written.
    WeightsError
        As :func:`repaired`.
    """
    check_out(path, out, replace)
    found = repaired(path, kinds, architecture, num_classes, seed)
    tensors = {name: value.contiguous() for name, value in found.state_dict.items()}
    write_whole_by(out, lambda part: _write(part, _apart(tensors), metadata(found)))
    return found


def check_out(path: Path, out: Path, replace: bool = False) -> None:
    """Say before any work is done that a copy of ``path`` cannot be written as ``out``; errors as :func:`save_repaired`."""
    try:
        if out.is_dir():
            raise ExportError(f"“{out}” could not be written: it is a folder. Add a name for the file.", path=out)
        if not out.resolve().parent.is_dir():
            raise ExportError(
                f"“{out}” could not be written: there is no folder “{out.resolve().parent}”. Make it first, or choose another "
                "place.",
                path=out,
            )
        if not out.exists():
            return
        if any(one.exists() and out.samefile(one) for one in shards.family(path)):
            raise UsageError(
                f"“{out.name}” is the original, which stays as it is. Choose another name for the copy.", path=out
            )
        if not out.is_file():
            raise ExportError(f"“{out}” could not be written: it is no ordinary file. Choose another name.", path=out)
    except (OSError, RuntimeError) as error:
        raise unwritable(out, error) from error
    if not replace:
        raise UsageError(
            f"“{out}” is there already and was left as it is. Choose another name, or say --replace to replace it.", path=out
        )


def _write(part: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    part.open("xb").close()  # whose errors are in words
    try:
        safetensors.torch.save_file(tensors, part, about)
    except SafetensorError as error:
        raise _in_words(error) from error


def _in_words(error: Exception) -> OSError:
    """Find the system's own words for what stopped safetensors."""
    found = _OS_ERROR.search(str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else OSError("writing it failed half-way")


def metadata(found: Repaired) -> dict[str, str]:
    """What a copy says of itself, as text: categories and repairs are JSON."""
    about = {
        "format": "pt",
        "architecture": found.architecture,
        "num_classes": str(found.num_classes),
        "source": found.path.name,
        "source_sha256": found.sha256,
        "repairs": json.dumps([one.kind for one in found.done]),
        "writer": f"Layerscope {program_version()}",
    }
    if found.categories is not None:
        about |= {"categories": json.dumps(found.categories), "categories_source": found.categories_source}
    return about


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy tensors that share memory, which safetensors does not write."""
    seen: set[int] = set()
    fresh: dict[str, Tensor] = {}
    for name, value in tensors.items():
        place = value.untyped_storage().data_ptr()
        whole = value.untyped_storage().nbytes() == value.nbytes
        fresh[name] = value if whole and place not in seen else value.clone()
        seen.add(place)
    return fresh
