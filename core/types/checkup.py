"""What the window asks the checkpoint doctor for, and the list of tensors it may look through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.types.model import Preprocessing

KeyStatus = Literal["matched", "missing", "unexpected", "misshapen"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A tensor of a file or of an architecture; ``in_file`` and ``wanted`` are its shapes there, None where it is not."""

    name: str
    status: KeyStatus
    in_file: tuple[int, ...] | None
    wanted: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class KeyTable:
    """All tensors of a file beside all those of an architecture: what the architecture wants first, in its order."""

    path: Path
    architecture: str
    rows: tuple[KeyRow, ...]


@dataclass(frozen=True, slots=True)
class DiagnoseRequest:
    """Look at a weights file; ``architecture`` is the one that a person picked for it, None where it is to be found.

    With ``insist`` they picked it knowing what the file is: what it would take to load it as just that is the question.
    ``tensors`` are those of the loaded network (:attr:`ModelInfo.tensors`), which the file may be meant for.
    """

    id: int
    path: Path
    architecture: str | None = None
    insist: bool = False
    tensors: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class KeysRequest:
    """List the tensors of a file beside those of an architecture, after the repairs of these kinds."""

    id: int
    path: Path
    architecture: str
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveRepairedRequest:
    """Write a repaired copy of a weights file to ``out``; the file itself stays as it is."""

    id: int
    path: Path
    out: Path
    repairs: tuple[str, ...]
    architecture: str | None = None
    num_classes: int | None = None


@dataclass(frozen=True, slots=True)
class PreprocessRequest:
    """Have the loaded model take its pictures another way, None for its weights' own.

    ``weights_sha256`` is that of the model that was meant: another one may have been loaded meanwhile.
    """

    id: int
    weights_sha256: str
    preprocessing: Preprocessing | None
