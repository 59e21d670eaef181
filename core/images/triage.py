"""Why a file is not a picture that can be read, in a sentence for a person."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from core.errors import ErrorKind, ImageError
from core.plain import plain

HEAD = 4096
"""Bytes of the beginning of a file that are looked at."""

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PICTURES = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"), (b"BM", "BMP"),
    *((magic, "TIFF") for magic in _TIFF_MAGIC), (b"\0\0\1\0", "ICO"), (b"\0\0\2\0", "CUR"), (b"icns", "ICNS"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"), (b"\xff\x4f\xff\x51", "JPEG 2000"), (b"8BPS", "PSD"), (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
)  # fmt: skip
_FOREIGN = (
    (b"version https://git-lfs", "a Git LFS pointer, not the picture", "Fetch the real file with “git lfs pull”."),
    (b"%PDF", "a PDF document", "Export the page as PNG or JPEG."),
    (b"%!PS", "a PostScript drawing", "Export it as PNG or JPEG."),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile", "Export it as PNG or JPEG."),
    (b"\xff\x0a", "a JPEG XL picture, which cannot be read yet", "Save it as PNG or JPEG."),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture, which cannot be read yet", "Save it as PNG or JPEG."),
    (b"FUJIFILMCCD-RAW", "a camera's RAW file", "Export it as JPEG or TIFF from a RAW developer."),
    (b"\x1a\x45\xdf\xa3", "a video", "Save a frame of it as a picture."),
    (b"\0\0\1\xba", "a video", "Save a frame of it as a picture."),
    (b"\x1f\x8b", "a compressed archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive", "Unpack it first."),
    (b"Rar!", "a compressed archive", "Unpack it first."),
    (b"\x80\x02", "a weights file (a pickle)", "Open it as weights instead."),
)  # fmt: skip
_RAW = frozenset({
    ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf",
    ".raw", ".rw2", ".sr2", ".srw", ".x3f",
})  # fmt: skip
_WEIGHTS = frozenset({".pth", ".pt", ".th", ".ckpt", ".bin", ".safetensors", ".pkl"})
_VIDEO_BRANDS = (b"iso", b"mp4", b"avc1", b"qt  ", b"M4V ", b"3gp", b"dash", b"MSNV")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_SAVE_AS = "Use a JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP, TIFF or PSD picture."
_PYTHON = re.compile(r"<\w+[. ]|\bb['\"]")
"""In words of Pillow that speak of an object of Python: a file that was opened, bytes that were read."""
_CUT_SHORT = re.compile(r"truncat|unexpected end|end of file|not enough (image )?data|\beof\b", re.I)


def shown(path: Path) -> str:
    """The file's name for a sentence."""
    return f"“{plain(path.name or str(path))}”"


def too_large(path: Path, size: str, limit: int) -> ImageError:
    """The error for a picture of more pixels than are decoded."""
    message = f"{shown(path)} is too large: it has {size}, the limit is {limit:,} pixels. Save a smaller copy of it."
    return ImageError(message, kind="too_large", path=path)


def of_os_error(path: Path, error: OSError | ValueError) -> ImageError:
    """The error for a file that cannot be opened."""
    kind: ErrorKind = "unreadable"
    reason = getattr(error, "strerror", None) or str(error)
    sentence = f"{shown(path)} cannot be read: {reason}. Check the disk or copy the file elsewhere."
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        kind = "missing"
        sentence = f"{shown(path)} does not exist in “{path.parent}”. Choose it again, if it was moved."
    elif isinstance(error, PermissionError):
        kind = "denied"
        sentence = f"{shown(path)} cannot be read: access is denied. Change its permissions or choose another file."
    return ImageError(sentence.encode("utf-8", "replace").decode(), kind=kind, path=path)


def not_a_file(path: Path, *, folder: bool) -> ImageError:
    """The error for a folder, a pipe or a device given as a picture."""
    if folder:
        sentence = f"{shown(path)} is a folder, not a picture. Open it as a folder, or choose a picture inside it."
    else:
        sentence = f"{shown(path)} is not an ordinary file. Choose a picture file."
    return ImageError(sentence, kind="unsupported", path=path)


def empty(path: Path) -> ImageError:
    """The error for a file of 0 bytes."""
    return ImageError(f"{shown(path)} is empty (0 bytes). Copy or download it again.", kind="empty", path=path)


def refuse_raw(path: Path, head: bytes) -> None:
    """Raise for a camera's RAW file, which would open as the small preview inside it.

    Raises
    ------
    ImageError
        ``unsupported``, by the file's name together with its signature.
    """
    raw = head.startswith((*_TIFF_MAGIC, b"IIRO", b"IIRS", b"IIU\0")) or b"ftypcrx" in head[:16]
    if raw and path.suffix.lower() in _RAW:
        raise _unsupported(path, "a camera's RAW file", "Export it as JPEG or TIFF from a RAW developer.")


def diagnose(path: Path, error: Exception, head: bytes) -> ImageError:
    """Find the words for whatever Pillow raised about a file.

    Parameters
    ----------
    path
        The file.
    error
        What was raised while it was opened or decoded.
    head
        The first :data:`HEAD` bytes of it.
    """
    if isinstance(error, MemoryError):
        message = f"{shown(path)} does not fit into the free memory. Close other programs or save a smaller copy of it."
        return ImageError(message, kind="too_large", path=path)
    if isinstance(error, OSError) and error.errno is not None:
        return of_os_error(path, error)
    signature = _signature(head)
    if signature is None:
        # What opened all the same had a rarer format's signature.
        return _foreign(path, head) if isinstance(error, UnidentifiedImageError) else _damaged(path, "picture", error)
    if _CUT_SHORT.search(str(error)) or isinstance(error, EOFError) or _ends_early(path, signature, head):
        message = f"{shown(path)} is cut short: the end of this {signature} file is missing. Copy or download it again."
        return ImageError(message, kind="truncated", path=path)
    return _damaged(path, signature, error)


