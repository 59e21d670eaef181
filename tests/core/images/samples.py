"""Picture files and colour profiles that the tests make themselves."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.images.formats import register_formats
from core.types import ImageRef

register_formats()

LOSSLESS: dict[str, dict[str, Any]] = {
    "png": {},
    "webp": {"lossless": True},
    "bmp": {},
    "tif": {},
    "ppm": {},
    "tga": {},
    "pcx": {},
    "sgi": {},
    "qoi": {},
    "dds": {},
    "jp2": {"irreversible": False},
    "j2k": {"irreversible": False},
    "psd": {},
}
LOSSY: dict[str, dict[str, Any]] = {"jpg": {"quality": 95}, "avif": {"quality": 95}, "heic": {"quality": 95}, "gif": {}}


def ref(path: Path) -> ImageRef:
    return ImageRef(path)


def blocks(width: int = 48, height: int = 32) -> Image.Image:
    """A picture that is different in every corner, smooth enough for lossy formats."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (220, 30, 40)
    pixels[: height // 2, width // 2 :] = (30, 200, 60)
    pixels[height // 2 :, : width // 2] = (40, 60, 210)
    pixels[height // 2 :, width // 2 :] = (240, 240, 90)
    return Image.fromarray(pixels)


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """Independent values in every pixel: the hardest case for anything that resizes."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def write(path: Path, image: Image.Image, **options: Any) -> ImageRef:
    """Write by the file's ending."""
    if path.suffix == ".psd":
        path.write_bytes(psd(image))
    else:
        image.save(path, **{**LOSSLESS.get(path.suffix[1:], {}), **LOSSY.get(path.suffix[1:], {}), **options})
    return ImageRef(path)


def psd(image: Image.Image) -> bytes:
    """The smallest Photoshop file: no layers, the flattened picture as raw planes."""
    planes = np.asarray(image).transpose(2, 0, 1).tobytes()
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, image.height, image.width, 8, 3)
    return header + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + planes


SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""Red, green and blue of a colour space as XYZ, adapted to D50 (ICC)."""
_D50 = (0.9642, 1.0, 0.8249)


def srgb_curve() -> bytes:
    steps = np.arange(1024) / 1023
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    return _curve(*np.rint(linear * 65535).astype(int))


def gamma_curve(gamma: float) -> bytes:
    return _curve(round(gamma * 256))


def rgb_profile(name: str, colorants: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    tags = {letter + b"XYZ": _xyz(*xyz) for letter, xyz in zip((b"r", b"g", b"b"), colorants, strict=True)}
    return _profile(name, b"RGB ", b"XYZ ", tags | {letter + b"TRC": curve for letter in (b"r", b"g", b"b")})


def grey_profile(name: str, gamma: float) -> bytes:
    return _profile(name, b"GRAY", b"XYZ ", {b"kTRC": gamma_curve(gamma)})


def cmyk_profile(lab_of_cyan: tuple[int, int, int]) -> bytes:
    """A press whose paper is white, whose black is black, and whose cyan is whatever is asked for."""
    table = bytearray()
    for corner in range(16):
        cyan, black = corner & 8, corner & 1
        light, a, b = (0, 0, 0) if black else lab_of_cyan if cyan else (100, 0, 0)
        table += bytes((round(light * 2.55), a + 128, b + 128))
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + bytes(table) + ramp * 3
    return _profile("Green cyan", b"CMYK", b"Lab ", {b"A2B0": lut}, device=b"prtr")


def _curve(*values: int) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _profile(name: str, space: bytes, pcs: bytes, tags: dict[bytes, bytes], device: bytes = b"mntr") -> bytes:
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": description, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(*_D50)} | tags
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for signature, data in tags.items():
        table += signature + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4x4s4s4s4s12x4s", offset + len(body), b"\x02\x40\0\0", device, space, pcs, b"acsp")
    header = header.ljust(68, b"\0") + _xyz(*_D50)[8:]
    return header.ljust(128, b"\0") + table + body
