"""Sessions around networks that a test wrote."""

from __future__ import annotations

import torch
from torch import nn

from core.inference.measure import measure_layers
from core.inference.session import Session
from core.types import ModelInfo, ModelSpec, Preprocessing, WeightsSpec


def session_of(network: nn.Module, side: int, channels: int = 3) -> Session:
    """A network as if it had been loaded, on the CPU: pictures of ``side`` pixels, not normalised."""
    network = network.eval().requires_grad_(False)
    with torch.inference_mode():
        layers, output = measure_layers(network, torch.zeros(1, channels, side, side))
    how = Preprocessing(side, side, "bilinear", (0.0,) * channels, (1.0,) * channels, "a test")
    info = ModelInfo(
        spec=ModelSpec("test", WeightsSpec("random")),
        title="The test network",
        device="cpu",
        categories=tuple(map(str, range(output.shape[1]))),
        categories_source="a test",
        preprocessing=how,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        layers=layers,
    )
    return Session(network, info, torch.device("cpu"))
