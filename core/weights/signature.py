"""Telling by its first bytes what a file is that should hold weights."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO, Literal

from core.errors import ErrorKind, WeightsError

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes"),
    (b"GGUF", "a GGUF file of a language model"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"%PDF", "a PDF document"),
)
_POINTER = b"version https://git-lfs"
_HEADER_LIMIT = 100_000_000  # safetensors' own limit, in bytes


def recognise(file: BinaryIO, path: Path) -> Literal["safetensors", "torch"]:
    """Look at the beginning of a file, and leave it rewound.

    Raises
    ------
    WeightsError
        If it is empty, cut off, or nothing that can hold weights for this program.
    """
    head = file.read(512)
    size = file.seek(0, 2)
    file.seek(0)
    if not head:
        raise _error(path, "is empty (0 bytes). Copy or download it again.", "empty")
    if head.startswith(_POINTER):
        raise _error(
            path,
            "is a Git LFS pointer: a note of where the weights are, not the weights. Run `git lfs pull` where "
            "it comes from, or download the file itself.",
            "unsupported",
        )
    if _is_safetensors(head):
        if size < 8 + int.from_bytes(head[:8], "little"):
            raise _error(path, "is a safetensors file that ends too early. Copy or download it again.", "truncated")
        return "safetensors"
    if head.startswith(b"PK\x03\x04"):
        if not zipfile.is_zipfile(file):
            raise _error(
                path, "ends too early: its table of contents is missing. Copy or download it again.", "truncated"
            )
        file.seek(0)
        return "torch"
    if head[0] == 0x80:  # the opcode that every pickle of protocol 2 or newer begins with
        return "torch"
    raise _error(
        path,
        f"is {_description(head)}, not a weights file. Weights are .safetensors, .pt or .pth files.",
        "unsupported",
    )


def check_torch_archive(file: BinaryIO, path: Path) -> None:
    """Refuse zip archives that ``torch.save`` did not write, and TorchScript programs.

    Raises
    ------
    WeightsError
        ``unsupported``, or ``unreadable`` where the archive is damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        raise _error(path, "is a damaged archive. Copy or download it again.", "unreadable") from error
    if any("/code/" in name or name.endswith("constants.pkl") for name in names):
        raise _error(
            path,
            "is a TorchScript program, which carries its own code. Save `model.state_dict()` of the original "
            "model instead.",
            "unsupported",
        )
    if not any(name.endswith("data.pkl") for name in names):
        raise _error(
            path, "is a zip archive without weights. Unpack it and choose the weights file inside.", "unsupported"
        )


def _is_safetensors(head: bytes) -> bool:
    return len(head) > 8 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= _HEADER_LIMIT


def _description(head: bytes) -> str:
    for magic, words in _OTHERS:
        if head.startswith(magic):
            return words
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page (a download that went wrong?)"
    if b"\0" not in head and all(byte >= 0x20 or byte in b"\t\r\n" for byte in head):
        return "a text file"
    return "a file of an unknown kind"


def _error(path: Path, reason: str, kind: ErrorKind) -> WeightsError:
    return WeightsError(f"“{path.name}” {reason}", kind=kind, path=path)
