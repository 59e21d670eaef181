"""How much memory a run held at most."""

from __future__ import annotations

import sys

import torch


def peak_bytes(device: torch.device) -> int:
    """Bytes that a GPU, or else this process, held at most; 0 where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
