"""Telling by its first bytes what a file is that should hold weights."""

from __future__ import annotations

import json
from typing import Literal

from core.weights.formats.limits import HEADER
from core.weights.formats.problem import Problem
from core.weights.formats.source import Source

Kind = Literal["safetensors", "zip", "pickle", "index", "text pickle"]

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes"),
    (b"GGUF", "a GGUF file of a language model"),
    (b"ggml", "a GGML file of a language model"),
    (b"lmgg", "a GGML file of a language model"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"RIFF", "a picture, a sound or a film"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_PROTOCOL = 5  # the newest of pickles
_POINTER = b"version https://git-lfs"
_OLD_MAGIC = b"L119547037146038801333356"  # torch's own, in protocols 0 and 1
_ADVICE = "Weights are .safetensors, .pt or .pth files."
_TEXT_PICKLE = b"c(]}dliF"


def recognise(source: Source) -> Kind:
    """Say what a file is.

    Returns
    -------
    "index" is JSON that may list shards; "text pickle" something that may be a pickle of protocol 0.

    Raises
    ------
    Problem
        If it is cut off, or nothing that can hold weights for this program.
    """
    head = bytes(source.data[:512])
    if head.startswith(_POINTER):
        raise Problem(
            "is a Git LFS pointer: a note of where the weights are, not the weights. Run `git lfs pull` where "
            "it comes from, or download the file itself.",
            "unsupported",
        )
    if _is_safetensors(head):
        return "safetensors"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"PK\x05\x06"):
        raise Problem("is an empty zip archive. Copy or download it again.", "unsupported")
    # The opcode that every pickle of protocol 2 or newer begins with, and the number of the protocol.
    if head.startswith(_OLD_MAGIC) or (head[0] == 0x80 and (len(head) == 1 or head[1] <= _PROTOCOL)):
        return "pickle"
    if head.lstrip()[:1] == b"{" and source.path.suffix == ".json":
        return "index"
    if head[:1] in (bytes((code,)) for code in _TEXT_PICKLE) and bytes(source.data[-8:]).rstrip()[-1:] == b".":
        return "text pickle"
    raise foreign(source)


def foreign(source: Source) -> Problem:
    """Return in words what a file is that holds no weights."""
    head = bytes(source.data[:512])
    if _is_tar(head):
        return Problem(
            "is a tar archive. Unpack it and choose the weights file inside; if a torch before 0.2 wrote it, load it "
            "there and save it anew.",
            "unsupported",
        )
    description = _description(head, source)
    if description.endswith(" archive"):
        return Problem(f"is {description}. Unpack it and choose the weights file inside.", "unsupported")
    return Problem(f"is {description}, not a weights file. {_ADVICE}", "unsupported")


def _is_safetensors(head: bytes) -> bool:
    return len(head) > 8 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= HEADER


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _description(head: bytes, source: Source) -> str:
    for magic, words in _OTHERS:
        if head.startswith(magic):
            return words
    if not any(head):
        return "a file that begins with zeros (a download that never arrived?)"
    start = head.lstrip().lstrip(b"\xef\xbb\xbf").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page (a download that went wrong?)"
    if _looks_like_onnx(head):
        return "an ONNX model"
    if _is_text(head):
        return "a JSON text file" if start[:1] in (b"{", b"[") and _is_json(source) else "a text file"
    return "a file of an unknown kind"


def _looks_like_onnx(head: bytes) -> bool:
    """A protocol buffer whose first field is a small version, and whose second is the name of the producer."""
    return len(head) > 3 and head[0] == 0x08 and head[1] < 0x20 and head[2] == 0x12


def _is_text(head: bytes) -> bool:
    try:
        text = head[:500].decode("utf-8", "strict" if len(head) < 500 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n" for character in text.removeprefix("\ufeff"))


def _is_json(source: Source) -> bool:
    try:
        json.loads(bytes(source.data[: 1 << 20]))
    except (ValueError, RecursionError):
        return False
    return True
