"""What every method of attribution hands back."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.types import JobProgress

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """``values`` float32 (height, width); ``logits`` float32 (1, categories) of the picture itself, on the CPU."""

    values: Floats
    logits: Tensor
    note: str = ""


Search = Generator[JobProgress, None, Found]
"""Yields its progress after each short step; no hook is on the network then."""
