"""Running work on a device, and on the CPU where the device's memory is not enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch

from core.inference.devices import is_out_of_memory

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ran(Generic[Result]):
    """A result, the device it came from, and a sentence for each change of device."""

    result: Result
    device: torch.device
    notices: tuple[str, ...] = ()


def run_with_fallback(work: Callable[[torch.device], Result], device: torch.device) -> Ran[Result]:
    """Do ``work(device)``; if that device runs out of memory, do ``work`` again on the CPU.

    Any other error, and running out of memory on the CPU itself, is raised as it is.
    """
    try:
        return Ran(work(device), device)
    except RuntimeError as error:
        if device.type == "cpu" or not is_out_of_memory(error):
            raise
    # Out of the except block: the error's traceback kept the tensors of the failed attempt alive.
    release(device)
    cpu = torch.device("cpu")
    notice = f"The memory of {device} is full: the model runs on the CPU now. Close other programs that "
    notice += "use the GPU, and choose the device again to go back."
    return Ran(work(cpu), cpu, (notice,))


def release(device: torch.device) -> None:
    """Give memory that torch keeps for later back to the system."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def synchronise(device: torch.device) -> None:
    """Wait until a device has done what was asked of it, so that a clock can be read."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
