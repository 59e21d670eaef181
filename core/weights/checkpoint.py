"""A weights file opened without running anything in it: its content as nested mappings of tensors and plain values."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import safetensors.torch
import torch

from core.errors import ErrorKind, WeightsError
from core.types import CheckpointFormat
from core.weights import signature

_GLOBAL = re.compile(r"(?:GLOBAL|class|function) ([\w.]+)")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a file holds, as it was saved: nothing unwrapped, renamed or converted.

    ``content`` maps names to tensors (on the CPU, memory-mapped where that is possible) or to further mappings, lists and plain
    values. ``metadata`` is what stands beside the tensors (safetensors' ``__metadata__``, torch's module versions under
    "_metadata"). ``globals`` and ``executes_code`` as in :class:`core.types.Diagnosis`. ``notes`` are sentences about how it
    was read ("a whole model was pickled; its tensors were read without running it").
    """

    path: Path
    format: CheckpointFormat
    sha256: str
    content: Mapping[str, Any]
    metadata: Mapping[str, Any]
    globals: tuple[str, ...] = ()
    executes_code: bool = False
    notes: tuple[str, ...] = ()


def open_checkpoint(path: Path) -> Checkpoint:
    """Open a weights file of any known format, told apart by content.

    Raises
    ------
    WeightsError
        ``missing``, ``denied``, ``empty``, ``truncated``, ``unsupported`` or ``unreadable``, in words.
    """
    try:
        with path.open("rb") as file:
            kind = signature.recognise(file, path)
            before = _state(file)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            content, metadata = _safetensors(file, path) if kind == "safetensors" else _torch(file, path)
            # The tensors are those of the hash: the same open file, which nobody wrote into meanwhile.
            if _state(file) != before:
                raise _refusal(path, "was changed while it was being read. Load it again.", "unreadable")
    except OSError as error:
        raise _cannot_open(path, error) from error
    return Checkpoint(path, "safetensors" if kind == "safetensors" else "torch-zip", sha256, content, metadata)


def _state(file: BinaryIO) -> tuple[int, int]:
    """What changes when somebody writes into a file."""
    about = os.fstat(file.fileno())
    return about.st_mtime_ns, about.st_size


def _cannot_open(path: Path, error: OSError) -> WeightsError:
    if isinstance(error, FileNotFoundError):
        return WeightsError(f"There is no weights file “{path}”.", kind="missing", path=path)
    if path.is_dir():
        return WeightsError(f"“{path}” is a folder; choose the weights file inside it.", kind="unsupported", path=path)
    if isinstance(error, PermissionError):
        return WeightsError(f"“{path}” may not be read by this user account.", kind="denied", path=path)
    return _refusal(path, f"could not be read: {error.strerror or error}.", "unreadable")


def _refusal(path: Path, reason: str, kind: ErrorKind) -> WeightsError:
    return WeightsError(f"“{path.name}” {reason}", kind=kind, path=path)


def _safetensors(file: BinaryIO, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    data = file.read()
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
        tensors = safetensors.torch.load(data)
    except Exception as error:  # SafetensorError, KeyError for unknown types, ValueError ...
        raise _refusal(
            path, f"is a damaged safetensors file ({_first_line(error)}). Copy or download it again.", "unreadable"
        ) from error
    return dict(tensors), header.get("__metadata__", {})


def _torch(file: BinaryIO, path: Path) -> tuple[Any, dict[str, Any]]:
    if zipfile.is_zipfile(file):
        signature.check_torch_archive(file, path)
    file.seek(0)
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # UnpicklingError, RuntimeError, EOFError, IndexError, KeyError, UnicodeDecodeError ...
        raise _cannot_load(path, error) from error
    if isinstance(content, Mapping):
        return content, getattr(content, "_metadata", None) or {}
    kind = type(content).__name__
    raise _refusal(path, f"holds a {kind}, not the weights of a network. Save `model.state_dict()`.", "unsupported")


def _cannot_load(path: Path, error: Exception) -> WeightsError:
    words = str(error)
    if "weights_only" in words or "WeightsUnpickler" in words or "Unsupported" in words:
        wanted = _GLOBAL.search(words)
        what = f" ({wanted.group(1)})" if wanted else ""
        return _refusal(
            path,
            f"holds pickled Python objects{what}, not just tensors; loading them would run code from the file, so it "
            "was left alone. In the program that made it, save `model.state_dict()` instead.",
            "unsupported",
        )
    if isinstance(error, EOFError | IndexError) or "unexpected EOF" in words or "corrupted" in words:
        return _refusal(path, "ends too early: it is cut off or damaged. Copy or download it again.", "truncated")
    return _refusal(
        path,
        f"is not a weights file that can be read ({_first_line(error)}). Save `model.state_dict()` with "
        "torch.save or safetensors.",
        "unreadable",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__
