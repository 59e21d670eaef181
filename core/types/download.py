"""Published weights, and how far their download is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.types.model import ModelSpec, WeightsSpec

DownloadStage = Literal["connecting", "receiving", "waiting", "checking"]


def in_megabytes(size: int) -> str:
    """Write a number of bytes as torchvision's documentation does, in units of 2^20: "44.7 MB"; small ones in "KB"."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size, 0) / 2**10:.0f} KB"


def in_minutes(seconds: float) -> str:
    """Write a time: "8 s", "3 min", "2 h 5 min"."""
    whole, minutes = round(seconds), round(seconds / 60)
    if whole < 60:
        return f"{whole} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@dataclass(frozen=True, slots=True)
class PublishedWeights:
    """Weights that can be downloaded.

    ``title`` is the full name of torchvision's entry ("ResNet18_Weights.IMAGENET1K_V1"); ``name`` is its last part, empty
    for a file that no entry of torchvision stands for. ``size`` is in bytes, exact to about a thousandth, 0 where it is
    not known. ``sha256_prefix`` is the beginning of the file's hash in hexadecimal digits. ``top1`` is the accuracy in
    percent on the ImageNet validation set, None where none is stated. ``classifies`` is False for a feature extractor.
    """

    architecture: str
    name: str
    title: str
    url: str
    filename: str
    sha256_prefix: str
    size: int
    top1: float | None = None
    parameters: int = 0
    licence: str = ""
    classifies: bool = True

    @property
    def label(self) -> str:
        """What a person calls them: "resnet18 IMAGENET1K_V1"."""
        return f"{self.architecture} {self.name}" if self.name else self.filename

    def spec(self, path: Path) -> ModelSpec:
        """Return what loads them once they are in the file ``path``."""
        weights = WeightsSpec("named", name=self.name) if self.name else WeightsSpec("file", path=path)
        return ModelSpec(self.architecture, weights)


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is.

    ``done`` and ``total`` are bytes, ``total`` 0 where it is not known; ``speed`` is in bytes per second and
    ``seconds_left`` in seconds, None where they cannot be said yet. ``text`` is a few words for a person.
    """

    stage: DownloadStage
    done: int
    total: int
    text: str
    speed: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is whole and has the right hash; ``notices`` are whole sentences; ``source`` is where it came from, ""
    where it was on this computer before."""

    weights: PublishedWeights
    path: Path
    source: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """Download weights; ``mirror`` is an address or a folder that is tried first, "" for none."""

    id: int
    weights: PublishedWeights
    mirror: str = ""


@dataclass(frozen=True, slots=True)
class ForgetDownloadRequest:
    """Delete what was received of weights so far."""

    id: int
    weights: PublishedWeights
