"""What learns: a network or its head, one batch at a time, within the memory there is."""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from core.errors import DeviceError, ModelError
from core.inference.devices import is_out_of_memory
from core.inference.fallback import release
from core.training.network import logits_of
from core.training.optimise import AUXILIARY, Loss

_FASTER = 1.15
"""How many times faster bfloat16 must be to be worth its rounding."""
_ROUNDS, _PATIENCE = (3, 6), 3.0
"""How often both are timed, at least and at most, and after how many seconds no further round is begun."""


class Pupil:
    """Runs forwards and backwards.

    Attributes
    ----------
    pieces
        Into how many a batch is cut, their gradients added up; doubled when the memory is not enough.
    precision
        Side of the input, as text, to "float32" or "bfloat16".
    """

    def __init__(self, module: nn.Module, learning: nn.Module, loss: Loss, device: torch.device) -> None:
        self.module = module
        self.learning = learning
        self.device = device
        self.pieces = 1
        self.precision: dict[str, str] = {}
        self._loss = loss

    def learn(self, batch: Tensor, targets: Tensor, optimizer: Optimizer) -> tuple[float, bool]:
        """Learn from a batch; return its loss, and whether it had to be cut into more pieces than the one before.

        Raises
        ------
        DeviceError
            If one picture alone is too much for the memory.
        ModelError
            If the pictures are too small for the network, or the loss is not a number.
        """
        before = self.pieces
        while True:
            optimizer.zero_grad(set_to_none=True)
            try:
                loss = self._gradients(batch, targets)
                break
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if self.pieces >= len(batch):
                    raise DeviceError(
                        f"There is not enough memory on {self.device} to train with even one picture at a time. Choose a "
                        "smaller model, or smaller pictures."
                    ) from error
            optimizer.zero_grad(set_to_none=True)
            release(self.device)
            self.pieces = min(len(batch), 2 * self.pieces)
        if not math.isfinite(loss):
            raise ModelError("The loss is not a number any more.")
        optimizer.step()
        return loss, self.pieces != before

    def _gradients(self, batch: Tensor, targets: Tensor) -> float:
        total = 0.0
        size = math.ceil(len(batch) / self.pieces)
        for first in range(0, len(batch), size):
            inputs, wanted = (one[first : first + size].to(self.device) for one in (batch, targets))
            with self._cast(inputs):
                logits, others = logits_of(self._answer(inputs))
            loss = self._loss(logits.float(), wanted)
            for other in others:
                loss = loss + AUXILIARY * self._loss(other.float(), wanted)
            loss = loss * (len(inputs) / len(batch))
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        return total

    def _answer(self, inputs: Tensor) -> object:
        try:
            return self.module(inputs)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            reason = (str(error).splitlines() or ["?"])[0].rstrip(". ")
            raise ModelError(
                f"The network cannot be trained on pictures of {side_of(inputs)} pixels: {reason}. Choose larger pictures in "
                "the recipe."
            ) from error

    def _cast(self, inputs: Tensor) -> AbstractContextManager[object]:
        if self.precision.get(side_of(inputs), "float32") == "bfloat16":
            return torch.autocast(self.device.type, torch.bfloat16)
        return nullcontext()

    def measure(self, batch: Tensor, targets: Tensor) -> str:
        """Find out whether bfloat16 learns faster from batches like this one; the network stays as it is."""
        if self.device.type == "cuda":
            return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
        if self.device.type != "cpu":
            return "float32"
        kept = {name: value.detach().clone() for name, value in self.learning.state_dict().items()}
        seconds: dict[str, list[float]] = {"float32": [], "bfloat16": []}
        began = time.perf_counter()
        # In turn, so that whatever else the machine does meets both; the first round only warms up.
        while len(seconds["float32"]) < _ROUNDS[0] or (
            len(seconds["float32"]) < _ROUNDS[1] and time.perf_counter() - began < _PATIENCE
        ):
            for precision, times in seconds.items():
                self.precision[side_of(batch)] = precision
                start = time.perf_counter()
                self._gradients(batch, targets)
                times.append(time.perf_counter() - start)
        self.learning.load_state_dict(kept)
        self.learning.zero_grad(set_to_none=True)
        plain, short = (min(times[1:]) for times in seconds.values())
        return "bfloat16" if plain > _FASTER * short else "float32"


def side_of(batch: Tensor) -> str:
    """The side of a batch's pictures, as text."""
    return str(batch.shape[-1])
