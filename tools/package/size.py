"""What the packaged program weighs, and what makes it up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

PARTS = (
    ("libtorch_cpu", ("torch/lib/libtorch_cpu",)),
    ("torch: the rest of its libraries", ("torch/", "libgomp")),
    ("Qt and PySide6", ("PySide6/", "shiboken6/")),
    ("numpy with OpenBLAS", ("numpy", "libgfortran", "libquadmath")),
    ("Pillow and HEIC", ("PIL/", "pillow", "_pillow")),
    ("built-in model, samples, icons", ("resources/",)),
    ("torchvision", ("torchvision",)),
    ("safetensors", ("safetensors/",)),
    ("Python's libraries", ("libpython", "python3", "base_library.zip")),
    ("licences", ("licences/",)),
    ("menu entry and icons", ("share/", "install.sh")),
)
MEGABYTE = 1_000_000


def measure(program: Path) -> dict[str, float]:
    """Megabytes (of 1,000,000 bytes) of each part of an unpacked program, the heaviest first; links count nothing."""
    parts: Counter[str] = Counter()
    for path in program.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts[part_of(path.relative_to(program).as_posix())] += path.stat().st_size
    return {name: size / MEGABYTE for name, size in parts.most_common()}


def part_of(place: str) -> str:
    """The part that a file belongs to."""
    inside = place.removeprefix("_internal/")
    for name, beginnings in PARTS:
        if inside.startswith(beginnings):
            return name
    if len(PurePosixPath(inside).parts) == 1 and inside.startswith("layerscope"):
        return "the program with all its Python modules"
    return "libraries of the system (X11, fonts, OpenSSL ...)"


def table(parts: dict[str, float]) -> str:
    """The parts and their sum as lines of text."""
    lines = [f"{size:8.1f} MB  {name}" for name, size in parts.items()]
    return "\n".join([*lines, f"{sum(parts.values()):8.1f} MB  in all"])
