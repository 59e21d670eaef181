"""What a drop or the clipboard holds: files, a picture without a file, or only an address."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

WEIGHTS_SUFFIXES = {".pth", ".pt", ".pt2", ".th", ".t7", ".ckpt", ".bin", ".pkl", ".model", ".safetensors"}
CODE_SUFFIXES = {".py", ".pyc", ".ipynb"}
WEIGHTS_ENDINGS = (".safetensors.index.json", ".pth.tar", ".bin.index.json")
"""Names of weights files whose last ending alone says nothing."""


@dataclass(slots=True)
class Incoming:
    """``paths`` are local files and folders; those of them that look like checkpoints by their name are ``weights``
    instead, and those that are programs in Python ``code``."""

    paths: list[Path] = field(default_factory=list)
    weights: list[Path] = field(default_factory=list)
    code: list[Path] = field(default_factory=list)
    images: list[QImage] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is no file and no picture."""
        return not (self.paths or self.weights or self.images or self.code)


def is_welcome(mime: QMimeData) -> bool:
    """Whether a drag may hold something to open; cheap, asked while it hovers."""
    return mime.hasUrls() or mime.hasImage()


def read(mime: QMimeData) -> Incoming:
    """Sort out what a drop or the clipboard holds.

    Files win over pictures: file managers offer both, and the file has the name and the full quality.
    """
    incoming = Incoming()
    for url in mime.urls():
        _add_url(url, incoming)
    if incoming.empty and mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            incoming.images.append(image)
    if incoming.empty and mime.hasText():
        _add_text(mime.text(), incoming)
    return incoming


def sort(paths: Iterable[Path]) -> Incoming:
    """Sort files and folders out as if they were dropped."""
    incoming = Incoming()
    for path in paths:
        _add_path(path, incoming)
    return incoming


def _add_path(path: Path, incoming: Incoming) -> None:
    if path.suffix.lower() in CODE_SUFFIXES:
        incoming.code.append(path)
    else:
        (incoming.weights if is_weights(path) else incoming.paths).append(path)


def _add_url(url: QUrl, incoming: Incoming) -> None:
    if url.isLocalFile():
        _add_path(Path(url.toLocalFile()), incoming)
    elif url.scheme() == "data":
        image = _data_image(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if image is not None:
            incoming.images.append(image)
    elif url.scheme() in {"http", "https"}:
        incoming.addresses.append(url.toDisplayString())


def is_weights(path: Path) -> bool:
    """Whether a file looks like weights by its name; where that says nothing at all, by its first bytes."""
    name = path.name.lower()
    if path.suffix.lower() in WEIGHTS_SUFFIXES or name.endswith(WEIGHTS_ENDINGS):
        return True
    return not path.suffix and _begins_like_weights(path)


def _begins_like_weights(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(9) if path.is_file() else b""
    except OSError:
        return False
    return head.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")) or head[8:9] == b"{"


def _add_text(text: str, incoming: Incoming) -> None:
    """Paths pasted as text, one a line, as "copy as path" of file managers gives them."""
    for line in text.splitlines()[:10_000]:
        candidate = line.strip().strip('"')
        if not candidate or len(candidate) > 4096:
            continue
        url = QUrl(candidate)
        if url.isLocalFile():
            _add_url(url, incoming)
        elif Path(candidate).is_absolute() and Path(candidate).exists():
            _add_url(QUrl.fromLocalFile(candidate), incoming)


def _data_image(address: str) -> QImage | None:
    """The picture inside a ``data:image/...`` address, as browsers drop small ones; None if it is none."""
    header, comma, body = address.partition(",")
    if not comma or not header.startswith("data:image/"):
        return None
    raw = unquote_to_bytes(body)
    if header.endswith(";base64"):
        try:
            raw = base64.b64decode(raw, validate=False)
        except binascii.Error:
            return None
    image = QImage.fromData(raw)
    return None if image.isNull() else image
