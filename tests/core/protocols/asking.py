"""Asking for a protocol, and the same by hand: the transforms of torchvision, and one picture at a time."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from core.inference.session import Session
from core.insight.inspect import Inspector
from core.protocols.apply import apply_protocol
from core.types import FusionMember, ImageRef, Protocol, ProtocolAnswer, ProtocolRequest
from tests.core.insight.work import finished


def asked(
    inspector: Inspector, image: ImageRef, protocol: Protocol, members: tuple[FusionMember, ...] = (), weight: float = 1.0
) -> ProtocolAnswer:
    answer: ProtocolAnswer = finished(apply_protocol(inspector, ProtocolRequest(1, image, protocol, members, weight)))
    return answer


def opened(image: ImageRef) -> Image.Image:
    with Image.open(image.path) as file:
        return file.convert("RGB")


def resized(torchvision: ModuleType, session: Session, image: ImageRef, scale: int) -> Any:
    """The picture at a short side of ``scale``, by torchvision, as the weights ask."""
    mode = torchvision.transforms.InterpolationMode(session.info.preprocessing.interpolation)
    return torchvision.transforms.functional.resize(opened(image), scale, interpolation=mode)


def tensors(torchvision: ModuleType, session: Session, pictures: Iterable[Any]) -> list[Tensor]:
    """Input tensors of pictures that have the size of the input, by torchvision."""
    functional, how = torchvision.transforms.functional, session.info.preprocessing
    return [functional.normalize(functional.to_tensor(one), how.mean, how.std) for one in pictures]


def scores(session: Session, inputs: Iterable[Tensor]) -> Tensor:
    """What the network says of each by itself: float64 (views, categories)."""
    with torch.inference_mode():
        return torch.cat([session.model(one.unsqueeze(0)) for one in inputs]).double()


def averaged(logits: Tensor, what: str) -> npt.NDArray[np.float64]:
    """Both orders, the views counting the same."""
    if what == "softmax":
        return np.asarray(logits.softmax(1).mean(0))
    return np.asarray(logits.mean(0).softmax(0))
