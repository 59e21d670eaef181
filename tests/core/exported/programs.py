"""Exported programs for the tests, and copies of them with parts changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


class Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.act(self.norm(self.conv(x))) + x)


class Small(nn.Module):
    """A network outside the catalogue: modules used twice, functions without a module, a reshape, a constant."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(channels, 8, 3, stride=2, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.block = Block(8)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(32, 5)
        self.register_buffer("scale", torch.full((1, 8, 1, 1), 1.5), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.stem(x)) * self.scale
        x = nn.functional.adaptive_avg_pool2d(x, 2)
        return self.head(self.drop(x.reshape(x.shape[0], -1)))


def small(channels: int = 3) -> Small:
    torch.manual_seed(3)
    network = Small(channels)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2.0)
    return network.eval().requires_grad_(False)


def export(network: nn.Module, path: Path, *shape: int, dynamic: bool = False) -> Path:
    shapes = ({0: torch.export.Dim("pictures", min=1, max=64)},) if dynamic else None
    program = torch.export.export(network, (torch.zeros(*shape),), dynamic_shapes=shapes)
    torch.export.save(program, path)
    return path


def changed(program: Path, out: Path, change: Callable[[dict[str, Any]], None], **parts: bytes) -> Path:
    """Copy an archive with its graph changed, and other parts replaced, each named by the end of its name."""
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("models/" + name.rpartition("/")[2]) and name.endswith(".json"):
                raw = json.loads(data)
                change(raw)
                data = json.dumps(raw).encode()
            ending = next((end for end in parts if name.endswith(end.replace("__", "."))), "")
            new.writestr(name, parts[ending] if ending else data)
    return out


def nodes(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return raw["graph_module"]["graph"]["nodes"]


def node(target: str, name: str, **arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "target": target,
        "inputs": [{"name": key, "arg": value, "kind": 1} for key, value in arguments.items()],
        "outputs": [{"as_tensor": {"name": name}}],
        "metadata": {},
    }
