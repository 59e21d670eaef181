"""Small networks, each with one of the habits that make changing outputs hard, and a session around them."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from core.inference.measure import measure_layers
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.types import ImageRef, ModelInfo, ModelSpec, Preprocessing, WeightsSpec

SIDE = 32
CATEGORIES = tuple(f"category {number}" for number in range(7))


class Plain(nn.Module):
    """Convolutions with biases and in-place ReLUs, then two linear layers, as in VGG."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(6, 9, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(4),
        )  # fmt: skip
        self.classifier = nn.Sequential(nn.Linear(9 * 16, 11), nn.ReLU(inplace=True), nn.Linear(11, len(CATEGORIES)))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


class Block(nn.Module):
    """A residual block with batch norm, one ReLU that runs twice, and an addition in place."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += self.shortcut(x)
        return self.relu(out)


class Residual(nn.Module):
    """A stem, three blocks in a sequence, and a ReLU of the whole network that all of them share."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.relu = nn.ReLU(inplace=True)
        self.layers = nn.Sequential(Block(8), Block(8), Block(8))
        for block in self.layers:
            block.relu = self.relu
        self.head = nn.Linear(8, len(CATEGORIES))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers(self.relu(self.stem(x))).mean((2, 3)))


class Branches(nn.Module):
    """Branches that are concatenated, as in Inception and SqueezeNet; a dictionary of modules."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 4, stride=4)
        self.branches = nn.ModuleDict({"one": nn.Conv2d(5, 4, 1), "three": nn.Conv2d(5, 6, 3, padding=1)})
        self.head = nn.Conv2d(10, len(CATEGORIES), 1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        x = torch.cat([branch(x) for branch in self.branches.values()], 1)
        return self.head(torch.relu_(x)).mean((2, 3))


class Tokens(nn.Module):
    """A transformer with a class token, whose attention returns a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, stride=8)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.mix = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, len(CATEGORIES))

    def forward(self, x: Tensor) -> Tensor:
        count = x.shape[0]
        x = self.patches(x).reshape(count, 8, -1).permute(0, 2, 1)
        x = torch.cat([self.token.expand(count, -1, -1), x], 1)
        y = self.norm(x)
        x = x + self.attention(y, y, y)[0]
        x = x + self.mix(x)
        return self.head(x[:, 0])


class LastChannels(nn.Module):
    """Channels last behind a Permute, as in ConvNeXt and Swin."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), _Permute((0, 2, 3, 1)), nn.LayerNorm(6))
        self.mix = nn.Linear(6, 8)
        self.head = nn.Linear(8, len(CATEGORIES))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.mix(self.stem(x))).mean((1, 2)))


class _Permute(nn.Module):
    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.order)


_Permute.__name__ = "Permute"


class Sideways(nn.Module):
    """Leaves its mark on itself instead of returning something: its beginning cannot be answered from memory."""

    def __init__(self) -> None:
        super().__init__()
        self.first = _Stash(3)
        self.second = nn.Conv2d(5, 6, 3, padding=1)
        self.head = nn.Linear(6, len(CATEGORIES))

    def forward(self, x: Tensor) -> Tensor:
        self.first(x)
        return self.head(torch.relu(self.second(self.first.kept.pop())).mean((2, 3)))


class _Stash(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 5, 4, stride=4)
        self.kept: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.kept.append(self.conv(x))
        return self.kept[-1]


class OneByOne(nn.Module):
    """Takes one picture at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 4, stride=4)
        self.head = nn.Linear(5, len(CATEGORIES))

    def forward(self, x: Tensor) -> Tensor:
        maps = torch.relu(self.conv(x))
        return self.head(maps.mean((0, 2, 3)).reshape(1, -1))


NETWORKS = (Plain, Residual, Branches, Tokens, LastChannels, Sideways, OneByOne)


def session_of(module: nn.Module, side: int = SIDE) -> Session:
    """A session around a network, in evaluation mode, whose batch norm has seen something."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.2)
            part.running_var.uniform_(0.5, 1.5)
    module.eval().requires_grad_(False)
    with torch.inference_mode():
        layers, _ = measure_layers(module, torch.zeros(1, 3, side, side))
    how = Preprocessing(side, side, "bilinear", (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "test")
    spec = ModelSpec("test", WeightsSpec("random"))
    parameters = sum(parameter.numel() for parameter in module.parameters())
    info = ModelInfo(spec, type(module).__name__, "cpu", CATEGORIES, "test", how, parameters, layers)
    return Session(module, info, torch.device("cpu"))


def noise(path: Path) -> ImageRef:
    """Save a picture of noise."""
    Image.fromarray(np.random.default_rng(7).integers(0, 256, (70, 90, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


def inspector_of(network: type[nn.Module]) -> Inspector:
    torch.manual_seed(3)
    return Inspector(session_of(network()))


def run(work: Generator[Any, None, Any]) -> Any:
    """Drive a tool to its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def hooks_on(module: nn.Module) -> int:
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules())


def remembered(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def untouched(module: nn.Module, before: dict[str, Tensor]) -> bool:
    """Whether no hook is left and the weights and buffers are bit for bit what they were."""
    now = module.state_dict()
    return not hooks_on(module) and now.keys() == before.keys() and all(torch.equal(now[key], before[key]) for key in now)
