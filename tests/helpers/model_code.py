"""Python files that build networks."""

from __future__ import annotations

from pathlib import Path

NETWORK = '''
from pathlib import Path

from torch import nn

with Path(r"{marker}").open("a") as marker:
    marker.write("ran\\n")

categories = ["cat", "dog", "bird"]
preprocessing = {{"resize": 40, "crop": 32, "mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}}


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 6, 3, padding=1)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = self.second(self.first(x).relu()).relu()
        return self.head(x.mean((2, 3)))


def build_model():
    return Small()
'''


def write(folder: Path, name: str = "net.py") -> tuple[Path, Path]:
    """Write a file that builds a small network; return it and the marker that it leaves when it is run."""
    path, marker = folder / name, folder / "it ran.txt"
    path.write_text(NETWORK.format(marker=marker), encoding="utf-8")
    return path, marker


def runs(marker: Path) -> int:
    """How often the file was run."""
    return len(marker.read_text().splitlines()) if marker.exists() else 0
