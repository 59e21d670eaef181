"""What can be exported, in which formats, and what a person chose. Nothing is shown here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from core.home import expanded
from core.jobs.export_files import file_name
from gui.figures.kinds import CHANNEL, FIGURES, MAPS, PICTURE
from gui.figures.paper import WHITE, Paper, as_on_screen

TENSOR, STATISTICS = "tensor", "statistics"
WHATS = (*FIGURES, TENSOR, STATISTICS)

FIGURE_FORMATS = {".png": "PNG picture", ".svg": "SVG figure", ".pdf": "PDF figure"}
TENSOR_FORMATS = {
    ".npz": "NumPy archive",
    ".npy": "NumPy array",
    ".safetensors": "Safetensors",
}
TABLE_FORMATS = {".csv": "CSV table"}

PAPERS = {"white": "Paper white", "screen": "As on screen"}


def formats_of(what: str) -> dict[str, str]:
    """The suffixes in which something of :data:`WHATS` can be written, each with its name."""
    if what in FIGURES:
        return FIGURE_FORMATS
    return TENSOR_FORMATS if what == TENSOR else TABLE_FORMATS


@dataclass(frozen=True, slots=True)
class Choice:
    """All that a person chose; ``target`` is a file, or the folder for the whole ``strip``."""

    what: str
    suffix: str
    target: Path
    scale: int = 2
    paper: str = "white"
    labels: bool = True
    strip: bool = False
    replace: bool = False

    @property
    def is_figure(self) -> bool:
        """Whether the window paints it; the rest is the model's work."""
        return self.what in FIGURES and not self.strip

    def ink(self) -> Paper:
        """The colours to paint it in."""
        return WHITE if self.paper == "white" else as_on_screen()


def suggested_name(what: str, stem: str, layer: str, channel: int, suffix: str, number: int = 1) -> str:
    """A name for the file of one picture: "orange.features.4.ch12.png"."""
    parts = {
        MAPS: (stem, layer or "network"),
        CHANNEL: (stem, layer, f"ch{channel}"),
        PICTURE: (stem, "overlays"),
        TENSOR: (stem, layer or "network"),
        STATISTICS: (stem, layer or "network", "statistics"),
    }
    return file_name(*parts[what], suffix=suffix, number=number)


def free_path(folder: Path, what: str, stem: str, layer: str, channel: int, suffix: str) -> Path:
    """The first suggested name under which there is nothing yet."""
    paths = (folder / suggested_name(what, stem, layer, channel, suffix, number) for number in _counting())
    return next(path for path in paths if not _is_there(path))


def _counting() -> Iterator[int]:
    number = 1
    while True:
        yield number
        number += 1


def _is_there(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:
        return False


def usual_folder(remembered: str) -> Path:
    """The folder of the last export if it is still there, else that of the person's pictures, else home."""
    if remembered and Path(remembered).is_dir():
        return Path(remembered)
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(pictures) if pictures and Path(pictures).is_dir() else expanded("~").absolute()
