"""Networks put together from an architecture and its weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.errors import WeightsError
from core.zoo import backend
from core.zoo.backend import BuildOptions


def assemble(architecture: str, state: dict[str, Tensor] | None, options: BuildOptions, seed: int = 0) -> nn.Module:
    """Build the network and give it its weights.

    Parameters
    ----------
    architecture, options
        What to build.
    state
        Tensors from :func:`core.weights.fit.fitted`, or as good as those, which the network takes over without copying;
        None draws them with ``seed``, leaving torch's global generator as it was. The values are those that
        ``torch.manual_seed(seed)`` and torchvision's builder give.

    Returns
    -------
    The network on the CPU, in evaluation mode, without gradients.

    Raises
    ------
    WeightsError
        If the tensors are not those of the network.
    """
    if state is None:
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(seed)
            return backend.build(architecture, options=options).requires_grad_(False)
    module = backend.skeleton(architecture, options=options)
    if not getattr(state, "_metadata", None):
        # Without versions of modules MNASNet refuses to load; batch norm fills in the counters that older files lack.
        state = with_versions(state, state)
        state._metadata = {"": {"version": getattr(module, "_version", 1)}}  # type: ignore[attr-defined]
    try:
        module.load_state_dict(state, assign=True)
    except RuntimeError as error:  # whatever came from a file was compared before
        raise WeightsError(
            f"The weights are not those of {architecture} as this program knows it. Install the program again, or choose other "
            "weights."
        ) from error
    return module.requires_grad_(False)


def with_versions(state: dict[str, Tensor], content: dict[str, Tensor]) -> dict[str, Tensor]:
    """Make a dict of ``content`` that carries the module versions of ``state``."""
    copy = type(state)(content)
    metadata = getattr(state, "_metadata", None)
    if metadata is not None:
        copy._metadata = metadata  # type: ignore[attr-defined]
    return copy
