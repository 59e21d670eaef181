"""Small networks with all that makes attribution go wrong, and sessions of them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.inference.measure import measure_layers
from core.inference.session import Session
from core.types import ModelInfo, ModelSpec, Preprocessing, WeightsSpec

SIDE = 24
HOW = Preprocessing(SIDE, SIDE, "bilinear", (0.48, 0.46, 0.41), (0.23, 0.22, 0.23), "test")
SPEC = ModelSpec("net", WeightsSpec("random"))


def session_of(module: nn.Module, categories: int = 5) -> Session:
    """Measure a network and make a session of it."""
    module = module.eval().requires_grad_(False)
    with torch.inference_mode():
        layers, output = measure_layers(module, torch.zeros(1, 3, SIDE, SIDE))
    assert output.shape == (1, categories)
    names = tuple(f"category {index}" for index in range(categories))
    info = ModelInfo(SPEC, type(module).__name__, "cpu", names, "test", HOW, 0, layers)
    return Session(module, info, torch.device("cpu"))


def seeded(make: Any, *arguments: Any, seed: int = 0) -> Any:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return make(*arguments)


def some_input(seed: int = 0, side: int = SIDE) -> Tensor:
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


class Plain(nn.Module):
    """Modules only, each used once, nothing in place: what captum is right for; or in place, what it is not."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(inplace), nn.MaxPool2d(2),
            nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(inplace), nn.Conv2d(12, 12, 3, padding=1), nn.ReLU(inplace),
        )  # fmt: skip
        self.head = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).mean((2, 3)))


class Functional(nn.Module):
    """The network of :class:`Plain`, same weights, with ReLU as a function, in every way that there is."""

    def __init__(self, plain: Plain) -> None:
        super().__init__()
        self.plain = plain

    def forward(self, x: Tensor) -> Tensor:
        body = self.plain.body
        x = F.relu(body[1](body[0](x)), inplace=True)
        x = torch.relu(body[4](body[3](x)))
        x = body[6](x)
        x.relu_()
        return self.plain.head(x.mean((2, 3)))


class Reused(nn.Module):
    """One in-place ReLU for everything, a residual sum in place, and the same convolution twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        for _ in range(2):
            y = self.conv(self.relu(self.conv(x)))
            y += x
            x = self.relu(y)
        return self.head(x.mean((2, 3)))


class Last(nn.Module):
    """Channels last, as in Swin and ConvNeXt."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.norm = nn.LayerNorm(8)
        self.grow = nn.Linear(8, 16)
        self.head = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.gelu(self.grow(self.norm(self.stem(x).permute(0, 2, 3, 1)))).mean((1, 2)))


class Tokens(nn.Module):
    """A class token before 36 tokens of the picture; the head sees the class token alone."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.first = nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.second = nn.LayerNorm(16)
        self.head = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], dim=1)
        y = self.first(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return self.head(self.second(x)[:, 0])


def finish(search: Generator[Any, None, Any]) -> Any:
    """Go through all steps and return the answer."""
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value


def state_of(module: nn.Module) -> dict[str, Any]:
    """All that an attribution might leave behind on a network."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return {
        "weights": {
            name: hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()
            for name, tensor in module.state_dict().items()
        },
        "hooks": [(name, hook) for name, part in module.named_modules() for hook in hooks if getattr(part, hook)],
        "training": [part.training for part in module.modules()],
        "inplace": [getattr(part, "inplace", None) for part in module.modules()],
        "requires_grad": [tensor.requires_grad for tensor in module.parameters()],
        "gradients": [tensor.grad for tensor in module.parameters()],
        "forwards": [part.forward.__func__ for part in module.modules()],
    }


@contextlib.contextmanager
def untouched(session: Session, batch: Tensor) -> Iterator[None]:
    """Fail if the network, its answer or the input is not bit for bit what it was."""
    before, logits, copy = state_of(session.model), session.forward(batch), batch.clone()
    yield
    assert state_of(session.model) == before
    assert not before["hooks"]
    assert torch.equal(session.forward(batch), logits)
    assert torch.equal(batch, copy)
    assert not batch.requires_grad