def bomb(path: Path, error: Image.DecompressionBombError, limit: int) -> ImageError:
    """The error for a picture that Pillow itself refuses for its size; only its words know how many pixels it has."""
    pixels = re.search(r"\((\d+) pixels\)", str(error))
    return too_large(path, f"{int(pixels[1]):,} pixels" if pixels else "far too many pixels", limit)


def _damaged(path: Path, what: str, error: Exception) -> ImageError:
    if _CUT_SHORT.search(str(error)):
        return ImageError(f"{shown(path)} is cut short. Copy or download it again.", kind="truncated", path=path)
    reason = " ".join(str(error).split())[:160] or type(error).__name__
    if _PYTHON.search(reason):
        reason = "what follows its first bytes is not known"
    message = f"{shown(path)} is a damaged or unusual {what} file ({reason}). Copy it again, or save it anew as PNG."
    return ImageError(message.encode("utf-8", "replace").decode(), kind="unreadable", path=path)


def _unsupported(path: Path, what: str, advice: str) -> ImageError:
    return ImageError(f"{shown(path)} is {what}. {advice}", kind="unsupported", path=path)


def _signature(head: bytes) -> str | None:
    """The common format that a file begins like."""
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b""):
        return "WebP"
    if head[4:8] == b"ftyp":
        brands = head[8 : max(16, min(int.from_bytes(head[:4], "big"), 64))]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if brands.startswith(_HEIF_BRANDS):
            return "HEIC"
    # Of a file cut after a few bytes only the start of its signature is left.
    return next((name for magic, name in _PICTURES if len(head) > 2 and magic.startswith(head[: len(magic)])), None)


def _foreign(path: Path, head: bytes) -> ImageError:
    """What a file without a picture's signature looks like."""
    for magic, what, advice in _FOREIGN:
        if head.startswith(magic):
            return _unsupported(path, what, advice)
    suffix = path.suffix.lower()
    if suffix in _WEIGHTS or (head[8:10] == b'{"' and head[4:8] == b"\0\0\0\0"):
        return _unsupported(path, "a weights file", "Open it as weights instead.")
    if suffix in _RAW:
        return _unsupported(path, "a camera's RAW file", "Export it as JPEG or TIFF from a RAW developer.")
    if head.startswith(b"PK\x03\x04"):
        return _unsupported(path, "a zip archive (perhaps a weights file)", "Unpack it, or open it as weights.")
    if (head[4:8] == b"ftyp" and head[8:12].startswith(_VIDEO_BRANDS)) or head[8:12] == b"AVI ":
        return _unsupported(path, "a video", "Save a frame of it as a picture.")
    return _unsupported(path, *_text(head))


def _text(head: bytes) -> tuple[str, str]:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if b"<svg" in start:
        return "an SVG drawing", "Export it as PNG."
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "a web page (HTML), not a picture", "The download may have failed: fetch the picture itself."
    try:
        # A character may be cut in two at the end of the head.
        head[: HEAD - 4].decode("utf-8")
    except UnicodeDecodeError:
        return "not a picture in a known format", _SAVE_AS
    if b"\0" in head:
        return "not a picture in a known format", _SAVE_AS
    return "a text file, not a picture", _SAVE_AS


def _ends_early(path: Path, signature: str, head: bytes) -> bool:
    """Whether the file stops before the end that its own structure promises."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - HEAD))
            tail = file.read(HEAD)
    except OSError:
        return False
    markers = {"JPEG": b"\xff\xd9", "PNG": b"IEND", "GIF": b";", "JPEG 2000": b"\xff\xd9"}
    if signature in markers:
        return markers[signature] not in (tail[-4:] if signature == "GIF" else tail)
    if signature in {"WebP", "BMP"}:
        start, extra = (4, 8) if signature == "WebP" else (2, 0)
        return int.from_bytes(head[start : start + 4], "little") + extra > size
    if signature in {"AVIF", "HEIC"}:
        return _boxes_reach(path) > size
    if signature == "TIFF":
        return size < 8 or int.from_bytes(head[4:8], "little" if head[:2] == b"II" else "big") + 2 > size
    if signature in {"ICO", "CUR"}:
        return _entries_reach(head) > size
    return size < 64


def _boxes_reach(path: Path) -> int:
    """Where the last top-level box of an ISO media file says that it ends."""
    end = 0
    with path.open("rb") as file:
        for _ in range(64):
            file.seek(end)
            header = file.read(8)
            length = int.from_bytes(header[:4], "big")
            if len(header) < 8 or length < 8:
                return end + (8 if 0 < len(header) < 8 else 0)
            end += length
    return end


def _entries_reach(head: bytes) -> int:
    """Where the furthest picture of an icon file says that it ends."""
    count = int.from_bytes(head[4:6], "little")
    entries = [head[6 + 16 * i : 22 + 16 * i] for i in range(min(count, 64))]
    return max((int.from_bytes(e[8:12], "little") + int.from_bytes(e[12:16], "little") for e in entries), default=22)
